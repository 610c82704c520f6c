"""
Find the blocks of a document's text; all other code gets them from here.

A file of another format itself defines its headings, items and rows; its reader returns them with the text
(`index.reading.extraction.blocks`), and only the lines of paragraphs are examined, for lists that people type by hand.
The blocks of Markdown and plain text are read from the text. The store keeps the blocks of all files: those of the
first kind cannot be found without reading the file again, and those of the second would have to be parsed again
whenever a sentence of a long text is quoted.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.blocks import Block, packed, unpacked
from index.formats import is_extracted, is_markdown
from index.markup.front_matter import front_matter
from index.markup.markdown import markdown_units
from index.markup.notes import is_note
from index.markup.tables import is_row
from index.markup.units import INVISIBLE, Unit, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.types import Document

_KEPT = 16  # documents of an index whose blocks are cached
_READ = 2  # texts whose blocks are cached
# Beginnings of lines that may be typed structure: list signs and numbers, rules, quotes, rows, pictures and credits.
_TYPED = re.compile(
    r"^[^\S\n]*(?:[^\w\s\"'“”‘’»«›‹„‚/&§$€%…]|\d|(?:Bild|Foto|Grafik|Symbolbild|Image|Photo|Credit|Picture))",
    re.IGNORECASE | re.MULTILINE,
)


def blocks_of(document: Document) -> tuple[Block, ...]:
    """Return the blocks of a document in reading order, without overlap; front matter and hidden text have none."""
    if document.structure is not None:
        return _unpacked(document.structure, len(document.text))
    return of_text(document.text, markdown=is_markdown(document.path), extracted=is_extracted(document.path))


def structured(document: Document) -> Document:
    """Return a document that includes its blocks, as the store keeps it."""
    return document if document.structure is not None else replace(document, structure=packed(document.blocks))


@functools.lru_cache(maxsize=_KEPT)
def _unpacked(structure: str, length: int) -> tuple[Block, ...]:
    return unpacked(structure, length)


@functools.lru_cache(maxsize=_READ)
def of_text(text: str, *, markdown: bool, extracted: bool = False) -> tuple[Block, ...]:
    """
    Read the blocks of a text.

    Parameters
    ----------
    text
        The whole text, front matter included.
    markdown
        Whether to read it as Markdown. In plain text a short line without a final stop, alone between blank lines, is
        a heading.
    extracted
        Whether it was extracted from a file by a reader that returned no blocks: simple Markdown of headings,
        paragraphs and lists.

    """
    _, body = front_matter(text)
    found = markdown_units(text, body, extracted=extracted) if markdown else units(text, body)
    return tuple(_of_unit(text, unit, notes=extracted) for unit in found)


def of_extract(text: str, told: Iterable[Block]) -> Iterator[Block]:
    """Yield a reader's blocks, dividing paragraphs in which lists, quotes, rows or credits were typed."""
    for block in told:
        start, end = block.start, block.end
        if block.kind == "paragraph" and _TYPED.search(text[start:end]):
            for unit in markdown_units(text[start:end], 0, extracted=True):
                inner = _of_unit(text[start:end], unit)
                yield replace(inner, start=start + inner.start, end=start + inner.end)
            continue
        unseen = INVISIBLE.match(text, start, end)
        start = unseen.end() if unseen else start
        if start < end:
            yield replace(block, start=start)


def _of_unit(text: str, unit: Unit, *, notes: bool = False) -> Block:
    kind = unit.kind
    if notes and is_note(text, unit.start):
        kind = "note"
    elif kind in {"paragraph", "list_item"} and "|" in text[unit.start : unit.end]:
        kind = "row" if is_row(text[unit.start : unit.end]) else kind
    return Block(unit.start, unit.end, kind, unit.level, unit.lead)
