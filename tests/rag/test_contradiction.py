from __future__ import annotations

from fractions import Fraction

import pytest

from rag.contradiction import disagreeing
from rag.quantities import measures
from rag.types import EvidenceSentence

ONE = "Cambricon will 560 Millionen US-Dollar an frischem Geld aufnehmen."


def sentence(path: str, text: str, score: float = 0.8) -> EvidenceSentence:
    return EvidenceSentence(path, 0, len(text), text, "Titel", score)


@pytest.mark.parametrize(
    ("other", "contradicts"),
    [
        ("Cambricon will frisches Geld aufnehmen, 600 Millionen US-Dollar.", True),
        ("Cambricon will 560 Mio. Dollar Geld aufnehmen.", False),
        ("Cambricon will 4 Milliarden Yuan Geld aufnehmen.", False),  # another currency
        ("Huawei baut für 600 Millionen US-Dollar ein Werk.", False),  # another matter
        ("Cambricon will zusätzlich 600 Millionen US-Dollar Geld aufnehmen.", False),
        ("Cambricon will Geld aufnehmen.", False),
    ],
)
def test_another_figure_for_the_same_thing_is_found(other: str, contradicts: bool) -> None:
    evidence = [sentence("a.md", ONE), sentence("b.md", other, 0.7)]
    assert (disagreeing("560 Millionen US-Dollar", evidence[0], evidence) is evidence[1]) is contradicts


@pytest.mark.parametrize(
    ("stated", "one", "other", "contradicts"),
    [
        ("5 Prozent", "Der Umsatz stieg 2023 um 5 Prozent.", "Der Umsatz stieg 2024 um 8 Prozent.", False),
        ("5 Milliarden Dollar", "Der Umsatz lag bei 5 Milliarden Dollar.", "Der Umsatz lag über 4 Milliarden Dollar.", False),
        ("2026", "Huawei eröffnet sein Werk bis 2026.", "Huawei eröffnet sein Werk bis 2027.", True),
        ("2000 Chips", "Huawei lieferte 2000 Chips aus.", "Huawei lieferte 2024 Chips aus.", True),
        ("2023", "Huawei stellte den Chip 2023 vor.", "Huawei stellte den Chip 2024 vor.", False),
    ],
)  # fmt: skip
def test_figures_of_two_years_and_inexact_ones_do_not_contradict(
    stated: str, one: str, other: str, contradicts: bool
) -> None:
    evidence = [sentence("a.md", one), sentence("b.md", other)]
    assert (disagreeing(stated, evidence[0], evidence) is not None) is contradicts


def test_one_document_does_not_contradict_itself() -> None:
    evidence = [sentence("a.md", ONE), sentence("a.md", "Cambricon will 600 Millionen US-Dollar Geld aufnehmen.")]
    assert disagreeing("560 Millionen US-Dollar", evidence[0], evidence) is None


def test_two_things_of_one_kind_do_not_contradict_each_other() -> None:
    evidence = [
        sentence("a.md", "Der Ascend 910B hat 64 Kerne und viel Speicher."),
        sentence("b.md", "Der Ascend 910C hat 128 Kerne und viel Speicher."),
    ]
    assert disagreeing("64 Kerne", evidence[0], evidence) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4 Mrd. Yuan", {(Fraction(4 * 10**9), "cny")}),
        ("$5 Millionen", {(Fraction(5 * 10**6), "usd")}),
        ("12,5 Prozent", {(Fraction(25, 2), "%")}),
        ("bis 2026", {(Fraction(2026), "year")}),
        ("rund 60 Unternehmen", {(Fraction(60), "unternehm")}),
        ("Ascend 910C", set()),
    ],
)
def test_numbers_have_units(text: str, found: set[tuple[Fraction, str]]) -> None:
    assert measures(text, "de") == found
