"""
Write formulas in one line, as they are typed: ``(a+b)/2``, ``√(x)``, ``10⁶``, ``∑_(i=1)^n i``.

Each format has its own names for the same few forms. Its reader builds a tree of `Node`; only this module decides how a
form is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.reading.extraction.raised import grouped, power

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 50
"""Levels of a formula that are read; deeper ones are left out."""

Form = Literal[
    "text", "row", "fraction", "scripts", "root", "operator", "fenced", "function", "cells", "lines", "accent"
]

# Invisible signs: function application, written as a blank, and factors, addends or indices side by side.
_APPLIED = "\u2061"
_UNSEEN = re.compile("[\u2062-\u2064]")
_SIDE_BY_SIDE = re.compile("(?<=\\d)[\u2062](?=\\d)")
_ACCENTS = {
    "^": "\u0302", "ˆ": "\u0302", "̂": "\u0302", "¯": "\u0304", "‾": "\u0304", "ˉ": "\u0304", "_": "\u0304",
    "→": "\u20d7", "⃗": "\u20d7", "˙": "\u0307", ".": "\u0307", "¨": "\u0308", "~": "\u0303", "˜": "\u0303",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """
    A part of a formula.

    Parameters
    ----------
    form
        How its parts are arranged.
    parts
        ``fraction``: numerator and denominator. ``scripts`` and ``operator``: the base, the subscript and the
        superscript, each empty if there is none; for an operator also what it applies to. ``root``: the radicand and
        the degree. ``function``: its name and its argument. ``accent``: the base, and the sign above.
        ``row``, ``cells`` and ``lines``: all parts, side by side or one below the other. ``fenced``: the signs
        before, between and behind the other parts, then these parts.
    text
        The text of a node of form ``text``.

    """

    form: Form
    parts: tuple[Node, ...] = ()
    text: str = ""


EMPTY = Node("text")


def row(*parts: Node) -> Node:
    """Return a node of parts side by side."""
    return parts[0] if len(parts) == 1 else Node("row", parts)


def fenced(parts: tuple[Node, ...], opening: str, between: str, closing: str) -> Node:
    """Return a node of parts between an opening and a closing sign."""
    return Node("fenced", (*(Node("text", text=sign) for sign in (opening, between, closing)), *parts))


def linear(formula: Node) -> str:
    """Return a formula in one line."""
    text = _written(formula).replace(_APPLIED, " ")
    return " ".join(_UNSEEN.sub("", _SIDE_BY_SIDE.sub("·", text)).split())


def _written(node: Node) -> str:
    return node.text if node.form == "text" else _FORMS[node.form](node)


def _parts(node: Node) -> list[str]:
    return [_written(part).strip() for part in node.parts]


def _each(between: str) -> Callable[[Node], str]:
    return lambda node: between.join(filter(None, _parts(node)))


def _row(node: Node) -> str:
    return "".join(map(_written, node.parts))


def _fraction(node: Node) -> str:
    above, below = _parts(node)
    return f"{grouped(above)}/{grouped(below)}"


def _scripts(node: Node) -> str:
    base, low, high = _parts(node)
    return f"{grouped(base)}{_lowered(low)}{power(high) if high else ''}"


def _lowered(text: str) -> str:
    return f"_{grouped(text)}" if text else ""


def _operator(node: Node) -> str:
    sign, low, high, *over = _parts(node)
    return f"{sign}{_lowered(low)}{f'^{grouped(high)}' if high else ''} {''.join(over)}"


def _root(node: Node) -> str:
    inner, degree = _parts(node)
    return f"{power(degree).removeprefix('^') if degree else ''}√{grouped(inner)}"


def _fenced(node: Node) -> str:
    opening, between, closing = (part.text for part in node.parts[:3])
    return f"{opening}{between.join(_written(part).strip() for part in node.parts[3:])}{closing}"


def _function(node: Node) -> str:
    name, argument = _parts(node)
    return f"{name} {argument}"


def _accent(node: Node) -> str:
    inner, sign = _parts(node)
    mark = _ACCENTS.get(sign)
    return f"{inner}{mark}" if mark and len(inner) == 1 else f"{grouped(inner)}{f'^{sign}' if sign else ''}"


_FORMS: dict[str, Callable[[Node], str]] = {
    "row": _row,
    "fraction": _fraction,
    "scripts": _scripts,
    "operator": _operator,
    "root": _root,
    "fenced": _fenced,
    "function": _function,
    "cells": _each(", "),
    "lines": _each("; "),
    "accent": _accent,
}
