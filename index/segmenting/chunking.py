"""Divide documents into passages of whole sentences, which are embedded, searched and cited."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.limits import LONGEST_HEADING
from index.segmenting.cleaning import citable
from index.text.sentences import split
from index.types import Chunk, Document, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.blocks import Block

_SMALL = 200  # characters; a shorter passage says too little to be found by its meaning
_MAX_GAP = 200  # characters; with a larger gap between two blocks, a passage would be mostly white space
# White space, Markdown's marks and tags; anything else between two blocks was dropped as boilerplate or is hidden.
_GAP = re.compile(r"(?:[\s>#*+=_~`|:•–▪●\-\ufeff\u200b-\u200f\u2060\u00ad]|</?[A-Za-z][^<>]*>)*")
_PARAGRAPH_BONUS = 0.15  # share of the target size that a cut may deviate to fall between two paragraphs


@dataclass(slots=True)
class _Passage:
    """A contiguous stretch of blocks within one section, before it is cut to size."""

    headings: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    block: Block
    closes: bool  # whether it is the last of its block


def chunk(document: Document, *, max_chars: int = 900) -> list[Chunk]:
    """
    Divide a document into passages of whole consecutive sentences.

    A passage stays within one section and never spans dropped boilerplate or struck-out words. The passages of a
    section have about equal size. A heading opens the passage that follows it. The lead of a passage's first block,
    such as the row that names a table's columns, counts as its innermost heading.

    Parameters
    ----------
    document
        The document.
    max_chars
        The target size. A passage is longer if a single sentence is (up to twice this; a longer sentence is cut
        at white space), or if it takes in a remainder too short to stand alone.

    Returns
    -------
    list[Chunk]
        Passages in reading order, without overlap; ``document.text[c.start:c.end] == c.text`` for each.

    """
    if max_chars < 1:
        raise ValueError(f"max_chars must be positive, not {max_chars}")
    text = document.text
    chunks: list[Chunk] = []
    for passage in _passages(text, citable(text, document.blocks)):
        for group in _balanced(_sentences(text, passage, max_chars), max_chars):
            start, end = group[0].span.start, group[-1].span.end
            chunks.append(
                Chunk(
                    path=document.path,
                    start=start,
                    end=end,
                    text=text[start:end],
                    headings=_above(text, passage, group[0]),
                    sentences=tuple(sentence.span for sentence in group),
                )
            )
    return chunks


def _above(text: str, passage: _Passage, first: _Sentence) -> tuple[str, ...]:
    return (*passage.headings, _lead(text, first.block)) if first.block.lead else passage.headings


def _lead(text: str, block: Block) -> str:
    """Return a block's lead as one line: for a table row the beginning of the column names, else the last words."""
    said = [text[span.start : min(span.end, span.start + 4 * LONGEST_HEADING)] for span in block.lead]
    if block.kind == "row":
        bars = (" ".join(one.replace("|", " | ").split()).strip("| ") for one in said)
        return " | ".join(bars)[:LONGEST_HEADING]
    return " ".join(" ".join(one.split()) for one in said)[-LONGEST_HEADING:]


def _passages(text: str, blocks: list[Block]) -> Iterator[_Passage]:
    path: list[tuple[int, str]] = []
    passage: _Passage | None = None
    previous: Block | None = None
    for block in blocks:
        if block.kind == "heading":
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, " ".join(text[block.start : block.end].split())[:LONGEST_HEADING]))
        headings = tuple(heading for _, heading in path)
        opens = block.kind == "heading" and previous is not None and previous.kind != "heading"
        if passage is None or previous is None or opens or not _contiguous(text, previous.end, block.start):
            if passage:
                yield passage
            passage = _Passage(headings)
        passage.headings = headings
        passage.blocks.append(block)
        previous = block
    if passage:
        yield passage


def _contiguous(text: str, start: int, end: int) -> bool:
    return end - start <= _MAX_GAP and _GAP.fullmatch(text, start, end) is not None


def _sentences(text: str, passage: _Passage, max_chars: int) -> list[_Sentence]:
    result: list[_Sentence] = []
    for block in passage.blocks:
        spans = [Span(block.start, block.end)] if block.is_whole else split(text, start=block.start, end=block.end)
        pieces = [piece for span in spans for piece in _pieces(text, span, max_chars)]
        result.extend(_Sentence(piece, block, piece is pieces[-1]) for piece in pieces)
    return result


def _pieces(text: str, span: Span, max_chars: int) -> Iterator[Span]:
    """Yield the sentence, or, if it is over twice the target size, parts of it cut at white space."""
    start = span.start
    while span.end - start > 2 * max_chars:
        cut = start + max_chars
        space = next((at for at in range(cut, start, -1) if text[at].isspace()), cut)
        end = space
        while text[end - 1].isspace():
            end -= 1
        yield Span(start, end)
        start = space
        while start < span.end and text[start].isspace():
            start += 1
    if start < span.end:
        yield Span(start, span.end)


def _balanced(sentences: list[_Sentence], max_chars: int) -> Iterator[list[_Sentence]]:
    """Group sentences into passages of about equal size, which exceed `max_chars` only if a sentence does."""
    first = 0
    while first < len(sentences):
        rest = sentences[-1].span.end - sentences[first].span.start
        if rest <= max_chars:
            yield sentences[first:]
            return
        target = rest / -(-rest // max_chars)
        last = _best_cut(sentences, first, target, max_chars)
        left = sentences[-1].span.end - sentences[last].span.start if last < len(sentences) else 0
        if left < _SMALL and rest <= max_chars + _SMALL:
            last = len(sentences)
        yield sentences[first:last]
        first = last


def _best_cut(sentences: list[_Sentence], first: int, target: float, max_chars: int) -> int:
    """Return the position after the last sentence of the passage that begins at `first`."""
    best, least = first + 1, float("inf")
    for position in range(first, len(sentences)):
        size = sentences[position].span.end - sentences[first].span.start
        if size > max_chars and position > first:
            break
        off = abs(size - target) - (_PARAGRAPH_BONUS * target if sentences[position].closes else 0)
        if sentences[position].block.kind == "heading":
            off += 2 * target  # a heading does not end a passage unless nothing else can
        if off <= least:
            best, least = position + 1, off
    return best
