"""Read what fields of a Word paragraph show, not their instructions; boxes and lists of old forms by their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from index.reading.extraction.word.names import W, is_on, value

Piece = tuple[str, bool]


@dataclass(slots=True)
class _Open:
    """An open field: its form data, whether its result has begun, and the pieces of its instructions and result."""

    form: Any
    shows: bool = False
    instructions: list[Piece] = field(default_factory=list)
    result: list[Piece] = field(default_factory=list)


class Fields:
    """Sorts the pieces of a paragraph into those that are shown and those that belong to a field's instructions."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self.shown: list[Piece] = []

    def add(self, text: str, *, up: bool) -> None:
        """Take a piece of text as it stands in the file; ``up`` tells whether it is raised."""
        self._target().append((text, up))

    def mark(self, element: Any) -> None:
        """Take the mark of a field's beginning, its result or its end (``w:fldChar``)."""
        kind = element.get(f"{W}fldCharType", "")
        if kind == "begin":
            self._open.append(_Open(element.find(f"{W}ffData")))
        elif kind == "separate" and self._open:
            self._open[-1].shows = True
        elif kind == "end" and self._open:
            ended = self._open.pop()
            result = ended.result
            if ended.form is not None and not any(text.strip() for text, _ in result):
                result = [(_value_of(ended.form), False)]
            self._target().extend(result)

    def close(self) -> list[Piece]:
        """Return what is shown; a field without an end is shown whole, because the next paragraph may continue it."""
        while self._open:
            last = self._open.pop()
            self._target().extend((*last.instructions, *last.result))
        return self.shown

    def _target(self) -> list[Piece]:
        if not self._open:
            return self.shown
        last = self._open[-1]
        return last.result if last.shows else last.instructions


def _value_of(form: Any) -> str:
    """Return what a field of an old form shows if it has no text: a box, the chosen entry, or its default."""
    if (box := form.find(f"{W}checkBox")) is not None:
        checked = is_on(box, "checked")
        return "☒" if (is_on(box, "default") if checked is None else checked) else "☐"
    if (choice := form.find(f"{W}ddList")) is not None:
        entries = [one.get(f"{W}val", "") for one in choice.iterfind(f"{W}listEntry")]
        chosen = value(choice, "result") or value(choice, "default") or "0"
        place = int(chosen) if chosen.isdecimal() and len(chosen) < 9 else 0
        return entries[place] if place < len(entries) else ""
    return value(form, "textInput/default") or ""
