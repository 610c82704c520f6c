from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.extraction.tables.number_format import shown


@pytest.mark.parametrize(
    ("value", "code", "german", "english"),
    [
        (289, '#,##0.00 "€"', "289,00 €", "289.00 €"),
        (1249.5, "#,##0.00\\ [$€-407]", "1.249,50 €", "1,249.50 €"),
        (1249.5, '"$"#,##0.00', "$1.249,50", "$1,249.50"),
        (-1249.5, "#,##0.00", "-1.249,50", "-1,249.50"),
        (-81, "#,##0;(#,##0)", "(81)", "(81)"),
        (-81, "#,##0;[Red]-#,##0", "-81", "-81"),
        (0, '#,##0;-#,##0;"–"', "–", "–"),
        (0.19, "0%", "19%", "19%"),
        (0.075, "0.0%", "7,5%", "7.5%"),
        (1_500_000, '0.0,,"  Mio. €"', "1,5 Mio. €", "1.5 Mio. €"),
        (2.5, "0.00", "2,50", "2.50"),
        (2.5, "0.##", "2,5", "2.5"),
        (1.005, "0.00", "1,01", "1.01"),
        (2, "0.##", "2", "2"),
        (7, "00000", "00007", "00007"),
        (0.1 + 0.2, "", "0,3", "0.3"),
        (1249.5, "General", "1249,5", "1249.5"),
        (12, "General", "12", "12"),
        (-0.5, "", "-0,5", "-0.5"),
        (5, '0 "Stück"', "5 Stück", "5 Stück"),
        (5, "_-* #,##0.00\\ _€_-", "5,00", "5.00"),
        (1, ";;;", "", ""),
        (45811, "dd/mm/yyyy", "03.06.2025", "2025-06-03"),
        (45811.5868, "dd.mm.yyyy hh:mm", "03.06.2025 14:05", "2025-06-03 14:05"),
        (45811, "[$-407]mmmm yyyy", "Juni 2025", "June 2025"),
        (45811, "d. mmmm", "3. Juni", "3 June"),
        (45811, "yyyy", "2025", "2025"),
        (0.5868, "h:mm", "14:05", "14:05"),
        (1.5, "[h]:mm", "36:00", "36:00"),
        (1, "dd.mm.yyyy", "01.01.1900", "1900-01-01"),
        (-3, "dd.mm.yyyy", "-3", "-3"),
        (0.5, "# ?/?", "0,5", "0.5"),
        (12345, "0.00E+00", "12345", "12345"),
    ],
)
def test_a_number_is_written_as_its_cell_shows_it(value: float, code: str, german: str, english: str) -> None:
    assert shown(value, code, german=True) == german
    assert shown(value, code, german=False) == english


def test_days_may_be_counted_from_1904_on() -> None:
    assert shown(45811 - 1462, "dd.mm.yyyy", german=True, from_1904=True) == "03.06.2025"


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.sampled_from('0#?.,%€"\\[]$-;_* E+yMdhms/@abc()'), max_size=14),
    st.booleans(),
)
def test_any_format_gives_one_line(value: float, code: str, german: bool) -> None:
    try:
        assert "\n" not in shown(value, code, german=german)
    except ArithmeticError:
        assert abs(value) > 1e15


@given(st.integers(-(10**9), 10**9), st.booleans())
def test_no_figure_of_a_whole_number_is_lost(value: int, german: bool) -> None:
    for code in ("General", "0", "#,##0", "#,##0.00"):
        text = shown(value, code, german=german)
        whole = text.partition("," if german else ".")[0] if code.endswith("00") and "." in code else text
        assert int(whole.replace("." if german else ",", "")) == value
