"""What belongs before a sentence in Markdown and does not stand there: names of columns, a beginning before hidden words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.reading.formats import is_extracted, is_markdown
from index.segmenting.tables import header_above

if TYPE_CHECKING:
    from index.storage.reader import Index
    from index.types import Span

_FARTHEST = 500
_ENDS = re.compile(r"[.!?…:;][\"'“”‘’»«›‹)\]]*$")
# Struck-out words, a comment or a picture between two parts of one sentence.
_HIDDEN = re.compile(r"[ \t*_(]*(?:~~|<!--|<(?:del|s|strike|img)\b|!\[)", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"\n[ \t>]*\r?\n")


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
        beginning of that sentence. Text taken out of other formats needs neither: its rows name their columns.

    """
    if not is_markdown(path) or is_extracted(path):
        return None
    text = index.documents[path].text
    line = text[text.rfind("\n", max(0, start - _FARTHEST), start) + 1 : start + _FARTHEST].partition("\n")[0]
    header = header_above(text, start) if "|" in line else None
    if header is not None:
        return header if header.end <= start else None
    for before in index.sentences_before(path, start, 1):
        between = text[before.end : start]
        hidden = _HIDDEN.match(between) and not _PARAGRAPH_END.search(between) and len(between) <= _FARTHEST
        if hidden and not _ENDS.search(text, max(before.start, before.end - 8), before.end):
            return before
    return None


def continued_by(index: Index, path: str, end: int) -> Span | None:
    """Return what goes on behind struck-out words with a sentence that ends, unfinished, at an offset; else None."""
    if not is_markdown(path) or is_extracted(path):
        return None
    text = index.documents[path].text
    if _HIDDEN.match(text, end, end + _FARTHEST) is None or _ENDS.search(text, max(0, end - 8), end):
        return None
    for id_ in index.passages.get(path, ()):
        following = index.chunks[id_].chunk
        if following.start >= end and following.sentences:
            span = following.sentences[0]
            led = led_by(index, path, span.start)
            return span if led is not None and led.end == end else None
    return None
