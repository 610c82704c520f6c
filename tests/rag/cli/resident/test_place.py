"""Where a resident process is found, what the client imports, and a real process from its start to its end."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.cli.resident import client
from rag.cli.resident.place import UnsafeError, key_of, place_of, runtime_folder
from tests.rag.cli.test_imports import HEAVY, imported

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[4]


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            monkeypatch.delenv(name)
        yield Path(folder)


def test_the_folder_is_this_users_alone(runtime: Path) -> None:
    folder = runtime_folder()
    assert folder.parent == runtime
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    with pytest.raises(UnsafeError, match="0700") as caught:
        runtime_folder()
    assert "\n" not in str(caught.value)
    assert client.attempt(["ask", "Wer?"]) is None
    folder.rmdir()
    (runtime / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(runtime / "elsewhere")
    with pytest.raises(UnsafeError):
        runtime_folder()


def test_without_a_runtime_folder_the_cache_does(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(runtime / "cache"))
    for given in ("", "relative", str(runtime / "none")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", given)
        folder = runtime_folder()
        assert folder.is_relative_to(runtime / "cache")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_key_depends_on(runtime: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    first = key_of(None, None)
    assert key_of(".rag", "corpus/") == first == key_of(Path(".rag"), None)
    assert key_of(".rag2", None) != first != key_of(None, "other")
    for name in ("RAG_SERVE", "RAG_SERVE_IDLE_MINUTES", "RAG_UI_PASSWORD"):
        monkeypatch.setenv(name, "1")
    assert key_of(None, None) == first
    monkeypatch.setenv("RAG_STRICTNESS", "0.7")
    second = key_of(None, None)
    assert second != first
    monkeypatch.setenv("RAG_INDEX", ".rag2")
    assert key_of(None, None) != second == key_of(".rag", None)


def test_the_same_folders_are_the_same_from_anywhere(
    runtime: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.gguf").touch()
    (tmp_path / "below").mkdir()

    def keys() -> set[str]:
        found = set()
        for folder in (tmp_path, tmp_path / "below"):
            monkeypatch.chdir(folder)
            found.add(key_of("/srv/index", "/srv/corpus"))
        return found

    assert len(keys()) == 1
    monkeypatch.setenv("RAG_LLM", "qwen")
    assert len(keys()) == 1
    monkeypatch.setenv("RAG_LLM", "model.gguf")  # exists in only one of the two folders
    assert len(keys()) == 2


def test_another_version_of_the_program_is_another_place(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = key_of(None, None)
    monkeypatch.setattr("rag.cli.resident.place.build", lambda: "another")
    assert key_of(None, None) != first


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ask", "Wer?", "--index", "a"], {"--index": "a"}),
        (["ask", "--index=a=b", "--corpus", "c", "Wer?"], {"--index": "a=b", "--corpus": "c"}),
        (["ask", "Wer?", "--index"], {"--index": ""}),
        (["ask", "Wer?"], {}),
    ],
)  # fmt: skip
def test_folders_that_are_named(words: list[str], found: dict[str, str]) -> None:
    assert client.folders_in(words) == found


@pytest.mark.parametrize("mode", ["off", "nonsense"])
def test_where_none_is_wanted_none_is_looked_for(mode: str, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "connect", lambda place: pytest.fail("looked"))
    monkeypatch.setenv("RAG_SERVE", mode)
    assert client.attempt(["ask", "Wer?"]) is None
    monkeypatch.delenv("RAG_SERVE")
    for words in ([], ["index"], ["ask", "Wer?", "--no-warm"], ["ask", "--help"]):
        assert client.attempt(words) is None


@pytest.mark.parametrize(
    ("mode", "words", "starts"),
    [
        ("auto", ["ask", "Wer?"], True), ("AUTO ", ["search", "Wer?"], True), ("use", ["ask", "Wer?"], False),
        (None, ["ask", "--warm", "Wer?"], True), (None, ["ask", "Wer?"], False), (None, ["ask", "--", "--warm"], False),
        ("auto", ["ask", "--no-warm", "Wer?"], False), ("off", ["ask", "--warm", "Wer?"], True),
        ("nonsense", ["ask", "--warm", "Wer?"], False), ("off", ["ask", "Wer?"], False),
    ],
)  # fmt: skip
def test_one_is_started_where_that_is_wanted(
    mode: str | None, words: list[str], starts: bool, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(client, "_start", lambda place, named: started.append(place.key))
    if mode is not None:
        monkeypatch.setenv("RAG_SERVE", mode)
    assert client.attempt(words) is None
    assert started == ([key_of(None, None)] if starts else [])


def test_the_client_imports_nothing_that_is_installed(runtime: Path) -> None:
    found = imported("from rag.cli.resident.client import attempt\nassert attempt(['ask', 'Wer?']) is None")
    installed = {"typer", "click", "rich", "pydantic", "numpy", "platformdirs", "index.errors", "rag.settings"}
    assert not (HEAVY | installed) & found


def rag(*words: str, folder: Path, code: str = "from rag.cli.entry import main; main()") -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *words]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=120)
    return run.returncode, run.stdout, run.stderr


def test_a_real_one_is_started_found_asked_and_stopped(runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    assert rag("serve", "--status", folder=tmp_path)[0] == 1
    own = rag("search", " ", folder=tmp_path)
    assert (own[0], own[1], len(own[2].splitlines())) == (2, "", 1)
    try:
        assert rag("search", "--warm", " ", folder=tmp_path) == own
        code, out, _ = rag("serve", "--status", folder=tmp_path)
        assert (code, len(out.splitlines())) == (0, 1)
        assert "1 commands so far" in out
        assert rag("search", " ", folder=tmp_path) == own  # now without --warm
        assert "2 commands so far" in rag("serve", "--status", folder=tmp_path)[1]
        code, out, err = rag("serve", folder=tmp_path)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "answers already" in err
    finally:
        code, out, _ = rag("serve", "--stop", folder=tmp_path)
    assert (code, len(out.splitlines())) == (0, 1)
    assert not list((runtime / "quellentreu").glob("*.sock"))
    assert rag("serve", "--stop", folder=tmp_path)[0] == 1
    log = next((runtime / "quellentreu").glob("*.log"))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "Traceback" not in log.read_text("utf-8")


def test_ctrl_c_and_a_name_too_long(runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from rag.cli.entry import main; main()", "serve"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    monkeypatch.chdir(tmp_path)
    try:
        place = place_of(None, None)
        for _ in range(1200):
            if (connection := client.connect(place)) is not None:
                connection.close()
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert len(process.stderr.read().splitlines()) == 1  # the message at its start
    finally:
        process.kill()
        process.communicate()
    assert not place.socket.exists()
    deep = runtime / ("d" * 100)
    deep.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    code, _, err = rag("serve", folder=tmp_path)
    assert (code, len(err.splitlines())) == (2, 1)
    assert client.attempt(["ask", "Wer?"]) is None
