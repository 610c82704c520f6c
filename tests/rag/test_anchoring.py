from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.anchoring import CLAUSE_WORDS, adds, anchor, clause_text
from rag.types import EvidenceSentence

FACTORY = (
    "Eine neue Fabrik für die KI-Chips von Huawei soll voraussichtlich bis Ende dieses Jahres den Betrieb aufnehmen."
)
SMIC = "Auch SMIC selbst wächst: Der Hersteller plant, seine Fertigung von 7-nm-Chips bis 2026 zu verdoppeln."
REUTERS = (
    "Eines trägt den Namen Model-Chip Alliance; ihm gehören laut Reuters Hersteller wie Biren, Huawei und Metax an."
)
LAU = "Der Konzern, den Martin Lau leitet, setzt auf algorithmische Effizienz, nicht auf große GPU-Farmen."


def sentence(text: str, score: float = 0.5) -> EvidenceSentence:
    return EvidenceSentence("a.md", 0, len(text), text, "Titel", score)


@pytest.mark.parametrize(
    ("draft", "text", "clause"),
    [
        ("2026", SMIC, "„… seine Fertigung von 7-nm-Chips bis 2026 zu verdoppeln“"),
        ("Martin Lau", LAU, "„Der Konzern, den Martin Lau leitet, setzt auf algorithmische Effizienz …“"),
        (
            "Biren, Huawei und Metax",
            REUTERS,
            "„… gehören laut Reuters Hersteller wie Biren, Huawei und Metax an“",
        ),
        (
            "Ende dieses Jahres",
            FACTORY,
            "„… von Huawei soll voraussichtlich bis Ende dieses Jahres den Betrieb aufnehmen“",
        ),
    ],
)
def test_the_clause_keeps_what_stands_around_the_answer(draft: str, text: str, clause: str) -> None:
    found = anchor(draft, [sentence(text)], question="Wann?")
    assert found is not None
    assert clause_text(sentence(text), found) == clause


@pytest.mark.parametrize(
    ("draft", "text", "kept"),
    [
        ("2026", "Huawei wird sein Ziel bis Ende 2026 laut Analysten der Firma Bernstein vermutlich nicht erreichen.", "vermutlich nicht erreichen"),
        ("12,5", "Im vergangenen Jahr stieg der Umsatz von Huawei um 12,5 %, während er sonst sank.", "12,5 %"),
        ("4 Milliarden Euro", "Für 2024: −4 Milliarden Euro betrug der Gewinn.", "−4 Milliarden Euro"),
        ("Staaten", "Es gilt für alle Nicht-EU-Staaten, und zwar ab sofort und ohne Ausnahme in allen Fällen.", "Nicht-EU-Staaten"),
        ("fünf", unicodedata.normalize("NFD", "Das Büro eröffnete gestern fünf Häuser in Köln."), unicodedata.normalize("NFD", "fünf Häuser")),
    ],
)  # fmt: skip
def test_what_turns_a_statement_round_is_not_cut_off(draft: str, text: str, kept: str) -> None:
    found = anchor(draft, [sentence(text)], question="Wann?")
    assert found is not None
    assert kept in text[found.start : found.end]


def test_of_sentences_that_hold_the_answer_the_nearest_is_quoted() -> None:
    texts = [sentence("Im Jahr 2026 war Wahl.", 0.2), sentence(SMIC, 0.8)]
    found = anchor("2026", texts, question="Bis wann will SMIC verdoppeln?")
    assert found is not None
    assert found.sentence == 1


def test_words_of_the_question_do_not_say_where_the_answer_stands() -> None:
    texts = [sentence("SMIC plant viel.", 0.9), sentence(SMIC, 0.3)]
    found = anchor("SMIC plant 2026", texts, question="Was plant SMIC?")
    assert found is not None
    assert found.sentence == 1


@pytest.mark.parametrize("draft", ["Schuhe", "Schuhe, Hüte und 2026", ""])
def test_what_is_not_there_has_no_place(draft: str) -> None:
    assert anchor(draft, [sentence(SMIC)], question="Was?") is None


def test_a_clause_that_only_repeats_the_answer_adds_nothing() -> None:
    text = sentence("Cambricon will Geld aufnehmen.")
    found = anchor("Cambricon will Geld aufnehmen", [text], question="Was?")
    assert found is not None
    assert not adds("Cambricon will Geld aufnehmen.", text, found)
    assert adds("2026", sentence(SMIC), anchor("2026", [sentence(SMIC)], question="?") or found)


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=3), st.text(max_size=40))
def test_a_clause_lies_in_its_sentence_and_holds_words(draft: str, texts: list[str], question: str) -> None:
    evidence = [sentence(text) for text in texts]
    found = anchor(draft, evidence, question=question)
    if found is not None:
        text = evidence[found.sentence].text
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == text[found.start : found.end].strip()


def test_a_clause_is_cut_to_size() -> None:
    long = sentence("eins " + " ".join(f"wort{n}" for n in range(60)))
    found = anchor("wort30", [long], question="?")
    assert found is not None
    assert len(long.text[found.start : found.end].split()) == CLAUSE_WORDS
