"""Read dates as people write them: "2024-03-03", "03.03.2024", "3. März 2024", "March 3, 2024"."""

from __future__ import annotations

import datetime as dt
import re

from index.text import locale
from index.text.cldr import months
from index.text.spelling import comparable, folded

_CENTURY = 100
# As in POSIX, "69" to "99" belong to the last century.
_FIRST_TWO_DIGIT_YEAR = 69
_ORDINAL = locale.alternatives("numbers.ordinal_signs")
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_FORMS = tuple(
    re.compile(rf"(?:[^\W\d_]{{2,12}}\.?,?\s{{1,3}})?(?:{form})(?![\d.]*\d)")
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2})",
        rf"(?P<day>\d{{1,2}})(?:\.|{_ORDINAL})?\s{{0,3}}{_MONTH}\s{{0,3}}(?P<year>\d{{4}})",
        rf"{_MONTH}\s{{1,3}}(?P<day>\d{{1,2}}){_ORDINAL}?,?\s{{1,3}}(?P<year>\d{{4}})",
    )
)


def iso_date(value: str) -> str:
    """
    Return the date that a text begins with, as ``YYYY-MM-DD``; empty if it does not begin with one.

    Examples
    --------
    >>> iso_date("Sonntag, 3. März 2024, 10 Uhr"), iso_date("3.3.24"), iso_date("März 2024")
    ('2024-03-03', '2024-03-03', '')

    """
    value = comparable(value[:200]).strip()
    try:
        return dt.datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    for form in _FORMS:
        match = form.match(value)
        if match is None:
            continue
        parts = match.groupdict()
        month = int(parts["month"]) if parts.get("month") else months().get(folded(parts["name"]), 0)
        year = int(parts["year"])
        if year < _CENTURY:
            year += 1900 if year >= _FIRST_TWO_DIGIT_YEAR else 2000
        try:
            return dt.date(year, month, int(parts["day"])).isoformat()
        except ValueError:
            continue
    return ""
