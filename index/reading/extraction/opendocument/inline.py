"""Read the visible text of an OpenDocument paragraph: its spans, links, fields and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from index.reading.extraction.mathml import in_one_line, name
from index.reading.extraction.opendocument.names import DRAW, OFFICE, TEXT
from index.reading.extraction.raised import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from index.reading.extraction.opendocument.styles import Look, Styles

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
# Elements in a paragraph that are written behind it.
_FRAMES = {f"{DRAW}{name}" for name in ("frame", "custom-shape", "g", "rect", "ellipse")}

_BY_THEMSELVES = _FRAMES | {f"{TEXT}{name}" for name in ("s", "tab", "line-break", "note")}


@dataclass(slots=True)
class Line:
    """
    Reads the text of paragraphs, and collects what has to be written behind it.

    Parameters
    ----------
    styles
        The styles of the document.
    white_is_hidden
        Whether the background is white unless stated otherwise.

    """

    styles: Styles
    white_is_hidden: bool = True
    objects: Callable[[str], Any | None] = lambda _: None
    notes: list[tuple[int, Any]] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    _numbers: int = 0

    def of(self, paragraph: Any) -> str:
        """Return the visible text of a paragraph."""
        look = self.styles.look("paragraph", paragraph.get(f"{TEXT}style-name"))
        return "" if look.hidden else written(self._pieces(paragraph, 0, replace(look, white=False)))

    def is_bold(self, paragraph: Any) -> bool:
        """Tell whether a paragraph is bold, by its own style or because it consists of bold spans."""
        look = self.styles.look("paragraph", paragraph.get(f"{TEXT}style-name"))
        spans = [one for one in paragraph if one.tag == f"{TEXT}span"]
        looks = [self.styles.look("text", one.get(f"{TEXT}style-name"), look) for one in spans]
        loose = [paragraph.text, *(one.tail for one in paragraph)]
        others = len(spans) < len(paragraph) or any(text and text.strip() for text in loose)
        return all(one.bold for one in looks) and (look.bold or (bool(looks) and not others))

    def _formula(self, frame: Any) -> str:
        """Return the formula that a frame holds, itself or in a separate part, empty if there is none."""
        named = frame.find(f"{DRAW}object")
        root = named.find("{*}math") if named is not None else None
        if named is not None and root is None:
            root = self.objects(named.get(_LINK, ""))
        return "" if root is None or name(root) != "math" else in_one_line(root)

    def _pieces(self, element: Any, depth: int, look: Look) -> Iterator[tuple[str, bool]]:
        if depth > _MAX_DEPTH:
            return
        shown = self._is_seen(look)
        if element.text and shown:
            yield _SPACE.sub(" ", element.text), look.raised
        for child in element:
            yield from self._piece(child, depth, look)
            if child.tail and shown:
                yield _SPACE.sub(" ", child.tail), look.raised

    def _is_seen(self, look: Look) -> bool:
        return not look.unseen and not (look.white and self.white_is_hidden)

    def _piece(self, child: Any, depth: int, look: Look) -> Iterator[tuple[str, bool]]:
        tag, up = child.tag, look.raised
        if not isinstance(tag, str) or tag in _SKIPPED or (tag in _BY_THEMSELVES and not self._is_seen(look)):
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
            yield from self._pieces(child, depth + 1, self.styles.look("text", child.get(f"{TEXT}style-name"), look))
        else:
            yield from self._pieces(child, depth + 1, look)
