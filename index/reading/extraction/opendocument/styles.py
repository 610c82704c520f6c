"""Resolve the styles of an OpenDocument file for letters, cells, tables and slides."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import FO, PRESENTATION, STYLE, TABLE, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_PARENTS = 20
_RAISED = re.compile(r"super\b|[1-9]\d?(?:\.\d+)?%")


@dataclass(frozen=True, slots=True)
class Look:
    """How something looks: struck out, hidden, raised, bold, in white letters without a background of their own."""

    struck: bool = False
    hidden: bool = False
    raised: bool = False
    bold: bool = False
    white: bool = False

    @property
    def unseen(self) -> bool:
        """Whether it is hidden, or struck out and so no longer valid."""
        return self.struck or self.hidden


_PLAIN = Look()


class Styles:
    """The styles of a file, by family and name."""

    def __init__(self) -> None:
        self._elements: dict[tuple[str, str], Any] = {}
        self._looks: dict[tuple[str, str, Look], Look] = {}

    def add(self, elements: Iterable[Any]) -> None:
        """Add style elements; of two with the same name, the first counts."""
        for one in elements:
            self._elements.setdefault((one.get(f"{STYLE}family", ""), one.get(f"{STYLE}name", "")), one)

    def look(self, family: str, name: str | None, around: Look = _PLAIN) -> Look:
        """Return the look that a style gives an element; what the style does not state is as ``around`` the element."""
        if not name:
            return around
        key = family, name, around
        if key not in self._looks:
            self._looks[key] = self._found(family, name, around)
        return self._looks[key]

    def _found(self, family: str, name: str, look: Look) -> Look:
        chain: list[Any] = []
        element = self._elements.get((family, name))
        while element is not None and len(chain) < _MAX_PARENTS:
            chain.append(element)
            element = self._elements.get((family, element.get(f"{STYLE}parent-style-name", "")))
        for one in reversed(chain):  # the nearest style takes precedence
            for properties in one:
                if isinstance(properties.tag, str):
                    look = _with(look, properties)
        return look


def _with(look: Look, properties: Any) -> Look:
    for kind in ("style", "type"):
        if (line := properties.get(f"{STYLE}text-line-through-{kind}")) is not None:
            look = replace(look, struck=line != "none")
    if (display := properties.get(f"{TEXT}display")) is not None:
        look = replace(look, hidden=display == "none")
    if properties.get(f"{TABLE}display") == "false" or properties.get(f"{PRESENTATION}visibility") == "hidden":
        look = replace(look, hidden=True)
    if (position := properties.get(f"{STYLE}text-position")) is not None:
        look = replace(look, raised=_RAISED.match(position) is not None)
    if (weight := properties.get(f"{FO}font-weight")) is not None:
        look = replace(look, bold=weight in {"bold", "600", "700", "800", "900"})
    if (colour := properties.get(f"{FO}color")) is not None:
        look = replace(look, white=colour.lower() == "#ffffff")
    if properties.get(f"{FO}background-color", "transparent") != "transparent":
        look = replace(look, white=False)
    return look
