from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from index.errors import CorpusError, EmptiedError, IndexDamagedError, IndexMissingError, RagError
from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.types import Extract, ExtractionError
from index.storage import manifest
from index.syncing import sync as sync_module
from index.syncing.sync import emptied, sync
from tests.files import make_pdf, needs_files
from tests.index.synced import alter, counts, one_line, opened, state, store_of

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

ROOT = Path(__file__).parents[3]


def damage_derived(index_dir: Path) -> None:
    next(index_dir.glob("derived-*/vectors.faiss")).write_bytes(b"broken")


def damage_lexical(index_dir: Path) -> None:
    next(index_dir.glob("derived-*/lexical")).unlink()


def damage_manifest(index_dir: Path) -> None:
    (index_dir / manifest.MANIFEST).write_text("{", encoding="utf-8")


def drop_manifest(index_dir: Path) -> None:
    (index_dir / manifest.MANIFEST).unlink()


def damage_store(index_dir: Path) -> None:
    store_of(index_dir).write_bytes(b"no database" * 500)


def drop_store(index_dir: Path) -> None:
    store_of(index_dir).unlink()


def half_store(index_dir: Path) -> None:
    file = store_of(index_dir)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


DAMAGES = [damage_derived, damage_lexical, damage_manifest, drop_manifest, damage_store, drop_store, half_store]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("rebuild", [True, False])
def test_damage_is_named_in_one_line_and_a_sync_heals_it(
    corpus: Path, built: Path, embedder: HashingEmbedder, damage: Any, rebuild: bool
) -> None:
    before = state(built)
    damage(built)
    with pytest.raises(RagError, match="rag index CORPUS") as caught:
        opened(built)
    assert isinstance(caught.value, IndexMissingError if damage is drop_manifest else IndexDamagedError)
    assert "--rebuild" not in one_line(caught)
    report = sync(corpus, built, embedder, rebuild=rebuild)
    assert report.documents == 3
    assert state(built) == before
    if rebuild:
        assert counts(report) == (3, 0, 0, 0, 0)


@pytest.mark.parametrize("damage", [damage_derived, damage_lexical, damage_manifest, drop_manifest])
def test_a_sync_makes_derived_files_again_without_embedding(
    corpus: Path, built: Path, embedder: HashingEmbedder, damage: Any
) -> None:
    damage(built)
    assert counts(sync(corpus, built, embedder)) == (0, 0, 0, 0, 3)
    assert embedder.passages == []
    assert len(opened(built).documents) == 3


