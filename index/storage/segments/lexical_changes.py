"""
Make the postings of a new segment so that all segments together score as if they had been made at once.

New passages change how often words occur, and so which words are compounds of others. Passages of earlier segments
with a word that is now split differently are read again, and their rows in those segments no longer count.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from index.storage.columns.files import Held
from index.storage.columns.postings import (
    Postings,
    Reading,
    learnt,
    merged,
    plain_words,
    vocabulary_columns,
)
from index.storage.lexical import LexicalIndex
from index.storage.segments.picture import ids_of
from index.storage.segments.segment import lexical_text
from index.text.compounds import LEAST_LETTERS, CompoundSplitter
from index.text.normal_forms import analysed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from index.storage.segments.change import Change
    from index.storage.segments.picture import Picture


def lexical_columns(fresh: Reading, change: Change) -> dict[str, NDArray[Any]]:
    """Return the columns of a new segment, given the passages that were added."""
    counts = fresh.word_counts()
    if change.before is None:
        columns = fresh.postings(CompoundSplitter(counts)) | vocabulary_columns(counts)
        return columns | {"overridden": np.zeros(0, np.int64)}
    before, picture = _vocabulary(change.before), change.before
    gone = _passages(picture, change.removed)
    counts.subtract(_words_of(picture, gone))
    after = Counter(before)
    after.update({word: count for word, count in counts.items() if count})
    dead = np.union1d(picture.dead_ids, gone)
    again = _to_read_again(picture, _otherwise(before, after, {w for w, count in counts.items() if count}), dead)
    known = Reading()
    for id_, text in sorted(again.items()):
        known.add(id_, text)
    splitter = CompoundSplitter(after)
    absorbed = list(zip(picture.segments, picture.alive_postings, strict=True))[change.kept :]
    parts: list[tuple[Postings, NDArray[np.bool_] | None]] = []
    no_more = np.union1d(dead, np.array(sorted(again), dtype=np.int64))
    overridden = [np.array(sorted(again), dtype=np.int64)]
    for segment, mask in absorbed:
        counting = ~np.isin(segment.postings.ids, no_more)
        parts.append((segment.postings, counting if mask is None else counting & mask))
        overridden.append(segment.postings.columns["overridden"].all())
        for word, count in segment.postings.vocabulary():
            counts[word] += count
    parts += [(_held(reading.postings(splitter)), None) for reading in (known, fresh)]
    kept = [segment for segment in picture.segments[: change.kept] if len(segment.ids)]
    last = int(kept[-1].ids[-1]) if kept else -1
    ids = np.unique(np.concatenate(overridden))
    return merged(parts) | vocabulary_columns(counts) | {"overridden": ids[ids <= last]}


def _held(columns: Mapping[str, NDArray[Any]]) -> Postings:
    return Postings({name: Held(column) for name, column in columns.items()})


def _vocabulary(picture: Picture) -> dict[str, int]:
    found: dict[str, int] = {}
    for segment in picture.segments:
        for word, count in segment.postings.vocabulary():
            found[word] = found.get(word, 0) + count
    return found


def _passages(picture: Picture, removed: Iterable[int]) -> NDArray[np.int64]:
    """Return the ids of the passages of some documents."""
    wanted = np.array(sorted(removed), dtype=np.int64)
    found = []
    for segment in picture.segments:
        rows = np.flatnonzero(np.isin(segment.document_ids, wanted)).tolist()
        found += [(segment, row) for row in rows]
    return ids_of(found)


def _words_of(picture: Picture, ids: NDArray[np.int64]) -> Counter[str]:
    found: Counter[str] = Counter()
    for id_ in ids.tolist():
        for word in plain_words(analysed(_text(picture, id_))):
            found.update(learnt(word))
    return found


def _text(picture: Picture, id_: int) -> str:
    found = picture.find(id_)
    if found is None:
        raise ValueError(f"passage {id_} is missing")
    segment, row = found
    loaded = segment.load(int(segment.document_rows[row]))
    (chunk,) = (stored.chunk for stored in loaded.chunks if stored.id == id_)
    return lexical_text(loaded.document.metadata.title, chunk.text)


def _otherwise(before: Mapping[str, int], after: Mapping[str, int], changed: set[str]) -> list[str]:
    """Return the words that are split differently after the counts of the words in ``changed`` have changed."""
    earlier, later = CompoundSplitter(before), CompoundSplitter(after)
    found = []
    for word in before:
        length = len(word)
        if length < 2 * LEAST_LETTERS:
            continue
        ends = range(LEAST_LETTERS, length - LEAST_LETTERS + 1)
        concerned = word in changed or any(word[:end] in changed or word[end:] in changed for end in ends)
        if concerned and earlier.split(word) != later.split(word):
            found.append(word)
    return found


def _to_read_again(picture: Picture, words: list[str], dead: NDArray[np.int64]) -> dict[int, str]:
    """Return the text, by id, of the passages that contain at least one of some words."""
    if not words:
        return {}
    lexical = LexicalIndex(picture.lexical_parts)
    terms = {item.term for word in words for item in analysed(word) if item.term}
    ids = np.unique(np.concatenate([lexical.holding(term) for term in terms]))
    wanted = set(words)
    found = {}
    for id_ in np.setdiff1d(ids, dead).tolist():
        text = _text(picture, id_)
        if not wanted.isdisjoint(plain_words(analysed(text))):
            found[id_] = text
    return found
