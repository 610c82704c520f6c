from __future__ import annotations

import pytest

from rag.attribution import CAP_TURNED_ROUND, attribute
from rag.polarity import turned_round
from rag.types import EvidenceSentence


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Der Umsatz von Cambricon sinkt im Jahr 2025.", "Im Jahr 2025 steigt der Umsatz von Cambricon deutlich."),
        ("Die Chips sind nicht für Rechenzentren gedacht.", "Die Chips sind für Rechenzentren gedacht."),
        ("Die Chips sind für Rechenzentren gedacht.", "Die Chips sind nicht für Rechenzentren gedacht."),
        ("Die Behörde erlaubt den Kauf des H20.", "Den Kauf des H20 untersagt die Behörde."),
        ("The new chip is faster than the old one.", "The new chip is slower than the old one."),
    ],
)
def test_what_is_turned_round_is_noticed(sentence: str, source: str) -> None:
    assert turned_round(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Der Umsatz von Cambricon steigt im Jahr 2025.", "Im Jahr 2025 stieg der Umsatz von Cambricon."),
        ("Die Chips sind nicht für Rechenzentren gedacht.", "Für Rechenzentren sind die Chips nicht gedacht."),
        ("Die Firma baut eigene Chips für Server.", "Die Firma baut eigene Chips für Server, verkauft sie aber nicht."),
        ("Huawei baut Chips und auch Server.", "Huawei baut nicht nur Chips, sondern auch Server."),
        ("Erst stieg und dann fiel der Kurs.", "Der Kurs fiel, nachdem er gestiegen war."),
        ("Die Preise steigen in einem Fall.", "In einem Fall werden die Preise angehoben."),
        ("Huawei", "Nicht Huawei hat den Chip gebaut."),
        ("Die Preise steigen in diesem Jahr.", ""),
    ],
)
def test_what_says_the_same_passes(sentence: str, source: str) -> None:
    assert not turned_round(sentence, [source] if source else [])


def test_support_is_capped() -> None:
    source = EvidenceSentence("a.md", 0, 41, "Die Chips sind für Rechenzentren gedacht.", "", 1.0)
    same = attribute("Die Chips sind für Rechenzentren gedacht.", [source])
    denied = attribute("Die Chips sind nicht für Rechenzentren gedacht.", [source])
    assert same.support == 1.0
    assert denied.support == CAP_TURNED_ROUND
