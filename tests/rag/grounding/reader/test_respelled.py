"""The numbers of a question, spelled as the text that is read with it spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.reader.respelled import respelled

SPELLED = {
    "2": ["2", "zwei"],
    "25": ["25", "fünfundzwanzig"],
    "2500": ["2500", "2.500", "2 500", "2,5 Tausend", "zweieinhalb Tausend"],
    "1000000": ["1.000.000", "eine Million", "1 Mio."],
    "1500000": ["1,5 Millionen", "anderthalb Millionen", "1.500.000"],
}
ALL = [(value, spelled) for value, spellings in SPELLED.items() for spelled in spellings]


@pytest.mark.parametrize(
    ("question", "text", "read"),
    [
        ("Wer stiftete 2,5 Mio. Euro?", "Der Verein gab zweieinhalb Millionen Euro.", "zweieinhalb Millionen Euro"),
        ("Wer feiert 50-jähriges Jubiläum?", "Das fünfzigjährige Jubiläum kommt.", "fünfzigjährige Jubiläum"),
        ("Wer wurde zum 3. Mal Meister?", "Er wurde zum dritten Mal Meister.", "zum dritten Mal"),
        ("Wo stehen siebzehn Bänke?", "Am See stehen 17 Bänke.", "stehen 17 Bänke"),
        ("Was kostet 9.800 Euro?", "Das kostet 9 800 Euro.", "kostet 9 800 Euro"),
        ("Wer gab eine Million Euro?", "Die Stadt gab 1 Mio. Euro.", "gab 1 Mio. Euro"),
        ("was hat 0,8 mrd. € gekostet", "Es hat 800 Millionen Euro gekostet.", "hat 800 Millionen €"),
        ("Who paid two billion dollars?", "Die Bank zahlte 2 Milliarden Dollar.", "2 Milliarden dollars"),
    ],
)
def test_the_same_number_is_spelled_as_in_the_text(question: str, text: str, read: str) -> None:
    assert read.casefold() in respelled(question, text).casefold()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Wer gab 1,5 Millionen Euro?", "Der Verein gab 2,5 Millionen Euro."),
        ("Wer pflanzte 1.000.000 Bäume?", "Er pflanzte Millionen Bäume und 2 Millionen Blumen."),
        ("Hat die Firma keine Milliarde Euro Schulden?", "1 Milliarde Euro"),
        ("Wer gab mehrere tausend Euro?", "Er gab 1000 Euro."),
        ("Was ist neu in Python 3.10?", "Python 3.1 ist da."),
        ("Was geschah 1984?", "Es kamen 1.984 Besucher."),
        ("Wo gilt die Vorwahl 030?", "Dort sind 30 Leute."),
        ("Was ließ er außer Acht?", "Es sind 8 Seiten."),
        ("Worauf sollte man achten?", "Am 8. Mai ist es so weit."),
        ("Wer siegte im Zweiten Weltkrieg?", "Am 2. September endete der Zweite Weltkrieg."),
        ("Was geschah am 1. Mai?", "Das erste Mal war im April."),
        ("Was war 1984?", "1984 war ein Fest mit neunzehn Gästen."),
        ("Wo gilt Version 3.14.2?", "Dort gilt drei."),
        ("Wer hat einen Hund?", "Er hat 1 Hund."),
        ("Wer spielte im zweiten Spiel?", "Zwei spielten, 2 sahen zu, und der zweite ging."),
        ("Wo sind Hunde?", "Dort sind 13 Hunde."),
        ("", "13"),
    ],
)
def test_everything_else_stays(question: str, text: str) -> None:
    assert respelled(question, text) == question


@given(st.lists(st.sampled_from(ALL), max_size=4), st.lists(st.sampled_from(ALL), max_size=4))
def test_values_stay_and_spellings_are_the_texts(asked: list[tuple[str, str]], said: list[tuple[str, str]]) -> None:
    question, text = (" und ".join(f"mit {spelled} Booten" for _, spelled in some) for some in (asked, said))
    there: dict[str, list[str]] = {}
    for value, spelled in said:
        there.setdefault(value, []).append(spelled)
    expected = " und ".join(
        f"mit {spelled if spelled in there.get(value, [spelled]) else there[value][0]} Booten"
        for value, spelled in asked
    )
    assert respelled(question, text) == expected


@given(st.text(alphabet="123.,- MioMillionenzweihundert", max_size=60), st.text(alphabet="12., zweiMio", max_size=60))
def test_any_texts_can_be_read(question: str, text: str) -> None:
    assert isinstance(respelled(question, text), str)
    assert respelled(question, question) == question
