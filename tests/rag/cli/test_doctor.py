"""What `rag doctor` reports about an index."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.storage import manifest
from index.syncing.sync import sync
from rag.cli import doctor
from rag.cli import main as cli
from rag.settings import Settings, load_settings
from tests.recognising import FakeProgram

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


@pytest.fixture
def settings(
    corpus: Path, index_dir: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(doctor, "resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_embedder", lambda *_: embedder)
    monkeypatch.setattr(doctor, "_models", lambda _: [])
    found = load_settings(corpus=corpus, index=index_dir)
    sync(corpus, index_dir, embedder)
    own = found.uploads_folder / "index"
    sync(corpus, own, embedder)
    return found


def levels(settings: Settings, *, deep: bool) -> list[tuple[str, str]]:
    found = [one for one in doctor.examine(settings, deep=deep) if "index" in one.subject or "own" in one.subject]
    assert all("\n" not in one.message for one in found)
    return [(one.subject, one.level) for one in found if one.subject != "disk for the index"]


def spoil(index_dir: Path, statement: str) -> None:
    found = manifest.read(index_dir)
    assert found is not None
    connection = sqlite3.connect(index_dir / found.segments[0].store, isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_a_deep_look_reads_what_opening_does_not(settings: Settings) -> None:
    assert levels(settings, deep=False) == [("index", "fine")]
    assert levels(settings, deep=True) == [
        ("index", "fine"),
        ("index, all of it", "fine"),
        ("own files, all of it", "fine"),
    ]
    for folder in (settings.index, settings.uploads_folder / "index"):
        spoil(folder, "UPDATE chunks SET vector = zeroblob(4096) WHERE id IN (1, 2)")
    assert levels(settings, deep=False) == [("index", "fine")]
    deep = levels(settings, deep=True)
    assert deep.count(("index, all of it", "broken")) >= 2
    assert deep.count(("own files, all of it", "broken")) >= 2


def test_the_command_ends_with_1_where_something_must_be_mended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(settings.index, "UPDATE documents SET text = replace(text, '4', '7')")
    arguments = ["doctor", "--corpus", str(settings.corpus), "--index", str(settings.index), "--json", "--deep"]
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(cli.app(arguments, standalone_mode=False))
    assert ended.value.code == 1
    found = json.loads(capsys.readouterr().out)
    (line,) = [one["message"] for one in found if "'cambricon.md'" in one["message"] and one["subject"] != "index"]
    assert "not as it was written" in line
    assert "run `rag index`" in line


@pytest.mark.parametrize(("ocr", "level", "said"), [("auto", "note", "tesseract-ocr-deu"), ("off", "", "")])
def test_missing_text_recognition_is_a_note_unless_it_is_switched_off(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ocr: str, level: str, said: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    everything = doctor.examine(settings.model_copy(update={"ocr": ocr}))
    found = [one for one in everything if one.subject == "text recognition"]
    assert [(one.level, said in one.message) for one in found] == ([(level, True)] if level else [])
    formats = [one.message for one in everything if one.subject == "file formats"]
    assert ".zip" in formats[0]
    assert ".png" not in formats[0]


def test_text_recognition_that_is_there_names_its_languages(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(FakeProgram(tmp_path / "bin").folder))
    (found,) = [one for one in doctor.examine(settings) if one.subject == "text recognition"]
    assert (found.level, found.message) == ("fine", "tesseract 5.9.0, deu+eng")
