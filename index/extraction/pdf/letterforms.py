"""Write as plain letters what is set as one sign or as two: ligatures, and accents that stand beside their letter."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Old fonts have no "ü": they set "¨" and then "u".
_ACCENTS = {"¨": "\u0308", "ˇ": "\u030c", "˚": "\u030a", "˜": "\u0303", "˝": "\u030b"}
_APART = re.compile(r"([¨ˇ˚˜˝])([A-Za-zı])")


def plain(text: str) -> str:
    """Return a text with whole letters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _APART.sub(_composed, text.translate(_LIGATURES)))


def _composed(found: re.Match[str]) -> str:
    whole = unicodedata.normalize("NFC", found[2].replace("ı", "i") + _ACCENTS[found[1]])
    return whole if len(whole) == 1 else found[0]
