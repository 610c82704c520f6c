"""
Store which passages of a segment have which terms, how often, and how often its words occur.

A term is stored as 64 bits of its digest, so that looking it up is a search in sorted numbers; the chance that any two
of a million terms share the same bits is 1 in 40 million. Words, which are used to split compounds, are also stored as
text, because a sync determines which of them are now split differently. Their counts may be negative, since those of
all segments are added up.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from index.text.compounds import CompoundSplitter
from index.text.normal_forms import analysed
from index.text.stems import stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.storage.columns.files import Array, Columns
    from index.text.normal_forms import Item

NAMES = (
    "terms",
    "starts",
    "rows",
    "counts",
    "lengths",
    "lexical_ids",
    "overridden",
    "words",
    "word_counts",
    "vocabulary",
)


def key(text: str) -> int:
    """Return the key under which a term or a word is stored."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


_AT_ONCE = 4096  # passages whose terms are counted together


class Postings:
    """
    The postings of one segment, for keyword search.

    Parameters
    ----------
    columns
        The columns of `NAMES`: sorted keys of terms with the start of each one's postings; row and count of each
        posting; length (in terms) and id of each row, ascending; ids of passages in earlier segments whose rows no
        longer count; sorted keys of words, their counts, and the words in that order, one per line.

    """

    def __init__(self, columns: Mapping[str, Array] | Columns) -> None:
        self.columns = columns

    @property
    def ids(self) -> NDArray[np.int64]:
        """The passage id of each row."""
        return self.columns["lexical_ids"].all()

    @property
    def lengths(self) -> NDArray[np.uint32]:
        """The number of terms of each row, including repetitions."""
        return self.columns["lengths"].all()

    def of(self, term: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return the rows that have a term, ascending, and how often each has it."""
        place = _find(self.columns["terms"].all(), key(term))
        if place is None:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        start, stop = (int(one) for one in self.columns["starts"].part(place, place + 2))
        return self.columns["rows"].part(start, stop), self.columns["counts"].part(start, stop)

    def word_counts(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how often words occur, by their keys."""
        known = self.columns["words"].all()
        if not len(known):
            return np.zeros(len(keys), np.int64)
        places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return np.where(known[places] == keys, self.columns["word_counts"].all()[places], 0)

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """Yield all words with their counts."""
        text = self.columns["vocabulary"].all().tobytes().decode("utf-8", "surrogatepass")
        return zip(text.split("\n") if text else (), self.columns["word_counts"].all().tolist(), strict=True)


class Vocabulary:
    """How often words occur in several segments together."""

    def __init__(self, parts: Sequence[Postings]) -> None:
        self._parts = parts

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return how often words occur."""
        keys = np.array([key(word) for word in words], dtype=np.uint64)
        found = sum((part.word_counts(keys) for part in self._parts), np.zeros(len(keys), np.int64))
        counts: list[int] = np.maximum(found, 0).tolist()
        return counts


class _Numbers(dict[str, int]):
    """Assign numbers to names in the order in which they are first asked for."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


class Reading:
    """Collects passages to be made into `Postings`; each text is analysed only once."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._ids = array("q")
        self._terms, self._term_ends = array("I"), array("Q")
        self._words, self._word_ends = array("I"), array("Q")

    def add(self, id_: int, text: str) -> list[str]:
        """Add a passage and return its words; ids must be ascending."""
        items = analysed(text)
        used = plain_words(items)
        number = self._numbers.__getitem__
        self._ids.append(id_)
        self._terms.extend(map(number, item_terms(items)))
        self._term_ends.append(len(self._terms))
        self._words.extend(map(number, used))
        self._word_ends.append(len(self._words))
        return used

    def word_counts(self) -> Counter[str]:
        """Return how often each word that is used to split compounds occurs."""
        names = list(self._numbers)
        found: Counter[str] = Counter()
        for number, count in Counter(self._words).items():
            for form in learnt(names[number]):
                found[form] += count
        return found

    def postings(self, splitter: CompoundSplitter) -> dict[str, NDArray[Any]]:
        """Return the columns of terms and rows, counting the parts of compounds as terms."""
        names = list(self._numbers)
        parts = {number: splitter.split(names[number]) for number in sorted(set(self._words))}
        of_word = {word: [self._numbers[stem(part)] for part in split] for word, split in parts.items() if split}
        counts = np.zeros(len(self._numbers), np.int64)
        counts[list(of_word)] = [len(one) for one in of_word.values()]
        parts_of = _Ragged(counts, np.array([one for of in sorted(of_word) for one in of_word[of]], np.int64))
        terms, words = _array(self._terms), _array(self._words)
        ends, word_ends = (np.array([0, *one], np.int64) for one in (self._term_ends, self._word_ends))
        keys = np.array([key(name) for name in self._numbers], dtype=np.uint64)
        found: list[tuple[NDArray[Any], ...]] = []
        lengths = [np.zeros(0, np.uint32)]
        for first in range(0, len(self._ids), _AT_ONCE):
            last = min(first + _AT_ONCE, len(self._ids))
            further, whose = parts_of.of(words[word_ends[first] : word_ends[last]])
            of_words = np.repeat(np.arange(last - first), np.diff(word_ends[first : last + 1]))[whose]
            rows = np.r_[np.repeat(np.arange(last - first), np.diff(ends[first : last + 1])), of_words]
            held = np.r_[terms[ends[first] : ends[last]], further]
            lengths.append(np.bincount(rows, minlength=last - first).astype(np.uint32))
            pairs, often = np.unique(rows * len(keys) + held, return_counts=True)
            found.append((keys[pairs % len(keys)], (pairs // len(keys) + first).astype(np.uint32), often))
        of_all = (
            [np.concatenate(column) for column in zip(*found, strict=True)] if found else [np.zeros(0, np.uint32)] * 3
        )
        return sorted_postings(of_all[0].astype(np.uint64), of_all[1], of_all[2].astype(np.uint32)) | {
            "lengths": np.concatenate(lengths),
            "lexical_ids": np.array(self._ids, dtype=np.int64),
        }


class _Ragged:
    """
    Lists of numbers of different lengths, concatenated.

    Parameters
    ----------
    counts, numbers
        The length of each list, and the numbers of all lists.

    """

    def __init__(self, counts: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
        self._counts, self._numbers = counts, numbers
        self._starts = np.cumsum(counts) - counts

    def of(self, lists: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of some lists, and for each number the position of its list in ``lists``."""
        counts = self._counts[lists]
        whose = np.repeat(np.arange(len(lists)), counts)
        within = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._numbers[self._starts[lists][whose] + within], whose


def sorted_postings(
    keys: NDArray[np.uint64], rows: NDArray[np.uint32], counts: NDArray[np.uint32]
) -> dict[str, NDArray[Any]]:
    """Return postings sorted by key, with the rows of each key in the order given."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    return {
        "terms": keys[firsts],
        "starts": np.r_[firsts, len(keys)].astype(np.int64),
        "rows": rows[order],
        # The smallest type that fits: nearly all counts are below 256.
        "counts": counts[order].astype(np.min_scalar_type(int(counts.max(initial=0)))),
    }


def vocabulary_columns(counts: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Return the columns that store words, except words that occur 0 times."""
    kept = sorted((key(word), word, count) for word, count in counts.items() if count)
    text = "\n".join(word for _, word, _ in kept).encode("utf-8", "surrogatepass")
    return {
        "words": np.array([one[0] for one in kept], dtype=np.uint64),
        "word_counts": np.array([one[2] for one in kept], dtype=np.int64),
        "vocabulary": np.frombuffer(text, np.uint8),
    }


def merged(parts: Sequence[tuple[Postings, NDArray[np.bool_] | None]]) -> dict[str, NDArray[Any]]:
    """Return the columns of terms and rows of several segments merged, with only the rows that still count."""
    keys, rows, counts, lengths, ids = [], [], [], [], []
    total = 0
    for part, alive in parts:
        columns = part.columns
        here, held = columns["rows"].all(), columns["counts"].all()
        of = np.repeat(columns["terms"].all(), np.diff(columns["starts"].all()))
        keep = slice(None) if alive is None else alive[here]
        number = np.arange(len(part.ids)) if alive is None else np.cumsum(alive) - 1
        keys.append(of[keep])
        rows.append(number[here[keep]] + total)
        counts.append(held[keep])
        stays = slice(None) if alive is None else alive
        lengths.append(part.lengths[stays])
        ids.append(part.ids[stays])
        total += len(ids[-1])
    all_ids = np.concatenate(ids)
    # Merged rows are in order of ids, whichever segment they come from.
    order = np.argsort(all_ids, kind="stable")
    place = np.empty(len(order), np.uint32)
    place[order] = np.arange(len(order), dtype=np.uint32)
    row = place[np.concatenate(rows).astype(np.int64)]
    by_row = np.argsort(row, kind="stable")
    return sorted_postings(np.concatenate(keys)[by_row], row[by_row], np.concatenate(counts)[by_row]) | {
        "lengths": np.concatenate(lengths)[order],
        "lexical_ids": all_ids[order],
    }


def item_terms(items: Sequence[Item]) -> list[str]:
    """Return the terms of a text's items."""
    return [item.term for item in items if item.term] + [form for item in items for form in item.forms]


def plain_words(items: Iterable[Item]) -> list[str]:
    """Return the words of a text that may be compounds written as one word."""
    return [item.word for item in items if item.term and not item.joined]


def learnt(word: str) -> Iterator[str]:
    """Yield a word and its stem, as both may be parts of compounds: "Chip" is one even if only "Chips" occurs."""
    if CompoundSplitter.learns(word):
        yield word
    if (stemmed := stem(word)) != word and CompoundSplitter.learns(stemmed):
        yield stemmed


def _find(keys: NDArray[np.uint64], wanted: int) -> int | None:
    place = int(np.searchsorted(keys, np.uint64(wanted)))
    return place if place < len(keys) and int(keys[place]) == wanted else None


def _array(numbers: array[int]) -> NDArray[np.uint32]:
    return np.frombuffer(numbers, np.uint32).copy() if len(numbers) else np.zeros(0, np.uint32)
