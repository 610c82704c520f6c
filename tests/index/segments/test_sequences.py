"""After any sequence of additions, changes and removals, searches find what they find in a fresh build."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.storage.integrity import damages
from index.storage.reader import Index
from index.syncing import merging
from index.syncing.merging import Size, kept
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale, retrieve
from rag.types import Filter
from tests.index.synced import current, state
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence

# Some words are parts of others, so the splitting of compounds depends on the other words in the corpus.
WORDS = (
    "Chip Fertigung Chipfertigung Halle Fertigungshalle Halbleiter Leiter Stahl Stahlleiter 13 dreizehn Turm".split()
)
NAMES = ("a.md", "b.md", "c.md", "d.md")
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
STEPS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.none() | st.lists(SENTENCES, min_size=1, max_size=3), min_size=1),
    min_size=2,
    max_size=6,
)
QUERIES = (*WORDS, "Chip Halle", "Stahl im Turm", "Fertigung von Halbleitern")


@pytest.fixture
def _always_a_segment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "SMALL", 0)
    monkeypatch.setattr(merging, "SHORT", 0)


def text_of(name: str, sentences: Sequence[str]) -> str:
    body = " ".join(f"Hier steht {sentence} geschrieben." for sentence in sentences)
    return f"---\ndate: 2025-01-0{1 + NAMES.index(name)}\n---\n# Artikel\n\n{body}\n"


def found(index_dir: Path) -> list[Any]:
    index = Index.open(index_dir, embedding="hash-1")
    embedder = HashingEmbedder()
    hits = []
    for query in QUERIES:
        for restrict in (None, Filter(since="2025-01-02")):
            got = retrieve(
                index, query, embedder.embed_query(query), k=9, scale=Scale(index.cosine_floor), restrict=restrict
            )
            hits.append(sorted((-round(hit.score, 6), hit.path, hit.start, hit.text) for hit in got if not hit.also))
    return hits


def lexical(index_dir: Path) -> list[Any]:
    index = Index.open(index_dir, embedding="hash-1")
    place = {id_: (stored.chunk.path, stored.chunk.start) for id_, stored in index.chunks.items()}
    assert index.lexical.size == index.vectors.size == len(place)
    made: list[Any] = []
    for query in QUERIES:
        scores = dict(zip(place.values(), index.lexical.scores(query).tolist(), strict=True))
        searched = index.lexical.search(query, 99)
        assert {place[id_]: score for id_, score in searched} == {p: score for p, score in scores.items() if score > 0}
        made.append((scores, index.lexical.query_terms(query), index.lexical.ceiling(query)))
        made.append([index.lexical.passage_terms(query), index.lexical.split_compound(query.casefold())])
        made += [sorted(place[int(id_)] for id_ in index.lexical.holding(term)) for term in made[-2][1]]
    return made


def run(steps: Sequence[dict[str, list[str] | None]], folder: Path) -> int:
    """Apply the steps with one sync each, and return the largest number of segments."""
    corpus, index_dir = folder / "corpus", folder / "index"
    corpus.mkdir()
    most = 0
    for step in steps:
        for name, sentences in step.items():
            if sentences is None:
                (corpus / name).unlink(missing_ok=True)
            else:
                (corpus / name).write_text(text_of(name, sentences), encoding="utf-8")
        if not any(corpus.iterdir()):
            (corpus / "a.md").write_text(text_of("a.md", ["Turm"]), encoding="utf-8")
        sync(corpus, index_dir, HashingEmbedder())
        most = max(most, len(current(index_dir).segments))
    fresh = folder / "fresh"
    sync(corpus, fresh, HashingEmbedder())
    assert state(index_dir) == state(fresh)
    assert lexical(index_dir) == lexical(fresh)
    assert found(index_dir) == found(fresh)
    assert damages(index_dir) == []
    return most


@pytest.mark.usefixtures("_always_a_segment_of_its_own")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(STEPS)
def test_any_sequence_of_changes_is_found_as_after_a_fresh_build(steps: list[dict[str, list[str] | None]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        run(steps, folder)
    finally:
        shutil.rmtree(folder)


@pytest.mark.usefixtures("_always_a_segment_of_its_own")
def test_compounds_of_earlier_segments_come_apart_as_later_words_have_it(tmp_path: Path) -> None:
    big = [f"Turm {number}" for number in range(60)]
    steps: list[dict[str, list[str] | None]] = [
        {"a.md": [*big, "Chipfertigung", "Fertigungshalle"]},
        {"b.md": ["Chip Fertigung"]},
        {"c.md": ["Halle"]},
        {"b.md": None},
        {"d.md": ["Chip"], "b.md": ["Fertigung", "Fertigung"]},
    ]
    assert run(steps, tmp_path) > 1


def test_of_a_small_index_there_is_one_segment_and_of_a_large_one_few() -> None:
    assert kept([Size(500, 0), Size(9, 0)], 3) == 0
    sizes: list[Size] = [Size(100_000, 0)]
    written, most = 0, 0
    for _ in range(2000):
        stay = kept(sizes, 3)
        new = 3 + sum(size.alive for size in sizes[stay:])
        written += new
        sizes[stay:] = [Size(new, 0)]
        most = max(most, len(sizes))
    assert sizes[0] == Size(100_000, 0)
    assert most <= merging.MOST_SEGMENTS
    assert written < 2000 * 2 * merging.SHORT


def test_a_segment_of_which_much_is_gone_is_written_anew() -> None:
    assert kept([Size(100_000, 0), Size(60_000, 30_000), Size(20_000, 0)], 3) == 1
    assert kept([Size(100_000, 0), Size(60_000, 3_000), Size(20_000, 0)], 3) == 3
