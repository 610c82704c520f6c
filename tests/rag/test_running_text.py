"""The text of an answer: its sentences one after the other, none of them twice for nothing."""

from __future__ import annotations

from rag.types import AnswerSentence
from rag.types.arrangement import as_text


def said(*parts: str) -> str:
    """Return the text of sentences; those in brackets are context."""
    return as_text(
        AnswerSentence(part.strip("()"), 1.0, "kept", role="context" if part.startswith("(") else "answer")
        for part in parts
    )


def test_sentences_follow_each_other() -> None:
    assert said("Bosch baut.", "Opel wartet.") == "Bosch baut. Opel wartet."


def test_an_answer_of_two_sides_is_said_once() -> None:
    assert said("Bosch baut.", "Opel wartet.", "Bosch baut.") == "Bosch baut. Opel wartet."


def test_context_that_was_said_just_before_is_not_said_again() -> None:
    assert said("(Bosch baut.)", "Er ist laut.", "(Bosch baut.)", "(Er ist laut.)", "Das stört.") == (
        "Bosch baut. Er ist laut. Das stört."
    )


def test_context_that_was_said_earlier_is_said_again() -> None:
    assert said("(Bosch baut.)", "Er ist laut.", "Opel wartet.", "(Bosch baut.)", "Das stört.") == (
        "Bosch baut. Er ist laut. Opel wartet. Bosch baut. Das stört."
    )


def test_the_same_words_about_something_else_are_said() -> None:
    assert said("(Bosch baut.)", "Es kostet 5 Euro.", "(Opel baut.)", "Es kostet 5 Euro.") == (
        "Bosch baut. Es kostet 5 Euro. Opel baut. Es kostet 5 Euro."
    )
    assert said("(Bosch baut.)", "Es kostet 5 Euro.", "(Bosch baut.)", "Es kostet 5 Euro.") == (
        "Bosch baut. Es kostet 5 Euro."
    )


def test_context_that_nothing_follows_is_said() -> None:
    assert said("Opel wartet.", "(Bosch baut.)") == "Opel wartet. Bosch baut."
