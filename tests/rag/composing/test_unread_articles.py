"""What composed answers ask of all articles is told without reading them, and is what reading them told."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from index.collections.union import prefixed, unite
from index.storage.segments.segment import Segment
from index.syncing import merging
from index.syncing.sync import sync
from rag.composing.pieces import articles
from rag.composing.sides import absent
from rag.retrieval.hybrid import Scale, admits
from rag.retrieval.view import View
from rag.types import Filter
from tests.index.synced import opened
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.storage.reader import Index

WORDS = "Tencent Baidus Chip-Chef Straße Strasse H20 Dachs 3,5 dreizehn 13 EUR Euro Ümläut Baidu Tenc ten".split()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Return an index of several segments with documents that count no more, some without passages."""
    folder, chance = tmp_path_factory.mktemp("articles"), random.Random(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "SMALL", 0)
        patch.setattr(merging, "SHORT", 0)
        for turn in range(3):
            for number in range(8):
                said = " ".join(chance.choices(WORDS[:-3], k=3))
                date = f"date: 2024-0{1 + number}-1{turn}\n" if number % 3 else ""
                text = f"---\ntitle: T {number}\n{date}source: Q{number % 2}\nnote: {said}\n---\n# T\n\nEr sagt {said} heute.\n"
                (folder / f"{turn}-{number}.md").write_text(text, encoding="utf-8")
            (folder / f"leer-{turn}.md").write_text("---\ntitle: Leer\n---\n", encoding="utf-8")
            (folder / "0-1.md").unlink(missing_ok=True)
            sync(folder, folder.parent / "index", HashingEmbedder())
    return opened(folder.parent / "index")


def by_reading(index: Index, restrict: Filter | None) -> list[str]:
    left = [
        path
        for path, document in index.documents.items()
        if index.passages.get(path) and (restrict is None or admits(restrict, document))
    ]
    return sorted(left, key=lambda path: (index.documents[path].metadata.date, path), reverse=True)


def absent_by_reading(names: Iterable[str], index: Index, paths: Iterable[str]) -> tuple[str, ...]:
    there = frozenset(paths)
    inside = [id_ for id_, one in index.chunks.items() if one.chunk.path in there]
    rows = {id_: row for row, id_ in enumerate(index.chunks)}
    texts = [index.documents[path].text.casefold() for path in there]

    def stands(word: str) -> bool:
        if any(word.casefold() in text for text in texts):
            return True
        known = [term for term in index.lexical.query_terms(word) if index.lexical.knows(term)]
        return any(index.lexical.scores_of(term)[rows[id_]] > 0 for term in known for id_ in inside)

    return tuple(name for name in names if not all(stands(word) for word in name.split()))


@pytest.mark.parametrize(
    "restrict", [None, Filter(source="q1"), Filter(since="2024-03-01"), Filter(until="2024-04-12")]
)
def test_the_articles_are_those_of_before_and_none_is_read(
    index: Index, restrict: Filter | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = by_reading(index, restrict)
    assert wanted
    assert len(wanted) < len(index.documents)
    view = View(index, Scale(index.cosine_floor), HashingEmbedder())
    with monkeypatch.context() as patch:
        patch.setattr(Segment, "load", None)
        assert articles(view, restrict) == wanted


def test_the_sides_that_are_absent_are_those_of_before_and_no_article_is_read(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, paths = random.Random(5), list(index.passages)
    asked = [
        ([" ".join(chance.choices(WORDS, k=chance.randint(1, 2))) for _ in range(3)], chance.sample(paths, size))
        for size in (0, 1, 1, 1, 2, 3, 5, len(paths)) * 6
    ]
    wanted = [absent_by_reading(names, index, among) for names, among in asked]
    assert any(wanted)
    assert len(set(map(len, wanted))) == 4
    with monkeypatch.context() as patch:
        patch.setattr(Segment, "load", None)
        assert [absent(names, index, among) for names, among in asked] == wanted


def test_mentions_are_what_the_texts_hold(index: Index) -> None:
    small = [word.casefold() for word in WORDS]
    wanted = {
        path: found
        for path, document in index.documents.items()
        if (found := frozenset(word for word in small if word in document.text.casefold()))
    }
    assert dict(index.mentions(small)) == wanted
    assert "0-1.md" not in wanted
    both = unite(index, prefixed(index, ".uploads/"))
    assert dict(both.mentions(small)) == wanted | {f".uploads/{path}": found for path, found in wanted.items()}
