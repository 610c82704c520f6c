from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.likely import likely, probability
from rag.types import EvidenceSentence

QUESTION = "Wann eröffnet die Werft in Kiel?"


def found(*scores: float) -> list[EvidenceSentence]:
    texts = ("Die Werft in Kiel eröffnet im Mai.", "Das Wetter war gut.", "Der Bau kostete viel.", "Es gab Kuchen.")
    return [EvidenceSentence("a.md", 40 * i, 40 * i + 30, texts[i], "Werft", one) for i, one in enumerate(scores)]


def test_a_sentence_far_ahead_is_likely() -> None:
    evidence = found(0.9, 0.4, 0.3, 0.2)
    assert likely(QUESTION, evidence) == evidence[0]
    assert likely(QUESTION, evidence[::-1]) == evidence[0]


@pytest.mark.parametrize("scores", [(), (0.3, 0.3, 0.3, 0.3), (0.2, 0.1)])
def test_none_is_likely_where_none_leads(scores: tuple[float, ...]) -> None:
    assert likely(QUESTION, found(*scores)) is None


SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, st.floats(0, 0.5))
def test_more_of_a_signal_is_never_less_likely(near: float, lead: float, covered: float, more: float) -> None:
    base = probability((near, lead, covered))
    assert 0 < base < 1
    for raised in ((near + more, lead, covered), (near, lead + more, covered), (near, lead, covered + more)):
        assert probability(raised) >= base