def test_of_a_damaged_store_only_what_is_damaged_is_made_again(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    before = state(built)
    alter(built, "UPDATE documents SET text = replace(text, '4 Mill', '7 Mill')")
    (corpus / "nvidia.txt").rename(corpus / "umbenannt.txt")
    sync(corpus, built, embedder)
    assert any("Cambricon" in text for text in embedder.passages)
    assert not any("Ascend" in text or "H20" in text for text in embedder.passages)
    (corpus / "umbenannt.txt").rename(corpus / "nvidia.txt")
    sync(corpus, built, embedder)
    assert state(built) == before


def test_a_database_that_contradicts_its_own_indexes_is_not_built_on(
    corpus: Path, built: Path, embedder: HashingEmbedder, tmp_path: Path
) -> None:
    connection = sqlite3.connect(store_of(built))
    with connection:  # would leave passages of removed documents behind
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'chunks_document'")
        connection.execute("UPDATE sqlite_sequence SET seq = 9223372036854775807")
    connection.close()
    (corpus / "nvidia.txt").write_text("Ganz anders\n\nEin neuer Satz über Dachse.\n", encoding="utf-8")
    sync(corpus, built, embedder)
    sync(corpus, tmp_path / "fresh", embedder)
    assert state(built) == state(tmp_path / "fresh")


def test_remove_files_and_rebuild_delete_nothing_foreign(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    mine = [built / "notiz.txt", built / "ordner" / "datei", built / "store-x.sqlite", built / "derived.md"]
    for file in mine:
        file.parent.mkdir(exist_ok=True)
        file.write_text("meins", encoding="utf-8")
    sync(corpus, built, embedder, rebuild=True)
    manifest.remove_files(built)
    assert [file.read_text(encoding="utf-8") for file in mine] == ["meins"] * 4
    assert not list(built.glob("store-[0-9]*"))
    assert not list(built.glob("derived-*"))


def test_superseded_files_are_deleted(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    (corpus / "nvidia.txt").unlink()
    sync(corpus, built, embedder)
    assert len(list(built.glob("derived-*"))) == 1


@pytest.mark.parametrize("kind", ["missing", "file", "unreadable"])
def test_a_corpus_that_cannot_be_used_is_named_and_makes_no_index(
    tmp_path: Path, index_dir: Path, embedder: HashingEmbedder, kind: str
) -> None:
    folder = tmp_path / "articles"
    if kind == "file":
        folder.write_text("x", encoding="utf-8")
    elif kind != "missing":
        folder.mkdir()
    if kind == "unreadable":
        (folder / "a.md").write_bytes(b"\x00" * 20)
    with pytest.raises(CorpusError) as caught:
        sync(folder, index_dir, embedder)
    assert "articles" in one_line(caught)
    assert not index_dir.exists()


def test_a_link_to_itself_hinders_nothing_else(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    (corpus / "kreis.md").symlink_to(corpus / "kreis.md")
    (corpus / "außen.md").symlink_to(Path(__file__))
    report = sync(corpus, index_dir, embedder)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert [(file.path, file.reason) for file in report.skipped] == [
        ("außen.md", "a link to a place outside of the folder."),
        ("kreis.md", "a link that leads to itself."),
    ]


@pytest.mark.parametrize("rebuild", [False, True])
def test_an_emptied_folder_empties_no_index_unasked(
    corpus: Path, built: Path, embedder: HashingEmbedder, rebuild: bool
) -> None:
    for file in corpus.iterdir():
        file.unlink()
    with pytest.raises(EmptiedError, match="All 3 articles are gone") as caught:
        sync(corpus, built, embedder, rebuild=rebuild)
    assert "`rag index --yes`" in one_line(caught)
    assert len(opened(built).documents) == 3


def test_an_index_that_cannot_be_read_is_not_emptied_either(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    (built / manifest.MANIFEST).write_text("{", encoding="utf-8")
    for file in corpus.iterdir():
        file.unlink()
    with pytest.raises(EmptiedError, match="All articles are gone"):
        sync(corpus, built, embedder, rebuild=True)
    assert sync(corpus, built, embedder, rebuild=True, empty=True).documents == 0


def test_an_emptied_folder_is_an_empty_index_for_who_asks(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    assert emptied(corpus, built) == 0
    for file in corpus.iterdir():
        file.unlink()
    assert emptied(corpus, built) == 3
    report = sync(corpus, built, embedder, empty=True)
    assert counts(report) == (0, 0, 0, 3, 0)
    assert ["There are no articles" in note.text for note in report.notes] == [True]
    assert report.to_json()["notes"][0]["path"] == ""
    assert opened(built).documents == {}
    assert emptied(corpus, built) == 0


def test_a_folder_whose_files_cannot_be_read_does_not_empty_the_index(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    for file in corpus.iterdir():
        file.write_bytes(b"\x00" * 20)
    with pytest.raises(CorpusError, match="No article"):
        sync(corpus, built, embedder)
    assert len(opened(built).documents) == 3


def test_a_drive_that_is_not_there_does_not_empty_the_index(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_mount = os.path.ismount
    with monkeypatch.context() as patch:
        patch.setattr(os.path, "ismount", lambda path: Path(path) == corpus.resolve() or is_mount(path))
        sync(corpus, built, embedder)
        for file in corpus.iterdir():
            file.unlink()
        assert sync(corpus, built, embedder, empty=True).removed == 3  # the folder is mounted and empty
        (corpus / "neu.md").write_text("Ein neuer Satz steht hier.", encoding="utf-8")
        sync(corpus, built, embedder)
    (corpus / "neu.md").unlink()
    with pytest.raises(CorpusError, match="mounted at") as caught:
        sync(corpus, built, embedder)
    assert str(corpus) in one_line(caught)
    assert set(opened(built).documents) == {"neu.md"}
    sync(corpus, built, embedder, rebuild=True, empty=True)
    assert opened(built).documents == {}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"mount": ""}'])
def test_a_note_of_the_place_that_says_nothing_hinders_nothing(
    corpus: Path, built: Path, embedder: HashingEmbedder, content: str
) -> None:
    for file in corpus.iterdir():
        file.unlink()
    (built / manifest.PLACE).write_text(content, encoding="utf-8")
    assert sync(corpus, built, embedder, empty=True).removed == 3


def test_what_cannot_be_read_of_front_matter_is_told_with_each_sync(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder
) -> None:
    (corpus / "neu.md").write_text("---\ntitle: A: b\nunlesbar\ndate: bald\n---\nEin Satz.", encoding="utf-8")
    for _ in range(2):
        report = sync(corpus, index_dir, embedder)
        assert [(note.path, note.text) for note in report.notes] == [
            ("neu.md", "front matter, line 3: 'unlesbar' cannot be read."),
            ("neu.md", "front matter: the date 'bald' is not a valid date."),
        ]
        assert report.skipped == ()
        assert set(report.to_json()) > {"added", "skipped", "documents", "notes"}
    assert opened(index_dir).documents["neu.md"].metadata.title == "A: b"


def _hold(lock: str, held: Any, release: Any) -> None:
    with FileLock(lock):
        held.set()
        release.wait(30)


def test_a_lock_held_by_another_process_is_one_line(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "LOCK_SECONDS", 0.05)
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(built / manifest.LOCK), held, release), daemon=True)
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(RagError, match="Another process") as caught:
            sync(corpus, built, embedder)
        one_line(caught)
        assert len(opened(built).documents) == 3
    finally:
        release.set()
        other.join(30)


def reads(monkeypatch: pytest.MonkeyPatch, failure: ExtractionError | None) -> list[bytes]:
    """Replace the reader by one that raises ``failure`` if given, and return the list of the data that it received."""
    seen: list[bytes] = []

    def extract(_: Reader, data: bytes, kind: str, *__: object) -> Extract:
        seen.append(data)
        if failure is not None:
            raise failure
        return Extract(f"# Titel\n\nEin Satz aus {kind}, der lang genug ist.\n")

    monkeypatch.setattr(Reader, "extract", extract)
    return seen


@needs_files
@pytest.mark.parametrize("error", [ExtractionError, BrokenOffError])
def test_what_could_not_be_read_is_told_each_time_but_read_once(
    corpus: Path,
    built: Path,
    embedder: HashingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    error: type[ExtractionError],
) -> None:
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[]]))
    seen = reads(monkeypatch, error("nichts zu lesen.", hint="Neu sichern."))
    for _ in range(3):
        report = sync(corpus, built, embedder)
        assert [file.path for file in report.skipped] == ["kaputt.pdf"]
        assert report.skipped[0].reason.startswith("nichts zu lesen. Neu sichern.")
        assert counts(report) == (0, 0, 0, 0, 3)
    assert ("not tried again" in report.skipped[0].reason) == (error is BrokenOffError)
    assert len(seen) == 1
    # Changed content and a rebuild cause another try.
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[], []]))
    sync(corpus, built, embedder)
    sync(corpus, built, embedder, rebuild=True)
    assert len(seen) == 3


