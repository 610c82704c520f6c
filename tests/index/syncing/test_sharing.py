"""Several workers each prepare a share of a folder, and the next sync uses their work, even after interruptions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import IndexMismatchError, RagError
from index.storage.reader import Index
from index.syncing import preparation, sharing
from index.syncing.sharing import Share, prepare_share
from index.syncing.sync import sync
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from pathlib import Path


@given(st.text(), st.integers(1, 12))
def test_each_file_is_in_one_share(path: str, count: int) -> None:
    assert sum(Share(number, count).has(path) for number in range(1, count + 1)) == 1


@pytest.mark.parametrize("written", ["", "2", "0/4", "5/4", "1/0", "-1/2", "1/2/3", "a/b", "²/4", "1/1001"])
def test_what_is_no_share_is_said(written: str) -> None:
    with pytest.raises(RagError, match="is not a share"):
        Share.read(written)


@pytest.fixture
def many(corpus: Path) -> Path:
    for number in range(20):
        (corpus / f"meldung-{number}.md").write_text(
            f"# Meldung {number}\n\nIm Wald wurden {number} Dachse gezählt.\n", encoding="utf-8"
        )
    return corpus


def test_the_sync_after_several_workers_embeds_nothing_and_finds_what_a_build_finds(
    many: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    with ThreadPoolExecutor() as workers:
        shares = [Share(number, 3) for number in (1, 2, 3)]
        done = list(workers.map(lambda one: prepare_share(many, tmp_path / "shared", HashingEmbedder(), one), shares))
    assert sum(one.prepared for one in done) == 23
    assert min(one.prepared for one in done) > 0
    report = sync(many, tmp_path / "shared", embedder)
    assert report.documents == 23
    assert embedder.passages == []
    sync(many, tmp_path / "alone", embedder)
    shared, alone = (Index.open(tmp_path / name, embedding=embedder.fingerprint) for name in ("shared", "alone"))
    assert shared.fingerprint == alone.fingerprint
    assert list(shared.documents) == list(alone.documents)
    vector = embedder.embed_query("Dachse im Wald")
    assert shared.vectors.search(vector, 99) == alone.vectors.search(vector, 99)
    assert [file.name for file in (tmp_path / "shared").glob("store-*")] == [f"store-{shared.generation}.sqlite"]


def test_a_worker_that_was_ended_goes_on_where_it_was(
    many: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "WINDOW", 6)
    monkeypatch.setattr(sharing, "_LEFT_CHARACTERS", 100)
    windows = iter(range(99))

    def end() -> None:
        if next(windows) >= 6:
            raise KeyboardInterrupt

    embedder.before_embedding = end
    with pytest.raises(KeyboardInterrupt):
        prepare_share(many, index_dir, embedder, Share(1, 1))
    embedder.before_embedding = None
    kept = set(embedder.passages)
    embedder.passages.clear()
    again = prepare_share(many, index_dir, embedder, Share(1, 1))
    assert 0 < again.prepared < again.documents == 23
    assert not kept & set(embedder.passages)
    assert prepare_share(many, index_dir, embedder, Share(1, 1)).prepared == 0
    embedder.passages.clear()
    assert sync(many, index_dir, embedder).documents == 23
    assert embedder.passages == []


def test_what_the_index_has_already_is_not_embedded_again(
    many: Path, index_dir: Path, embedder: HashingEmbedder
) -> None:
    sync(many, index_dir, embedder)
    embedder.passages.clear()
    (many / "neu.md").write_text("# Neu\n\nEine Meldung über Füchse.\n", encoding="utf-8")
    (many / "meldung-3.md").rename(many / "umbenannt.md")
    assert sum(prepare_share(many, index_dir, embedder, Share(number, 4)).prepared for number in (1, 2, 3, 4)) == 1
    embedder.passages.clear()
    report = sync(many, index_dir, embedder)
    assert (report.added, report.renamed) == (1, 1)
    assert embedder.passages == []
    assert len(list(index_dir.glob("store-*"))) == 1


def test_workers_of_another_model_are_told_so(many: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    sync(many, index_dir, embedder)
    with pytest.raises(IndexMismatchError):
        prepare_share(many, index_dir, HashingEmbedder("another"), Share(1, 2))
    assert len(list(index_dir.glob("store-*"))) == 1
