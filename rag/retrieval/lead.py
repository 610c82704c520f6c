"""What belongs before a sentence in Markdown and does not stand there: names of columns, a beginning before hidden words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.storage.reader import Index
    from index.types import Span


def led_by(index: Index, path: str, start: int) -> Span | None:
    """
    Return what a sentence needs before it to be read.

    Parameters
    ----------
    index, path
        Where it stands.
    start
        Offset of its first character.

    Returns
    -------
    Span or None
        Of a row the row that names the table's columns; of what follows on struck-out words within a sentence the
        beginning of that sentence. Rows of files of other formats name their columns themselves.

    """
    block = index.documents[path].block_at(start)
    if block is None or not block.lead:
        return None
    if block.kind == "row":
        return block.lead[0]
    for before in index.sentences_before(path, start, 1):
        # As it is cited: without marks of emphasis around it. Of the block itself only the first sentence is led.
        if block.lead[-1].start < before.end <= block.lead[-1].end:
            return before
    return None


def continued_by(index: Index, path: str, end: int) -> Span | None:
    """Return what goes on behind struck-out words with a sentence that ends, unfinished, at an offset; else None."""
    following = index.documents[path].block_behind(end)
    if following is None or following.kind == "row" or not any(span.start < end <= span.end for span in following.lead):
        return None
    for id_ in index.passages.get(path, ()):
        for span in index.chunks[id_].chunk.sentences:
            if following.start <= span.start < following.end:
                led = led_by(index, path, span.start)
                return span if led is not None and led.end == end else None
    return None
