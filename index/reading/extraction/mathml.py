"""Read formulas of MathML, with or without namespaces; see `index.reading.extraction.formulas`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.reading.extraction.formulas import EMPTY, MAX_DEPTH, Node, fenced, linear, row

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSEEN = {"annotation", "annotation-xml", "mphantom", "none", "mprescripts"}
# Sums, products, unions, integrals: below and above each stand its bounds.
_OPERATORS = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂")
_FUNCTIONS = frozenset({"lim", "max", "min", "sup", "inf", "limsup", "liminf"})


def in_one_line(formula: Any) -> str:
    """Return a formula (a ``math`` element or a part of one) in one line."""
    return linear(_node(formula, 0))


def name(element: Any) -> str:
    """Return an element's name without its namespace or prefix, empty for a comment."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1] if isinstance(tag, str) else ""


def _node(element: Any, depth: int) -> Node:
    tag = name(element)
    if depth > MAX_DEPTH or not tag or tag in _UNSEEN or "strike" in element.get("notation", ""):
        return EMPTY
    if tag == "mtext":
        return Node("text", text=f" {''.join(element.itertext())} ")
    children = [child for child in element if name(child)]
    if tag == "semantics":  # the same formula in several notations
        children = children[:1]
    parts = tuple(_node(child, depth + 1) for child in children)
    form = _FORMS.get((tag, len(parts))) or _FORMS.get((tag, -1))
    if form is not None:
        return form(element, parts)
    texts = [Node("text", text=(element.text or "").strip())]
    for child, part in zip(children, parts, strict=True):
        texts += [part, Node("text", text=(child.tail or "").strip())] if tag != "semantics" else [part]
    return row(*(one for one in texts if one != EMPTY))


def _limits(base: Node, low: Node, high: Node) -> Node:
    return Node("operator" if base.text in _OPERATORS | _FUNCTIONS else "scripts", (base, low, high))


def _over(_: Any, parts: tuple[Node, ...]) -> Node:
    base, above = parts
    if base.text in _OPERATORS:
        return Node("operator", (base, EMPTY, above))
    return Node("accent", (base, above))


def _fenced(element: Any, parts: tuple[Node, ...]) -> Node:
    between = (element.get("separators", ",").split() or [""])[0]
    return fenced(parts, element.get("open", "("), f"{between} " if between else "", element.get("close", ")"))


_FORMS: dict[tuple[str, int], Callable[[Any, tuple[Node, ...]], Node]] = {
    ("mfrac", 2): lambda _, parts: Node("fraction", parts),
    ("msup", 2): lambda _, parts: _limits(parts[0], EMPTY, parts[1]),
    ("msub", 2): lambda _, parts: _limits(parts[0], parts[1], EMPTY),
    ("msubsup", 3): lambda _, parts: _limits(*parts),
    ("munder", 2): lambda _, parts: _limits(parts[0], parts[1], EMPTY),
    ("mover", 2): _over,
    ("munderover", 3): lambda _, parts: _limits(*parts),
    ("mmultiscripts", 3): lambda _, parts: _limits(*parts),
    ("msqrt", -1): lambda _, parts: Node("root", (row(*parts), EMPTY)),
    ("mroot", 2): lambda _, parts: Node("root", parts),
    ("mfenced", -1): _fenced,
    ("mtr", -1): lambda _, parts: Node("cells", parts),
    ("mlabeledtr", -1): lambda _, parts: Node("cells", parts[1:]),
    ("mtable", -1): lambda _, parts: Node("lines", parts),
    ("mspace", -1): lambda _, __: Node("text", text=" "),
}
