from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import sqlite3
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from filelock import FileLock

from index.errors import IndexDamagedError, IndexMissingError
from index.storage import manifest, reader
from index.storage.reader import Index
from index.storage.store import Store
from index.syncing.sync import sync
from tests.index.synced import alter, current, derived_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.types import Span
    from tests.rag.fakes import HashingEmbedder


def opened(index_dir: Path) -> Index:
    return Index.open(index_dir, embedding="hash-1")


@pytest.fixture
def built(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> Path:
    sync(corpus, index_dir, embedder)
    return index_dir


MANIFESTS: list[dict[str, object]] = [
    {"extra": 1},
    {"generation": None},
    {"generation": "1"},
    {"generation": True},
    {"generation": -1},
    {"generation": 1.0},
    {"generation": 10**30},
    {"format": "3"},
    {"format": True},
    {"derived": "../outside"},
    {"derived": "/etc"},
    {"derived": "derived-1/../../outside"},
    {"derived": "derived-١"},
    {"derived": "derived-1\n"},
    {"derived": []},
    {"store": "../store-1.sqlite"},
    {"store": "store-1.sqlite\0"},
    {"embedding": 7},
    {"content": ""},
    {"cosine_floor": "0.1"},
    {"cosine_floor": 40.0},
    {"cosine_floor": None},
    {"store_sha256": "x"},
    {"root": "x"},
    {"store_bytes": "1"},
    {"store_bytes": 1},
    {"segments": []},
    {"segments": {}},
    {"digests": {}},
    {"digests": []},
    {"digests": {"vectors.faiss": 1}},
    {"digests": {"../vectors.faiss": "0" * 64}},
    {"digest": 1},
]


def with_change(data: dict[str, Any], change: dict[str, object]) -> None:
    """Change a manifest, or its first segment if the field belongs to a segment."""
    for name, value in change.items():
        (data["segments"][0] if name in data["segments"][0] else data)[name] = value


@pytest.mark.parametrize("exists", [False, True])
def test_no_index_is_missing_and_not_damaged(index_dir: Path, exists: bool) -> None:
    if exists:
        index_dir.mkdir()
    with pytest.raises(IndexMissingError, match="rag index"):
        opened(index_dir)


def test_rows_of_all_parts_belong_together(built: Path, embedder: HashingEmbedder) -> None:
    index = opened(built)
    assert list(index.chunks) == sorted(index.chunks)
    for row, (id_, stored) in enumerate(index.chunks.items()):
        text = index.documents[stored.chunk.path].text
        assert id_ == stored.id
        assert stored.chunk.sentences
        for span, vector in zip(stored.chunk.sentences, index.sentence_rows(id_), strict=True):
            # The index stores vectors in half precision.
            np.testing.assert_allclose(vector, embedder.embed_query(text[span.start : span.end]), atol=3e-4)
        longest = max(stored.chunk.text.split(), key=len)
        assert index.lexical.scores(longest)[row] > 0
        assert index.vectors.search(embedder.embed_query(stored.chunk.text), 1)[0][0] == id_


LONG = [f"Der Turm von Werl hat {number} Stufen, die alle aus rotem Sandstein sind." for number in range(100, 140)]


def test_what_stands_before_is_found_across_passages(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    text = "# Werl\n\n" + " ".join(LONG[:20]) + "\n\n## Unten\n\n" + " ".join(LONG[20:]) + "\n"
    (corpus / "werl.md").write_text(text, encoding="utf-8", newline="")
    sync(corpus, index_dir, embedder)
    index = opened(index_dir)
    assert len(index.passages["werl.md"]) > 2
    starts = [index.chunks[id_].chunk.start for id_ in index.passages["werl.md"]]
    assert starts == sorted(starts)

    def before(sentence: str, count: int) -> list[str]:
        spans = index.sentences_before("werl.md", text.index(sentence), count)
        return [text[span.start : span.end] for span in spans]

    everything = ["Werl", *LONG[:20], "Unten", *LONG[20:]]
    for place, sentence in enumerate(everything):
        if sentence in LONG:
            for count in (1, 3, 50):
                assert before(sentence, count) == everything[max(0, place - count) : place]
    assert index.sentences_before("werl.md", 0, 3) == ()
    assert index.sentences_before("werl.md", text.index(LONG[5]), 0) == ()
    assert index.sentences_before("fehlt.md", 100, 3) == ()
    # A sentence that contains the place does not count as before it.
    assert text[slice(*_ends(index.sentences_before("werl.md", text.index(LONG[5]) + 9, 1)))] == LONG[4]


def _ends(spans: Sequence[Span]) -> tuple[int, int]:
    return spans[0].start, spans[-1].end


def test_a_document_that_changed_has_its_new_passages_alone(
    built: Path, corpus: Path, embedder: HashingEmbedder
) -> None:
    text = "# Neu\n\nDer Turm von Werl ist hoch. Er steht am Markt.\n"
    (corpus / "cambricon.md").write_text(text, encoding="utf-8", newline="")
    sync(corpus, built, embedder)
    index = opened(built)
    spans = index.sentences_before("cambricon.md", text.index("Er steht"), 9)
    assert [text[span.start : span.end] for span in spans] == ["Neu", "Der Turm von Werl ist hoch."]
    assert {id_ for ids in index.passages.values() for id_ in ids} == set(index.chunks)


def test_a_first_run_that_was_killed_is_told_as_what_it_is(
    built: Path, corpus: Path, embedder: HashingEmbedder
) -> None:
    fingerprint = opened(built).fingerprint
    (built / manifest.MANIFEST).unlink()
    with pytest.raises(IndexMissingError, match="was never finished. Make it with `rag index CORPUS`") as caught:
        opened(built)
    assert "--rebuild" not in str(caught.value)
    embedder.passages.clear()
    sync(corpus, built, embedder)
    assert opened(built).fingerprint == fingerprint
    assert embedder.passages == []


@pytest.mark.parametrize("change", MANIFESTS)
def test_a_manifest_with_other_fields_is_damaged(built: Path, change: dict[str, object]) -> None:
    file = built / manifest.MANIFEST
    data = json.loads(file.read_text(encoding="utf-8"))
    with_change(data, change)
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        opened(built)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", MANIFESTS[:-1])
def test_a_manifest_is_not_believed_for_having_its_digest(built: Path, change: dict[str, object]) -> None:
    data = json.loads(json.dumps(asdict(current(built)))) | {"digest": ""}
    with_change(data, change)
    data["digest"] = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    (built / manifest.MANIFEST).write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        opened(built)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '"x"', "[" * 100_000, '{"a":' * 50_000, "{}", "\ufffe"])
