"""The units of a text: headings, paragraphs, list items and captions, before anyone judges what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HEADING = 200  # German headlines with a subordinate clause reach 180 characters
_MAX_WRAP = 120  # wider lines than these are paragraphs of their own, not a text wrapped by hand

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\s\ufeff\u200b-\u200f\u2060\u00ad]*")
_BULLET = re.compile(r"[-*+•–▪●]\s+(?=\S)")
# A line that never goes on with the one before it: heading, item, table row or picture.
_OWN_LINE = re.compile(r"#{1,6}[ \t]|[-*+•–▪●][ \t]|\d{1,3}[.)][ \t]|\||!\[")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_HASHES = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_CLOSING_HASHES = re.compile(r"[ \t]+#+[ \t]*$")
_UNDERLINE = re.compile(r"(=+|-+)$")
_RULE = re.compile(r"[-*_=~#|>:.+ \t]+$")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\]\([^()\n]{0,1000}\)$")
CREDIT = re.compile(
    r"[(*_]{0,9}(?:Bild(?:nachweis|quelle|rechte|er)?|Foto(?:credit|graf)?|Grafik|Symbolbild"
    r"|(?:Image|Photo)(?: credit)?|Credit|Picture)s?\s?:\s?\S.{0,150}$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?…:;,][\"'“”‘’»«›‹)\]]*$")


@dataclass(slots=True)
class Unit:
    """A stretch of text that is one thing to a reader; `group` counts what blank lines separate."""

    start: int
    end: int
    kind: str
    level: int = 0
    group: int = 0


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    group: int
    indented: int  # where the line begins with its white space


def units(text: str, start: int, *, markdown: bool) -> list[Unit]:
    """Return the units of ``text[start:]`` in reading order."""
    lines = list(_lines(text, start))
    found = list(_markdown(text, lines) if markdown else _plain(text, lines))
    for unit in found:
        if unit.kind == "paragraph" and CREDIT.fullmatch(text, unit.start, unit.end):
            unit.kind = "caption"
    for unit, following in pairwise(found):
        if following.kind == "caption" and unit.kind == "paragraph" and unit.group == following.group:
            unit.kind = "caption"
    if not markdown:
        _mark_headings(text, found)
    return found


def _lines(text: str, start: int) -> Iterator[_Line]:
    """Yield the lines that show something, trimmed; blank lines advance the group."""
    group = 0
    previous = start
    for match in _LINE.finditer(text, start):
        begin = _end_of(_INVISIBLE, text, match.start(), match.end())
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
        last = 0  # where the unit's last line begins
        for line in group:
            if _RULE.match(text, line.start, line.end):
                continue
            bullet = _BULLET.match(text, line.start, line.end)
            # A number stays in the text: it may as well be a date ("3. Juni") as an item's.
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
    """Tell whether a line goes on with the paragraph before it, in a text wrapped by hand."""
    if CREDIT.match(text, line.start, line.end):
        return False
    first = text[line.start]
    if first.islower():
        return True
    if width > _MAX_WRAP or _ENDS.search(text, max(unit.start, unit.end - 8), unit.end):
        return False
    # The first word of this line would not have fitted on the line before.
    word = re.match(r"\S+", text[line.start : line.start + 80])
    return width >= 50 and unit.end - last + 1 + len(word.group() if word else "") > width


def _mark_headings(text: str, found: list[Unit]) -> None:
    """Take a short line without a final stop, alone between blank lines, for a heading."""
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


def _markdown(text: str, lines: list[_Line]) -> Iterator[Unit]:
    unit: Unit | None = None
    fence = ""
    hidden = -1  # where the HTML comment ends that is being skipped
    for line in lines:
        if line.end <= hidden:
            continue
        if not fence and text.startswith("<!--", line.start):
            # A comment that is never closed hides the rest, as it does in a browser.
            hidden = text.find("-->", line.start) + 3
            hidden = len(text) if hidden < 3 else hidden
            continue
        mark = _FENCE.match(text, line.start, line.end)
        if mark and (not fence or mark.group().startswith(fence)):
            fence = "" if fence else mark.group()
            if unit:
                yield unit
            unit = None
        elif fence and unit:
            unit.end = line.end
        elif fence:
            unit = Unit(line.start, line.end, "code", 0, line.group)
        elif unit and _joins(text, unit, line):
            unit.end = line.end
        elif unit and unit.kind == "paragraph" and unit.group == line.group and _underlines(text, line):
            unit.kind, unit.level = "heading", 1 if text[line.start] == "=" else 2
        else:
            if unit:
                yield unit
            unit = _markdown_unit(text, line)
    if unit:
        yield unit


def _joins(text: str, unit: Unit, line: _Line) -> bool:
    """Tell whether a line goes on with the paragraph or item before it."""
    return (
        unit.kind in {"paragraph", "list_item"}
        and unit.group == line.group
        and not _OWN_LINE.match(text, line.start, line.end)
        and not _RULE.match(text, line.start, line.end)
        and not CREDIT.match(text, line.start, line.end)
        and not CREDIT.match(text, unit.start, unit.end)
    )


def _underlines(text: str, line: _Line) -> bool:
    return _UNDERLINE.match(text, line.start, line.end) is not None


def _markdown_unit(text: str, line: _Line) -> Unit | None:
    """Read a line that begins something; nothing comes of rules and pictures without a caption."""
    if _RULE.match(text, line.start, line.end):
        return None
    start = line.start
    while text[start] in "> \t":  # a quote's marks; the line is no rule, so that something else follows
        start += 1
    hashes = _HASHES.match(text, start, line.end)
    if hashes:
        closing = _CLOSING_HASHES.search(text, max(hashes.end(), line.end - 40), line.end)
        end = closing.start() if closing else line.end
        return Unit(hashes.end(), end, "heading", len(hashes.group(1)), line.group)
    image = _IMAGE.match(text, start, line.end)
    if image:
        caption = Unit(*image.span(1), "caption", 0, line.group)
        return caption if image.group(1).strip() else None
    bullet = _BULLET.match(text, start, line.end)
    if bullet or _NUMBERED.match(text, start, line.end):
        return Unit(bullet.end() if bullet else start, line.end, "list_item", 0, line.group)
    return Unit(start, line.end, "paragraph", 0, line.group)
