"""Image, compose file, proxy and service, as far as they can be checked without a registry."""

from __future__ import annotations

import configparser
import itertools
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from packaging.specifiers import SpecifierSet

from index.storage.vectors.milvus_server import TOKEN_VARIABLE as TOKEN_OF_STORE
from rag.settings.settings import places, single
from tests.project.containers import carried, command, faults, stages
from ui.command import ui
from ui.operating.health import TOKEN_VARIABLE
from ui.operating.stopping import STOP_SECONDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
GOOD = 'FROM python:3.12.1-slim AS a\nUSER 10001\nHEALTHCHECK CMD ["true"]\nCMD ["rag"]\n'


def options() -> tuple[set[str], set[str]]:
    """Return the options of `rag ui`, and their environment variables."""
    app = typer.Typer()
    app.command()(ui)
    parameters: list[Any] = list(typer.main.get_command(app).params)
    names = {name for one in parameters for name in (*one.opts, *one.secondary_opts)}
    variables = {str(one.envvar) for one in parameters if one.envvar}
    return names, variables


def variables() -> set[str]:
    ours = {f"RAG_{name.upper()}" for name in (*single(), *places())}
    return ours | options()[1] | {"RAG_UI_PASSWORD", "RAG_MODEL_CACHE", TOKEN_VARIABLE}


def test_the_containerfile_has_no_faults() -> None:
    assert faults(CONTAINERFILE, ROOT) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("python:3.12.1-slim", "python"), "python is not pinned"),
        (GOOD.replace("python:3.12.1-slim", "python:latest"), "python:latest is not pinned"),
        (GOOD.replace("python:3.12.1-slim", "b-${X}"), "b-${X} is not pinned"),
        (GOOD.replace("10001", "root"), "the image runs as root"),
        (GOOD.replace("10001", "0:0"), "the image runs as root"),
        (GOOD.replace("USER 10001\n", ""), "the image runs as root"),
        (GOOD.replace("HEALTHCHECK", "LABEL"), "no HEALTHCHECK"),
        (GOOD.replace('["rag"]', "rag ui"), "line 4: a shell would not pass signals on"),
        (GOOD + "COPY nothing.txt /x\n", "line 5: no nothing.txt"),
        (GOOD + "COPY corpus /x\n", "line 5: corpus is ignored"),
        (GOOD + "COPY --from=b /x /x\n", "line 5: no stage b"),
        (GOOD + "ADD rag /x\n", "line 5: ADD fetches and unpacks; use COPY"),
        (GOOD + "ENV RAG_UI_PASSWORD=geheim\n", "line 5: a secret"),
        (GOOD + 'ARG API_KEY="x"\n', "line 5: a secret"),
        (GOOD + "RUN apt-get update \\\n  && apt-get install -y x\n", "line 5: the lists of apt stay"),
        (GOOD + "WORKDIR data\n", "line 5: WORKDIR is no whole path"),
    ],
)
def test_each_fault_is_found(text: str, fault: str) -> None:
    assert faults(GOOD, ROOT) == []
    assert fault in faults(text, ROOT)


def test_the_image_has_what_the_program_needs() -> None:
    known = stages(CONTAINERFILE)
    version = re.search(r"python:(\d+\.\d+)", known[0].base)
    assert version is not None
    assert version[1] in SpecifierSet(PROJECT["requires-python"])
    extras = {name for listed in re.findall(r'"\.\[([\w,]+)\]"', CONTAINERFILE) for name in listed.split(",")}
    assert extras == {"ui", "files", "mcp", "milvus", "torch"}
    assert extras <= PROJECT["optional-dependencies"].keys()
    app = known[-1]
    assert command(app)[:2] == ["rag", "ui"]
    assert {word for word in command(app) if word.startswith("--")} <= options()[0]
    named = {name for words in app.all("ENV") for name in re.findall(r"(RAG_\w+)=", words)}
    assert named
    assert named <= variables()
    assert app.all("STOPSIGNAL") == ["SIGTERM"]
    for path in (".rag", ".venv", "corpus", ".git", ".env"):
        assert not carried(path, ROOT)


