"""Turn raised letters, struck-out letters and formulas of HTML into plain text that says the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from index.reading.extraction.mathml import in_one_line
from index.reading.extraction.raised import LOOK_AROUND, raised
from index.reading.extraction.web.hidden import remove

if TYPE_CHECKING:
    from index.reading.extraction.web.styles import Sheets

_STRUCK = frozenset({"s", "strike", "del"})
# A shift by a few pixels only aligns a picture.
_RAISED = re.compile(r"super|(?:0?\.[3-9]\d*|1(?:\.\d+)?)r?em|[3-9]\d(?:\.\d+)?%")
_LONGEST_MARK = 40  # characters; anything longer is text that is merely set higher
_INLINE = frozenset("a b em font i small span strong u".split())
_MAX_STEPS = 20  # elements without text that are skipped in the search for a neighbour with text


def write_out(tree: Any, sheets: Sheets) -> None:
    """Drop what is struck out, set raised marks off, and write formulas in one line; the text after each stays."""
    for formula in list(tree.iter("math", "m:math", "mml:math")):
        _replace(formula, in_one_line(formula))
    remove([element for element in tree.iter() if element is not tree and _is_struck(element, sheets)])
    for element in list(tree.iter()):
        if element.tag == "sup" or _is_raised(element, sheets):
            mark = _beginning(element)
            if mark.strip() and len(mark) <= _LONGEST_MARK and element is not tree:
                _replace(element, raised(_before(element), mark, _after(element)))


def _is_struck(element: Any, sheets: Sheets) -> bool:
    return element.tag in _STRUCK or "line-through" in sheets.style(element, "text-decoration")


def _is_raised(element: Any, sheets: Sheets) -> bool:
    return isinstance(element.tag, str) and _RAISED.match(sheets.style(element, "vertical-align")) is not None


def _replace(element: Any, text: str) -> None:
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def _beginning(element: Any) -> str:
    """Return an element's text, cut off once it is too long for a mark."""
    text = ""
    for part in element.itertext():
        text += part[: _LONGEST_MARK + 1]
        if len(text) > _LONGEST_MARK:
            break
    return text


def _before(element: Any) -> str:
    """Return the last few characters directly before an element in its block."""
    for _ in range(_MAX_STEPS):
        previous = element.getprevious()
        if previous is None:
            element = element.getparent()
            if element is None or element.text or element.tag not in _INLINE:
                return "" if element is None else str((element.text or "")[-LOOK_AROUND:])
            continue
        if previous.tail:
            return str(previous.tail[-LOOK_AROUND:])
        if previous.tag not in {*_INLINE, "sub", "sup"}:
            return ""
        inner = previous
        while len(inner) and not inner[-1].tail:
            inner = inner[-1]
        last = inner[-1].tail if len(inner) else inner.text
        if last:
            return str(last[-LOOK_AROUND:])
        element = previous
    return ""


def _after(element: Any) -> str:
    """Return the first few characters directly behind an element in its block."""
    for _ in range(_MAX_STEPS):
        if element.tail:
            return str(element.tail[:LOOK_AROUND])
        following = element.getnext()
        if following is not None:
            text = following.text or ""
            if text or following.tag not in {*_INLINE, "sub", "sup"}:
                return str(text[:LOOK_AROUND]) if following.tag in {*_INLINE, "sub", "sup"} else ""
            element = following
            continue
        element = element.getparent()
        if element is None or element.tag not in _INLINE:
            return ""
    return ""
