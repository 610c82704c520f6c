from __future__ import annotations

import pytest

from rag.question_type import expected, is_open, presupposed_event, satisfies


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Wie viele Chips baut Huawei?", "number"),
        ("Bis wann will China autark sein?", "time"),
        ("In welchem Jahr war das?", "time"),
        ("How many people work there?", "number"),
        ("Wer ist der Chef?", None),
    ],
)
def test_the_kind_of_answer_a_question_asks_for(question: str, kind: str | None) -> None:
    assert expected(question) == kind


@pytest.mark.parametrize(
    ("text", "kind", "fits"),
    [
        ("Es sind 60.", "number", True),
        ("Dreimal so viele.", "number", True),
        ("Mehr als die Hälfte.", "number", True),
        ("Sehr viele Firmen.", "number", False),
        ("Im nächsten Jahr.", "time", True),
        ("In Peking.", "time", False),
        ("In Peking.", None, True),
    ],
)
def test_whether_a_text_can_be_such_an_answer(text: str, kind: str | None, fits: bool) -> None:
    assert satisfies(text, kind) is fits  # type: ignore[arg-type]


def test_open_questions_have_a_question_word() -> None:
    assert is_open("Worauf setzt Tencent?")
    assert is_open("Die Rede wessen Konsuls war das?")
    assert not is_open("Baut Huawei Chips?")


def test_a_question_for_a_reason_takes_an_event_for_granted() -> None:
    assert presupposed_event("Warum hat SMIC den Ausbau gestoppt?") == "stopp"
    assert presupposed_event("Warum ist der Himmel blau?") == ""
    assert presupposed_event("Wann hat SMIC den Ausbau gestoppt?") == ""
