"""
The blocks of a document, such as paragraphs, headings and table rows, and the form in which they are stored.

A block does not store its page: `index.types.Document.page` derives it from the offset, so the two cannot disagree.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("paragraph", "heading", "list_item", "row", "caption", "footnote", "code", "note")
LONGEST_ROW = 250  # characters; the cells of a longer row hold running text, which is cited by the sentence
_CODES = {kind: code for code, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Block:
    """
    A stretch of a document that a reader takes as one unit.

    Parameters
    ----------
    start, end
        Offsets into the document's text, in code points, half-open. Markup that only marks the block, such as the
        signs before a heading, lies outside.
    kind
        One of `KINDS`. A ``row`` is a table row; a ``note`` says what was not read of the file, and is never cited.
    level
        1 to 6 for a heading, else 0.
    lead
        Text that belongs before the block but stands elsewhere: for a row in Markdown the row that names the columns,
        for a block that continues after struck-out words the beginning of its sentence. It helps to find the block
        but is not part of it.

    """

    start: int
    end: int
    kind: str = "paragraph"
    level: int = 0
    lead: tuple[Span, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is one statement despite any full stops, as headings and rows are, except rows of long text."""
        return self.kind == "heading" or (self.kind == "row" and self.end - self.start <= LONGEST_ROW)


def packed(blocks: Iterable[Block]) -> str:
    """Return blocks, which must be in order and not overlap, as a line of JSON that holds distances and lengths."""
    rows: list[list[int]] = []
    last = 0
    for block in blocks:
        row = [block.start - last, block.end - block.start, _CODES[block.kind], block.level]
        for span in block.lead:
            row += [block.start - span.start, span.end - span.start]
        rows.append(row)
        last = block.end
    return json.dumps(rows, separators=(",", ":"))


def unpacked(line: str, length: int) -> tuple[Block, ...]:
    """
    Return the blocks that `packed` wrote.

    Parameters
    ----------
    line
        The line of JSON; it may come from an untrusted process.
    length
        Number of characters in the text.

    Raises
    ------
    ValueError
        The line does not hold blocks of a text of this length.

    """
    blocks: list[Block] = []
    last = 0
    try:
        for row in json.loads(line):
            if any(type(number) is not int or number < 0 for number in row):
                raise ValueError(f"not a block: {row!r:.100}")
            gap, size, code, level, *rest = row
            start = last + gap
            last = start + size
            lead = tuple(
                Span(start - back, start - back + long) for back, long in zip(rest[::2], rest[1::2], strict=True)
            )
            if size == 0 or level > 6 or any(span.end > start for span in lead):
                raise ValueError(f"not a block: {row!r:.100}")
            blocks.append(Block(start, last, KINDS[code], level, lead))
    except (TypeError, IndexError) as error:
        raise ValueError("not a list of blocks") from error
    if last > length:
        raise ValueError("a block lies outside of the text")
    return tuple(blocks)
