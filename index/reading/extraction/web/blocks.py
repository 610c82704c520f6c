"""Write the elements of a page, or of the article that was found in it, as blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.writer import Writer

OUTSIDE = ("nav", "header", "footer", "aside", "form", "button", "select", "dialog")
CONTROLS = ("nav", "button", "select", "dialog")
BLOCKS = set(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "header hgroup html li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PLAIN = {"p", "div"}  # at the beginning of a list item these hold its text
_SPACE = re.compile(r"\s+")
_MAX_DEPTH = 400


class Found:
    """Writes the article that the library found, which has its own small set of elements."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def write(self, parent: Any) -> None:
        """Write an element's children in order."""
        self._loose(parent.text)
        for element in parent:
            match element.tag:
                case "head":
                    level = str(element.get("rend") or "h2").removeprefix("h")
                    self._writer.heading(_inline(element), int(level) if level.isdecimal() else 2)
                case "list":
                    for item in element.iter("item"):
                        self._writer.item(_inline(item, apart=("list",)))
                case "table":
                    for cell in element.iter("cell"):  # tables of data are put aside, so this one is for layout
                        self._writer.paragraph(_inline(cell))
                case "div" | "body" | "quote" if len(element):
                    self.write(element)
                case _:
                    self._writer.paragraph(_inline(element))
            self._loose(element.tail)

    def _loose(self, text: str | None) -> None:
        if text and text.strip():
            self._writer.paragraph(_SPACE.sub(" ", text))


def _inline(element: Any, *, apart: tuple[str, ...] = ()) -> str:
    """Return an element's text; line breaks are kept, any other white space becomes a blank."""
    return "".join(_pieces(element, apart, 0))


def _pieces(element: Any, apart: tuple[str, ...], depth: int) -> Iterator[str]:
    yield _SPACE.sub(" ", element.text or "")
    for child in element:
        if child.tag in {"lb", "br"}:
            yield "\n"
        elif child.tag not in apart and depth < _MAX_DEPTH:
            if child.tag in {"p", "item", "cell"}:
                yield " "
            yield from _pieces(child, apart, depth + 1)
        yield _SPACE.sub(" ", child.tail or "")


class Page:
    """Writes a whole page, block by block, without what surrounds the text on every page of a site."""

    def __init__(self, writer: Writer, outside: tuple[str, ...] = OUTSIDE) -> None:
        self._writer = writer
        self._outside = outside
        self._waiting: list[str] = []
        self._kind = ""

    def write(self, tree: Any) -> None:
        """Write the page."""
        body = tree.find("body")
        self._walk(tree if body is None else body, 0)
        self._flush()

    def _walk(self, element: Any, depth: int) -> None:
        tag = element.tag
        if not isinstance(tag, str) or depth > _MAX_DEPTH or tag in self._outside or tag in {"head", "title"}:
            return
        if tag == "br":
            self._waiting.append("\n")
            return
        block = tag in BLOCKS or tag in _HEADINGS
        if block and not (self._kind == "li" and tag in _PLAIN and not "".join(self._waiting).strip()):
            self._flush()
            self._kind = tag
        self._waiting.append(element.text or "" if tag == "pre" else _SPACE.sub(" ", element.text or ""))
        for child in element:
            self._walk(child, depth + 1)
            self._waiting.append(_SPACE.sub(" ", child.tail or ""))
        if block:
            self._flush()

    def _flush(self) -> None:
        text, self._waiting = "".join(self._waiting), []
        kind, self._kind = self._kind, ""
        if kind in _HEADINGS:
            self._writer.heading(text, _HEADINGS[kind])
        elif kind == "li":
            self._writer.item(text)
        else:
            self._writer.paragraph(text)