def test_the_app_reaches_other_machines_only_where_it_is_told_to() -> None:
    added = yaml.safe_load((DEPLOY / "compose.machines.yaml").read_text("utf-8"))
    assert set(added["services"]) == {"app"}
    app = added["services"]["app"]
    assert set(app["environment"]) <= variables() | {TOKEN_OF_STORE}
    assert set(app["networks"]) == set(compose()["networks"])
    assert compose()["services"]["app"]["networks"] == ["inside"]


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return read


@pytest.mark.parametrize("name", ["models", "app", "proxy"])
def test_each_service_may_do_as_little_as_it_can(name: str) -> None:
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if "build" in service:
        assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).is_file()
        assert service["build"]["target"] in {stage.name for stage in stages(CONTAINERFILE)}
    else:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", service["image"])


def test_the_app_is_read_only_reached_through_the_proxy_alone_and_told_no_secret_here() -> None:
    found = compose()
    app, proxy = found["services"]["app"], found["services"]["proxy"]
    assert app["read_only"] is True
    assert proxy["read_only"] is True
    assert app["user"] == stages(CONTAINERFILE)[-1].all("USER")[-1]
    assert "ports" not in app
    assert app["networks"] == ["inside"]
    assert found["networks"]["inside"]["internal"] is True
    assert app["environment"]["RAG_UI_FORWARDED_FROM"] == found["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert app["environment"].keys() <= variables()
    for key, value in app["environment"].items():
        if re.search("PASSWORD|TOKEN", key):
            assert re.fullmatch(r"\$\{" + key + r"(:\?[^}]+|:-)\}", value)
    assert int(app["stop_grace_period"].rstrip("s")) > STOP_SECONDS + 10
    targets = {volume.split(":")[-1 if volume.count(":") == 1 else -2] for volume in app["volumes"]}
    assert targets == {"/data", "/models", "/corpus"}
    assert next(volume for volume in app["volumes"] if "/corpus" in volume).endswith(":ro")
    used = {volume.split(":")[0] for service in found["services"].values() for volume in service["volumes"]}
    assert {name for name in used if re.fullmatch(r"\w+", name)} == set(found["volumes"])
    assert (DEPLOY / "Caddyfile").is_file()


def test_the_proxy_passes_on_to_the_app_and_keeps_its_figures_inside() -> None:
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert text.count("{") == text.count("}")
    [port] = stages(CONTAINERFILE)[-1].all("EXPOSE")
    assert f"reverse_proxy app:{port}" in text
    assert "@inside path /healthz /readyz /metrics" in text
    assert "tls internal" not in text


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    # A key may occur several times, but `configparser` keeps only one of them, so each gets a number.
    numbers = itertools.count()
    text = (DEPLOY / "quellentreu.service").read_text("utf-8")
    read.read_string(re.sub("^Environment=", lambda _: f"Environment{next(numbers)}=", text, flags=re.MULTILINE))
    return read


def test_the_service_is_hardened_and_its_command_is_one() -> None:
    service = unit()["Service"]
    for key in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "RestrictNamespaces", "ProtectHome"):
        assert service[key] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    words = service["ExecStart"].split()
    assert words[1] == "ui"
    assert {word for word in words if word.startswith("--")} <= options()[0]
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS + 10
    named = {value.split("=")[0] for key, value in service.items() if re.fullmatch(r"Environment\d+", key)}
    assert {name for name in named if name.startswith("RAG_")} <= variables()
    assert not any(re.search("PASSWORD|TOKEN|KEY", name) for name in named)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_understands_the_service(tmp_path: Path) -> None:
    # The program may not be installed on the machine that runs the tests.
    text = (DEPLOY / "quellentreu.service").read_text("utf-8")
    file = tmp_path / "quellentreu.service"
    file.write_text(text.replace("/opt/quellentreu/bin/rag", shutil.which("true") or "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "quellentreu.service:" not in done.stderr