@needs_files
def test_a_newer_pipeline_reads_again_what_could_not_be_read(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[]]))
    reads(monkeypatch, ExtractionError("nichts zu lesen."))
    assert len(sync(corpus, built, embedder).skipped) == 1
    seen = reads(monkeypatch, None)
    assert len(sync(corpus, built, embedder).skipped) == 1
    monkeypatch.setattr(sync_module, "PIPELINE", "neuer")
    assert sync(corpus, built, embedder).skipped == ()
    assert len(seen) == 1
    assert "Ein Satz aus pdf" in opened(built).documents["kaputt.pdf"].text


@needs_files
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("nichts", "wenig"),
        lambda text: text[:-9],
        lambda text: "",
        lambda text: "[]",
        lambda text: '{"files": 7, "digest": ""}',
        lambda text: json.dumps({"files": {"a": ["b"]}, "digest": sha256(b'{"a": ["b"]}').hexdigest()}),
    ],
)  # fmt: skip
def test_a_damaged_memory_of_what_could_not_be_read_is_forgotten(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, damage: Any
) -> None:
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[]]))
    seen = reads(monkeypatch, ExtractionError("nichts zu lesen."))
    for _ in range(2):
        sync(corpus, built, embedder)
    assert len(seen) == 1
    file = built / manifest.UNREADABLE
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert [one.reason for one in sync(corpus, built, embedder).skipped] == ["nichts zu lesen."]
    assert len(seen) == 2
    sync(corpus, built, embedder)
    assert len(seen) == 2


@needs_files
def test_what_was_taken_out_of_a_file_is_used_again_only_where_it_is_sound(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, title in (("a", ""), ("b", "Bericht")):
        (corpus / f"{name}.pdf").write_bytes(make_pdf([[]], title=title))
    seen = reads(monkeypatch, None)
    sync(corpus, built, embedder)
    before = state(built)
    assert len(seen) == 2
    alter(built, "UPDATE documents SET text = replace(text, 'Satz', 'Stuhl') WHERE path = 'a.pdf'")
    sync(corpus, built, embedder)
    assert seen[2:] == [(corpus / "a.pdf").read_bytes()]
    assert state(built) == before
