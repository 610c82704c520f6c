"""What is installed: every package is pinned, each of its files has a hash, and known weaknesses are looked up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# For these packages only the version is pinned, see constraints.txt.
UNHASHED = {"torch"}


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[A-Za-z]", line)]
    assert all(len(one.specifier) == 1 and str(one.specifier).startswith("==") for one in requirements)
    return {canonicalize_name(one.name): str(one.specifier) for one in requirements}


@pytest.mark.parametrize("file", ["requirements.lock", ".ci/tools.lock"])
def test_each_package_of_a_lock_has_its_hashes(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    for entry in entries:
        first, *hashes = entry.strip().split("\n")
        assert hashes, first
        assert all(HASH.fullmatch(line.strip().rstrip(" \\")) for line in hashes), first


def test_the_lock_has_the_versions_of_the_constraints() -> None:
    constraints, lock = pinned("constraints.txt"), pinned("requirements.lock")
    for name in UNHASHED:
        del constraints[name]
    assert constraints.items() <= lock.items()


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_what_the_project_asks_for_is_in_the_lock(python: str, system: str) -> None:
    lock = pinned("requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = [*project["project"]["dependencies"], *(one for extra in extras.values() for one in extra)]
    place = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    for requirement in map(Requirement, [*asked, *project["build-system"]["requires"]]):
        marker = requirement.marker
        if marker is None or marker.evaluate(place):
            version = lock[canonicalize_name(requirement.name)].removeprefix("==")
            assert requirement.specifier.contains(version), requirement


AUDIT = """#!{python}
import pathlib, sys
report = {report!r}
if report:
    pathlib.Path(sys.argv[sys.argv.index("--output") + 1]).write_text(report)
print("ConnectionError: nobody there", file=sys.stderr)
sys.exit({status})
"""
WEAK = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize(
    ("dependencies", "status", "said", "code"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 packages looked up, 0 known weaknesses.", 0),
        ([WEAK], 1, "a 1: PYSEC-1; mended in: 2", 1),
        (None, 1, "The audit was skipped: the database of weaknesses cannot be reached", 0),
    ],
    ids=["sound", "weak", "out of reach"],
)
def test_the_audit_tells_weak_from_out_of_reach(
    tmp_path: Path, dependencies: list[object] | None, status: int, said: str, code: int
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "installed").touch()
    program = tmp_path / "bin" / "pip-audit"
    report = "" if dependencies is None else json.dumps({"dependencies": dependencies})
    program.write_text(AUDIT.format(python=sys.executable, report=report, status=status), encoding="utf-8")
    program.chmod(0o755)
    run = subprocess.run(
        [ROOT / ".ci" / "audit"],
        env={**os.environ, "TOOLS": str(tmp_path), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said in run.stdout
    assert run.returncode == code
    assert "Traceback" not in run.stdout + run.stderr
