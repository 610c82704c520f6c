from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.measuring import metrics as figures


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("Rund 560 Millionen US-Dollar.", "560 Millionen US Dollar", True),
        ("Rund 1560 Millionen", "560 Millionen", False),
        ("Die KI-Chips", "KI-Chip", False),
        ("»Zhao Lidong«", "zhao lidong", True),
        ("Zhao und Lidong", "Zhao Lidong", False),
        ("alles", "", False),
    ],
)
def test_contains_is_a_sequence_of_whole_tokens(text: str, gold: str, expected: bool) -> None:
    assert figures.contains(text, gold) is expected


@given(st.text(), st.text(), st.text())
def test_a_text_contains_each_of_its_own_parts(before: str, part: str, after: str) -> None:
    assert figures.contains(f"{before} {part} {after}", part) is bool(figures.tokens(part))


def test_f1_drops_articles() -> None:
    assert figures.f1("die Huawei", "Huawei") == 1.0
    assert figures.f1("Huawei und Tencent", "Huawei") == pytest.approx(0.5)
    assert figures.f1("nichts", "Huawei") == 0.0


def test_ranking_with_two_sources_counts_the_share_of_them() -> None:
    found = figures.ranking(["a", "b", "c"], ["b", "z"])
    assert (found["recall@1"], found["recall@3"]) == (0.0, 0.5)
    assert found["mrr@10"] == 0.5
    assert figures.ranking(["b", "z"], ["b", "z"])["ndcg@10"] == pytest.approx(1.0)


def test_ranking_looks_no_further_than_ten() -> None:
    ranked = [f"d{number:02}" for number in range(30)]
    assert set(figures.ranking(ranked, ["d10"]).values()) == {0.0}
    assert figures.ranking(ranked, ["d09"])["mrr@10"] == pytest.approx(0.1)
    assert set(figures.ranking([], ["a"]).values()) == {0.0}


@given(st.lists(st.sampled_from("abcdefghijklmno"), unique=True), st.sets(st.sampled_from("abcdefxyz"), min_size=1))
def test_ranking_agrees_with_the_definitions(ranked: list[str], relevant: set[str]) -> None:
    found = figures.ranking(ranked, sorted(relevant))
    for k in (1, 3, 5, 10):
        assert found[f"recall@{k}"] == pytest.approx(len(relevant & set(ranked[:k])) / len(relevant))
    first = next((1 / place for place, one in enumerate(ranked[:10], start=1) if one in relevant), 0.0)
    assert found["mrr@10"] == pytest.approx(first)
    assert 0.0 <= found["ndcg@10"] <= 1.0
