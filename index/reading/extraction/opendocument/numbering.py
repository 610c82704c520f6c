"""Compute the numbers that an OpenDocument text sets before headings and list items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.list_numbers import repeated_letters, roman
from index.reading.extraction.opendocument.names import STYLE, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OUTLINE = ""
"""The key under which the numbering of headings is stored."""
_KINDS: dict[str, Callable[[int], str]] = {
    "1": str,
    "a": repeated_letters,
    "A": lambda number: repeated_letters(number).upper(),
    "i": roman,
    "I": lambda number: roman(number).upper(),
}


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level is shown; ``kind`` is empty if it has no number."""

    kind: str = ""
    before: str = ""
    behind: str = ""
    shown: int = 1
    start: int = 1


class Numbering:
    """Counts the numbered items and headings of a document."""

    def __init__(self) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}

    def add(self, elements: Iterable[Any]) -> None:
        """Add the styles of lists and of the outline; of two with the same name, the first counts."""
        for one in elements:
            name = OUTLINE if one.tag == f"{TEXT}outline-style" else one.get(f"{STYLE}name", "")
            levels = {
                _number(level, "level", 1): _level(level)
                for level in one.iter(f"{TEXT}list-level-style-number", f"{TEXT}outline-level-style")
            }
            self._levels.setdefault(name, levels)

    def begin(self, style: str) -> None:
        """Restart the count of a list."""
        self._counts.pop(style, None)

    def label(self, style: str, level: int, start: int | None = None) -> str:
        """Count one more item of a level, from 1; return its number, empty if it has none."""
        levels = self._levels.get(style, {})
        about = levels.get(level, _Level())
        counts = self._counts.setdefault(style, {})
        counts[level] = start if start is not None else counts.get(level, about.start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if not about.kind:
            return ""
        numbers = []
        for above in range(max(1, level - about.shown + 1), level + 1):
            kind = levels.get(above, _Level()).kind
            if kind:
                numbers.append(_KINDS.get(kind, str)(counts.get(above, levels[above].start)))
        return f"{about.before}{'.'.join(numbers)}{about.behind}".strip()


def start_of(element: Any) -> int | None:
    """Return the number that an item or a heading restarts with, None if it continues the count."""
    return _number(element, "start-value", 1) if element.get(f"{TEXT}start-value") else None


def _level(element: Any) -> _Level:
    return _Level(
        element.get(f"{STYLE}num-format", ""),
        element.get(f"{STYLE}num-prefix", ""),
        element.get(f"{STYLE}num-suffix", ""),
        _number(element, "display-levels", 1),
        _number(element, "start-value", 1),
    )


def _number(element: Any, name: str, default: int) -> int:
    value = element.get(f"{TEXT}{name}", "")
    return int(value) if value.isdecimal() and len(value) < 9 else default
