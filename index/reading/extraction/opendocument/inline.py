"""The text of an OpenDocument paragraph: what one sees of its spans, links, fields and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import DRAW, OFFICE, TEXT
from index.reading.extraction.raised import written
from index.reading.extraction.web.marks import linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from index.reading.extraction.opendocument.styles import Styles

_MAX_DEPTH = 100
_LINK = "{http://www.w3.org/1999/xlink}href"
_MAX_BLANKS = 100
_SPACE = re.compile(r"\s+")
_SKIPPED = {
    f"{OFFICE}annotation",
    f"{OFFICE}annotation-end",
    f"{TEXT}hidden-text",
    f"{TEXT}ruby-text",
    f"{TEXT}tracked-changes",
    f"{TEXT}note-citation",
}
# What stands in a paragraph and is written behind it.
_FRAMES = {f"{DRAW}{name}" for name in ("frame", "custom-shape", "g", "rect", "ellipse")}


@dataclass(slots=True)
class Line:
    """
    The text of paragraphs in one line, and what has to be written behind it.

    Parameters
    ----------
    styles
        Of the document.
    white_is_hidden
        Whether the ground is white wherever nothing else is said.

    """

    styles: Styles
    white_is_hidden: bool = True
    objects: Callable[[str], Any | None] = lambda _: None
    notes: list[tuple[int, Any]] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    _numbers: int = 0

    def of(self, paragraph: Any) -> str:
        """Return what one sees of a paragraph."""
        look = self.styles.look("paragraph", paragraph.get(f"{TEXT}style-name"))
        if look.unseen:
            return ""
        return written(self._pieces(paragraph, 0, up=False))

    def _formula(self, frame: Any) -> str:
        """Return the formula that a frame holds, which lies in a part of its own."""
        named = frame.find(f"{DRAW}object")
        root = named.find("{*}math") if named is not None else None
        if named is not None and root is None:
            root = self.objects(named.get(_LINK, ""))
        if root is None or root.tag.rsplit("}", 1)[-1] != "math":
            return ""
        for one in root.iter():
            if isinstance(one.tag, str):
                one.tag = one.tag.rsplit("}", 1)[-1]
        return linear(root)

    def _pieces(self, element: Any, depth: int, *, up: bool) -> Iterator[tuple[str, bool]]:
        if depth > _MAX_DEPTH:
            return
        if element.text:
            yield _SPACE.sub(" ", element.text), up
        for child in element:
            yield from self._piece(child, depth, up=up)
            if child.tail:
                yield _SPACE.sub(" ", child.tail), up

    def _piece(self, child: Any, depth: int, *, up: bool) -> Iterator[tuple[str, bool]]:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            return
        if tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c", "1")
            yield " " * min(int(count), _MAX_BLANKS) if count.isdecimal() else " ", up
        elif tag == f"{TEXT}tab":
            yield " ", up
        elif tag == f"{TEXT}line-break":
            yield "\n", up
        elif tag == f"{TEXT}note":
            self._numbers += 1
            self.notes.append((self._numbers, child))
            yield str(self._numbers), True
        elif tag in _FRAMES:
            formula = self._formula(child)
            if formula:
                yield f" {formula} ", False
            else:
                self.frames.append(child)
        elif tag == f"{TEXT}span":
            look = self.styles.look("text", child.get(f"{TEXT}style-name"))
            if not look.unseen and not (look.white and self.white_is_hidden):
                yield from self._pieces(child, depth + 1, up=up or look.raised)
        else:
            yield from self._pieces(child, depth + 1, up=up)
