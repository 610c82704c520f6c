from __future__ import annotations

import pytest

from rag.question_type import expected, fits, is_open, measured, presupposed_event


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
    ("question", "dimension"),
    [
        ("Welche Quote an Prozessoren müssen Betreiber einhalten?", "share"),
        ("Um wie viel Prozent ist der Kurs gestiegen?", "share"),
        ("Wie viel kostet die Miete eines Chips?", "money"),
        ("Was kostet ein Chip?", "money"),
        ("How much does the chip cost?", "money"),
        ("Wie hoch ist der Jahresumsatz von Volkswagen?", "money"),
        ("Wie hoch ist der Salzgehalt des Toten Meeres?", None),
        ("Wie hoch ist der Berg?", None),
        ("Wie weit ist Bern von Genf?", "length"),
        ("Wie weit liegen die Städte auseinander?", "length"),
        ("Wie weit ist Huawei mit dem neuen Chip?", None),
        ("Wie weit reicht der Einfluss von OpenAI?", None),
        ("Wie lange dauerte die Sitzung?", "duration"),
        ("How long is the tunnel?", "length"),
        ("How far is Bern from Geneva?", "length"),
        ("How far is the EU from a common rule on AI?", None),
        ("Wie schwer ist der Umstieg?", None),
        ("Was wiegt schwerer: Datenschutz oder Sicherheit?", None),
        ("Wie viel wiegt ein Elefant?", "mass"),
    ],
)
def test_what_a_question_wants_to_have_measured(question: str, dimension: str | None) -> None:
    assert measured(question) == dimension


MANY = "Wie viele Chips sind es?"
WHEN = "Wann war das?"
WHO = "Wer war das?"
SHARE = "Wie hoch ist der Anteil von NVIDIA?"
QUOTA = "Welche Quote gilt?"
PRICE = "Was kostet die App?"
DISTANCE = "Wie weit ist Bern von Genf entfernt?"
HOW_LONG = "Wie lange gilt das Verbot?"


@pytest.mark.parametrize(
    ("text", "question", "fitting"),
    [
        ("Es sind 60.", MANY, True),
        ("Dreimal so viele.", MANY, True),
        ("Mehr als die Hälfte.", MANY, True),
        ("Sehr viele Firmen.", MANY, False),
        ("Eine einzige.", MANY, True),
        ("Im nächsten Jahr.", WHEN, True),
        ("In Peking.", WHEN, False),
        ("In Peking.", WHO, True),
        ("Mehr als die Hälfte.", QUOTA, True),
        ("60 Prozent", QUOTA, True),
        ("30 per cent over three years", QUOTA, True),
        ("Drei von vier.", QUOTA, True),
        ("Es gibt eine Lösung.", QUOTA, False),
        ("Die Technik unterstützt FP8 nicht.", QUOTA, False),
        ("Es sind 60.", QUOTA, True),
        ("6 US-Dollar je Stunde", QUOTA, False),
        ("Rund 4 Milliarden Yuan will die Firma aufnehmen.", SHARE, False),
        ("Er hat sich in zehn Jahren verdoppelt und liegt bei zwei Dritteln.", SHARE, True),
        ("Ein Drittel, das sind 11 Millionen Hektar.", SHARE, True),
        ("51,60 Quadratkilometer", DISTANCE, False),
        ("150 km, also zwei Stunden", DISTANCE, True),
        ("Zwei Stunden.", DISTANCE, True),
        ("Nicht weit.", DISTANCE, True),
        ("16 Mrd. DM", PRICE, True),
        ("16 Milliarden", PRICE, True),
        ("50 Milliarden Pfund", PRICE, True),
        ("300 Mio. EUR in fünf Jahren", PRICE, True),
        ("It costs £300 for 3 days.", PRICE, True),
        ("Sie zahlen einen Dollar.", PRICE, True),
        ("Er fördert es in drei Jahren mit 200 Millionen.", PRICE, True),
        ("Sie ist kostenlos.", PRICE, True),
        ("Sie kostet nichts.", PRICE, True),
        ("Sie ist 30 Tage lang kostenlos.", PRICE, True),
        ("192.100 Jahre", PRICE, False),
        ("Es gilt unbefristet.", HOW_LONG, True),
        ("Bis zum Ende des Sommers.", HOW_LONG, True),
        ("Nur eine Stunde.", HOW_LONG, True),
        ("Es gilt seit 2019 und kostete 5,5 Milliarden Dollar.", HOW_LONG, True),
        ("12 Kilometer", HOW_LONG, False),
        ("300 Stundenkilometer", HOW_LONG, True),  # not told apart: better a wrong pass than a right answer lost
    ],
)
def test_whether_a_text_can_be_such_an_answer(text: str, question: str, fitting: bool) -> None:
    assert fits(text, question) is fitting


def test_open_questions_have_a_question_word() -> None:
    assert is_open("Worauf setzt Tencent?")
    assert is_open("Die Rede wessen Konsuls war das?")
    assert not is_open("Baut Huawei Chips?")


def test_a_question_for_a_reason_takes_an_event_for_granted() -> None:
    assert presupposed_event("Warum hat SMIC den Ausbau gestoppt?") == "stopp"
    assert presupposed_event("Warum ist der Himmel blau?") == ""
    assert presupposed_event("Wann hat SMIC den Ausbau gestoppt?") == ""
