"""What the styles of a Word file say of headings, lists, and struck-out or raised letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from index.reading.extraction.word.names import W, is_on, value

_HEADING = re.compile(r"(?:heading|überschrift) (\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Styles:
    """
    The styles of a document that matter to a reader, by their identifiers.

    Parameters
    ----------
    levels
        Of those that make headings, the level from 1 to 6.
    lists
        Those that make list items.
    struck, raised
        Those that strike letters out, or raise them.

    """

    levels: dict[str, int]
    lists: frozenset[str]
    struck: frozenset[str]
    raised: frozenset[str]

    @classmethod
    def of(cls, document: Any) -> Styles:
        """Read the styles of a document of python-docx."""
        levels: dict[str, int] = {}
        lists: set[str] = set()
        struck: set[str] = set()
        raised: set[str] = set()
        for style in document.styles.element.iter(f"{W}style"):
            id_ = style.get(f"{W}styleId", "")
            label = value(style, "name") or ""
            if named := _HEADING.match(label):
                levels[id_] = int(named[1])
            elif label.lower() in {"title", "titel"}:
                levels[id_] = 1
            elif outline := outline_level(style):
                levels[id_] = outline
            elif style.find(f"{W}pPr/{W}numPr") is not None:
                lists.add(id_)
            if is_on(style, "rPr/strike") or is_on(style, "rPr/dstrike"):
                struck.add(id_)
            if value(style, "rPr/vertAlign") == "superscript":
                raised.add(id_)
        headings = {id_: level for id_, level in levels.items() if 1 <= level <= 6}
        return cls(headings, frozenset(lists), frozenset(struck), frozenset(raised))


def outline_level(element: Any) -> int:
    """Return the level that a style or paragraph gives itself in the outline, 0 where it gives none."""
    found = value(element, "pPr/outlineLvl")
    return int(found) + 1 if found in {"0", "1", "2", "3", "4", "5"} else 0
