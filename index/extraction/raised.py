"""
Set raised marks off from what stands before them.

A footnote's number is no part of the figure it follows, and 10 to the power of 6 is not 106. Text has no raised letters
but the few that Unicode knows, so that each reader asks here what to write for them.
"""

from __future__ import annotations

import re

_SUPERSCRIPTS = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_EXPONENT = re.compile(r"[+−-]?\d{1,3}|n")
# What takes a power: ten by itself or as a factor ("10", "3·10"), and units of length and time.
_TEN = re.compile(r"(?<![\d.,])10$")
_UNIT = re.compile(r"(?<![^\W\d_])(?:[nµmcdhk]?m|s|ha|in|ft|yd|mi)$")
_MARK = re.compile(r"\(?\[?(\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[a-z*†‡§]{1,3})\]?\)?")
_LETTER = re.compile(r"[a-z*†‡§]")
# "2nd", "1er", "n-te": endings of ordinals are raised in print and part of the word.
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|ème|te[rnsm]?)")


def raised(before: str, mark: str) -> str:
    """
    Return what to write for raised letters.

    Parameters
    ----------
    before
        The text they follow; its last few letters are looked at.
    mark
        The raised letters.

    Returns
    -------
    str
        A power by Unicode's raised figures ("m²", "10⁶"), a footnote's mark in brackets after a blank (" [2]"), anything
        else as it is.

    """
    bare = mark.strip()
    if not bare:
        return mark
    last = before[-8:].rstrip("\u00a0")
    if _EXPONENT.fullmatch(bare) and (_TEN.search(last) or _UNIT.search(last)):
        return power(bare)
    found = _MARK.fullmatch(bare)
    if found is None or not last.strip():
        return mark
    if _LETTER.match(found[1]) and (
        (last[-1].isdigit() and _ORDINAL.fullmatch(found[1])) or not _follows_a_statement(last, found[1])
    ):
        return mark
    return f" [{' '.join(found[1].split())}]"


def power(exponent: str) -> str:
    """Return what to write for an exponent: Unicode's raised figures where it has them, else a caret."""
    bare = "".join(exponent.split())
    if _EXPONENT.fullmatch(bare):
        return bare.translate(_SUPERSCRIPTS)
    return f"^{bare}" if len(bare) == 1 else f"^({exponent})"


def _follows_a_statement(before: str, mark: str) -> bool:
    """Tell whether a letter can be a footnote's mark: a sign anywhere, a letter behind a stop or a figure."""
    return not mark[0].isalpha() or not before[-1:].isalpha()
