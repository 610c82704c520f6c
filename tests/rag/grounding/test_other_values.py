from __future__ import annotations

import pytest

from rag.grounding.other_values import other_value
from rag.types import EvidenceSentence


def other(source: str, *others: str, words: str, scores: tuple[float, ...] = ()) -> list[str] | None:
    """Return what another sentence says instead of ``words``."""
    texts = (source, *others)
    evidence = [
        EvidenceSentence("a.md", 1000 * number, 1000 * number + len(text), text, "", score)
        for number, (text, score) in enumerate(zip(texts, scores or (0.8,) * len(texts), strict=True))
    ]
    start = source.index(words)
    span = (start, start + len(words))
    found = other_value(evidence[0], (span,), evidence, question="Was?", texts={"a.md": "\n".join(texts)})
    return None if found is None else [found.sentence.text[slice(*span)] for span in found.words]


@pytest.mark.parametrize(
    ("source", "second", "words", "value"),
    [
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet 31 Euro.", "29 Euro", "31 Euro"),
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet €31.", "29", "€31"),
        ("Die Überfahrt nach Oland kostet 29 Euro.", "31 EUR kostet die Überfahrt nach Oland.", "29", "31 EUR"),
        ("Der Turm von Werl ist 30 Meter hoch.", "Der Turm von Werl ist 31 Meter hoch.", "30 Meter", "31 Meter"),
        ("Die Quote in Werl liegt bei 40 %.", "Die Quote in Werl liegt bei 45 %.", "40 %", "45 %"),
        ("Das Werk in Werl kostet 2 Millionen Euro.", "Das Werk in Werl kostet 3 Millionen Euro.", "2", "3 Millionen Euro"),
        ("Der Bus kostet 4 Euro, das Rad im Bus 5 Euro.", "Der Bus kostet 3 Euro.", "4 Euro", "3 Euro"),
    ],
)  # fmt: skip
def test_another_value_of_the_same_thing_is_found(source: str, second: str, words: str, value: str) -> None:
    assert other(source, second, words=words) == [value]


@pytest.mark.parametrize(
    ("source", "second", "words"),
    [
        # Another month, place, product, kind of people, year.
        ("Im Mai kostet die Überfahrt 49 Euro.", "Im Januar kostet die Überfahrt 29 Euro.", "49 Euro"),
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Föhr kostet 31 Euro.", "29 Euro"),
        ("Der Rechner K2 kostet 29 Euro.", "Der Rechner K3 kostet 31 Euro.", "29 Euro"),
        ("Kinder zahlen in Werl 3 Euro.", "Erwachsene zahlen in Werl 5 Euro.", "3 Euro"),
        ("2023 kostete die Überfahrt nach Oland 29 Euro.", "2024 kostete die Überfahrt nach Oland 31 Euro.", "29 Euro"),
        # Another unit.
        ("Der Turm von Werl misst 30 Meter.", "Der Turm von Werl misst 12 Tonnen.", "30 Meter"),
        # The same value.
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet 29 Euro im Sommer.", "29 Euro"),
        # One of them is qualified, has the same value in another notation, or refers back.
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Rund 31 Euro kostet die Überfahrt nach Oland.", "29 Euro"),
        ("Der Bau in Werl kostet mehr als 29 Euro.", "Der Bau in Werl kostet 31 Euro.", "29 Euro"),
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet nachts 31 Euro.", "29 Euro"),
        ("Der Bau in Werl kostet 1,5 Mio. EUR.", "Der Bau in Werl kostet 1.500.000 Euro.", "1,5"),
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Sie kostet 31 Euro.", "29 Euro"),
        ("Sie kostet 29 Euro.", "Die Überfahrt nach Oland kostet 31 Euro.", "29 Euro"),
        # The answer is not a value, or it is one of two values.
        ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet 31 Euro.", "Oland"),
        ("Die Überfahrt nach Oland kostet 29 oder 39 Euro.", "Die Überfahrt nach Oland kostet 31 Euro.", "29"),
        # Years do not count as values.
        ("Der Turm von Werl wurde 1901 gebaut.", "Der Turm von Werl wurde 1911 gebaut.", "1901"),
    ],
)
def test_what_is_no_other_value_of_the_same_thing_is_left_alone(source: str, second: str, words: str) -> None:
    assert other(source, second, words=words) is None


SAME = ("Die Überfahrt nach Oland kostet 29 Euro.", "Die Überfahrt nach Oland kostet 31 Euro.")


def test_a_sentence_far_from_the_question_does_not_count() -> None:
    assert other(*SAME, words="29 Euro", scores=(0.8, 0.7)) == ["31 Euro"]
    assert other(*SAME, words="29 Euro", scores=(0.8, 0.5)) is None


def test_of_several_the_nearest_is_found() -> None:
    third = "Die Überfahrt nach Oland kostet 33 Euro."
    assert other(*SAME, third, words="29 Euro", scores=(0.8, 0.7, 0.9)) == ["33 Euro"]


def test_a_sentence_that_has_the_answer_too_does_not_contradict_it() -> None:
    both = "Die Überfahrt nach Oland kostet 29 Euro, die Überfahrt nach Oland kostet 31 Euro."
    assert other(SAME[0], both, words="29 Euro") is None


def test_what_the_question_names_must_be_in_both_documents() -> None:
    texts = {"a.md": "Der Umsatz stieg um 5 Prozent. Cambricon wächst.", "b.md": "Der Umsatz stieg um 8 Prozent."}
    evidence = [EvidenceSentence(path, 0, 30, text[:30], "", 0.8) for path, text in texts.items()]

    def found(question: str) -> bool:
        return other_value(evidence[0], ((20, 21),), evidence, question=question, texts=texts) is not None

    assert found("Um wie viel stieg der Umsatz?")
    assert not found("Um wie viel stieg der Umsatz von Cambricon?")


@pytest.mark.parametrize("number", ["²", "1" * 5000, "①", "٣", "0" * 5000])
def test_what_looks_like_a_number_and_is_none_does_no_harm(number: str) -> None:
    assert other("Die Überfahrt kostet 29 Euro.", f"Die Überfahrt kostet {number} Euro.", words="29 Euro") in (
        None,
        [f"{number} Euro"],
    )
    assert other(f"Die Überfahrt kostet {number} Euro.", "Die Überfahrt kostet 29 Euro.", words="Überfahrt") is None
