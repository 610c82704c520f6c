"""Text that a Markdown sentence needs but does not adjoin: column names, or what stands before struck-out words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.storage.reader import Index
    from index.types import Span


def led_by(index: Index, path: str, start: int) -> Span | None:
    """
    Return the text that must precede a sentence for it to be understood.

    Parameters
    ----------
    index, path
        The index, and the sentence's document.
    start
        Offset of its first character.

    Returns
    -------
    Span or None
        For a table row, the row with the column names; for text after struck-out words within a sentence, the
        beginning of that sentence. Rows of files of other formats contain their column names already.

    """
    block = index.documents[path].block_at(start)
    if block is None or not block.lead:
        return None
    if block.kind == "row":
        return block.lead[0]
    for before in index.sentences_before(path, start, 1):
        # The span as it is cited, without emphasis marks around it. Only the first sentence of the block has a lead.
        if block.lead[-1].start < before.end <= block.lead[-1].end:
            return before
    return None


def continued_by(index: Index, path: str, end: int) -> Span | None:
    """Return what continues, after struck-out words, a sentence that ends unfinished at an offset; else None."""
    following = index.documents[path].block_behind(end)
    if following is None or following.kind == "row" or not any(span.start < end <= span.end for span in following.lead):
        return None
    for id_ in index.passages.get(path, ()):
        for span in index.chunks[id_].chunk.sentences:
            if following.start <= span.start < following.end:
                led = led_by(index, path, span.start)
                return span if led is not None and led.end == end else None
    return None
