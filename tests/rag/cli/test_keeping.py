"""`rag backup`, `rag restore`, `rag index --watch` and `rag doctor --repair`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from index.storage.integrity import damages
from index.syncing.sync import sync
from rag.cli import main as cli
from rag.cli.folder import keeping
from rag.client import RAG
from rag.settings import load_settings
from tests.index.synced import derived_of, state, store_of

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

ROOT = Path(__file__).parents[3]
WATCH = """
import signal
import sys
import threading
from pathlib import Path
from rag.cli.folder import keeping
from rag.client import RAG
from rag.settings import load_settings
from tests.rag.fakes import HashingEmbedder
corpus, index = map(Path, sys.argv[1:])
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background is started deaf to it
keeping.watch(RAG(load_settings(corpus=corpus, index=index), embedder=HashingEmbedder()), None)
print("ended")
"""


def shell(*words: object) -> int:
    return cli.run([str(word) for word in words])


@pytest.fixture
def built(corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not any(one.name == "backup" for one in cli.app.registered_commands):
        keeping.register(cli.app)
    sync(corpus, index_dir, embedder)
    init = RAG.__init__

    def with_fakes(self: RAG, settings: Any = None, **options: Any) -> None:
        init(self, settings, **{"embedder": embedder, **options})

    monkeypatch.setattr(RAG, "__init__", with_fakes)
    return index_dir


def test_an_index_goes_into_a_file_and_comes_back(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, before = tmp_path / "a.backup", state(built)
    assert shell("backup", file, "--index", built, "--json") == 0
    assert json.loads(capsys.readouterr().out)["generation"] == 1
    assert shell("restore", file, "--index", built) == 2
    refused = capsys.readouterr().err.splitlines()
    assert len(" ".join(refused).split("--force")) == 2
    assert state(built) == before
    assert shell("restore", file, "--index", built, "--force") == 0
    assert shell("restore", file, "--index", tmp_path / "there") == 0
    assert "MB" in capsys.readouterr().out
    assert state(tmp_path / "there") == state(built) == before
    assert shell("restore", tmp_path / "none", "--index", tmp_path / "other") == 2
    assert "cannot be read" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("what", ["store", "derived", "manifest", "store, with its times"])
def test_repair_mends_what_reading_all_of_it_finds(built: Path, corpus: Path, what: str) -> None:
    settings, before = load_settings(corpus=corpus, index=built), state(built)
    assert keeping.repair(settings) == []
    places = {
        "manifest": built / "manifest.json",
        "derived": max(derived_of(built).iterdir(), key=lambda one: one.name),
    }
    file = places.get(what, store_of(built))
    status, data = file.stat(), bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    if "times" in what:
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert damages(built)
    assert keeping.repair(settings)
    assert damages(built) == []
    assert state(built) == before


def test_what_cannot_be_repaired_stays_as_it_was(built: Path, corpus: Path) -> None:
    shutil.rmtree(corpus)
    next(file for file in derived_of(built).iterdir() if file.is_file()).unlink()
    left = sorted(one.name for one in built.iterdir())
    with pytest.raises(RagError, match="no folder"):
        keeping.repair(load_settings(corpus=corpus, index=built))
    assert {*left} - {"seen.json"} <= {one.name for one in built.iterdir()}


def test_watching_goes_on_until_it_is_ended_by_ctrl_c(built: Path, corpus: Path) -> None:
    command = [sys.executable, "-c", WATCH, str(corpus), str(built)]
    (corpus / "new.txt").write_text("Neues\n\nDer Artikel handelt von Äpfeln.\n", encoding="utf-8")
    wide = os.environ | {"COLUMNS": "400", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=wide, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        patience = threading.Timer(60, process.kill)
        patience.start()
        assert process.stdout is not None
        assert process.stdout.readline().startswith("1 added; 4 articles")
        (corpus / "new.txt").unlink()
        assert process.stdout.readline().startswith("1 removed; 3 articles")
        process.send_signal(signal.SIGINT)
        out, error = process.communicate()
        patience.cancel()
    assert process.returncode == 0
    assert out == "ended\n"
    assert len(error.splitlines()) == 1
    assert "Ctrl-C" in error
