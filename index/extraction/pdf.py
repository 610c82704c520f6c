"""Text out of PDF: lines become paragraphs and headings again, and each page keeps its number."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from index.extraction.flate import unpacks_to_too_much
from index.extraction.hidden_pdf import Visibility
from index.extraction.types import Extract, ExtractionError
from index.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_PAGES = 3000
MAX_CHARACTERS = 6_000_000  # of all pages, blanks and hidden ones too
MAX_NESTED = 1_000_000  # things drawn through forms, on all pages
_LEAST_TEXT = 20  # characters; a file with fewer in all is a picture of text
_HEADING_SIZE = 1.12  # times the size of the body
_MAX_HEADING = 200
_MAX_NUMBER = 40  # characters of a page's number with the words around it
_EDGE_LINES = 2  # so many lines at the top and at the bottom of a page may be repeated there
_HYPHENS = {0x2, 0xFFFE}  # what PDFium gives for a hyphen at the end of a line, and the end of the line
_LINE_END = {10, 13, *_HYPHENS}
_STOP = re.compile(r"[.!?…:;][\"'“”‘’»«›‹)\]\d]*$")
_PAGE_NUMBER = re.compile(
    r"(?:(?:Seite|Page|S\.|p\.)\s*)?[-–—\s]*\d{1,4}[-–—\s]*(?:(?:von|of|/)\s*\d{1,4})?", re.IGNORECASE
)
_BULLET = re.compile(r"[-–•▪●◦‣∙·*]\s+(?=\S)")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s+(?=\S)")
_AND = re.compile(r"(?:und|oder|sowie|bzw|and|or)\b")
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: where it stands in points from the lower left corner, and how high its letters are."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float


def extract(data: bytes) -> Extract:
    """
    Read a PDF.

    Raises
    ------
    ExtractionError
        It is encrypted or damaged, has too many pages, or no text.

    """
    import pypdfium2  # noqa: PLC0415 - an extra

    if unpacks_to_too_much(data):
        raise ExtractionError("a PDF that unpacks to far more than it should; it is not opened.", kind="bomb")
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted") from error
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it anew.") from error
    try:
        if len(pdf) > MAX_PAGES:
            raise ExtractionError(
                f"more than {MAX_PAGES} pages ({len(pdf)}).", hint="Split the file.", kind="too_large"
            )
        budget = _Budget()
        pages = [list(_lines(pdf, number, budget)) for number in range(len(pdf))]
        about = pdf.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it anew.") from error
    finally:
        pdf.close()
    letters = sum(character.isalnum() for lines in pages for line in lines for character in line.text)
    if letters < _LEAST_TEXT:
        raise ExtractionError(
            "a PDF without text, probably scanned.", hint="Run text recognition (OCR) over it first.", kind="scanned"
        )
    # Where the same lines stand on all pages and nothing else does, they are the text.
    text, starts = _written(_without_running_heads(pages) or [line for lines in pages for line in lines])
    if not text:
        raise ExtractionError("a PDF without text that could be read.", kind="no_text")
    day = _DATE.match(about.get("CreationDate", "") or about.get("ModDate", ""))
    return Extract(text, starts, title=clean(about.get("Title", "")), date=_iso(day) if day else "")


def _iso(day: re.Match[str]) -> str:
    try:
        return date(int(day[1]), int(day[2]), int(day[3])).isoformat()
    except ValueError:
        return ""


class _Budget:
    """What the pages of a file may hold together, so that looking at each character ends."""

    def __init__(self) -> None:
        self._characters = MAX_CHARACTERS
        self._things = MAX_NESTED

    def take_things(self, page: Any) -> None:
        """Count what a page draws through forms; one that uses another ten times, ten deep, draws billions of things."""
        from pypdfium2 import raw  # noqa: PLC0415 - an extra

        waiting = [
            thing
            for number in range(raw.FPDFPage_CountObjects(page))
            if raw.FPDFPageObj_GetType(thing := raw.FPDFPage_GetObject(page, number)) == raw.FPDF_PAGEOBJ_FORM
        ]
        while waiting:
            form = waiting.pop()
            count = max(0, raw.FPDFFormObj_CountObjects(form))
            self._things -= count
            if self._things < 0:
                raise ExtractionError(
                    f"a PDF whose forms draw more than {MAX_NESTED / 1e6:g} million things.",
                    hint="Print it to a new PDF.",
                    kind="too_large",
                )
            for number in range(count):
                thing = raw.FPDFFormObj_GetObject(form, number)
                if thing and raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_FORM:
                    waiting.append(thing)

    def take_characters(self, count: int) -> None:
        """Count the characters of a page."""
        self._characters -= count
        if self._characters < 0:
            raise ExtractionError(
                f"more than {MAX_CHARACTERS / 1e6:g} million characters.", hint="Split the file.", kind="too_large"
            )


def _lines(pdf: Any, number: int, budget: _Budget) -> Iterator[_Line]:
    """Yield the lines of a page in the order in which the file has them."""
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    page = pdf[number]
    budget.take_things(page)
    textpage = page.get_textpage()
    codes: list[int] = []
    places: list[int] = []
    try:
        count = textpage.count_chars()
        budget.take_characters(count)
        seen = Visibility(page, textpage)
        for i in range(count + 1):
            code = raw.FPDFText_GetUnicode(textpage, i) if i < count else 10
            if code not in _LINE_END:
                if seen.shows(i):
                    codes.append(code)
                    places.append(i)
            elif codes:
                if code in _HYPHENS:
                    codes.append(ord("-"))
                    places.append(places[-1])
                if line := _line(textpage, number, codes, places):
                    yield line
                codes, places = [], []
    finally:
        textpage.close()
        page.close()


def _line(textpage: Any, number: int, codes: list[int], places: list[int]) -> _Line | None:
    # PDFium may give characters beyond the basic plane as pairs of surrogates.
    text = "".join(chr(code) for code in codes if code <= 0x10FFFF)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = [place for code, place in zip(codes, places, strict=True) if code > 32 and code != 0xA0]
    if not shown or not text.strip():
        return None
    first, last = textpage.get_charbox(shown[0], loose=True), textpage.get_charbox(shown[-1], loose=True)
    sample = [textpage.get_charbox(place, loose=True) for place in shown[:: max(1, len(shown) // 5)]]
    size = median(top - bottom for _, bottom, _, top in sample)
    return _Line(text.strip(), number, first[0], last[2], median(box[1] for box in sample), size)


def _without_running_heads(pages: Sequence[list[_Line]]) -> list[_Line]:
    """Return the lines of all pages without page numbers and what stands at the edge of most pages."""
    edges = [{_masked(line.text) for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:])} for lines in pages]
    seen = Counter(text for edge in edges for text in edge)
    repeated = {text for text, count in seen.items() if count >= 3 and 2 * count > len(pages)}
    kept: list[_Line] = []
    for lines in pages:
        for i, line in enumerate(lines):
            edge = i < _EDGE_LINES or i >= len(lines) - _EDGE_LINES
            numbered = len(pages) > 1 and len(line.text) <= _MAX_NUMBER and _PAGE_NUMBER.fullmatch(line.text)
            if not (edge and (numbered or _masked(line.text) in repeated)):
                kept.append(line)
    return kept


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split()))


def _written(lines: list[_Line]) -> tuple[str, tuple[int, ...]]:
    """Return the text, and the offset at which each page up to the last one with text begins."""
    weighed = sorted((line.size, len(line.text)) for line in lines)
    body = _weighted_median(weighed)
    larger = sorted({round(line.size) for line in lines if _is_heading(line, body)}, reverse=True)
    levels = {size: min(3, rank) for rank, size in enumerate(larger, start=1)}
    pitch = _pitch(lines)
    writer = Writer()
    starts: dict[int, int] = {}
    for group in _paragraphs(lines, body, pitch):
        text, breaks = _joined(group)
        bullet = _BULLET.match(text)
        if _is_heading(group[0], body) and len(text) <= _MAX_HEADING:
            start = writer.heading(text, levels[round(group[0].size)])
        elif bullet:
            start = writer.item(text[bullet.end() :])
            breaks = [(page, max(0, offset - bullet.end())) for page, offset in breaks]
        else:
            start = writer.paragraph(text)
        for page, offset in breaks:
            starts.setdefault(page, writer.length if start is None else min(start + offset, writer.length))
    pages: list[int] = []
    following = 0
    for page in range(max(starts, default=-1), -1, -1):
        # A page without text begins where the next one with text does; the first with text, at the beginning.
        following = starts.get(page, following)
        pages.append(0 if page <= min(starts) else following)
    pages.reverse()
    return writer.text(), tuple(pages)


def _weighted_median(weighed: list[tuple[float, int]]) -> float:
    half = sum(weight for _, weight in weighed) / 2
    passed = 0
    for value, weight in weighed:
        passed += weight
        if passed >= half:
            return value
    return 0.0


def _is_heading(line: _Line, body: float) -> bool:
    return line.size > _HEADING_SIZE * body and any(character.isalpha() for character in line.text)


def _pitch(lines: list[_Line]) -> float:
    """Return the usual distance from one line to the next, in line heights."""
    steps = [
        (above.bottom - line.bottom) / line.size
        for above, line in pairwise(lines)
        if above.page == line.page and line.size > 0 and 0 < above.bottom - line.bottom < 3 * line.size
    ]
    return median(steps) if steps else 1.2


def _paragraphs(lines: list[_Line], body: float, pitch: float) -> Iterator[list[_Line]]:
    group: list[_Line] = []
    margin = 0.0  # how far to the right the lines before the last one of the group reach
    for line in lines:
        if group and not _continues(group, margin, line, body, pitch):
            yield group
            group = []
        if group:
            margin = group[-1].right if len(group) == 1 else max(margin, group[-1].right)
        group.append(line)
    if group:
        yield group


def _continues(group: list[_Line], margin: float, line: _Line, body: float, pitch: float) -> bool:
    """Tell whether a line goes on with the paragraph, or the heading, before it."""
    last = group[-1]
    if _BULLET.match(line.text) or (_NUMBERED.match(line.text) and _STOP.search(last.text)):
        return False
    # Superscripts and formulas change the height of a line too; larger letters make a heading of it.
    resized = abs(last.size - line.size) > 0.08 * max(last.size, 1.0)
    if resized and (_is_heading(last, body) or _is_heading(line, body)):
        return False
    drop = last.bottom - line.bottom
    full = len(group) > 1 and last.right > max(margin, last.right) - 0.15 * (last.right - last.left)
    if last.page != line.page or drop < -0.5 * line.size:  # the next page or column
        broken_off = full or line.text[0].islower() or last.text.endswith("-")
        return broken_off and not _STOP.search(last.text) and not _is_heading(line, body)
    if drop > 1.3 * pitch * max(line.size, 1.0):
        return False
    if _is_heading(line, body):
        return True
    first_line_indent = line.left > last.left + 0.7 * line.size
    return not (_STOP.search(last.text) and (first_line_indent or (len(group) > 1 and not full)))


def _joined(group: list[_Line]) -> tuple[str, list[tuple[int, int]]]:
    """Return the lines as one, and for each page on which a line begins the offset of its first character."""
    pieces: list[str] = []
    length = 0
    breaks: list[tuple[int, int]] = []
    for line in group:
        piece = " ".join(clean(line.text).split())
        if not piece:
            continue
        if pieces:
            seam = _seam(pieces[-1], piece)
            length += len(seam) - len(pieces[-1])
            pieces[-1] = seam
        if not breaks or breaks[-1][0] != line.page:
            breaks.append((line.page, length))
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces), breaks


def _seam(text: str, piece: str) -> str:
    """Return the line before, ready to have the next one put after it."""
    if not (text[-1] in "-‐" and len(text) > 1 and text[-2].isalpha()):
        return text + " "
    if _AND.match(piece):  # "Hard-" and "und Software"
        return text + " "
    return text[:-1] if piece[0].islower() else text
