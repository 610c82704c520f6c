"""Write ligatures, and accents that are separate from their letters, as plain letters."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Old fonts have no "ü": they set "¨" before or behind "u". If both neighbours could have the accent, the one before
# gets it: "äu" is frequent, "aü" is not.
_ACCENTS = {"¨": ("\u0308", "aeiouy"), "ˇ": ("\u030c", "cdenrstz"), "˚": ("\u030a", "au"), "˜": ("\u0303", "ano")}
_APART = re.compile(r"([A-Za-zı]?)([¨ˇ˚˜])([A-Za-zı]?)")


def plain(text: str) -> str:
    """Return a text with ligatures split, and accents joined to their letters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _APART.sub(_composed, text.translate(_LIGATURES)))


def _composed(found: re.Match[str]) -> str:
    before, accent, behind = found[1].replace("ı", "i"), found[2], found[3].replace("ı", "i")
    mark, bearers = _ACCENTS[accent]
    if before and before.lower() in bearers:
        return before + mark + behind
    if behind and behind.lower() in bearers:
        return before + behind + mark
    return found[0]
