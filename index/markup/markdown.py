"""Find the units of Markdown: a CommonMark parser finds the blocks, and each is traced back to its characters."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_block import table as is_table

from index.markup.hidden import hidden, may_hide, shown_of_html, with_names
from index.markup.units import CREDIT, INVISIBLE, MAX_HEADING, Unit, mark_captions
from index.text.cldr import months
from index.text.sentences import split
from index.text.spelling import folded
from index.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n?|\n")
_RULE = re.compile(r"[-*_=~#|>:.+ \t]+$")
# A picture alone on its line, perhaps as a link; its description is shown below it or instead of it.
_PLACE = r"\((?:[^()\n]{0,1000}|\s?<?data:[^\s()]*(?:\s[^()\n]{0,300})?)\)"
_IMAGE = re.compile(rf"(\[)?!\[([^\]\n]{{0,500}})\]{_PLACE}(?(1)\]{_PLACE})$", re.IGNORECASE)
# `[name]: place "title"`, which readers do not see; with a single word as place it is text, as in a list of references.
_REFERENCE = re.compile(
    r"\[[^\]\[^][^\]\[]{0,300}\]:[ \t]{0,20}(?:<[^<>]*>|[^\s<]*[/.#:][^\s<]*)"
    r"(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?$"
)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,100}\]:")
# Signs that people use for list items but Markdown does not know.
_BULLET = re.compile(r"[•▪●][ \t]+(?=\S)")
# First characters of lines that may not be running text; "Bild: ..." is a credit.
_TELLING = frozenset("|![(*_•▪●–BbCcFfGgIiPpSs")
_DASH = re.compile(r"–[ \t]+(?=\S)")
_QUOTED = re.compile(r"[\s>]*")
_ITEM = re.compile(r"[\s>]*(?:[-+*][ \t]+|\d{1,9}[.)][ \t]+)*")
_EMPTY = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]*)*[>#=*_~`|:+\s-]*")
_DAY = re.compile(r"\d{1,2}\.[ \t]+([^\W\d_]+)")
_ENDS = re.compile(r"[.!?…:;][\"'“”‘’»«›‹)\]]*$")
# Signs that belong to the word before do not open a stretch, and an emphasis mark whose counterpart is hidden is void.
_LOOSE_START = re.compile(r"[\s.,;:!?)\]}»“’|]*(?:[*_]+(?=\s|$))?\s*")
_LOOSE_END = re.compile(r"(?:\s[*_(\[]+|[\s|])*$")
_MOST_LEADS = 8  # most parts of one sentence, counted backwards from the last struck-out words
_MAX_SETEXT = 80
_RUNNING = frozenset({"paragraph", "footnote"})


def markdown_units(text: str, start: int, *, extracted: bool) -> list[Unit]:
    """
    Return the units of Markdown in reading order, without overlap.

    Parameters
    ----------
    text, start
        A document's text, and the offset at which its body begins.
    extracted
        Whether the text was extracted from a file of another format: then it has headings, paragraphs and lists, and
        anything else with a meaning in Markdown is literal text of the file.

    """
    found = _Reading(text, start, extracted=extracted).units()
    mark_captions(text, found)
    return found


@functools.cache
def _parser(*, extracted: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    if extracted:
        parser.block.ruler.enableOnly(["heading", "fence", "blockquote", "hr", "list", "paragraph"])
    else:
        # References are left to `_REFERENCE`: the parser of links takes quadratic time on a run of brackets.
        parser.disable("reference")
        parser.block.ruler.before("hr", "rows", _read_table, {"alt": ["paragraph"]})
    parser.core.ruler.enableOnly(["block"])
    return parser


def _read_table(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's form of a rule
    """Read a table line by line; the library is only asked whether one begins, as it makes eight tokens of each row."""
    silently = True
    if not is_table(state, first, last, silently):
        return False
    if silent:
        return True
    ends = state.md.block.ruler.getRules("blockquote")
    line = first
    parent, state.parentType = state.parentType, "table"
    while line < last and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        if line > first + 1 and (state.is_code_block(line) or any(rule(state, line, last, silently) for rule in ends)):
            break
        if line != first + 1:
            token = state.push("row", "tr", 0)
            token.map = [line, line + 1 + (line == first)]
            token.info = "" if line > first else "head"
        line += 1
    state.parentType = parent
    state.line = line
    return True


class _Reading:
    """The conversion of one text from lines to units."""

    def __init__(self, text: str, start: int, *, extracted: bool) -> None:
        self._text = text
        self._extracted = extracted
        # Start and end of each line, without the line end: the parser reports lines, never characters.
        self._lines: list[tuple[int, int]] = []
        begin = start
        for end in _LINE_END.finditer(text, start):
            self._lines.append((begin, end.start()))
            begin = end.end()
        self._lines.append((begin, len(text)))
        body = _LINE_END.sub("\n", text[start:]).replace("\0", "\ufffd")
        self._tokens = _parser(extracted=extracted).parse(body)
        self._read = [False] * len(self._lines)
        self._units: list[Unit] = []
        self._group = 0
        self._doubtful = [] if extracted else may_hide(text, start)
        self._open = -1  # the line on which the last unit may continue

    def units(self) -> list[Unit]:
        item: Token | None = None
        heading: Token | None = None
        header: Span | None = None
        for place, token in enumerate(self._tokens):
            kind = token.type
            if token.nesting < 0 or kind == "paragraph_open":
                continue
            if kind == "list_item_open":
                item = token
            elif kind == "heading_open":
                heading = token
            elif kind == "row":
                header, item = self._row(token, header), None
            elif kind == "inline":
                if heading is not None:
                    self._heading(token, heading)
                elif self._tokens[place - 1].type == "paragraph_open":
                    self._paragraph(token, item, place)
                heading = item = None
            elif token.nesting == 0:
                self._reach(token)
                if kind == "html_block":
                    self._html(token)
                elif kind != "hr":
                    self._code(token)
                item = None
        self._catch_up(len(self._read))
        return self._units

    def _reach(self, token: Token) -> tuple[int, int]:
        """Mark the lines of a token as read, and return the first and the one after the last."""
        first, last = token.map or (0, 0)
        self._catch_up(first)
        self._read[first:last] = [True] * (min(last, len(self._read)) - first)
        return first, last

    def _catch_up(self, until: int) -> None:
        """Read as paragraphs the lines that the parser skipped, as it goes no deeper than some twenty levels."""
        first = until
        while first > 0 and not self._read[first - 1]:
            first -= 1
        for number in range(first, until):
            self._read[number] = True
            start, end = self._lines[number]
            if _EMPTY.fullmatch(self._text, start, end) is None:
                self._group += 1
                marks = _ITEM.match(self._text, start, end)
                self._shown(marks.end() if marks else start, end, "paragraph")

    def _traced(self, token: Token, first: int) -> list[tuple[int, int]]:
        """Return the range of each line of a token's content: it ends its line, after the marks of its blocks."""
        found: list[tuple[int, int]] = []
        for number, content in enumerate(token.content.split("\n"), start=first):
            begin, end = self._lines[min(number, len(self._lines) - 1)]
            while end > begin and self._text[end - 1].isspace():
                end -= 1
            found.append((max(begin, end - len(content.strip())), end))
        return found

    def _heading(self, token: Token, opening: Token) -> None:
        first, _ = self._reach(opening)
        level, text = int(opening.tag[1:]), self._text
        if opening.markup.startswith("#"):
            begin, end = self._lines[first]
            begin = text.find(opening.markup, begin, end) + len(opening.markup)
            while begin < end and text[begin].isspace():
                begin += 1
            self._shown(begin, min(end, begin + len(token.content.strip())), "heading", level)
            return
        lines = self._traced(token, first)
        start, end = lines[0][0], lines[-1][1]
        self._group += 1
        # Prose above a rule stays prose, although Markdown takes the rule for the underline of a heading.
        prose = len(lines) > 1 or end - start > _MAX_SETEXT
        if end - start > MAX_HEADING or (prose and _ENDS.search(text, max(start, end - 8), end)):
            self._shown(start, end, "paragraph")
        else:
            self._shown(start, end, "heading", level)

    def _row(self, token: Token, header: Span | None) -> Span | None:
        """Read a row of a table; return the span of the row that names the columns."""
        first, _ = self._reach(token)
        begin, end = self._lines[first]
        marks = (_ITEM if token.level else _QUOTED).match(self._text, begin, end)
        begin = marks.end() if marks else begin
        if not token.info:
            self._shown(begin, end, "row", lead=() if header is None else (header,))
            return header
        before = len(self._units)
        self._shown(begin, end, "row")
        added = self._units[before:]
        return Span(added[0].start, added[-1].end) if added else None

    def _code(self, token: Token) -> None:
        first = (token.map or [0])[0] + (token.type == "fence")
        lines = [(start, end) for start, end in self._traced(token, first)[:-1] if start < end]
        if lines:
            self._add(lines[0][0], lines[-1][1], "code")

    def _html(self, token: Token) -> None:
        first, last = token.map or (0, 0)
        start, end = self._lines[first][0], self._lines[last - 1][1]
        self._group += 1
        before = len(self._units)
        for begin, close, lead in with_names(self._text, start, shown_of_html(self._text, start, end)):
            self._shown(begin, close, "paragraph" if lead is None else "row", lead=lead or ())
        if len(self._units) > before and self._units[-1].end >= len(self._text[:end].rstrip()):
            self._open = last

    def _paragraph(self, token: Token, item: Token | None, place: int) -> None:
        first, last = self._reach(token)
        lines = self._traced(token, first)
        self._group += 1
        if self._goes_on(item, place, first, lines[0][0]):
            self._units[-1].end = lines[-1][1]
            self._open = last
            return
        kind = "paragraph" if item is None else "list_item"
        if item is not None and item.info:
            # A number stays in the text: it may belong to a date ("3. Juni") as well as to an item.
            number = self._text.rfind(item.info, self._lines[first][0], lines[0][0])
            lines[0] = (number if number >= 0 else lines[0][0], lines[0][1])
        before = len(self._units)
        for start, end, of_lines in self._segments(lines, kind):
            if of_lines == "caption":
                self._add(start, end, of_lines)
            else:
                self._shown(start, end, of_lines)
        if len(self._units) > before and self._units[-1].end == lines[-1][1]:
            self._open = last

    def _goes_on(self, item: Token | None, place: int, first: int, start: int) -> bool:
        """
        Tell whether a paragraph continues the one before it, in a text wrapped by hand.

        By Markdown's rules a line that begins with "1. Mai" or with a dash is a list, but no reader takes it for one.
        """
        if self._open != first or not self._units or self._units[-1].kind not in {*_RUNNING, "list_item"}:
            return False
        if item is None:
            return self._tokens[place - 2].type == "html_block"
        text, before = self._text, self._units[-1]
        around = [self._tokens[place - 3].type, *(token.type for token in self._tokens[place + 2 : place + 4])]
        alone = around[0].endswith("list_open") and around[1] == "list_item_close" and around[2].endswith("list_close")
        if not alone or _ENDS.search(text, max(before.start, before.end - 8), before.end):
            return False
        if item.info:
            number = text.rfind(item.info, self._lines[first][0], start)
            day = _DAY.match(text, max(0, number))
            if day is not None and folded(day.group(1)) in months():
                return True
            # Below another item it is an item; below a paragraph it may be the rest of a sentence.
            return day is not None and before.kind in _RUNNING and day.group(1).islower()
        return item.markup == "-" and before.kind in _RUNNING and text[start].islower()

    def _segments(self, lines: Sequence[tuple[int, int]], kind: str) -> Iterator[tuple[int, int, str]]:
        """Divide a paragraph at separate lines: pictures, credits, rows, footnotes and list items."""
        text = self._text
        start = end = -1
        current = kind
        dashes = False
        for begin, stop in lines:
            own, dashed, listed = "", None, None
            if begin < stop and text[begin] in _TELLING:
                own = self._own(begin, stop, kind)
                dashed = _DASH.match(text, begin, stop)
                listed = _BULLET.match(text, begin, stop)
            if dashed and (dashes or start < 0 or text.endswith(":", start, end)):
                dashes, listed = True, dashed
            if not own and not listed and start >= 0:
                end = stop
                continue
            if start >= 0:
                yield start, end, current
            start, end, current = (listed.end() if listed else begin), stop, "list_item" if listed else kind
            current = own if own == "footnote" else current
            if own and own != "footnote":
                if own != "reference":
                    image = _IMAGE.match(text, begin, stop)
                    yield (*image.span(2), "caption") if image else (begin, stop, own)
                start = -1
        if start >= 0:
            yield start, end, current

    def _own(self, begin: int, end: int, kind: str) -> str:
        """Return the kind of a line that is not part of running text, empty for any other."""
        text = self._text
        if text.startswith("|", begin, end):
            return "row"
        # "- Bilder: Sie bleiben ungelesen." is an item, not a credit.
        if _IMAGE.match(text, begin, end) or (kind == "paragraph" and CREDIT.match(text, begin, end)):
            return "caption"
        if not self._extracted and text.startswith("[", begin, end):
            if _FOOTNOTE.match(text, begin, end):
                return "footnote"
            return "reference" if _REFERENCE.match(text, begin, end) else ""
        return ""

    def _shown(self, start: int, end: int, kind: str, level: int = 0, *, lead: tuple[Span, ...] = ()) -> None:
        """Add the shown parts of a stretch; a part after something hidden is led by the sentence's earlier parts."""
        first = bisect_left(self._doubtful, start)
        doubtful = first < len(self._doubtful) and self._doubtful[first] < end
        ranges = hidden(self._text[start:end]) if doubtful else []
        if not ranges:
            self._add(start, end, kind, level, lead=lead)
            return
        leads = [*lead]
        last = start
        for begin, after in [*((start + low, start + high) for low, high in ranges), (end, end)]:
            stop = begin
            if last > start:
                loose = _LOOSE_START.match(self._text, last, stop)
                last = loose.end() if loose else last
            if (begin < end or kind == "row") and (loose := _LOOSE_END.search(self._text, last, stop)):
                stop = loose.start()
            if any(sign.isalnum() for sign in self._text[last:stop]):
                self._add(last, stop, kind, level, lead=(*lead, *leads[len(lead) :][-_MOST_LEADS:]))
                spans = split(self._text, start=last, end=stop)
                if len(spans) > 1 or _ENDS.search(self._text, max(last, stop - 8), stop):
                    leads = [*lead]
                if spans and not _ENDS.search(self._text, max(last, stop - 8), stop):
                    leads.append(Span(spans[-1].start, stop))
            last = after

    def _add(self, start: int, end: int, kind: str, level: int = 0, *, lead: tuple[Span, ...] = ()) -> None:
        text = self._text
        unseen = INVISIBLE.match(text, start, end)
        start = unseen.end() if unseen else start
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end and not (kind != "code" and _RULE.match(text, start, end)):
            self._units.append(Unit(start, end, kind, level, self._group, lead))
