"""
Set raised marks off from what stands before them.

A footnote's number is not part of the figure it follows, and 10 to the power of 6 is not 106. Plain text has no raised
letters but the few that Unicode has, so each reader asks this module what to write for them.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters on either side of a mark that say what it is.
LOOK_AROUND = 12

_SUPERSCRIPTS = str.maketrans("0123456789+-−–n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿ")
# What binds as tightly as a letter needs no brackets above or below a fraction line.
_TIGHT = re.compile(r"[\w.,²³⁰-⁹√%€]*|\(.*\)")
_TRADE = {"TM": "™", "SM": "℠", "®": "®", "©": "©"}
_EXPONENT = re.compile(r"[+−–-]?\d{1,3}|n")
_SIGNED = re.compile(r"[+−–-]\d{1,3}|\d{0,2}[+−–-]")  # a power, or the charge of an ion
# What takes a power: ten by itself or as a factor ("10", "3·10"), units of length and time, and a variable.
_TEN = re.compile(r"(?<![\d.,])10$")
_UNIT = re.compile(r"(?<![^\W\d_])(?:[nµmcdhk]?m|s|ha|in|ft|yd|mi)$")
_VARIABLE = re.compile(r"(?<![^\W_])[a-z]$")
_MARK = r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[a-z*†‡§]{1,3}"
_MARKED = re.compile(rf"\(?\[?({_MARK})\]?\)?")
_SEVERAL = re.compile(r"(?:[\[(]?\d{1,3}[\])][\s,;]*){2,}")
_FIGURES = re.compile(r"\d+")
_LETTER = re.compile(r"[a-z*†‡§]")
# "2nd", "1er", "n-te": endings of ordinals are raised in print, but belong to the word.
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|ème|te[rnsm]?)")
# "5⁹⁹ €", "8⁰⁰ Uhr": the smaller part of a price or a time.
_NUMBER = re.compile(r"\d[,.]?$")
_MONEY = re.compile(r"\s?(?:€|euro\b|eur\b|chf\b|fr\.)", re.IGNORECASE)
_TIME = re.compile(r"\s?(?:uhr\b|h\b|[–-]\s?\d)", re.IGNORECASE)
_FRACTION = re.compile(r"\s?[/⁄]\s?\d")
_ELEMENT = re.compile(r"[A-Z][a-z]?(?![^\W\d_])")  # "¹⁴C"


def written(pieces: Iterable[tuple[str, bool]]) -> str:
    """Return the text of pieces, of which those with True are raised; see `raised`."""
    runs = [("".join(text for text, _ in run), up) for up, run in groupby(pieces, key=lambda piece: piece[1])]
    parts: list[str] = []
    for number, (text, up) in enumerate(runs):
        before = parts[-1][-LOOK_AROUND:] if parts else ""
        after = runs[number + 1][0][:LOOK_AROUND] if number + 1 < len(runs) else ""
        parts.append(raised(before, text, after) if up else text)
    return "".join(parts)


def raised(before: str, mark: str, after: str = "") -> str:
    """
    Return what to write for raised letters.

    Parameters
    ----------
    before, after
        The text on either side; a few letters are looked at.
    mark
        The raised letters.

    Returns
    -------
    str
        A power in Unicode's raised figures ("m²", "10⁶"), a footnote's mark in brackets set off by a blank (" [2]"),
        anything else unchanged.

    """
    bare = mark.strip()
    if not bare:
        return mark
    last = before[-LOOK_AROUND:].rstrip("\u00a0")
    if bare in _TRADE:
        return _TRADE[bare]
    if last and not last[-1].isspace():
        read = _power(last, bare)
        if read is None and _NUMBER.search(last):
            read = _part_of_a_number(last, bare, after)
        if read is not None:
            return read
    elif _FIGURES.fullmatch(bare) and (_ELEMENT.match(after) or _FRACTION.match(after)):
        return mark
    if _SEVERAL.fullmatch(bare):
        return _set_off(last, ", ".join(_FIGURES.findall(bare)), after)
    found = _MARKED.fullmatch(bare)
    if found is None:
        # Whatever they mean, raised figures are not part of the figure before them.
        return _set_off(last, bare, after) if last[-1:].isdigit() and bare[:1].isdigit() else mark
    begins = not last.strip() and after[:1].isspace()  # a note's mark before its text
    if (
        _LETTER.match(found[1])
        and not begins
        and ((last[-1:].isdigit() and _ORDINAL.fullmatch(found[1])) or not _follows_a_statement(last, found[1]))
    ):
        return mark
    return _set_off(last, " ".join(found[1].split()), after)


def power(exponent: str) -> str:
    """Return what to write for an exponent: Unicode's raised figures where it has them, else a caret."""
    bare = "".join(exponent.split())
    if _EXPONENT.fullmatch(bare):
        return bare.translate(_SUPERSCRIPTS)
    return f"^{bare}" if len(bare) == 1 else f"^({exponent})"


def grouped(text: str) -> str:
    """Return a part of a formula in brackets, unless it binds tightly without them."""
    return text if _TIGHT.fullmatch(text) else f"({text})"


def _power(before: str, mark: str) -> str | None:
    if _SIGNED.fullmatch(mark) and (before[-1].isalnum() or before[-1] in ")]"):
        return mark.translate(_SUPERSCRIPTS)
    if _EXPONENT.fullmatch(mark) and any(kind.search(before) for kind in (_TEN, _UNIT, _VARIABLE)):
        return power(mark)
    return None


def _part_of_a_number(before: str, mark: str, after: str) -> str | None:
    """Return what to write for the smaller part of a price or a time, or for the numerator of a fraction."""
    if not _FIGURES.fullmatch(mark):
        return None
    if len(mark) == 2:
        if before[-1] in ",.":
            return mark
        if _MONEY.match(after):
            return f",{mark}"
        if _TIME.match(after):
            return f":{mark}"
    return f" {mark}" if before[-1].isdigit() and _FRACTION.match(after) else None


def _set_off(before: str, mark: str, after: str) -> str:
    """Return a mark in brackets, with blanks where it would touch a word."""
    begins = not before or before[-1].isspace()
    return f"{'' if begins else ' '}[{mark}]{' ' if begins and after[:1].isalnum() else ''}"


def _follows_a_statement(before: str, mark: str) -> bool:
    """Tell whether a mark can be a footnote's: a sign anywhere, a letter only behind a stop or a figure."""
    return not mark[0].isalpha() or (bool(before) and not before[-1].isalpha() and not before[-1].isspace())
