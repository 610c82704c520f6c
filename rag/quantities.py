"""Numbers as people write them, in German and English, as values that can be compared."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from index.lexical import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: dict[str, dict[str, int]] = {
    "de": {
        "null": 0, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
        "zehn": 10, "elf": 11, "zwölf": 12, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50,
        "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "hundert": 100, "tausend": 1000,
    },
    "en": {
        "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
        "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
    },
}  # fmt: skip
# "Billion" is a thousand times more in German than in English, so the language decides.
_SCALES: dict[str, dict[str, int]] = {
    "de": {
        "tausend": 10**3, "tsd": 10**3, "million": 10**6, "millionen": 10**6, "mio": 10**6, "milliarde": 10**9,
        "milliarden": 10**9, "mrd": 10**9, "billion": 10**12, "billionen": 10**12, "bio": 10**12,
    },
    "en": {
        "thousand": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9,
        "trillion": 10**12, "tn": 10**12,
    },
}  # fmt: skip
# A digit that is part of a name ("H20", "910C", "GPT-4o") is no quantity.
_NUMBER = re.compile(r"(?<![\w.,])(?:\d++(?:[.,]\d++)*+)(?![^\W\d_])|(?<!\w)[^\W\d_]+(?!\w)", re.UNICODE)
_FOLLOWING = re.compile(r"[\s\u00a0\u202f-]*([^\W\d_]+)\b", re.UNICODE)


_UNITS = {
    "%": "%", "prozent": "%", "percent": "%", "$": "usd", "us-dollar": "usd", "dollar": "usd", "dollars": "usd",
    "us dollars": "usd", "us-dollars": "usd", "usd": "usd", "€": "eur", "euro": "eur", "euros": "eur", "eur": "eur",
    "yuan": "cny", "renminbi": "cny", "rmb": "cny", "cny": "cny", "¥": "cny",
}  # fmt: skip
Dimension = Literal["share", "money", "length", "area", "duration", "mass"]
# Beginnings of the word that follows a number; the first that fits counts.
_DIMENSIONS: dict[Dimension, re.Pattern[str]] = {
    "share": re.compile(r"%|prozent|per ?cent", re.IGNORECASE),
    "money": re.compile(
        r"us-?\$|(?:us-)?dollar|usd\b|\$|€|euros?\b|eur\b|yuan|renminbi|rmb\b|cny\b|¥|cents?\b|(?:reichs)?mark\b|dm\b|d-mark|"
        r"franken|chf\b|pfund\b|pounds?\b|£|yen\b|won\b|rubel|rupie|kronen",
        re.IGNORECASE,
    ),
    "area": re.compile(r"quadrat|km²|m²|km2|m2|hektar|ha\b|acre|square", re.IGNORECASE),
    "length": re.compile(
        r"(?:kilo|zenti|milli|nano|mikro)?metern?s?\b|(?:kilo|centi|milli)?met(?:re|er)s?\b|[kcmn]?m\b|meilen?\b|miles?\b|lichtjahr|"
        r"feet\b|seemeile",
        re.IGNORECASE,
    ),
    "mass": re.compile(r"(?:kilo|milli)?gramm|k?g\b|tonnen?\b|tons?\b|pfund\b|pounds?\b|kilos?\b", re.IGNORECASE),
    "duration": re.compile(
        r"sekunden?\b|minuten?\b|stunden?\b|tage?n?\b|wochen?\b|monate?n?\b|jahr(?:en?\b|zehnt|hundert)|"
        r"(?:second|minute|hour|day|week|month|year|decade)s?\b",
        re.IGNORECASE,
    ),
}
_SIGN = "|".join(re.escape(sign) for sign in sorted(_UNITS, key=len, reverse=True))
_SIGN_AFTER = re.compile(rf"[\s\u00a0\u202f-]*({_SIGN})(?![^\W\d_])", re.IGNORECASE)
_BETWEEN = " \t\n\u00a0\u202f-"
_SIGN_BEFORE = re.compile(r"([$€¥£]|RMB|USD|EUR|CHF)[\s\u00a0]?$", re.IGNORECASE)

_BEFORE_YEAR = re.compile(
    r"\b(?:jahre?s?|bis|seit|ab|vor|nach|in|anfang|mitte|ende|by|until|since|year|from)\s+$", re.IGNORECASE
)

_ONES = frozenset({"ein", "eine", "einen", "einem", "einer", "one", "a", "an"})
_NUMERALS = frozenset(word for table in (*_WORDS.values(), *_SCALES.values()) for word in table if len(word) > 2)


def is_numeral(word: str) -> bool:
    """Tell whether a casefolded word is a number or the scale of one: its value counts, not its spelling."""
    return word in _NUMERALS


def is_measure(word: str) -> bool:
    """Tell whether a casefolded word is a number, the scale of one, or a unit."""
    return is_numeral(word) or word in _UNITS or any(unit.match(word) for unit in _DIMENSIONS.values())


def quantities(text: str, language: str) -> frozenset[Fraction]:
    """
    Return the values of all numbers in a text.

    Parameters
    ----------
    text
        German or English.
    language
        ``de`` or ``en``: decides on decimal signs and on what a billion is.

    Returns
    -------
    Values with their scale word applied ("4 Mrd." is 4,000,000,000). "ein" and "one" are left out: they
    are articles more often than numbers.

    """
    return frozenset(value for _, _, value in _numbers(text, language))


def dimensions(text: str, language: str, *, with_one: bool = False) -> tuple[frozenset[Dimension], ...]:
    """
    Return what each number of a text may measure, as far as the word or sign beside it tells.

    Parameters
    ----------
    text
        German or English.
    language
        ``de`` or ``en``, as for `quantities`.
    with_one
        Take "eine Stunde" and "a mile" for measures, too.

    Returns
    -------
    A set for each number, in their order: empty where nothing beside it tells, of two where it may be either
    ("Pfund").

    """
    found: list[frozenset[Dimension]] = []
    for start, end, _ in _numbers(text, language, with_one=with_one):
        rest = text[end:].lstrip(_BETWEEN)
        measured = {dimension for dimension, unit in _DIMENSIONS.items() if unit.match(rest)}
        if "area" in measured:
            measured = {"area"}
        if _SIGN_BEFORE.search(text, 0, start):
            measured = {"money"}
        found.append(frozenset(measured))
    return tuple(found)


def measures(text: str, language: str) -> frozenset[tuple[Fraction, str]]:
    """
    Return the numbers of a text with what they count.

    Parameters
    ----------
    text
        German or English.
    language
        ``de`` or ``en``, as for `quantities`.

    Returns
    -------
    Pairs of value and unit: a currency or a sign by its common name ("usd", "%"), any other the stem of the
    word that follows the number. A number without one has the empty unit; a year after "bis", "seit", "im Jahr" and
    the like has the unit "year".

    """
    return frozenset((value, _unit(text, start, end, value)) for start, end, value in _numbers(text, language))


def _numbers(text: str, language: str, *, with_one: bool = False) -> Iterator[tuple[int, int, Fraction]]:
    """Yield where each number begins, where it ends, its scale word included, and its value."""
    words, scales = _WORDS[language], _SCALES[language]
    for match in _NUMBER.finditer(text):
        token = match.group()
        said = token.casefold()
        value = _digits(token, language) if token[0].isdecimal() else words.get(said)
        if value is None and with_one and said in _ONES:
            value = 1
        if value is None:
            continue
        end, scale = match.end(), 1
        following = _FOLLOWING.match(text, end)
        if following and following.group(1).casefold() in scales:
            scale, end = scales[following.group(1).casefold()], following.end()
            end += text.startswith(".", end)  # "Mrd."
        yield match.start(), end, Fraction(value) * scale


def _unit(text: str, start: int, end: int, value: Fraction) -> str:
    sign = _SIGN_AFTER.match(text, end) or _SIGN_BEFORE.search(text, 0, start)
    if sign and (unit := _UNITS.get(sign.group(1).casefold())):
        return unit
    if value.denominator == 1 and 1900 <= value <= 2100 and _BEFORE_YEAR.search(text, 0, start):
        return "year"
    following = _FOLLOWING.match(text, end)
    return stem(following.group(1).casefold()) if following else ""


def _digits(token: str, language: str) -> Fraction:
    decimal, grouping = (",", ".") if language == "de" else (".", ",")
    whole, *fraction = token.split(decimal)
    groups = whole.split(grouping)
    if len(fraction) > 1 or any(len(group) != 3 for group in groups[1:]) or grouping in "".join(fraction):
        # Not this language's way of writing ("3.5" in German, a date, a version): read it as decimal or as it stands.
        parts = re.split(r"[.,]", token)
        return Fraction(f"{parts[0]}.{''.join(parts[1:])}") if len(parts) > 1 else Fraction(parts[0])
    return Fraction("".join(groups) + (f".{fraction[0]}" if fraction else ""))
