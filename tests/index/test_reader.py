from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock

from index import manifest, reader
from index.errors import IndexDamagedError, IndexMissingError
from index.reader import Index
from index.store import Store
from index.sync import sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.types import Span
    from tests.rag.fakes import HashingEmbedder


def opened(index_dir: Path) -> Index:
    return Index.open(index_dir, embedding="hash-1")


@pytest.fixture
def built(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> Path:
    sync(corpus, index_dir, embedder)
    return index_dir


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
        for number, span in enumerate(stored.chunk.sentences, start=stored.first_sentence):
            expected = embedder.embed_query(text[span.start : span.end])
            np.testing.assert_allclose(index.sentence_vectors[number], expected, atol=1e-6)
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
    # One that has begun is not before it.
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


def test_a_manifest_of_another_generation_is_an_unfinished_run(built: Path) -> None:
    with Store(built / manifest.STORE) as store:
        store.advance()
    with pytest.raises(IndexDamagedError, match="interrupted") as caught:
        opened(built)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [{"extra": 1}, {"generation": None}])
def test_a_manifest_with_other_fields_is_damaged(built: Path, change: dict[str, object]) -> None:
    file = built / manifest.MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="rag index"):
        opened(built)


def test_a_reader_waits_for_a_writer_between_its_two_steps(
    built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, committed = manifest.publish, threading.Event()
    looked = threading.Event()

    def slow(index_dir: Path, made: manifest.Manifest) -> None:
        committed.set()
        looked.wait(10)
        publish(index_dir, made)

    def pause(seconds: float) -> None:
        looked.set()
        threading.Event().wait(seconds)

    monkeypatch.setattr(manifest, "publish", slow)
    monkeypatch.setattr(reader.time, "sleep", pause)
    (corpus / "nvidia.txt").unlink()
    writer = threading.Thread(target=sync, args=(corpus, built, embedder))
    writer.start()
    try:
        assert committed.wait(10)
        assert set(opened(built).documents) == {"cambricon.md", "huawei.md"}
        assert looked.is_set()
    finally:
        looked.set()
        writer.join(10)


def test_damage_while_a_writer_is_busy_is_reported_in_the_end(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_PAUSE_SECONDS", 0.0)
    next(built.glob("derived-*/sentences.npy")).write_bytes(b"")
    with FileLock(built / manifest.LOCK), pytest.raises(IndexDamagedError, match="--rebuild"):
        opened(built)
