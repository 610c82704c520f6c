"""Each text is embedded only once, even after interrupted runs, rebuilds, edits and copies."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.errors import ModelError
from index.progress import told
from index.segmenting.chunking import chunk
from index.syncing import preparation
from index.syncing.sync import sync
from index.types import Chunk, Document, Metadata
from tests.index.synced import current, opened, state
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

ARTICLES = 12
SENTENCES = 6


class Failing(HashingEmbedder):
    """An embedder that raises an error after a number of calls."""

    def __init__(self, calls: int, error: BaseException) -> None:
        super().__init__()
        self.calls, self.error = calls, error

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.calls:
            raise self.error
        self.calls -= 1
        return super().embed_passages(texts)


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of articles, of which about two are embedded at a time."""
    monkeypatch.setattr(preparation, "WINDOW", 2 * (SENTENCES + 1))
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(ARTICLES):
        write(folder / f"{number:02}.md", number)
    return folder


def write(file: Path, number: int) -> None:
    lines = " ".join(
        f"Der Satz {line} von Artikel {number} handelt von Dachs {number * 31 + line}." for line in range(SENTENCES)
    )
    file.write_text(f"# Artikel {number}\n\n{lines}\n", encoding="utf-8")


def numbers(texts: Sequence[str]) -> set[str]:
    return {word for text in texts for word in text.replace("\n", " ").split() if word.rstrip(".").isdigit()}


def test_passages_are_made_again_from_where_they_are() -> None:
    text = "# Türme\n\n" + "Der Turm von Werl hat 200 Stufen aus rotem Sandstein 🐉. " * 40 + "\n\n## Höhe\n\nHoch.\n"
    document = Document("türme.md", text, Metadata("Türme"), "0" * 64)
    cut = chunk(document)
    assert len(cut) > 2
    assert preparation.Places(cut).chunks(document) == tuple(cut)
    assert preparation.Places([]).chunks(document) == ()


def test_a_document_is_cut_once(many: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []

    def counted(document: Document) -> list[Chunk]:
        paths.append(document.path)
        return chunk(document)

    monkeypatch.setattr(preparation.chunking, "chunk", counted)
    sync(many, index_dir, HashingEmbedder())
    assert sorted(paths) == [f"{number:02}.md" for number in range(ARTICLES)]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ModelError("The server has gone."), RuntimeError("cancelled")])
@pytest.mark.parametrize("rebuild", [False, True])
def test_a_first_build_goes_on_where_one_was_ended(
    many: Path, index_dir: Path, tmp_path: Path, error: BaseException, rebuild: bool
) -> None:
    whole = HashingEmbedder()
    sync(many, tmp_path / "fresh", whole)
    texts: list[str] = []
    for calls in (2, 1, 2):
        broken = Failing(calls, error)
        with pytest.raises(type(error)):
            sync(many, index_dir, broken)
        texts += broken.passages
        assert not (index_dir / "manifest.json").exists()
        assert len(list(index_dir.glob("store-*.sqlite"))) <= 2
    last = HashingEmbedder()
    sync(many, index_dir, last, rebuild=rebuild)
    texts += last.passages
    if not rebuild:  # a rebuild embeds some texts again, to compare their vectors
        assert sorted(texts) == sorted(whole.passages)
    assert state(index_dir) == state(tmp_path / "fresh")
    assert len(list(index_dir.glob("store-*"))) == 1


def test_many_new_articles_go_on_where_they_were_ended(many: Path, index_dir: Path, tmp_path: Path) -> None:
    sync(many, index_dir, HashingEmbedder())
    before = state(index_dir)
    for number in range(20, 20 + ARTICLES):
        write(many / f"{number}.md", number)
    broken = Failing(3, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        sync(many, index_dir, broken)
    assert state(index_dir) == before
    last = HashingEmbedder()
    sync(many, index_dir, last)
    assert not set(last.passages) & set(broken.passages)
    sync(many, tmp_path / "fresh", HashingEmbedder())
    assert state(index_dir) == state(tmp_path / "fresh")


def test_a_rebuild_embeds_no_more_than_it_takes_to_know_the_model(many: Path, index_dir: Path) -> None:
    sync(many, index_dir, HashingEmbedder())
    before = state(index_dir)
    embedder = HashingEmbedder()
    report = sync(many, index_dir, embedder, rebuild=True)
    assert report.added == ARTICLES
    assert len(embedder.passages) <= 8
    assert state(index_dir) == before


def test_a_rebuild_trusts_no_vectors_of_another_model_of_the_same_name(many: Path, index_dir: Path) -> None:
    class Other(HashingEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().embed_passages([text[::-1] for text in texts])

    sync(many, index_dir, Other())
    embedder = HashingEmbedder()
    sync(many, index_dir, embedder, rebuild=True)
    assert len(set(embedder.passages)) > ARTICLES * SENTENCES
    sync(many, index_dir.parent / "fresh", HashingEmbedder())
    assert state(index_dir) == state(index_dir.parent / "fresh")


def test_of_an_edited_article_only_what_is_new_is_embedded(many: Path, index_dir: Path) -> None:
    sync(many, index_dir, HashingEmbedder())
    embedder = HashingEmbedder()
    file = many / "03.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nEin Nachtrag über Füchse.\n", encoding="utf-8")
    assert sync(many, index_dir, embedder).changed == 1
    assert len(embedder.passages) == 2  # the new sentence and its passage
    assert all("Füchse" in text for text in embedder.passages)
    sync(many, index_dir.parent / "fresh", HashingEmbedder())
    assert state(index_dir) == state(index_dir.parent / "fresh")


def test_a_copy_and_a_file_of_another_name_are_not_embedded(many: Path, index_dir: Path) -> None:
    sync(many, index_dir, HashingEmbedder())
    embedder = HashingEmbedder()
    (many / "kopie.md").write_bytes((many / "04.md").read_bytes())
    (many / "05.md").rename(many / "umbenannt.md")
    report = sync(many, index_dir, embedder)
    assert (report.added, report.renamed) == (1, 1)
    assert embedder.passages == []
    sync(many, index_dir.parent / "fresh", HashingEmbedder())
    assert state(index_dir) == state(index_dir.parent / "fresh")


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_of_a_run_and_damaged_is_not_used(many: Path, index_dir: Path, seed: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        sync(many, index_dir, Failing(5, KeyboardInterrupt()))
    (file,) = index_dir.glob("store-*.sqlite")
    chance, data = random.Random(seed), bytearray(file.read_bytes())
    for _ in range(12):
        data[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
    sync(many, index_dir, HashingEmbedder())
    sync(many, index_dir.parent / "fresh", HashingEmbedder())
    assert state(index_dir) == state(index_dir.parent / "fresh")


def test_progress_counts_passages_and_never_goes_back(many: Path, index_dir: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    with told(lambda *step: steps.append(step)):
        sync(many, index_dir, HashingEmbedder())
    passages = len(opened(index_dir).chunks)
    assert len(steps) > 3
    assert steps == sorted(steps)
    assert {(name, total) for name, _, total in steps} == {("embedding", passages)}
    assert steps[-1][1] == passages
    assert current(index_dir).generation == 1
