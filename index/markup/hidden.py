"""Find what rendered Markdown hides or shows struck out: comments, struck-out words, pictures' data."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.strikethrough import tokenize as read_tildes

from index.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

# A stretch without any of these hides nothing, and need not be parsed.
_MAY_HIDE = re.compile(r"~~|<(?:!--|[iIdDsS])|\]\(\s*<?[dD][aA][tT][aA]:")
_STRUCK = re.compile(r"<(del|s|strike)(?:\s[^<>]*)?>", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
# No bracket may stand inside, so that in a run of such beginnings each match is tried only up to the next one.
_DATA = re.compile(r"!\[[^\[\]\n]{0,500}\]\(\s{0,9}<?data:[^\s()\[\]<>]*>?(?:\s[^()\[\]\n]{0,300})?\)", re.IGNORECASE)

_NONE = 1 << 60  # there is no closing mark from here on

_TAG = re.compile(r"<!--|<(/?)([a-z][a-z0-9-]*)\b[^<>]*>", re.IGNORECASE)
_EDGE_TAGS = re.compile(r"(?:\s*</?[a-z][^<>]*>)+", re.IGNORECASE)
_CELL = re.compile(r"<t([hd])\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_MAX_ROW = 200  # characters of a row that lead its following cells
# Elements whose content a reader does not see, or sees struck out.
_SILENT = frozenset("script style template noscript noframes head title del s strike".split())
# Elements within a line of text; all others separate lines. A row of a table is one line.
_WITHIN = frozenset(
    "a abbr b bdi bdo cite code data dfn em font i ins kbd mark q ruby rp rt samp small span strong sub sup td th time tt "
    "u var wbr br".split()
)


def may_hide(text: str, start: int) -> list[int]:
    """Return, in order, the offsets in ``text[start:]`` where something may be hidden; `hidden` finds nothing else."""
    return [match.start() for match in _MAY_HIDE.finditer(text, start)]


def hidden(content: str) -> list[tuple[int, int]]:
    """
    Find the parts of a paragraph that its rendering hides or strikes out.

    Parameters
    ----------
    content
        A paragraph, a heading or a row, without the marks of the blocks that contain it.

    Returns
    -------
    list[tuple[int, int]]
        Half-open ranges in order, without overlap: comments, struck-out text with its marks, and pictures that are
        written as HTML or contain their data. Such marks within code count as text.

    """
    found: list[tuple[int, int]] = []
    state = StateInline(content, _inline(), {"found": found, "closings": {}}, [])
    state.md.inline.tokenize(state)
    for rule in state.md.inline.ruler2.getRules(""):
        rule(state)
    opened: list[int] = []
    for token in state.tokens:
        if token.type == "s_open":
            opened.append(token.meta["at"])
        elif token.type == "s_close" and opened:
            found.append((opened.pop(), token.meta["at"] + len(token.markup)))
    return _joined(found)


def shown_of_html(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """
    Yield the stretches of an HTML block that a reader sees as text, each the content of one element.

    Inline tags ("<b>") stay within a stretch; those at its edges do not.
    """
    begin = place = start
    while (tag := _TAG.search(text, place, end)) is not None:
        name = (tag.group(2) or "").lower()
        after = tag.end()
        if not name:
            closing = text.find("-->", after, end)
            after = end if closing < 0 else closing + 3
        elif name in _SILENT and not tag.group(1):
            close = re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE).search(text, after, end)
            after = close.end() if close else end
        elif name in _WITHIN:
            place = after
            continue
        yield from _untagged(text, begin, tag.start())
        begin = place = after
    yield from _untagged(text, begin, end)


def with_names(
    text: str, start: int, stretches: Iterator[tuple[int, int]]
) -> Iterator[tuple[int, int, tuple[Span, ...] | None]]:
    """
    Yield stretches of an HTML block, each with its lead: in a table, the column names and the row's earlier cells.

    Parameters
    ----------
    text, start
        The text, and the offset at which the block begins.
    stretches
        The stretches that `shown_of_html` finds in it.

    Yields
    ------
    tuple of int, int and tuple of Span or None
        Start and end of a stretch, and its lead; None if it is not in a table.

    """
    names: list[Span] = []
    row: list[Span] = []
    last = start
    for begin, end in stretches:
        before = text[last:begin].lower()
        last = end
        if "<table" in before or "</table" in before:
            names, row = [], []
        row = [] if "<tr" in before else row
        cells = _CELL.findall(before + text[begin:end])
        if not cells and not row:
            yield begin, end, None
            continue
        yield begin, end, (*names, *row)
        said = _cells(text, begin, end)
        if cells and not row and all(cell.lower() == "h" for cell in cells):
            names = [*names, *said]
        row = [*row, *said]
        while sum(span.end - span.start for span in row) > _MAX_ROW:
            del row[0]


def _cells(text: str, start: int, end: int) -> list[Span]:
    """Return the texts between the tags of a stretch."""
    found: list[Span] = []
    for tag_start, tag_end in [*(tag.span() for tag in _ANY_TAG.finditer(text, start, end)), (end, end)]:
        said = text[start:tag_start]
        if said.strip():
            begin = start + len(said) - len(said.lstrip())
            found.append(Span(begin, begin + len(said.strip())))
        start = tag_end
    return found


def _untagged(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    opening = _EDGE_TAGS.match(text, start, end)
    start = opening.end() if opening else start
    while text.endswith(">", start, end) and (tag := text.rfind("<", start, end)) >= 0:
        if _EDGE_TAGS.fullmatch(text, tag, end) is None:
            break
        end = tag
        while end > start and text[end - 1].isspace():
            end -= 1
    if start < end:
        yield start, end


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


@functools.cache
def _inline() -> MarkdownIt:
    """Return a parser for code, escapes and struck-out text that also records other hidden parts."""
    parser = MarkdownIt("commonmark")
    parser.inline.ruler.before("backticks", "silent", _read_silent)
    parser.inline.ruler.at("strikethrough", _read_struck)
    parser.inline.ruler.enableOnly(["text", "escape", "silent", "backticks", "strikethrough"])
    parser.inline.ruler2.enableOnly(["balance_pairs", "strikethrough"])
    return parser


def _read_struck(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's form of a rule
    """Record the offset of each mark, which the library does not."""
    before = len(state.tokens)
    if not read_tildes(state, silent):
        return False
    at = state.pos
    for token in reversed(state.tokens[before:]):
        if not token.content or token.content.strip("~"):
            break
        at -= len(token.content)
        token.meta = {"at": at}
    return True


def _read_silent(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's form of a rule
    """Skip and record a comment, a struck-out element or a picture."""
    if silent or state.src[state.pos] not in "<!":
        return False
    end = _silent_end(state.src, state.pos, state.env["closings"])
    if end <= state.pos:
        return False
    state.env["found"].append((state.pos, end))
    state.pos = end
    return True


def _silent_end(text: str, start: int, closings: dict[str, int]) -> int:
    """Return the end of the hidden part that begins at an offset, -1 if none does."""
    if text.startswith("!", start):
        data = _DATA.match(text, start)
        return data.end() if data else -1
    if text.startswith("<!--", start):
        return _closing(text, "-->", start + 4, closings)
    if picture := _PICTURE.match(text, start):
        return picture.end()
    if tag := _STRUCK.match(text, start):
        return _closing(text, f"</{tag.group(1).lower()}>", tag.end(), closings)
    return -1


def _closing(text: str, mark: str, start: int, closings: dict[str, int]) -> int:
    """Return the end of the next closing mark, -1 if there is none; found places are cached for later openings."""
    place = closings.get(mark, -1)
    if place != _NONE and place < start:
        match = re.compile(re.escape(mark), re.IGNORECASE).search(text, start)
        place = closings[mark] = match.start() if match else _NONE
    return -1 if place == _NONE else place + len(mark)
