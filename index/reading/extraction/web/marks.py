"""Turn what HTML says by raising, striking or setting letters into text that says the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from index.reading.extraction.raised import LOOK_AROUND, grouped, power, raised
from index.reading.extraction.web.hidden import remove

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRUCK = frozenset({"s", "strike", "del"})
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_LONGEST_MARK = 40  # characters; what is longer is text that is merely set higher
_INLINE = frozenset("a b em font i small span strong u".split())
_MAX_STEPS = 20  # elements without text that are looked behind
_MAX_DEPTH = 50


def write_out(tree: Any) -> None:
    """Drop what is struck out, set raised marks off, and write formulas in one line; the text after each stays."""
    for formula in list(tree.iter("math")):
        _replace(formula, linear(formula))
    remove([element for element in tree.iter() if element is not tree and _is_struck(element)])
    for element in list(tree.iter()):
        if element.tag == "sup" or _RAISED.search(element.get("style") or ""):
            mark = _beginning(element)
            if mark.strip() and len(mark) <= _LONGEST_MARK and element is not tree:
                _replace(element, raised(_before(element), mark, _after(element)))


def _is_struck(element: Any) -> bool:
    return element.tag in _STRUCK or _LINE_THROUGH.search(element.get("style") or "") is not None


def linear(formula: Any) -> str:
    """Return MathML in one line; it has no namespaces."""
    return " ".join(_formula(formula, 0).split())


def _replace(element: Any, text: str) -> None:
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def _beginning(element: Any) -> str:
    """Return an element's text, or so much of it that it is no mark."""
    text = ""
    for part in element.itertext():
        text += part[: _LONGEST_MARK + 1]
        if len(text) > _LONGEST_MARK:
            break
    return text


def _before(element: Any) -> str:
    """Return the last few characters that stand right before an element in its block."""
    for _ in range(_MAX_STEPS):
        previous = element.getprevious()
        if previous is None:
            element = element.getparent()
            if element is None or element.text or element.tag not in _INLINE:
                return "" if element is None else str((element.text or "")[-LOOK_AROUND:])
            continue
        if previous.tail:
            return str(previous.tail[-LOOK_AROUND:])
        inner = previous
        while len(inner) and not inner[-1].tail:
            inner = inner[-1]
        last = inner[-1].tail if len(inner) else inner.text
        if last:
            return str(last[-LOOK_AROUND:])
        element = previous
    return ""


def _after(element: Any) -> str:
    """Return the first few characters that stand right behind an element in its block."""
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


def _formula(element: Any, depth: int) -> str:
    """Return MathML in one line."""
    if depth > _MAX_DEPTH or not isinstance(element.tag, str) or element.tag.startswith("annotation"):
        return ""
    parts = [_formula(child, depth + 1).strip() for child in element if isinstance(child.tag, str)]
    match element.tag, parts:
        case "mfrac", [above, below]:
            return f"{grouped(above)}/{grouped(below)}"
        case "msup", [base, exponent]:
            return grouped(base) + power(exponent)
        case "msub", [base, index]:
            return f"{base}_{grouped(index)}"
        case "msubsup", [base, index, exponent]:
            return f"{base}_{grouped(index)}{power(exponent)}"
        case "msqrt", _:
            return f"√{grouped(''.join(parts))}"
        case "mroot", [base, degree]:
            return f"{power(degree).removeprefix('^')}√{grouped(base)}"
        case "mtr", _:
            return ", ".join(parts)
        case "mtable", _:
            return "; ".join(parts)
        case "mtext", _:
            return f" {element.text or ''} "
    return "".join(_texts(element, parts))


def _texts(element: Any, parts: list[str]) -> Iterator[str]:
    yield (element.text or "").strip()
    children = [child for child in element if isinstance(child.tag, str)]
    for child, part in zip(children, parts, strict=True):
        yield part
        yield (child.tail or "").strip()
