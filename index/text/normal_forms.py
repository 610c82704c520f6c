"""
The index terms of a text, with the same term for different spellings of one thing.

A word has a term of its own and may have other forms: "VIII." also counts as 8, "03.03.2024" as 3, "März", 2024 and
2024-03-03. A passage is found by all of them; a query asks for those that the passages have. Names of months, units
and currencies come from the Unicode locale data, numerals from a library; this module only combines them.
"""

from __future__ import annotations

import functools
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from index.limits import LONGEST_WORD
from index.text import cldr, locale, numerals
from index.text.spelling import COMPOUND, HYPHENS, TOKEN, comparable, folded
from index.text.stems import stem, stop_words

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping, Sequence

_ONE = locale.words("numbers.one")
_ALSO_WORDS = locale.words("numbers.also_words")
# Words before a unit that has no number: "Wie viele km?".
_ASKED = locale.words("numbers.asked")
_ORDINALS = locale.words("numbers.ordinal_signs")
_OF = locale.words("numbers.ordinal_signs", "numbers.day_of")
_DECADE_ENDINGS = locale.words("numbers.decade_endings")
_SPECIAL = attrgetter("special")
_THOUSAND = 1000
_FIRST_YEAR = 1000
# As in POSIX, "69" to "99" belong to the last century.
_FIRST_TWO_DIGIT_YEAR = 69


class Item(NamedTuple):
    """
    The terms that one word of a text is found by.

    Parameters
    ----------
    term
        The term of the word itself; empty for a sign or a function word.
    word
        The casefolded word.
    forms
        Further terms that stand for the same thing.
    joined
        Whether this is a hyphenated compound as a whole; its parts are items of their own.

    """

    term: str
    word: str
    forms: tuple[str, ...] = ()
    joined: bool = False


class _Word(NamedTuple):
    """What is known of a word regardless of its neighbours."""

    word: str
    term: str
    number: str
    special: bool
    item: Item  # its item if the neighbours add nothing


def analysed(text: str) -> list[Item]:
    """
    Return the items of a text: its words without function words, then its hyphenated compounds as wholes.

    Examples
    --------
    >>> [(item.term, item.forms) for item in analysed("Karl VIII. zahlte 5 %")]
    [('karl', ()), ('viii', ('8',)), ('zahlt', ()), ('5', ()), ('', ('prozent',))]

    """
    text = comparable(text)
    matches = list(TOKEN.finditer(text))
    words = [_word(match.group()) for match in matches]
    forms = _Context(text, matches, words).forms() if any(map(_SPECIAL, words)) else {}
    # Most words have no further forms, and their items are known already.
    found = [word.item for word in words if word.term] if not forms else _with_forms(words, forms)
    for match in COMPOUND.finditer(text):
        whole = folded(match.group().translate(HYPHENS))
        if not whole.isdecimal():  # otherwise a span of years or a date
            number = numerals.spelled_out(folded(match.group())) if len(whole) <= LONGEST_WORD else ""  # "twenty-five"
            found.append(Item(stem(whole), whole, (number,) if number else (), joined=True))
    return found


def _with_forms(words: Sequence[_Word], forms: Mapping[int, list[str]]) -> list[Item]:
    found = []
    for i, word in enumerate(words):
        if further := forms.get(i):
            found.append(Item(word.term, word.word, tuple(dict.fromkeys(further))))
        elif word.term:
            found.append(word.item)
    return found


def words(text: str) -> list[str]:
    """Return the casefolded words and numbers of a text, with compounds split at their hyphens."""
    found = (match.group() for match in TOKEN.finditer(comparable(text)))
    return [folded(word) for word in found if word[0].isalnum()]


def _word(spelled: str) -> _Word:
    if len(spelled) <= LONGEST_WORD:
        return _looked_up(spelled)
    # Long words are not cached, because they could fill the memory.
    return _known(folded(spelled), folded(spelled), "", special=False)


