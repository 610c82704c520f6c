"""Find the units of plain text: headings, paragraphs, list items and captions, whatever their content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.text import locale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.types import Span

MAX_HEADING = 200  # German headlines with a subordinate clause reach 180 characters
_MAX_WRAP = 120  # characters; wider lines are paragraphs of their own, not text wrapped by hand

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
INVISIBLE = re.compile(r"[\s\ufeff\u200b-\u200f\u2060\u00ad]*")
_BULLET = re.compile(r"[-*+•–▪●]\s+(?=\S)")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_RULE = re.compile(r"[-*_=~#|>:.+ \t]+$")
CREDIT = re.compile(
    rf"[(*_]{{0,9}}{locale.alternatives('files.credit')}s?\s?:\s?\S.{{0,150}}$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?…:;,][\"'“”‘’»«›‹)\]]*$")


@dataclass(slots=True)
class Unit:
    """
    A stretch of text that a reader takes as one unit.

    `group` numbers the groups of lines that blank lines separate; for `lead` see `index.blocks.Block`.
    """

    start: int
    end: int
    kind: str
    level: int = 0
    group: int = 0
    lead: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    group: int
    indented: int  # start of the line including its leading white space


def units(text: str, start: int) -> list[Unit]:
    """Return the units of the plain text ``text[start:]`` in reading order."""
    found = list(_plain(text, list(_lines(text, start))))
    mark_captions(text, found)
    _mark_headings(text, found)
    return found


def mark_captions(text: str, found: list[Unit]) -> None:
    """Mark credits as captions, and also paragraphs directly above a caption."""
    for unit in found:
        if unit.kind == "paragraph" and CREDIT.fullmatch(text, unit.start, unit.end):
            unit.kind = "caption"
    for unit, following in pairwise(found):
        if following.kind == "caption" and unit.kind == "paragraph" and unit.group == following.group:
            unit.kind = "caption"


def _lines(text: str, start: int) -> Iterator[_Line]:
    """Yield the lines with visible text, trimmed; blank lines advance the group."""
    group = 0
    previous = start
    for match in _LINE.finditer(text, start):
        begin = _end_of(INVISIBLE, text, match.start(), match.end())
        if begin == match.end():
            continue
        if len(_NEWLINE.findall(text, previous, match.start())) > 1 or "\u2029" in text[previous : match.start()]:
            group += 1
        end = match.end()
        while text[end - 1].isspace():
            end -= 1
        yield _Line(begin, end, group, match.start())
        previous = match.end()


def _end_of(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    match = pattern.match(text, start, end)
    return match.end() if match else start


def _plain(text: str, lines: list[_Line]) -> Iterator[Unit]:
    wide = sum(line.end - line.start > _MAX_WRAP for line in lines)
    wrapped = 20 * wide <= len(lines)
    for group in _groups(lines):
        width = max(line.end - line.start for line in group) if wrapped else _MAX_WRAP + 1
        unit: Unit | None = None
        last = 0  # start of the unit's last line
        for line in group:
            if _RULE.match(text, line.start, line.end):
                continue
            bullet = _BULLET.match(text, line.start, line.end)
            # A number stays in the text: it may belong to a date ("3. Juni") as well as to an item.
            marked = bullet or _NUMBERED.match(text, line.start, line.end)
            if unit and not marked and _continues(text, unit, line, width, last):
                unit.end, last = line.end, line.indented
                continue
            if unit:
                yield unit
            kind = "list_item" if marked else "paragraph"
            unit = Unit(bullet.end() if bullet else line.start, line.end, kind, 0, line.group)
            last = unit.start
        if unit:
            yield unit


def _groups(lines: list[_Line]) -> Iterator[list[_Line]]:
    group: list[_Line] = []
    for line in lines:
        if group and line.group != group[0].group:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _continues(text: str, unit: Unit, line: _Line, width: int, last: int) -> bool:
    """Tell whether a line continues the paragraph before it, in a text wrapped by hand."""
    if CREDIT.match(text, line.start, line.end):
        return False
    first = text[line.start]
    if first.islower():
        return True
    if width > _MAX_WRAP or _ENDS.search(text, max(unit.start, unit.end - 8), unit.end):
        return False
    # It does if its first word would not have fitted on the line before.
    word = re.match(r"\S+", text[line.start : line.start + 80])
    return width >= 50 and unit.end - last + 1 + len(word.group() if word else "") > width


def _mark_headings(text: str, found: list[Unit]) -> None:
    """Mark each short line without a final stop, alone between blank lines, as a heading."""
    sizes: dict[int, int] = {}
    for unit in found:
        sizes[unit.group] = sizes.get(unit.group, 0) + 1
    for number, unit in enumerate(found):
        alone = sizes[unit.group] == 1 and unit.kind == "paragraph"
        if (
            not alone
            or unit.end - unit.start > MAX_HEADING
            or _ENDS.search(text, unit.end - min(8, unit.end), unit.end)
        ):
            continue
        unit.kind, unit.level = "heading", 1 if number == 0 else 2
