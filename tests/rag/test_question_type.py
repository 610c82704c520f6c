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
        ("Welche Quote an Prozessoren müssen Betreiber einhalten?", "share"),
        ("Um wie viel Prozent ist der Kurs gestiegen?", "share"),
        ("Wie viel kostet die Miete eines Chips?", "money"),
        ("Was kostet ein Chip?", "money"),
        ("How much does the chip cost?", "money"),
        ("Wie hoch ist der Jahresumsatz von Volkswagen?", "money"),
        ("Wie hoch ist der Berg?", None),
        ("Wie weit ist Bern von Genf?", "length"),
        ("Wie weit ist Huawei mit dem neuen Chip?", None),
        ("Wie lange dauerte die Sitzung?", "duration"),
        ("How long is the tunnel?", "length"),
        ("Wie schwer ist der Umstieg?", None),
        ("Wie viel wiegt ein Elefant?", "mass"),
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
        ("Mehr als die Hälfte.", "share", True),
        ("60 Prozent", "share", True),
        ("Drei von vier.", "share", True),
        ("6 US-Dollar je Stunde", "share", False),
        ("Rund 4 Milliarden Yuan will die Firma aufnehmen.", "share", False),
        ("51,60 Quadratkilometer", "length", False),
        ("150 km, also zwei Stunden", "length", True),
        ("Zwei Stunden.", "length", True),
        ("16 Mrd. DM", "money", True),
        ("16 Milliarden", "money", True),
        ("Er ist kostenlos.", "money", True),
        ("192.100 Jahre", "money", False),
        ("Bis zum Ende des Sommers.", "duration", True),
        ("12 Kilometer", "duration", False),
        ("Nur eine Stunde.", "duration", True),
        ("Sie zahlen einen Dollar.", "money", True),
        ("Es gibt eine Lösung.", "share", False),
        ("Eine einzige.", "number", True),
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
