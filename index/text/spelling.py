"""
Unify Unicode spellings of a text, for comparing only: the results are never shown, and offsets do not apply to them.

Compatibility composition unifies "CO₂" and "CO2", decomposed and composed umlauts, ligatures and their letters.
"""

from __future__ import annotations

import re
import unicodedata

from index.limits import MOST_MARKS

# Unicode's Default_Ignorable_Code_Point: soft hyphens, joiners, direction marks, variation selectors.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_PARTINGS = re.compile("[\u00ad\u200b\u2060\ufeff]+")
# The mark of "2023¹" and the fraction of "3½" must not lengthen the number.
_RAISED = re.compile("(?<=[0-9])(?=[¹²³⁰-₎¼-¾⅐-⅟])")
# Normalisation sorts marks in quadratic time: long runs, which no script has, are cut (Unicode's stream-safe format).
_MARKS = re.compile(rf"([^\w\x00-\x7f]{{{MOST_MARKS}}})(?=[^\w\x00-\x7f])")
# Digits keep their separators ("7-nm" is two tokens, "3,5" and "1.000" are one); signs of currency stand for words.
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%‰$£¥\u20a0-\u20c0]")
# It starts only at the beginning of a word and never backtracks, so it takes linear time on any text.
COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:[-‐‑][^\W_]++)+")
HYPHENS = str.maketrans("", "", "-‐‑")


def comparable(text: str) -> str:
    """
    Return a text in the form used for comparing, except for its case: composed, without invisible characters.

    Examples
    --------
    >>> comparable("CO₂, Stadt\u00adbrücke, ﬁnden, m²")
    'CO2, Stadtbrücke, finden, m2'

    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _parted(_RAISED.sub(" ", _IGNORABLE.sub("", text))))


def composed(text: str) -> str:
    """Return a text in the composed Unicode form, for comparing; long runs of combining marks are broken up."""
    return text if text.isascii() else unicodedata.normalize("NFC", _parted(text))


def _parted(text: str) -> str:
    return _MARKS.sub(r"\1 ", text)


def seen(text: str) -> str:
    """Return a text without soft hyphens and other marks that only say where a word may be broken."""
    return text if text.isascii() else _PARTINGS.sub("", text)


def wording(text: str) -> str:
    """Return the form of a text for comparing its wording with another: composed, with single blanks."""
    return " ".join(composed(seen(text)).split())


def folded(word: str) -> str:
    """Return a `comparable` word casefolded; "ß" becomes "ss", as it does in capitals."""
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", _parted(word.casefold()))
