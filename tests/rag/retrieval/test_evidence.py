from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.storage.reader import Index
from index.syncing.sync import sync
from rag.retrieval.evidence import nearest, select
from rag.retrieval.hybrid import Scale, retrieve
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rag.fakes import HashingEmbedder

QUESTION = "Wie viel Geld will Cambricon aufnehmen?"


@pytest.mark.parametrize("budget", [1, 25, 60, 1000])
def test_evidence_is_verbatim_in_order_and_within_its_budget(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, budget: int
) -> None:
    sync(corpus, index_dir, embedder)
    index = Index.open(index_dir, embedding=embedder.fingerprint)
    vector, scale = embedder.embed_query(QUESTION), Scale(index.cosine_floor)
    hits = retrieve(index, QUESTION, vector, k=8, scale=scale)
    picked = select(
        index, hits, QUESTION, vector, scale=scale, count_tokens=lambda text: len(text.split()), budget=budget
    )
    assert picked
    assert picked[0].path == "cambricon.md"
    assert len(picked) == 1 or sum(len(one.text.split()) for one in picked) <= budget
    for one in picked:
        assert index.documents[one.path].text[one.start : one.end] == one.text
        assert 0 <= one.score <= 1
    paths = list(dict.fromkeys(one.path for one in picked))
    assert list(picked) == sorted(picked, key=lambda one: (paths.index(one.path), one.start))


@pytest.mark.parametrize(
    ("characters", "expected"), [(None, "bcd"), (90, "bcd"), (89, "bd"), (60, "bd"), (59, "d"), (1, "d")]
)
def test_so_many_characters_are_read_of_the_best_and_one_sentence_in_any_case(
    characters: int | None, expected: str
) -> None:
    evidence = [
        EvidenceSentence("a.md", 100 * i, 100 * i + 30, letter * 30, "A", 0.5) for i, letter in enumerate("abcd")
    ]
    found = nearest(evidence, 3, [0.0, 2.0, 1.0, 3.0], characters=characters)
    assert "".join(one.text[0] for one in found) == expected
