"""Facts about all articles come from the index alone and are the same as those from reading the articles."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from index.collections.union import prefixed, unite
from index.storage.columns.files import Columns
from index.storage.segments.segment import Segment
from index.syncing import merging
from index.syncing.sync import sync
from rag.composing.pieces import articles
from rag.composing.sides import absent
from rag.composing.targets import target
from rag.query.condense import condense
from rag.retrieval.doubles import same_text
from rag.retrieval.hybrid import Scale, admits
from rag.retrieval.view import View
from rag.types import Filter
from tests.index.synced import opened
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from index.storage.reader import Index
    from rag.types import Query

WORDS = "Tencent Baidus Chip-Chef Straße Strasse H20 Dachs 3,5 dreizehn 13 EUR Euro Ümläut Baidu Tenc ten".split()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Return an index of several segments with deleted documents and with documents without passages."""
    folder, chance = tmp_path_factory.mktemp("articles"), random.Random(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "SMALL", 0)
        patch.setattr(merging, "SHORT", 0)
        for turn in range(3):
            for number in range(8):
                said = " ".join(chance.choices(WORDS[:-3], k=3))
                date = f"date: 2024-0{1 + number}-1{turn}\n" if number % 3 else ""
                text = f"---\ntitle: {WORDS[number]} {number}{turn}\n{date}source: Q{number % 2}\nnote: {said}\n---\n# T\n\nEr sagt {said} heute.\n"
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


def target_by_titles(view: View, query: Query) -> tuple[str | None, bool]:
    index, vector = view.index, view.vector(query.standalone)
    asked = {term: index.lexical.weight(term) for term in index.lexical.query_terms(query.standalone)}
    scored = []
    for path in index.passages:
        held = set(index.lexical.passage_terms(index.documents[path].metadata.title))
        named = sum(weight for term, weight in asked.items() if term in held) / (sum(asked.values()) or 1.0)
        scored.append((round(float(index.title_vectors[path] @ vector), 6) + 0.1 * named, path, named))
    best, path, named = max(scored)
    near = [other for score, other, _ in scored if best - score < 0.02 and other != path]
    if all(same_text(index.documents[path], index.documents[other]) for other in near):
        return path, named >= 0.15
    return None, False


def folder_of(index: Index) -> Path:
    documents: Any = index.documents
    file: Path = documents.picture.segments[0]._file
    return file.parent


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
        patch.setattr(Segment, "all_described", None)
        assert len(articles(view, restrict)) == len(wanted)
        assert list(articles(view, restrict)) == wanted
    passages = sorted(id_ for path in wanted for id_ in index.passages[path])
    assert articles(view, restrict).ids().tolist() == passages
    both = replace(view, index=unite(index, prefixed(index, ".uploads/")))
    twice = [(index.documents[path].metadata.date, own + path) for own in ("", ".uploads/") for path in wanted]
    assert list(articles(both, restrict)) == [path for _, path in sorted(twice, reverse=True)]
    with monkeypatch.context() as patch:  # as an earlier version wrote the files
        patch.setattr(Columns, "__contains__", lambda _, name: name not in {"kinds", "noted"})
        older = opened(folder_of(index))
        assert list(articles(replace(view, index=older), restrict)) == wanted
        assert {one.path for one in older.noted()} == set(older.documents)


def test_as_many_descriptions_are_read_as_are_asked_for(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    view, read = View(index, Scale(index.cosine_floor), HashingEmbedder()), []
    described = Segment.described
    monkeypatch.setattr(Segment, "described", lambda self, row: (read.append(row), described(self, row))[1])
    newest = next(iter(articles(view, None)))
    assert index.documents[newest].metadata.date == "2024-08-12"
    assert len(read) < 5
    read.clear()
    assert len(articles(view, Filter(since="2024-08-01")).ids()) == 3
    assert read == []


def test_the_nearest_title_is_meant_and_no_other_is_looked_at(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    view = View(index, Scale(index.cosine_floor), HashingEmbedder())
    asked = [
        condense(f"Fasse {word} zusammen", (), max_chars=99)
        for word in ("Tencent 01", "Leer", "Dachs 72 und 71", *WORDS)
    ]
    everything = articles(view, None)
    wanted = [target_by_titles(view, query) for query in asked]
    assert any(path for path, _ in wanted)
    assert not all(path for path, _ in wanted)
    monkeypatch.setattr(Segment, "all_described", None)
    assert [(one.path, one.named) for query in asked for one in [target(view, query, everything)]] == wanted


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
        assert [
            absent(names, index, index.chosen(lambda *_: True, among.__contains__)) for names, among in asked
        ] == wanted


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


def test_cosines_of_many_are_those_of_each(index: Index) -> None:
    vector = HashingEmbedder().embed_query("Tencent sagt etwas heute")
    both = unite(index, prefixed(index, ".uploads/"))
    ids = random.Random(2).sample(list(both.chunks), len(both.chunks))
    titles, nearest = both.rows.cosines(ids, vector)
    for id_, of_title, of_sentence in zip(ids, titles.tolist(), nearest.tolist(), strict=True):
        assert of_title == pytest.approx(float(both.title_vectors[both.chunks[id_].chunk.path] @ vector), abs=1e-6)
        assert of_sentence == pytest.approx(max((both.sentence_rows(id_) @ vector).tolist(), default=-1.0), abs=1e-6)
        alone = index.rows.cosines([id_ % (1 << 40)], vector)
        assert (of_title, of_sentence) == (float(alone[0][0]), float(alone[1][0]))  # equal to the last bit
    with pytest.raises(KeyError):
        index.rows.cosines([10**6], vector)
    assert [len(one) for one in both.rows.cosines([], vector)] == [0, 0]
