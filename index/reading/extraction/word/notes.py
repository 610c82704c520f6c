"""Footnotes and endnotes of a Word file: their elements, and their numbers in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.list_numbers import formatted
from index.reading.extraction.word.names import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARTS = {"footnote": "/footnotes", "endnote": "/endnotes"}
"""By the kind of a note, how the type of the relation to its part ends."""
_FORMATS = {"footnote": "decimal", "endnote": "lowerRoman"}  # unless the document says otherwise


@dataclass(slots=True)
class Notes:
    """
    Footnotes and endnotes in the order in which the text refers to them, each kind counted by itself.

    Parameters
    ----------
    formats
        By kind, the name of the format of their numbers.
    marks
        By kind and identifier, what the text shows; empty for those whose mark is typed by hand.
    waiting
        Those whose text has not been written yet.

    """

    formats: Mapping[str, str] = field(default_factory=lambda: _FORMATS)
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def mark(self, kind: str, id_: str, *, own: bool) -> str:
        """Return a note's mark, empty where it has its ``own``; its text is to be written behind the paragraph."""
        key = kind, id_
        if key not in self.marks:
            self.waiting.append(key)
            if own:
                self.marks[key] = ""
            else:
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self.marks[key] = formatted(self._counts[kind], self.formats.get(kind, "decimal"))
        return self.marks[key]


def formats(places: Iterable[Any]) -> dict[str, str]:
    """Return by kind the format of the numbers of notes, as the settings and sections of a document say, the last one wins."""
    found = dict(_FORMATS)
    for place in places:
        for kind in _FORMATS:
            if said := value(place, f"{kind}Pr/numFmt"):
                found[kind] = said
    return found