def _known(word: str, term: str, number: str, *, special: bool) -> _Word:
    return _Word(word, term, number, special, Item(term, word))


@functools.lru_cache(maxsize=65536)
def _looked_up(spelled: str) -> _Word:
    word = folded(spelled)
    if not spelled[0].isalnum():
        return _known(word, "", "", special=True)
    if spelled[0].isdecimal():
        number = numerals.digits(spelled) if spelled.isascii() else spelled
        return _known(word, number, number, special=True)
    if _scale(spelled)[0]:
        return _known(word, stem(word), "", special=True)
    if number := numerals.spelled_out(word):
        return _known(word, stem(word) if word in _ALSO_WORDS else number, number, special=True)
    if spelled in numerals.ROMAN:
        return _known(word, "" if word in stop_words() else word, "", special=True)
    special = bool(
        word in cldr.months()
        or stem(word) in _quarters()
        or word == cldr.quarters()[0]
        or _currency(spelled)
        or spelled in _unit_words()
        or numerals.decade(word)
        or numerals.counted(word)[0]
    )
    return _known(word, "" if word in stop_words() else stem(word), "", special=special)


class _Context:
    """
    Finds the further forms of words from their neighbours.

    It looks at a fixed number of words on each side, so that the work grows only linearly with the text.
    """

    def __init__(self, text: str, matches: Sequence[re.Match[str]], words: Sequence[_Word]) -> None:
        self._text = text
        self._matches = matches
        self._words = words
        self._forms: dict[int, list[str]] = {}

    def forms(self) -> dict[int, list[str]]:
        """Return the further forms by the position of the word."""
        for i, word in enumerate(self._words):
            if not word.special:
                continue
            spelled = self._matches[i].group()
            if spelled[0].isdecimal():
                self._figures(i)
            self._name(i, spelled, word.word)
            self._scaled(i, spelled)
            if self._is_roman(i):
                self._add(i, str(numerals.ROMAN[spelled]))
            self._measure(i, spelled)
        return self._forms

    def _add(self, i: int, *terms: str) -> None:
        self._forms.setdefault(i, []).extend(term for term in terms if term and term != self._words[i].term)

    def _gap(self, i: int) -> str:
        """Return the text between a word and the next one, or "|" if it is too long for them to belong together."""
        if not 0 <= i < len(self._matches) - 1:
            return "|"
        start, end = self._matches[i].end(), self._matches[i + 1].start()
        return self._text[start:end] if end - start <= 3 else "|"

    def _number(self, i: int) -> str:
        """Return the digits of the number at a position, written in figures, in words or as a Roman numeral."""
        if not 0 <= i < len(self._words):
            return ""
        return self._words[i].number or (str(numerals.ROMAN[self._matches[i].group()]) if self._is_roman(i) else "")

    def _is_roman(self, i: int) -> bool:
        """Tell whether a Roman numeral stands after a name or before the full stop of an ordinal."""
        match = self._matches[i]
        if match.group() not in numerals.ROMAN:
            return False
        named = i > 0 and self._gap(i - 1) == " " and self._matches[i - 1].group()[:1].isupper()
        ordinal = self._text.startswith(".", match.end())
        return (named or ordinal) and (len(match.group()) > 1 or (named and ordinal))

    def _figures(self, i: int) -> None:
        spelled = self._matches[i].group()
        if (parts := spelled.split(".")) and len(parts) > 1:
            dated = len(parts) == 3 or (len(parts) == 2 and self._text.startswith(".", self._matches[i].end()))
            if dated and all(len(part) <= 4 for part in parts):
                self._date(i, parts)
        elif (gap := self._gap(i).strip()) in {".", "-", "/"} and self._gap(i + 1).strip() == gap:
            parts = [match.group() for match in self._matches[i : i + 3]]
            if {len(parts[0]), len(parts[2])} & {4} and all(len(part) <= 4 for part in parts):
                self._date(i, parts[::-1] if len(parts[0]) == 4 else parts)
        if self._grouped(i):
            self._add(i, self._together(i))
        if self._gap(i) == "" and i + 1 < len(self._words) and self._words[i + 1].word in _DECADE_ENDINGS:
            self._decade(i, spelled)

    def _date(self, i: int, parts: Sequence[str]) -> None:
        day, month, year = (*parts, "")[:3]
        if year and len(year) == 2 and year.isdecimal():
            year = f"{'19' if int(year) >= _FIRST_TWO_DIGIT_YEAR else '20'}{year}"
        if iso := _iso(day, month, year):
            number = int(month)
            self._add(i, str(int(day)), stem(cldr.month_names()[number]), year, iso if year else "")

    def _grouped(self, i: int) -> bool:
        """Tell whether figures are the first of several groups of thousands separated by spaces or apostrophes."""
        first = self._matches[i].group()
        before = self._gap(i - 1) in {" ", "'", "’"} and self._matches[i - 1].group()[-1].isdecimal()
        return len(first) <= 3 and first.isdecimal() and first[0] != "0" and not before and self._is_group(i + 1)

    def _is_group(self, i: int) -> bool:
        if self._gap(i - 1) not in {" ", "'", "’"}:
            return False
        group = self._matches[i].group()
        return group.isdecimal() and len(group) == 3

    def _together(self, i: int) -> str:
        end = i + 1
        while end - i < LONGEST_WORD and self._is_group(end):
            end += 1
        following = self._gap(end - 1) == " " and self._matches[end].group()[0].isdecimal()
        return "" if following else "".join(match.group() for match in self._matches[i:end])

    def _decade(self, i: int, number: str) -> None:
        if number.isdecimal() and len(number) in {2, 4} and number.endswith("0"):
            self._add(i, f"{number[-2:]}er", f"{number}er" if len(number) == 4 else "")

    def _name(self, i: int, spelled: str, word: str) -> None:
        """Add the forms of a month's name, a quarter, a decade or a counting adjective."""
        letter, _ = cldr.quarters()
        if spelled in cldr.foreign_months():
            self._add(i, stem(cldr.month_names()[cldr.foreign_months()[spelled]]))
        if word in cldr.months():
            self._worded_date(i, cldr.months()[word])
        if stem(word) in _quarters() and (number := self._number(i - 1)) in {"1", "2", "3", "4"}:
            self._add(i, f"{letter}{number}")
        if (
            word == letter
            and self._gap(i) in {"", " "}
            and (number := self._words[i + 1].number) in {"1", "2", "3", "4"}
        ):
            self._add(i, *sorted(_quarters()), f"{letter}{number}")
        if digits := numerals.decade(word):
            self._add(i, f"{digits}er")
        number, counted = numerals.counted(word)
        if number:
            self._add(i, number, stem(counted), stem(number + counted))

    def _worded_date(self, i: int, month: int) -> None:
        """Add the date around the name of a month: "3. März 2024", "3rd of March 2024", "March 3, 2024"."""
        before, after = i - 1, i
        while before > max(i - 3, 0) and self._words[before].word in _OF:
            before -= 1
        day = self._number(before) if all(self._gap(k).strip() in {"", "."} for k in range(before, i)) else ""
        if not _is_day(day):
            day = self._number(i + 1) if self._gap(i).strip() in {"", "."} else ""
            if _is_day(day):
                after = i + 2 if self._gap(i + 1) == "" and self._words[i + 2].word in _ORDINALS else i + 1
        year = self._number(after + 1) if self._gap(after).strip() in {"", ".", ","} else ""
        year = year if len(year) == 4 else ""
        if _is_day(day) or year:
            # An abbreviation such as "Mar" or "Dec" is a month only beside figures.
            self._add(i, stem(cldr.month_names()[month]))
        if _is_day(day) and year:
            self._add(i, _iso(day, str(month), year))

    def _scaled(self, i: int, spelled: str) -> None:
        """Add the value of "1,5 Mio." or "eine Million", and the word that an abbreviation stands for."""
        scale, word = _scale(spelled)
        if not scale:
            return
        if self._gap(i - 1).strip(" -\n") == "" and (number := self._number(i - 1)):
            self._add(i, numerals.times(number, scale))
        elif (i and self._words[i - 1].word in _ONE) or scale == _THOUSAND:
            self._add(i, str(scale))
        self._add(i, stem(word))

    def _measure(self, i: int, spelled: str) -> None:
        """Add the name of a currency given by its code or sign, or of a unit given by its abbreviation."""
        counted = not spelled.isalpha() or self._counts(i - 1)
        if currency := _currency(spelled):
            priced = counted or (self._gap(i) in {"", " "} and bool(self._number(i + 1)))
            if priced or spelled.upper() in cldr.signed_currencies():
                self._add(i, *_terms_of(currency))
        elif spelled in _unit_words() and (counted or (i > 0 and self._words[i - 1].word in _ASKED)):
            # "°C" begins before its first word, and "km/h" continues after it.
            start = self._matches[i].start()
            start -= start > 0 and self._text[start - 1] == "°"
            written = self._text[start : start + LONGEST_WORD].split(maxsplit=1)[0].rstrip(".,;:!?)]")
            if name := cldr.units().get(written) or cldr.units().get(spelled):
                self._add(i, *_terms_of(name))

    def _counts(self, i: int) -> bool:
        """Tell whether the word at a position is a number or a scale and stands directly before the next word."""
        if i >= 0 and _scale(self._matches[i].group())[0]:
            return self._gap(i).strip(" .") == ""
        return self._gap(i) in {"", " ", "-", "°", " °"} and bool(self._number(i))


