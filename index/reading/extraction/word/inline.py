"""The text of a Word paragraph: what one sees of its runs, links, fields, insertions, formulas and text boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.raised import written
from index.reading.extraction.word.formulas import linear
from index.reading.extraction.word.names import SKIPPED, M, W, is_on, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.word.styles import Styles

_BREAKS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_WHITE = re.compile(r"f[ef]{5}", re.IGNORECASE)
_LEAST_SIZE = 4  # half points; smaller letters are not for readers


@dataclass(slots=True)
class Notes:
    """
    Footnotes and endnotes in the order in which the text refers to them.

    Parameters
    ----------
    numbers
        By kind and identifier, from 1.
    waiting
        Those whose text has not been written yet.

    """

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: list[tuple[str, str]] = field(default_factory=list)

    def number(self, kind: str, id_: str) -> int:
        """Return a note's number; its text is to be written behind the paragraph."""
        key = kind, id_
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            self.waiting.append(key)
        return self.numbers[key]


def text_of(paragraph: Any, styles: Styles, notes: Notes) -> str:
    """Return what one sees of a paragraph, or of any element that holds runs."""
    return written(_pieces(paragraph, styles, notes))


def is_bold(element: Any) -> bool:
    """Tell whether all runs of an element that have text are bold."""
    runs = [run for run in element.iter(f"{W}r") if any(one.text and one.text.strip() for one in run.iter(f"{W}t"))]
    return bool(runs) and all(is_on(run, "rPr/b") for run in runs)


def _pieces(element: Any, styles: Styles, notes: Notes) -> Iterator[tuple[str, bool]]:
    up = False  # whether the run at hand is raised
    waiting: list[tuple[Any, bool]] = [(child, up) for child in reversed(list(element.iterchildren()))]
    while waiting:
        child, up = waiting.pop()
        tag = child.tag
        if tag == f"{W}t":
            yield child.text or "", up
        elif tag in _BREAKS:
            yield _BREAKS[tag], up
        elif tag in _REFERENCES:
            if not is_on_attribute(child, "customMarkFollows"):
                yield f" [{notes.number(_REFERENCES[tag], child.get(f'{W}id', ''))}]", False
        elif tag in {f"{M}oMath", f"{M}oMathPara"}:
            yield f" {linear(child)} ", False
        elif tag in SKIPPED or (tag == f"{W}r" and _is_unseen(child, styles)):
            continue
        else:
            if tag == f"{W}p":  # of a text box
                yield "\n", False
            above = _is_raised(child, styles) if tag == f"{W}r" else up
            waiting += [(one, above) for one in reversed(list(child.iterchildren()))]


def is_on_attribute(element: Any, name: str) -> bool:
    """Tell whether an attribute that is on or off is on."""
    return element.get(f"{W}{name}", "0") not in {"0", "false", "off"}


def _is_raised(run: Any, styles: Styles) -> bool:
    align = value(run, "rPr/vertAlign")
    if align is not None:
        return align == "superscript"
    lifted = value(run, "rPr/position") or ""
    return (value(run, "rPr/rStyle") or "") in styles.raised or (lifted.isdecimal() and int(lifted) > 0)


def _is_unseen(run: Any, styles: Styles) -> bool:
    if run.find(f"{W}rPr") is None:
        return False
    struck = [is_on(run, f"rPr/{name}") for name in ("strike", "dstrike")]
    if any(struck) or (struck == [None, None] and (value(run, "rPr/rStyle") or "") in styles.struck):
        return True
    if any(is_on(run, f"rPr/{name}") for name in ("vanish", "webHidden")):
        return True
    size = value(run, "rPr/sz") or ""
    if size.isdecimal() and int(size) <= _LEAST_SIZE:
        return True
    return _WHITE.fullmatch(value(run, "rPr/color") or "") is not None and not _is_shaded(run)


def _is_shaded(run: Any) -> bool:
    """Tell whether something is behind a run, where white letters are seen, such as the colour of a table's head."""
    if any(run.find(f"{W}rPr/{W}{name}") is not None for name in ("shd", "highlight")):
        return True
    for parent in run.iterancestors():
        # Properties come first; looking for them among all children would take time with the square of these.
        first = next(parent.iterchildren(), None)
        about = first if first is not None and first.tag == f"{W}pPr" else None
        if parent.tag == f"{W}tc" or (about is not None and about.find(f"{W}shd") is not None):
            return True
    return False
