"""Read the text of a Word paragraph: what is visible of its runs, links, fields, insertions and formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.raised import written
from index.reading.extraction.word.fields import Fields
from index.reading.extraction.word.formulas import linear
from index.reading.extraction.word.names import SKIPPED, M, W
from index.reading.extraction.word.notes import Notes
from index.reading.extraction.word.styles import Place
from index.reading.extraction.word.symbols import in_font, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.reading.extraction.word.numbering import Numbering
    from index.reading.extraction.word.styles import Styles

_BREAKS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_UNSEEN = SKIPPED | {f"{W}rt"}  # the pronunciation of a word, in small letters above it
_BOX = f"{W}txbxContent"


@dataclass(slots=True)
class Line:
    """
    Reads the text of paragraphs, and collects what has to be written behind it.

    Parameters
    ----------
    styles, numbering
        Those of the document.
    notes
        The footnotes and endnotes that are referred to.
    boxes
        The text boxes found so far whose text has not been written yet.
    on_colour
        Whether pages have a background colour, on which white letters are visible.

    """

    styles: Styles
    numbering: Numbering
    notes: Notes = field(default_factory=Notes)
    boxes: list[Any] = field(default_factory=list)
    on_colour: bool = False

    def of(self, element: Any) -> str:
        """Return the visible text of a paragraph, or of any element that holds runs."""
        return written(self._pieces(element))

    def label(self, paragraph: Any) -> str | None:
        """Count a paragraph in its list; return the number before it, empty for a bullet, None if it is in no list."""
        found = self.styles.numbering(paragraph)
        return None if found is None else self.numbering.label(*found)

    def joined(self, paragraphs: Iterable[Any]) -> Iterator[tuple[str, Any]]:
        """Yield texts, each with its last paragraph: if a paragraph's end was deleted, the next one continues it."""
        begun: list[str] = []
        last = None
        for last in paragraphs:
            begun.append(self.of(last))
            if not runs_on(last):
                yield "".join(begun), last
                begun.clear()
        if begun:
            yield "".join(begun), last

    def is_bold(self, element: Any) -> bool:
        """Tell whether all runs of an element that have text are bold."""
        runs = [run for run in element.iter(f"{W}r") if any(one.text and one.text.strip() for one in run.iter(f"{W}t"))]
        places: dict[Any, Place] = {}
        for run in runs:
            paragraph = next(run.iterancestors(f"{W}p"), None)
            if paragraph not in places:
                places[paragraph] = Place() if paragraph is None else self.styles.place(paragraph)
            if not self.styles.look(run, places[paragraph]).bold:
                return False
        return bool(runs)

    def _pieces(self, element: Any) -> list[tuple[str, bool]]:
        fields = Fields()
        start = self.styles.place(element) if element.tag == f"{W}p" else Place()
        waiting = [(child, start, False, "") for child in reversed(list(element.iterchildren()))]
        while waiting:
            child, place, up, font = waiting.pop()
            tag = child.tag
            if tag in _UNSEEN or self._put(child, fields, font, up=up):
                continue
            if tag == f"{W}p":
                fields.add("\n", up=False)
                place = self.styles.place(child)
            elif tag == f"{W}r":
                look = self.styles.look(child, place)
                if look.unseen or (look.white and not self.on_colour and not self._has_background(child)):
                    continue
                up, font = look.raised, _font(child)
            waiting += [(one, place, up, font) for one in reversed(list(child.iterchildren()))]
        return fields.close()

    def _put(self, child: Any, fields: Fields, font: str, *, up: bool) -> bool:
        """Add the text of an element itself; return False if it only holds other elements."""
        tag = child.tag
        if tag == f"{W}t":
            fields.add(in_font(child.text or "", font), up=up)
        elif tag in _BREAKS:
            fields.add(_BREAKS[tag], up=up)
        elif tag == f"{W}fldChar":
            fields.mark(child)
        elif tag == f"{W}sym":
            fields.add(_symbol(child), up=up)
        elif tag in _REFERENCES:
            own = is_on_attribute(child, "customMarkFollows")
            mark = self.notes.mark(_REFERENCES[tag], child.get(f"{W}id", ""), own=own)
            fields.add(f" [{mark}]" if mark else "", up=False)
        elif tag in {f"{M}oMath", f"{M}oMathPara"}:
            fields.add(f" {linear(child)} ", up=False)
        elif tag == _BOX:
            self.boxes.append(child)
        else:
            return False
        return True

    def _has_background(self, run: Any) -> bool:
        """Tell whether a run has a background on which white letters are visible, such as that of a table's head."""
        for parent in run.iterancestors():
            # Properties come first; looking for them among all children would take time quadratic in their number.
            first = next(parent.iterchildren(), None)
            about = first if first is not None and first.tag == f"{W}pPr" else None
            if parent.tag in {f"{W}tc", _BOX} or (about is not None and about.find(f"{W}shd") is not None):
                return True
            if parent.tag == f"{W}p" and self.styles.has_background(parent):
                return True
        return False


def runs_on(paragraph: Any) -> bool:
    """Tell whether a paragraph's end was deleted or moved away."""
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    return mark is not None and any(mark.find(f"{W}{name}") is not None for name in ("del", "moveFrom"))


def is_on_attribute(element: Any, name: str) -> bool:
    """Tell whether an on/off attribute is on."""
    return element.get(f"{W}{name}", "0") not in {"0", "false", "off"}


def _symbol(element: Any) -> str:
    number = element.get(f"{W}char", "")
    try:
        return symbol(element.get(f"{W}font", ""), int(number, 16)) if len(number) <= 6 else ""
    except ValueError:
        return ""


def _font(run: Any) -> str:
    """Return the font that a run names itself."""
    fonts = run.find(f"{W}rPr/{W}rFonts")
    return "" if fonts is None else fonts.get(f"{W}ascii", "")
