"""Keep what files say about themselves as far as it is plausible: programs fill in much that nobody meant."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from index.limits import LONGEST_TITLE, MOST_AUTHORS
from index.text.written_dates import iso_date

if TYPE_CHECKING:
    from collections.abc import Iterable

_EARLIEST = 1450  # year; print begins
_LONGEST_NAME = 80  # characters
_PARTS = re.compile(r"\s*[;\n]\s*|\s+(?:und|and|&)\s+")
# "Muster, Erika" is one name, "Erika Muster, Max Mann" are two.
_LISTED = re.compile(r"[^\s,]+(?:\s[^\s,]+)+(?:,\s*[^\s,]+(?:\s[^\s,]+)+)+")
_ROLE = re.compile(r"^(?:von|by|text:?|autor(?:in)?:?)\s+", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:unknown|unbekannt|anonym(?:ous)?|admin(?:istrator)?|root|user|benutzer|nutzer|owner|besitzer|author|autor|"
    r"microsoft(?: office)?(?: user| -?benutzer)?|office|windows.user|python-docx|openpyxl|pptxgenjs|calibre.*|"
    r"(?:libre|open)office.*|adobe .*|acrobat .*|hp|dell|lenovo|scan(?:ner)?|[^\w]*|\d+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\s*[<(][^<>()]*@[^<>()]*[>)]")
_LABEL = r"(?:stand|datum|date|veröffentlicht(?:\s+am)?|erschienen(?:\s+am)?|published(?:\s+on)?|vom|ausgabe\s+vom)"
_PLACE = r"[A-ZÄÖÜ][^\W\d_]+(?:[ -][A-ZÄÖÜ]?[^\W\d_.]+){0,2}"
_BEFORE_DAY = re.compile(rf"(?:{_LABEL}\s*:?\s*|{_PLACE},\s*(?:den\s+|the\s+)?(?:am\s+)?)", re.IGNORECASE)
_HEAD = 1_500  # characters within which a letter or paper states its date
_LONGEST_LINE = 80


def authors(found: Iterable[str]) -> tuple[str, ...]:
    """
    Return the names of those who wrote a text.

    Parameters
    ----------
    found
        What a file's fields hold: one or several names each.

    Examples
    --------
    >>> authors(["Muster, Erika; Max Mann", "python-docx", "Eva Eins, Ute Zwei", "von Max Mann"])
    ('Muster, Erika', 'Max Mann', 'Eva Eins', 'Ute Zwei')

    """
    names: dict[str, None] = {}
    for field in found:
        for part in _PARTS.split(field[: 10 * LONGEST_TITLE]):
            for one in part.split(",") if _LISTED.fullmatch(part.strip()) else [part]:
                name = _ADDRESS.sub("", _ROLE.sub("", " ".join(one.split()))).strip(" ,\"'")
                if name and len(name) <= _LONGEST_NAME and not _NOBODY.fullmatch(name):
                    names.setdefault(name)
    return tuple(names)[:MOST_AUTHORS]


def plausible(day: str) -> str:
    """Return a day (``YYYY-MM-DD``) if a text may date from it; empty if it is in the future or before print began."""
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        return ""
    latest = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=366)  # a paper may be dated ahead
    return day if found.year >= _EARLIEST and found <= latest else ""


def stated_day(text: str) -> str:
    r"""
    Return the day that a text states near its beginning, in a separate line.

    Examples
    --------
    >>> stated_day("Bericht\n\nTalheim, den 3. Mai 2019\n\nWir haben"), stated_day("Am 3. Mai 2019 kam Max.")
    ('2019-05-03', '')

    """
    for line in text[:_HEAD].splitlines():
        line = line.strip(" #*_|()")  # noqa: PLW2901 - signs of Markdown
        if not 6 <= len(line) <= _LONGEST_LINE:
            continue
        before = _BEFORE_DAY.match(line)
        for start in {0, before.end() if before else 0}:
            day = plausible(iso_date(line[start:]))
            if day and _is_all(line[start:], day):
                return day
    return ""


def _is_all(line: str, day: str) -> bool:
    """Tell whether a line holds nothing but a day: with another word in it, the day would belong to that word."""
    rest = re.sub(r"\d+|[^\W\d_]{3,12}\.?", " ", line, count=4)
    return not rest.strip(" .,:-/–") and day[:4] in line
