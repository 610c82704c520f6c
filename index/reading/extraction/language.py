"""Tell whether a file is in German or English: that decides how its figures and dates are written out."""

from __future__ import annotations

import re
from collections import Counter

from index.text import locale

_WORD = re.compile(r"[^\W\d_]+")
_MOST = 20_000  # characters that are looked at
_GERMAN = locale.words("files.telling", language="de")
_ENGLISH = locale.words("files.telling", language="en")


def is_german(text: str) -> bool:
    """Tell whether a text is German rather than English; German if it does not show which."""
    beginning = text[:_MOST]
    words = Counter(_WORD.findall(beginning.lower()))
    german = sum(count for word, count in words.items() if word in _GERMAN)
    german += sum(beginning.count(letter) for letter in "äöüß")
    return german >= sum(count for word, count in words.items() if word in _ENGLISH)
