"""Which questions are taken for follow-ups: those of people who type in a hurry, too."""

from __future__ import annotations

import random
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.condense import condense
from rag.query.leaning import LEAST, WEIGHTS, leans, probability
from training.forms.fitting import as_typed, mistakes
from training.forms.leaning import train

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = [("Wann öffnet die Werft in Auheim?", "Die Werft in Auheim öffnet im Mai mit 40 Leuten.")]


@pytest.mark.parametrize(
    "question",
    [
        "und wann wär das fertig",
        "wieso eigentlich nicht",
        "was kostet der spaß",
        "wer ist da noch dabei",
        "kommt das noch dieses jahr",
        "Und warum?",
        "Was stellt die Firma her?",
        "Okay, und seit wann?",
        "Wie viel davon aus China?",  # looks like talk to the classifier of kinds
        "who owns it",
        "why not",
    ],
)
def test_what_depends_on_the_conversation_is_preceded_by_it(question: str) -> None:
    assert leans(question)
    assert condense(question, HISTORY, max_chars=500).standalone != question
    assert condense(question, [], max_chars=500).standalone == question


@pytest.mark.parametrize(
    "question",
    [
        "wie viele leute arbeiten bei der reederei nordlicht",
        "Wann wird die neue Brücke in Talheim fertig?",
        "wer ist bürgermeister von talheim",
        "Nenne alle Fähren der Reederei Nordlicht.",
        "Who is the mayor of Talheim?",
    ],
)
def test_what_stands_alone_is_left_as_it_is(question: str) -> None:
    assert not leans(question)
    assert condense(question, HISTORY, max_chars=500).standalone == question


@pytest.mark.parametrize("said", ["Danke!", "danke, das reicht", "Tschüss!"])
def test_talk_depends_on_nothing(said: str) -> None:
    assert condense(said, HISTORY, max_chars=500).standalone == said


@given(st.text(max_size=80))
def test_any_text_has_a_probability_whatever_its_unicode_form(text: str) -> None:
    assert 0 <= probability(text) <= 1
    composed, decomposed = (
        unicodedata.normalize(form, "Wie groß wäre der Käfig für Bär und Löwe?") for form in ("NFC", "NFD")
    )
    assert probability(composed) == pytest.approx(probability(decomposed))


def test_weights_are_kept(tmp_path: Path) -> None:
    learnt = train(["und dann?", "wer noch?", "und wer?"] * 8, ["Wer leitet die Werft?", "Wo liegt Auheim?"] * 8)
    assert probability("und wo?", learnt) > LEAST > probability("Wo liegt die Werft?", learnt)
    rows = [("und dann?", True), ("Wo liegt Auheim?", True), ("und wer?", False)]
    assert mistakes(partial(probability, learnt=learnt), rows, LEAST) == (1, 1)
    learnt.save(tmp_path / WEIGHTS)
    with np.load(tmp_path / WEIGHTS) as stored:
        assert set(map(str, stored["frequent"])) == learnt.frequent
        assert stored["weights"].shape == learnt.weights.shape


def test_half_of_the_questions_are_read_as_people_type() -> None:
    questions = [f"Wer leitet die Werft Nummer {number}?" for number in range(40)]
    typed = as_typed(questions, random.Random(1))
    assert len(typed) == 20
    assert any(one == one.lower() for one in typed)
    assert any(not one.endswith("?") for one in typed)