def _is_day(number: str) -> bool:
    return number.isdecimal() and len(number) <= 2 and 1 <= int(number) <= 31


def _iso(day: str, month: str, year: str) -> str:
    """Return an existing date in ISO form, empty for any other; the year may be missing."""
    try:
        found = date(int(year or 2000), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if found.year >= _FIRST_YEAR else ""  # "2.1.3" is a version


def _scale(spelled: str) -> tuple[int, str]:
    """Return a scale word's factor and its casefolded full form; 0 and empty if it is not a scale."""
    # A "billion" in lower case is English; any other word may be German without its capital.
    key = spelled if spelled in cldr.scales() else spelled.capitalize()
    return _full_scales().get(key, (0, ""))


@functools.cache
def _full_scales() -> dict[str, tuple[int, str]]:
    scales = cldr.scales()
    return {
        one: (
            scale,
            folded(max((o for o in scales if scales[o] == scale and o[0].isupper() == one[0].isupper()), key=len)),
        )
        for one, scale in scales.items()
    }


def _currency(spelled: str) -> str:
    """Return the word for the currency with a code or a sign; empty if there is none."""
    code = spelled.upper() if spelled.upper() in cldr.signed_currencies() else spelled
    return cldr.currencies().get(code, "")


@functools.cache
def _quarters() -> frozenset[str]:
    return frozenset(stem(word) for word in cldr.quarters()[1])


@functools.cache
def _unit_words() -> frozenset[str]:
    """Return the first `TOKEN` of each unit's abbreviation, but no function words: "in" is hardly ever an inch."""
    found = {match.group() for unit in cldr.units() if (match := TOKEN.search(unit))}
    return frozenset(one for one in found if folded(one) not in stop_words())


@functools.lru_cache(maxsize=1024)
def _terms_of(name: str) -> tuple[str, ...]:
    """Return the terms of a name from the locale data."""
    found: Iterable[str] = (folded(match.group()) for match in TOKEN.finditer(name))
    joined = [folded(match.group().translate(HYPHENS)) for match in COMPOUND.finditer(name)]
    return tuple(stem(word) for word in (*found, *joined) if word not in stop_words())
