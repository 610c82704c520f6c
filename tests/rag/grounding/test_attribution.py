from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.attribution import attribute
from rag.grounding.clause import clause, marked_cuts
from rag.types import EvidenceSentence

CAMBRICON = "Der Chiphersteller Cambricon soll laut Reuters rund 4 Milliarden Yuan aufnehmen."
HUAWEI = "Huawei liefert den Beschleuniger Ascend 910C im Mai aus."
SMIC = "Die Fertigung übernimmt SMIC in Schanghai."
TAIL = "und so weiter in vielen Worten, die nur dazu da sind, dass der ganze Satz am Ende länger als kurz ist"
LONG = f"Die Fähre nach Oland kostet seit Mai höchstens 12 Euro; der Bus fährt alle 30 Minuten {TAIL}."
LEANING = f"Die Fähre nach Oland ist teuer; sie kostet seit Mai höchstens 12 Euro {TAIL}."


def evidence(*texts: str) -> list[EvidenceSentence]:
    return [EvidenceSentence("a.md", 900 * i, 900 * i + len(t), t, "T", 0.5) for i, t in enumerate(texts)]


ALL = evidence(CAMBRICON, HUAWEI, SMIC, LONG, LEANING)


@pytest.mark.parametrize("row", range(len(ALL)))
def test_a_copied_sentence_is_carried_by_its_original(row: int) -> None:
    found = attribute(ALL[row].text, ALL)
    assert (found.support, found.sources) == (1.0, (row,))


@pytest.mark.parametrize(
    "same",
    [
        SMIC.removesuffix("."),
        f"  {SMIC}\n",
        SMIC.replace(" ", "\n"),
        unicodedata.normalize("NFD", SMIC),
        SMIC.replace(".", " …"),
    ],
)
def test_white_space_unicode_form_and_full_stop_do_not_count(same: str) -> None:
    assert attribute(same, ALL).sources == (2,)


@pytest.mark.parametrize(
    "wrong",
    [
        "Huawei liefert den Beschleuniger Ascend 910C in Schanghai aus.",  # two facts fused
        "Die Fertigung übernimmt TSMC in Schanghai.",  # another name
        "Huawei liefert den Beschleuniger Ascend 920C im Mai aus.",  # another number
        "Der Chiphersteller Cambricon soll laut Reuters 4 Milliarden Yuan aufnehmen.",  # the hedge is gone
        "Der Chiphersteller Cambricon soll rund 4 Milliarden Yuan aufnehmen.",  # the attribution is gone
        "Der Chiphersteller Cambricon will laut Reuters rund 4 Milliarden Yuan aufnehmen.",
        "Die Fertigung übernimmt SMIC nicht in Schanghai.",
        "Den Beschleuniger Ascend 910C liefert Huawei im Mai aus.",  # true, but in other words
        "SMIC manufactures in Shanghai.",
        "4 Milliarden Yuan",
        "die fertigung übernimmt smic in schanghai.",
        "Hefeteig braucht Ruhe.",
        "",
        " … ",
    ],
)
def test_what_is_not_the_sources_wording_is_not_carried(wrong: str) -> None:
    found = attribute(wrong, ALL)
    assert (found.support, found.sources) == (0.0, ())


def test_no_evidence_carries_nothing() -> None:
    assert attribute(CAMBRICON, []).support == 0.0
    assert attribute(CAMBRICON, evidence("", "…")).support == 0.0
    assert attribute("", evidence("", "…")).support == 0.0


def test_two_sentences_in_one_are_carried_by_neither() -> None:
    assert attribute(f"{HUAWEI} {SMIC}", ALL).support == 0.0


@pytest.mark.parametrize(
    "statement",
    [
        "Die Fähre nach Oland kostet seit Mai höchstens 12 Euro …",
        "Die Fähre nach Oland kostet seit Mai höchstens 12 Euro.",
    ],
)
def test_a_statement_before_a_semicolon_is_carried(statement: str) -> None:
    assert attribute(statement, ALL).sources == (3,)


@pytest.mark.parametrize(
    "part",
    [
        "Die Fähre nach Oland kostet seit Mai …",
        "… kostet seit Mai höchstens 12 Euro …",
        f"… sie kostet seit Mai höchstens 12 Euro {TAIL}.",  # it refers back
        "Die Fähre nach Oland ist teuer …",  # the part that refers back to it must stay with it
    ],
)
def test_a_part_that_does_not_stand_by_itself_is_not(part: str) -> None:
    assert attribute(part, ALL).support == 0.0


PIECES = ["Die Fähre", "kostet", "12 Euro", ";", "sie", "dort", "und", "noch", "mehr", "Worte", "."]
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))


@given(st.lists(TEXTS, max_size=4), st.text(max_size=40))
def test_support_is_all_or_nothing_and_names_its_source(texts: list[str], said: str) -> None:
    sources = evidence(*texts)
    for sentence in (said, *texts):
        found = attribute(sentence, sources)
        assert found.support in {0.0, 1.0}
        assert len(found.sources) == found.support
        assert all(0 <= row < len(texts) for row in found.sources)


@given(TEXTS)
def test_whatever_is_cut_from_a_sentence_is_carried_by_it(text: str) -> None:
    if not any(letter.isalnum() for letter in text):
        return
    place = next(i for i, letter in enumerate(text) if letter.isalnum())
    shown = marked_cuts(text, *clause(text, place + 1))
    assert attribute(shown, evidence(text)).support == 1.0
