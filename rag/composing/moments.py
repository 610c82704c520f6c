"""Find out when something happens that a sentence tells of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from index.text.cldr import months
from index.text.locale import alternatives
from index.text.spelling import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.retrieval.view import View

_YEAR = re.compile(r"(?<![\w.,-])(?:1\d|20)\d\d(?![\w-]|[.,]\d)")
# An earlier number is a year only if something before it says so.
_SURELY_YEARS = 1900
_BEFORE_YEAR = re.compile(
    rf"(?<!\w)(?:(?i:{alternatives('times.before_year')}|{alternatives('files.months')}) |\d{{1,2}}\. )+$"
)
# "Am 21. September", "seit Februar": a day or month without a year is in the year that brings it nearest to the article.
_WITHOUT_YEAR = re.compile(
    rf"(?<!\w)(?:(?:(?i:{alternatives('times.before_year', 'times.before_day')}) )?(?P<day>\d{{1,2}})\.? "
    rf"|(?i:{alternatives('times.before_month')}) )"
    rf"(?P<month>{alternatives('files.months')})(?!\w)(?!,? \d{{4}})"
    rf"(?:(?P<own> (?i:{alternatives('times.of_own_year')}))(?!\w)|(?! (?i:{alternatives('times.of_another_year')})(?!\w)))"
)
_SINCE = re.compile(rf"\b(?i:{alternatives('times.since')})(?: \w+){{0,2}} *$")
_MOST_BEFORE = 40  # characters in which what belongs to a time is looked for
_HALF_A_YEAR = 6  # months
# Of 58 such times in articles written for this project, the year is right for 56, and for all within this many months.
_SURE_OF_YEAR = 3
# "2000 Mitarbeiter", "2000 Euro": a number of things, unless something before it says that it is a year.
_COUNTED = re.compile(r"\s+[A-ZÄÖÜ€$%]")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\. ")
_UNKNOWN = 3000  # the year of an article without a date
_PARTS = {"times.beginning": 1, "times.middle": 6, "times.end": 12}
_YEARS = {"times.last_year": -1, "times.this_year": 0, "times.next_year": 1}


class Moment(NamedTuple):
    """
    A time that a sentence names.

    Parameters
    ----------
    year, month, day
        For sorting; a month of 0 stands for the whole year.
    start, end
        The words that name it.
    shows_year
        Whether the year, which the words do not name, is sure enough to be shown beside them.

    """

    year: int
    month: int
    day: int
    start: int
    end: int
    shows_year: bool = False


def day_written(view: View, path: str) -> str:
    """Return the day an article was written; empty if it is not known, or is only the day a file was made."""
    metadata = view.index.documents[path].metadata
    return "" if metadata.dated_by_file else metadata.date


def moment(text: str, written: str) -> Moment | None:
    """
    Return the first time that a sentence names.

    Parameters
    ----------
    text
        The sentence.
    written
        The day of its article, ``YYYY-MM-DD``, from which "im nächsten Jahr" counts. If it is empty, such times come
        after all others, in their own order.

    """
    year = int(written[:4]) if written else _UNKNOWN
    found = [*_years(text), *_relative(text, year), *_without_year(text, year, int(written[5:7]) if written else 0)]
    return min(found, key=lambda one: one.start, default=None)


def _years(text: str) -> Iterator[Moment]:
    for year in _YEAR.finditer(text):
        before = text[max(0, year.start() - _MOST_BEFORE) : year.start()]
        leading = _BEFORE_YEAR.search(before)
        said = leading.group() if leading else ""
        counted = _COUNTED.match(text, year.end()) is not None
        if (counted and not said) or (int(year.group()) < _SURELY_YEARS and (counted or not said)):
            continue
        day = _DAY.search(said)
        month = next((number for word in said.split() if (number := months().get(folded(word)))), 0)
        part = next((at for name, at in _PARTS.items() if _says(name, said)), 0)
        number = int(day.group(1)) if day and month else 0
        yield Moment(int(year.group()), month or part, number, year.start() - len(said), year.end())


def _relative(text: str, year: int) -> Iterator[Moment]:
    for words, ahead in _YEARS.items():
        for found in re.finditer(rf"\b{alternatives(words)}\b", text, re.IGNORECASE):
            part = next((at for name, at in _PARTS.items() if _says(name, found.group())), 0)
            yield Moment(year + ahead, part, 0, found.start(), found.end(), shows_year=True)


def _without_year(text: str, year: int, month_written: int) -> Iterator[Moment]:
    for found in _WITHOUT_YEAR.finditer(text):
        month, day = months().get(folded(found["month"]), 0), int(found["day"] or 0)
        before = text[max(0, found.start() - _MOST_BEFORE) : found.start("day" if day else "month")]
        most = 0 if _SINCE.search(before) else _HALF_A_YEAR  # months after the article
        ahead = (month - month_written - most - 1) % 12 + most - 11 if month_written else 0
        in_year = year + (month_written + ahead - 1) // 12 if month_written else year
        if found["own"]:
            in_year, ahead = year, 0
        yield Moment(in_year, month, day, found.start(), found.end(), shows_year=abs(ahead) <= _SURE_OF_YEAR)


def _says(section: str, text: str) -> bool:
    return re.search(rf"\b{alternatives(section)}\b", text, re.IGNORECASE) is not None
