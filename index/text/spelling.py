"""
Unicode spellings of one text as one, for comparing only: what comes out here is never shown and has no offsets.

Compatibility composition joins "CO₂" and "CO2", a decomposed and a composed umlaut, ligatures and their letters.
"""

from __future__ import annotations

import re
import unicodedata

from index.limits import MOST_MARKS

# Unicode's Default_Ignorable_Code_Point: soft hyphens, joiners, marks of direction, variation selectors.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_PARTINGS = re.compile("[\u00ad\u200b\u2060\ufeff]+")
# "2023¹" and "3½" are no longer numbers for their mark and their fraction.
_RAISED = re.compile("(?<=[0-9])(?=[¹²³⁰-₎¼-¾⅐-⅟])")
# Marks are sorted in quadratic time: long runs of them, which no script has, are cut (Unicode's stream-safe format).
_MARKS = re.compile(rf"([^\w\x00-\x7f]{{{MOST_MARKS}}})(?=[^\w\x00-\x7f])")
# Digits keep their separators ("7-nm" is two tokens, "3,5" and "1.000" are one); signs of currency stand for words.
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%‰$£¥\u20a0-\u20c0]")
# What begins at the beginning of a word and gives nothing back takes linear time on any text.
COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:[-‐‑][^\W_]++)+")
HYPHENS = str.maketrans("", "", "-‐‑")


def comparable(text: str) -> str:
    """
    Return a text as it is compared, but for its case: composed, without characters that are not seen.

    Examples
    --------
    >>> comparable("CO₂, Stadt\u00adbrücke, ﬁnden, m²")
    'CO2, Stadtbrücke, finden, m2'

    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _parted(_RAISED.sub(" ", _IGNORABLE.sub("", text))))


def composed(text: str) -> str:
    """Return a text in the composed Unicode form, for comparing: long runs of combining marks are parted."""
    return text if text.isascii() else unicodedata.normalize("NFC", _parted(text))


def _parted(text: str) -> str:
    return _MARKS.sub(r"\1 ", text)


def seen(text: str) -> str:
    """Return a text without soft hyphens and other marks that only say where a word may be parted."""
    return text if text.isascii() else _PARTINGS.sub("", text)


def wording(text: str) -> str:
    """Return a text as it is compared with another that should say the same: composed, with single blanks."""
    return " ".join(composed(seen(text)).split())


def folded(word: str) -> str:
    """Return a comparable word without its case; "ß" becomes "ss", as it does in capitals."""
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", _parted(word.casefold()))
