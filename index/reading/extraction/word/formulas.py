"""Formulas of Office MathML in one line, as they are typed: ``(a+b)/2``, ``√(x)``, ``10⁶``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.raised import grouped, power
from index.reading.extraction.word.names import M, W

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEPTH = 50


def linear(formula: Any) -> str:
    """Return a formula (an ``m:oMath`` or a part of one) in one line."""
    return " ".join(_all(formula, 0).split())


@dataclass(frozen=True, slots=True)
class _Part:
    """An element of a formula, and how deep it stands."""

    element: Any
    depth: int

    def text(self, name: str) -> str:
        """Return the text of a part by its name, empty where it is not there."""
        found = self.element.find(f"{M}{name}")
        return "" if found is None else _all(found, self.depth).strip()

    def grouped(self, name: str) -> str:
        """Return the text of a part as one thing: in brackets, unless it is one anyway."""
        return grouped(self.text(name))

    def each(self, between: str, path: str = "e") -> str:
        """Return all parts of a name with something between them."""
        return between.join(_all(one, self.depth).strip() for one in self.element.findall(f"{M}{path}"))

    def sign(self, path: str, default: str) -> str:
        """Return the sign that a property names."""
        found = self.element.find("/".join(f"{M}{name}" for name in path.split("/")))
        return default if found is None else found.get(f"{M}val", "")

    def bounds(self) -> str:
        """Return what stands below and above an operator."""
        marks = (("_", "sub"), ("^", "sup"))
        return "".join(f"{mark}{self.grouped(name)}" for mark, name in marks if self.text(name))


def _root(part: _Part) -> str:
    degree = part.text("deg")
    return f"{power(degree).removeprefix('^') if degree else ''}√{part.grouped('e')}"


def _matrix(part: _Part) -> str:
    return "; ".join(_Part(row, part.depth).each(", ") for row in part.element.findall(f"{M}mr"))


_FORMS: dict[str, Callable[[_Part], str]] = {
    "f": lambda part: f"{part.grouped('num')}/{part.grouped('den')}",
    "sSup": lambda part: part.grouped("e") + power(part.text("sup")),
    "sSub": lambda part: f"{part.text('e')}_{part.grouped('sub')}",
    "sSubSup": lambda part: f"{part.text('e')}_{part.grouped('sub')}{power(part.text('sup'))}",
    "rad": _root,
    "nary": lambda part: f"{part.sign('naryPr/chr', '∫')}{part.bounds()} {part.text('e')}",
    "d": lambda part: (
        part.sign("dPr/begChr", "(") + part.each(part.sign("dPr/sepChr", "|")) + part.sign("dPr/endChr", ")")
    ),
    "func": lambda part: f"{part.text('fName')} {part.text('e')}",
    "m": _matrix,
    "eqArr": lambda part: part.each("; "),
}


def _all(parent: Any, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return ""
    return "".join(_one(child, depth + 1) for child in parent.iterchildren())


def _one(element: Any, depth: int) -> str:
    tag = element.tag
    if not isinstance(tag, str) or tag.endswith("Pr") or tag == f"{W}del":
        return ""
    if tag in {f"{M}t", f"{W}t"}:
        return element.text or ""
    form = _FORMS.get(tag.removeprefix(M)) if tag.startswith(M) else None
    return _all(element, depth) if form is None else form(_Part(element, depth))
