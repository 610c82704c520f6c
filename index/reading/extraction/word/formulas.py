"""Read formulas of Office MathML; see `index.reading.extraction.formulas`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.reading.extraction.formulas import EMPTY, MAX_DEPTH, Node, fenced, row
from index.reading.extraction.formulas import linear as in_one_line
from index.reading.extraction.word.names import M, W

if TYPE_CHECKING:
    from collections.abc import Callable

_OFF = {"0", "false", "off"}


def linear(formula: Any) -> str:
    """Return a formula (an ``m:oMath`` or a part of one) in one line."""
    return in_one_line(_all(formula, 0))


class _Part:
    """An element of a formula, and its depth."""

    def __init__(self, element: Any, depth: int) -> None:
        self._element = element
        self._depth = depth

    def nodes(self, *names: str) -> tuple[Node, ...]:
        """Return parts by their names, an empty node for each that is missing."""
        found = (self._element.find(f"{M}{name}") for name in names)
        return tuple(EMPTY if one is None else _all(one, self._depth) for one in found)

    def each(self, name: str = "e") -> tuple[Node, ...]:
        """Return all parts with a name."""
        return tuple(_all(one, self._depth) for one in self._element.findall(f"{M}{name}"))

    def sign(self, path: str, default: str) -> Node:
        """Return the sign that a property names."""
        return Node("text", text=self.value(path, default))

    def value(self, path: str, default: str) -> str:
        """Return the value of a property."""
        found = self._element.find("/".join(f"{M}{name}" for name in path.split("/")))
        return default if found is None else str(found.get(f"{M}val", ""))

    def rows(self) -> tuple[Node, ...]:
        """Return the rows of a matrix."""
        return tuple(Node("cells", _Part(one, self._depth).each()) for one in self._element.findall(f"{M}mr"))


_FORMS: dict[str, Callable[[_Part], Node]] = {
    "f": lambda part: Node("fraction", part.nodes("num", "den")),
    "sSup": lambda part: Node("scripts", part.nodes("e", "sub", "sup")),
    "sSub": lambda part: Node("scripts", part.nodes("e", "sub", "sup")),
    "sSubSup": lambda part: Node("scripts", part.nodes("e", "sub", "sup")),
    "rad": lambda part: Node("root", part.nodes("e", "deg")),
    "nary": lambda part: Node("operator", (part.sign("naryPr/chr", "∫"), *part.nodes("sub", "sup", "e"))),
    "d": lambda part: fenced(
        part.each(), part.value("dPr/begChr", "("), part.value("dPr/sepChr", "|"), part.value("dPr/endChr", ")")
    ),
    "func": lambda part: Node("function", part.nodes("fName", "e")),
    "m": lambda part: Node("lines", part.rows()),
    "eqArr": lambda part: Node("lines", part.each()),
    "limLow": lambda part: Node("operator", (*part.nodes("e", "lim"), EMPTY)),
    "limUpp": lambda part: Node("operator", (part.nodes("e")[0], EMPTY, part.nodes("lim")[0])),
    "acc": lambda part: Node("accent", (*part.nodes("e"), part.sign("accPr/chr", "^"))),
    "bar": lambda part: Node("accent", (*part.nodes("e"), Node("text", text="¯"))),
    "phant": lambda part: EMPTY if part.value("phantPr/show", "1") in _OFF else part.nodes("e")[0],
    "borderBox": lambda part: EMPTY if _is_struck(part) else part.nodes("e")[0],
}


def _is_struck(part: _Part) -> bool:
    names = ("strikeH", "strikeV", "strikeBLTR", "strikeTLBR")
    return any(part.value(f"borderBoxPr/{name}", "0") not in _OFF for name in names)


def _all(parent: Any, depth: int) -> Node:
    if depth > MAX_DEPTH:
        return EMPTY
    return row(*(_one(child, depth + 1) for child in parent.iterchildren()))


def _one(element: Any, depth: int) -> Node:
    tag = element.tag
    if not isinstance(tag, str) or tag.endswith("Pr") or tag in {f"{W}del", f"{W}moveFrom"}:
        return EMPTY
    if tag in {f"{M}t", f"{W}t"}:
        return Node("text", text=element.text or "")
    form = _FORMS.get(tag.removeprefix(M)) if tag.startswith(M) else None
    return _all(element, depth) if form is None else form(_Part(element, depth))
