"""The network and the regression count equally; the kind of a follow-up is that of its standalone sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from rag.kinds import KINDS
from rag.kinds.classifier import installed
from rag.pipeline.kind import KindGuesser
from rag.types import Query

HISTORY = (("Wie viele Fähren hat Nordlicht?", "Nordlicht hat zwölf Fähren."),)


def view() -> Any:
    return SimpleNamespace(
        embedder=SimpleNamespace(fingerprint=f"{installed().model}@x"),
        vector=lambda text: np.zeros(len(installed().mean), dtype=np.float32),
    )


def kinds(kind: str, other: str) -> KindGuesser:
    """Return a guesser that gives sentences with "Nordlicht" one kind and everything else another kind."""

    def chances(question: str) -> Any:
        found = kind if "Nordlicht" in question else other
        return np.array([0.92 if one == found else 0.01 for one in KINDS], dtype=np.float32)

    return KindGuesser(lambda: SimpleNamespace(chances=chances))  # type: ignore[arg-type,return-value]


WHY = Query("Und warum?", "Wie viele Fähren hat Nordlicht? Und warum?", "de", HISTORY)


def test_the_kind_is_told_by_the_sentence() -> None:
    guesser = kinds("explanation", "fact")
    assert guesser.guess(WHY, view())[0] == "fact"
    found = guesser.guess_again(WHY, replace(WHY, standalone="Warum hat Nordlicht Fähren?"), view())
    assert found is not None
    assert found[0] == "explanation"
    alone = guesser.guess_again(WHY, replace(WHY, standalone="Warum leiden sie unter Nordlicht?", context=""), view())
    assert alone is not None
    assert alone[0] == "explanation"


def test_a_follow_up_that_is_not_rewritten_keeps_a_kind_that_its_own_words_make_sure() -> None:
    sure = replace(WHY, question="Warum?", standalone="Wie viele Fähren hat Nordlicht? Warum?")
    assert kinds("fact", "explanation").guess(sure, view()) == ("explanation", True)
    # Here the regression and the network do not agree.
    assert kinds("fact", "explanation").guess(WHY, view()) == ("fact", True)


def test_it_is_not_told_again_where_there_is_no_other_sentence_and_never_becomes_talk() -> None:
    assert kinds("explanation", "fact").guess_again(WHY, WHY, view()) is None
    assert kinds("talk", "fact").guess_again(WHY, replace(WHY, standalone="Hallo Nordlicht!"), view()) is None


def test_the_network_and_the_regression_count_alike() -> None:
    network = SimpleNamespace(chances=lambda question: np.full(9, 1 / 9, dtype=np.float32))
    alone, beside = KindGuesser(), KindGuesser(lambda: network)  # type: ignore[arg-type,return-value]
    asked = Query("Nenne alle Fähren.", "Nenne alle Fähren.", "de")
    assert alone.guess(asked, view())[0] == beside.guess(asked, view())[0] == "list"
    assert beside.guess(asked, view())[1]  # unsure, because half of the guess is no better than chance
