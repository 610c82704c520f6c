"""Make the names of files from elsewhere safe to use in a folder here."""

from __future__ import annotations

import re
import unicodedata

from index.formats import suffix_of

_MAX_STEM = 80
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


def safe_name(name: str) -> str:
    """
    Return a file's name in a form that is safe to store and to show.

    Folders, control and direction characters, and characters that file systems forbid are removed; the suffix is in
    lower case. If nothing is left, the name is ``datei``.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(one for one in name if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = " ".join(_FORBIDDEN.sub("_", name).split()).rstrip(". ")
    suffix = suffix_of(name)
    stem = name[: len(name) - len(suffix)].strip(". ")[:_MAX_STEM].strip(". ") or "datei"
    if _RESERVED.match(stem.split(".")[0]):
        stem = f"_{stem}"
    return stem + suffix
