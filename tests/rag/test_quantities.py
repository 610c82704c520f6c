from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import quantities


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("4 Mrd. Yuan", "de", [4 * 10**9]),
        ("4 Milliarden Yuan", "de", [4 * 10**9]),
        ("vier Milliarden Yuan", "de", [4 * 10**9]),
        ("4,000 million yuan", "en", [4 * 10**9]),
        ("4 billion yuan", "en", [4 * 10**9]),
        ("4 Billionen Yuan", "de", [4 * 10**12]),
        ("2 trillion dollars", "en", [2 * 10**12]),
        ("3,5 Mio. Euro", "de", [3_500_000]),
        ("3.5 million euros", "en", [3_500_000]),
        ("1.000 Stück", "de", [1000]),
        ("1.000.000 Stück", "de", [10**6]),
        ("1.234,56 Euro", "de", [Fraction("1234.56")]),
        ("1,234.56 euros", "en", [Fraction("1234.56")]),
        ("3,5 Prozent", "de", [Fraction("3.5")]),
        ("3.5 Prozent", "de", [Fraction("3.5")]),
        ("zwölf Fabriken", "de", [12]),
        ("im Jahr 2027.", "de", [2027]),
        ("20 Tsd. Stück", "de", [20_000]),
        ("Der H20 und GPT-4o", "de", []),
        ("ein Chip und one chip", "de", []),
        ("", "de", []),
    ],
)
def test_values(text: str, language: str, values: list[int | Fraction]) -> None:
    assert quantities(text, language) == {Fraction(value) for value in values}


def test_a_name_that_begins_with_digits_is_no_number() -> None:
    assert quantities("Der Ascend 910C", "de") == frozenset()


def test_a_footnote_mark_is_no_number() -> None:
    assert quantities("Fußnote ² und m²", "de") == frozenset()


def test_a_no_break_space_stands_between_number_and_scale() -> None:
    assert quantities("4\u00a0Mrd.\u202fEuro", "de") == {Fraction(4 * 10**9)}


@given(st.integers(0, 10**12))
def test_grouped_and_plain_digits_have_the_same_value_in_both_languages(number: int) -> None:
    english = f"{number:,}"
    assert quantities(str(number), "de") == {Fraction(number)}
    assert quantities(english, "en") == {Fraction(number)}
    assert quantities(english.replace(",", "."), "de") == {Fraction(number)}


@given(st.text(alphabet="0123456789.,- MmrdioH€\u00a0²", max_size=25), st.sampled_from(["de", "en"]))
def test_no_text_makes_it_fail(text: str, language: str) -> None:
    assert all(value >= 0 for value in quantities(text, language))
