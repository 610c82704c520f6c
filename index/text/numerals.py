"""Convert numbers as people write them to one string of digits."""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from index.text import locale

# Nobody reads longer numbers.
_MOST_SIGNS = 32
_BEGINNINGS = re.compile(locale.alternatives("numbers.beginnings"))
_NO_NUMERALS = locale.words("numbers.no_numerals")
# The library writes an ordinal with its language's sign: "2.", "2nd".
_TRANSCRIBED = re.compile(rf"([0-9]+)(?:\.|{locale.alternatives('numbers.ordinal_signs')})?")
_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_TENS = ("", "X", "XX", "XXX", "XL")
# Up to 49, enough for kings, centuries and chapters: "CD", "DM" and "MM" are other things.
ROMAN = {ten + unit: 10 * i + j for i, ten in enumerate(_TENS) for j, unit in enumerate(_UNITS) if ten or unit}
_DECADE = re.compile(r"(\w+)er(?:n|(jahr(?:e|en|es|s)?))?")
_NUMBERED = re.compile(locale.alternatives("numbers.counting"))


def digits(number: str) -> str:
    """
    Return a number in figures without its separators, with a point as decimal sign.

    Separators that may group thousands are taken to do so. Text that is not a number (a date, a version) is
    returned unchanged.

    Examples
    --------
    >>> [digits(number) for number in ("1.000.000", "1,000,000", "6,50", "1.234,5", "08", "3.3.2024")]
    ['1000000', '1000000', '6.5', '1234.5', '8', '3.3.2024']

    """
    groups = re.split("[.,]", number)
    if len(groups) == 1:
        return number.lstrip("0") or "0"
    signs = [sign for sign in number if sign in ".,"]
    thousands = len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])
    if thousands and len(set(signs)) == 1:
        return "".join(groups).lstrip("0") or "0"
    grouped = all(len(group) == 3 for group in groups[1:-1]) and len(set(signs[:-1])) <= 1
    if grouped and (len(signs) == 1 or signs[-1] not in signs[:-1]):
        whole = "".join(groups[:-1]).lstrip("0") or "0"
        fraction = groups[-1].rstrip("0")
        return f"{whole}.{fraction}" if fraction else whole
    return number


def times(number: str, scale: int) -> str:
    """Return digits multiplied by a scale; empty if they are not a number, or too long a one."""
    if len(number) > _MOST_SIGNS or not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", number):
        return ""
    value = (Decimal(number) * scale).normalize()
    return f"{value:f}"


@functools.lru_cache(maxsize=65536)
def spelled_out(word: str) -> str:
    """
    Return the digits of a casefolded numeral, cardinal or ordinal; empty if the word is not a numeral.

    The articles "ein" and "one" do not count as numerals here.

    Examples
    --------
    >>> [spelled_out(word) for word in ("zwölf", "dreizehnten", "anderthalb", "twenty", "achtung", "eine")]
    ['12', '13', '1.5', '20', '', '']

    """
    if word == "anderthalb":
        return "1.5"
    if len(word) <= 2 or len(word) > _MOST_SIGNS * 2 or not _BEGINNINGS.match(word):
        return ""
    if word.endswith("einhalb"):
        whole = word.removesuffix("einhalb").removesuffix("und")
        number = "1" if whole == "ein" else spelled_out(whole)
        return f"{number}.5" if number else ""
    if word in _NO_NUMERALS:
        return ""
    return next(filter(None, (_transcribed(word, language) for language in locale.texts("language.numerals"))), "")


@functools.lru_cache(maxsize=65536)
def counted(word: str) -> tuple[str, str]:
    """
    Return the digits of the numeral that begins a casefolded adjective, and the rest; both empty if there is none.

    Examples
    --------
    >>> counted("zehnjähriges"), counted("dreimal"), counted("achtung"), counted("dreißig")
    (('10', 'jähriges'), ('3', 'mal'), ('', ''), ('', ''))

    """
    if len(word) > _MOST_SIGNS * 2 or not _BEGINNINGS.match(word) or spelled_out(word):
        return "", ""
    for cut in range(len(word) - 3, 2, -1):
        if _NUMBERED.fullmatch(word, cut) and (number := spelled_out(word[:cut])):
            return number, word[cut:]
    return "", ""


@functools.lru_cache(maxsize=65536)
def decade(word: str) -> str:
    """
    Return the two digits of a decade that is spelled out; empty if the casefolded word is not a decade.

    Examples
    --------
    >>> decade("neunziger"), decade("zwanzigerjahren"), decade("eighties"), decade("zweier")
    ('90', '20', '80', '')

    """
    if len(word) > _MOST_SIGNS:
        return ""
    german = _DECADE.fullmatch(word)
    number = spelled_out(german[1]) if german else spelled_out(f"{word[:-3]}y") if word.endswith("ties") else ""
    return number if len(number) == 2 and number.endswith("0") and number != "10" else ""


def _transcribed(word: str, language: str) -> str:
    from text_to_num import alpha2digit  # type: ignore[import-untyped] # noqa: PLC0415 - only when searching

    found = _TRANSCRIBED.fullmatch(alpha2digit(word, language, 0.0))
    return found[1] if found else ""
