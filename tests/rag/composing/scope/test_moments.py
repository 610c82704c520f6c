"""When something happens that a sentence tells of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.composing.moments import moment


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Der Bau endet bis Ende 2026.", (2026, 12, "bis Ende 2026")),
        ("Im März 2025 begann es.", (2025, 3, "Im März 2025")),
        ("Das war 1999 so.", (1999, 0, "1999")),
        ("Es kostet 2.024 Euro.", None),
        ("Im nächsten Jahr wird gebaut.", (2025, 0, "Im nächsten Jahr")),
        ("By 2030, it will be done.", (2030, 0, "By 2030")),
        ("Bis zum nächsten Jahr ist es so weit.", (2025, 0, "Bis zum nächsten Jahr")),
        ("It may be ready by next year.", (2025, 0, "by next year")),
        ("Nichts davon.", None),
        ("Der neue Chip kostet rund 2000 Euro.", None),
        ("Die 2000 Mitarbeiter feiern.", None),
        ("Laut Huawei 2024 fertig.", (2024, 0, "2024")),
        ("Am 28. Juni 2025 war es so weit.", (2025, 6, "28. Juni 2025")),
        ("Am 21. September wird gewählt.", (2024, 9, "Am 21. September")),
        ("In der Nacht zum 3. Mai fror es.", (2024, 5, "zum 3. Mai")),
        ("Im September wird gewählt.", (2024, 9, "Im September")),
        ("Im Dezember wurde gewählt.", (2023, 12, "Im Dezember")),  # nearer than the next one
        ("Seit August ist der Steg gesperrt.", (2023, 8, "Seit August")),  # not in the future
        ("Seit dem 3. August ist der Steg gesperrt.", (2023, 8, "3. August")),
        ("Seit Anfang August ist der Steg gesperrt.", (2023, 8, "Anfang August")),
        ("Im Dezember dieses Jahres ist Wahl.", (2024, 12, "Im Dezember dieses Jahres")),
        ("Am 3. Mai, 2022 war Wahl.", (2022, 0, "2022")),
        ("Die Straße heißt nach August Horch.", None),
        ("Ab August ist der Steg gesperrt.", (2024, 8, "Ab August")),
        ("Die Halle brannte im Oktober desselben Jahres ab.", None),
        ("By July the pier will be open.", (2024, 7, "By July")),
        ("Der Mai war kalt, Herr August fror.", None),
        ("Seit 1780 wird dort Torf gestochen.", (1780, 0, "Seit 1780")),
        ("Die Bohrung ist 1850 tief.", None),
        ("Bis 1500 Meter ist das Gestein fest.", None),
        ("Vor einem Jahr begann es.", (2023, 0, "Vor einem Jahr")),
    ],
)
def test_a_moment_is_named_by_its_words(text: str, found: tuple[int, int, str] | None) -> None:
    named = moment(text, "2024-05-02")
    assert (None if named is None else (named.year, named.month, text[named.start : named.end])) == found


@given(st.text(max_size=300), st.sampled_from(["", "2024-05-02"]))
def test_a_moment_of_any_text_stands_in_it(text: str, written: str) -> None:
    named = moment(text, written)
    assert named is None or (0 <= named.start < named.end <= len(text) and text[named.start : named.end].strip())


@pytest.mark.parametrize(
    ("text", "certain"),
    [("Im Juni ist Wahl.", True), ("Im Oktober ist Wahl.", False), ("Im Jahr 2024 ist Wahl.", False)],
)
def test_the_year_of_a_month_near_the_article_is_added(text: str, certain: bool) -> None:
    named = moment(text, "2024-05-02")
    assert named is not None
    assert named.shows_year is certain


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_month_without_a_year_is_at_most_half_a_year_away(month: int, written: int) -> None:
    names = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
    away = []
    for words in ("Im", "Seit"):
        named = moment(f"{words} {names[month - 1]} war es so weit.", f"2024-{written:02}-02")
        assert named is not None
        away.append((named.year - 2024) * 12 + named.month - written)
    assert -6 <= away[0] <= 6
    assert -12 < away[1] <= 0
