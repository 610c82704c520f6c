"""Names of the elements of WordprocessingML and Office MathML (ECMA-376, parts 1 and 4)."""

from __future__ import annotations

import functools
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{W}val"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# What was deleted or moved away, and properties of appearance.
SKIPPED = {f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "sdtPr")} | {FALLBACK}


@functools.cache
def _spelled(path: str) -> str:
    """Return a path with the namespaces of its names; only a few different paths are asked for."""
    return "/".join(f"{W}{name}" for name in path.split("/"))


def value(element: Any, path: str) -> str | None:
    """Return the value of a property below an element, empty if it has none, None if there is no such property."""
    found = element.find(_spelled(path))
    return None if found is None else found.get(_VALUE, "")


def is_on(element: Any, path: str) -> bool | None:
    """Tell whether an on/off property is on; None if it is not stated."""
    found = value(element, path)
    return None if found is None else found not in {"0", "false", "off", "none"}
