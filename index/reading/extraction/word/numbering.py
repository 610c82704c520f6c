"""Compute the numbers that Word sets before headings and list items: "1.2.3", "a)", "§ 4", "IV."."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.list_numbers import formatted
from index.reading.extraction.word.names import W, is_on, value

if TYPE_CHECKING:
    from index.reading.extraction.word.styles import Styles

_PLACE = re.compile(r"%([1-9])")
_MAX_LINKS = 5


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a numbering is shown; ``restart`` is the level (from 1) that restarts it, 0 if none does."""

    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _List:
    """A numbering: its levels, the abstract numbering whose count it shares, and the numbers that it restarts with."""

    levels: dict[int, _Level]
    shared: str
    anew: dict[int, int]


class Numbering:
    """
    Counts the numbered paragraphs of a document.

    Parameters
    ----------
    root
        The element of all numberings (``w:numbering``), None if there is none.
    styles
        The styles of the document.

    """

    def __init__(self, root: Any, styles: Styles) -> None:
        self._styles = styles
        self._abstract: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        for one in () if root is None else root.iterfind(f"{W}abstractNum"):
            self._abstract.setdefault(one.get(f"{W}abstractNumId", ""), one)
        for one in () if root is None else root.iterfind(f"{W}num"):
            self._numbers.setdefault(one.get(f"{W}numId", ""), one)
        self._lists: dict[str, _List | None] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def label(self, number: str, level: str) -> str:
        """
        Count one more paragraph, and return the label before it.

        Parameters
        ----------
        number, level
            Identifier of the numbering, and the level within it, as written in the file.

        Returns
        -------
        str
            The label; empty if it is a bullet, or if the numbering is unknown.

        """
        if number not in self._lists:
            self._lists[number] = self._read(number)
        found = self._lists[number]
        place = int(level) if level.isdecimal() and len(level) == 1 else 0
        if found is None:
            return ""
        counts = self._counts.setdefault(found.shared, {})
        if number not in self._begun:
            self._begun.add(number)
            for deeper, first in found.anew.items():
                counts[deeper] = first - 1
        about = found.levels.get(place, _Level())
        counts[place] = counts.get(place, about.start - 1) + 1
        for deeper in [one for one in counts if one > place]:
            restart = found.levels.get(deeper, _Level()).restart
            if restart is None or place < restart:
                del counts[deeper]
        if about.hidden or about.kind == "bullet":
            return ""

        def shown(match: re.Match[str]) -> str:
            above = int(match[1]) - 1
            level_above = found.levels.get(above, _Level())
            count = counts.get(above, level_above.start)
            return formatted(count, "decimal" if about.legal else level_above.kind)

        text = " ".join(_PLACE.sub(shown, about.text).split())
        return text if any(sign.isalnum() for sign in text) else ""

    def _read(self, number: str) -> _List | None:
        num = self._numbers.get(number)
        if num is None:
            return None
        shared = value(num, "abstractNumId") or ""
        abstract = self._abstract.get(shared)
        for _ in range(_MAX_LINKS):  # a numbering may stand for that of a style
            link = None if abstract is None else value(abstract, "numStyleLink")
            linked = self._numbers.get(self._styles.numbering_of(link) or "") if link else None
            if linked is None:
                break
            shared = value(linked, "abstractNumId") or ""
            abstract = self._abstract.get(shared)
        levels: dict[int, _Level] = {}
        for one in () if abstract is None else abstract.iterfind(f"{W}lvl"):
            levels[_number(one.get(f"{W}ilvl"), 0)] = _level(one)
        anew: dict[int, int] = {}
        for override in num.iterfind(f"{W}lvlOverride"):
            place = _number(override.get(f"{W}ilvl"), 0)
            if (own := override.find(f"{W}lvl")) is not None:
                levels[place] = _level(own)
            if (first := value(override, "startOverride")) is not None:
                anew[place] = _number(first, 1)
        return _List(levels, shared, anew)


def _level(element: Any) -> _Level:
    restart = value(element, "lvlRestart")
    return _Level(
        _number(value(element, "start"), 0 if element.find(f"{W}start") is None else 1),
        value(element, "numFmt") or "decimal",
        value(element, "lvlText") or "",
        None if restart is None else _number(restart, 0),
        is_on(element, "isLgl") is True,
        is_on(element, "rPr/vanish") is True,
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default