def test_what_is_no_manifest_is_damaged(built: Path, text: str) -> None:
    (built / manifest.MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        opened(built)
    assert "\n" not in str(caught.value)


def test_a_folder_outside_is_not_followed(built: Path, tmp_path: Path, corpus: Path, embedder: HashingEmbedder) -> None:
    outside = tmp_path / "derived-7"
    folder = derived_of(built)
    shutil.move(folder, outside)
    folder.symlink_to(outside, target_is_directory=True)
    with pytest.raises(IndexDamagedError, match="missing"):
        opened(built)
    sync(corpus, built, embedder)
    assert len(opened(built).documents) == 3
    assert (outside / "vectors.faiss").exists()


def test_a_file_that_was_not_written_is_noticed_and_a_desktops_own_is_not(built: Path) -> None:
    folder = derived_of(built)
    (folder / ".DS_Store").write_bytes(b"x")
    assert opened(built)
    (folder / "more").write_bytes(b"x")
    with pytest.raises(IndexDamagedError, match="not one that was written"):
        opened(built)


@pytest.mark.parametrize("column", ["text", "title", "headings"])
def test_a_changed_digit_in_a_stored_text_is_never_shown(
    built: Path, corpus: Path, embedder: HashingEmbedder, column: str
) -> None:
    table = "chunks" if column == "headings" else "documents"
    alter(built, f"UPDATE {table} SET {column} = replace({column}, substr({column}, 3, 1), '7')")
    index = opened(built)
    with pytest.raises(IndexDamagedError, match="not as it was written") as caught:
        _ = [index.chunks[id_] for id_ in index.chunks]
    assert "\n" not in str(caught.value)
    with pytest.raises(IndexDamagedError, match="not as it was written"):
        _ = [index.documents[path] for path in index.documents]
    sync(corpus, built, embedder)
    assert "4 Milliarden" in opened(built).documents["cambricon.md"].text


def test_a_damaged_vector_of_the_store_is_noticed_before_anything_is_built_on_it(
    built: Path, corpus: Path, embedder: HashingEmbedder
) -> None:
    alter(built, "UPDATE chunks SET sentence_vectors = zeroblob(length(sentence_vectors)) WHERE id = 1")
    _ = list(opened(built).chunks.values())
    with pytest.raises(IndexDamagedError, match="vectors of sentences are not as they were written"):
        opened(built).sentence_rows(1)
    (corpus / "nvidia.txt").unlink()
    embedder.passages.clear()
    sync(corpus, built, embedder)
    index = opened(built)
    assert all(index.sentence_rows(id_).any(axis=1).all() for id_ in index.chunks)
    assert len(index.documents) == 2
    assert any("Cambricon" in text for text in embedder.passages)
    assert not any("Ascend" in text for text in embedder.passages)


def test_a_reader_sees_the_old_index_until_the_new_one_is_published(
    built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, seen = manifest.publish, []

    def looking(index_dir: Path, made: manifest.Manifest) -> None:
        seen.append(set(opened(built).documents))
        publish(index_dir, made)
        seen.append(set(opened(built).documents))

    monkeypatch.setattr(manifest, "publish", looking)
    (corpus / "nvidia.txt").unlink()
    sync(corpus, built, embedder)
    assert seen == [{"cambricon.md", "huawei.md", "nvidia.txt"}, {"cambricon.md", "huawei.md"}]


def test_a_reader_looks_again_where_a_writer_was_quicker(
    built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, first = manifest.read, []

    def slow(index_dir: Path) -> manifest.Manifest | None:
        found = read(index_dir)
        if not first:
            first.append(True)
            (corpus / "nvidia.txt").unlink()
            sync(corpus, built, embedder)
        return found

    monkeypatch.setattr(manifest, "read", slow)
    monkeypatch.setattr(reader, "_PAUSE_SECONDS", 0.0)
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md"}


def test_damage_while_a_writer_is_busy_is_reported_in_the_end(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_PAUSE_SECONDS", 0.0)
    next(built.glob("derived-*/columns")).write_bytes(b"")
    with FileLock(built / manifest.LOCK), pytest.raises(IndexDamagedError, match="rag index"):
        opened(built)


@pytest.mark.parametrize("file", ["store", "manifest", "derived"])
def test_what_the_system_does_not_let_be_read_is_named_as_that(
    built: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    name = {"store": "store-", "manifest": "manifest.json", "derived": "columns"}[file]
    real = io.open

    def forbidden(path: str | Path, *arguments: Any, **options: Any) -> Any:
        if Path(path).name.startswith(name):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(io, "open", forbidden)
    with pytest.raises(IndexDamagedError, match="cannot be read .Permission denied") as caught:
        opened(built)
    assert "\n" not in str(caught.value)


def test_a_folder_may_have_any_name(corpus: Path, tmp_path: Path, embedder: HashingEmbedder) -> None:
    folder = tmp_path / "a?mode=rw#b%20ö & c"
    sync(corpus, folder, embedder)
    (corpus / "nvidia.txt").unlink()
    sync(corpus, folder, embedder)
    assert len(opened(folder).documents) == 2


def test_a_store_that_is_deleted_while_it_is_opened_is_no_surprise(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store,) = built.glob("store-*.sqlite")
    connect = sqlite3.connect

    def deleted_before(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        store.unlink(missing_ok=True)
        return connection

    monkeypatch.setattr(sqlite3, "connect", deleted_before)
    with Store(store) as found:
        assert found.count()[0] == 3


def test_readers_beside_a_busy_writer_always_see_a_whole_generation(
    built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_PAUSE_SECONDS", 0.001)
    names = {"cambricon.md", "huawei.md", "nvidia.txt"}
    seen: list[tuple[int, set[str]]] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                index = opened(built)
                seen.append((index.generation, set(index.documents)))
            except BaseException as error:
                failed.append(error)
                return

    readers = [threading.Thread(target=look) for _ in range(3)]
    for one in readers:
        one.start()
    for number in range(8):
        (corpus / f"neu-{number}.md").write_text(f"# Neu\n\nDer Satz Nummer {number} ist neu.\n", encoding="utf-8")
        sync(corpus, built, embedder, rebuild=number % 3 == 2)
    done.set()
    for one in readers:
        one.join(30)
    assert not failed
    assert len({generation for generation, _ in seen}) > 2
    for generation, found in seen:
        assert found == names | {f"neu-{number}.md" for number in range(generation - 1)}
