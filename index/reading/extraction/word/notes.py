"""Number the footnotes and endnotes of a Word file in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.list_numbers import formatted
from index.reading.extraction.word.names import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARTS = {"footnote": "/footnotes", "endnote": "/endnotes"}
"""For each kind of note, the ending of the type of the relation to its part."""
_FORMATS = {"footnote": "decimal", "endnote": "lowerRoman"}  # unless the document says otherwise


@dataclass(slots=True)
class Notes:
    """
    Footnotes and endnotes in the order in which the text refers to them, each kind counted separately.

    Parameters
    ----------
    formats
        Number format of each kind, by its name.
    marks
        What the text shows, by kind and identifier; empty for notes whose mark is typed by hand.
    waiting
        Kinds and identifiers of the notes whose text has not been written yet.

    """

    formats: Mapping[str, str] = field(default_factory=lambda: _FORMATS)
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def mark(self, kind: str, id_: str, *, own: bool) -> str:
        """Return a note's mark, empty if its ``own`` is typed by hand; queue its text, written behind the paragraph."""
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
    """Return the number format of each kind of note, from a document's settings and sections; the last one wins."""
    found = dict(_FORMATS)
    for place in places:
        for kind in _FORMATS:
            if said := value(place, f"{kind}Pr/numFmt"):
                found[kind] = said
    return found
