"""German keyword search with Snowball stems, split compounds and BM25."""

from __future__ import annotations

import functools
import math
import threading
from typing import TYPE_CHECKING

import numpy as np

from index.storage.columns.files import Held
from index.storage.columns.postings import (
    Postings,
    Reading,
    Vocabulary,
    item_terms,
    plain_words,
    vocabulary_columns,
)
from index.text.compounds import CompoundSplitter
from index.text.normal_forms import analysed, words
from index.text.stems import stem, stop_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

# BM25 constants: Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009).
K1 = 1.2
B = 0.75
_MOST_TERMS = 256  # terms whose postings are cached


def terms(text: str) -> list[str]:
    """
    Return the index terms of a text.

    These are the stems of all words but function words. A hyphenated compound counts as its parts and as the
    whole ("KI-Chip-Produktion" gives ``ki``, ``chip``, ``produktion`` and ``kichipproduktion``),
    so that "Chipproduktion" and "Chip-Produktion" find each other. Numbers, dates, units and the like
    also count in a normal form (see `index.text.normal_forms`).
    """
    return item_terms(analysed(text))


class LexicalIndex:
    """
    BM25 over passages.

    A passage is indexed under its words and, if these are compounds of words that the corpus uses, under
    their parts. A query is searched for by its words, and by the parts of those that the corpus does not have.
    Measured recall@5 of lexical search alone, without and with compound parts: 240 Wikipedia paragraphs 0.976 and
    0.979, 2525 of them 0.668 and 0.694, 556 questions and answers 0.340 and 0.354.

    Term counts are stored, not scores: the weight of a term and the average length of a passage depend on all
    segments, and are computed when they are needed.

    Parameters
    ----------
    parts
        The segments, each with a mask of the rows that still count, or None if all of them do.

    """

    def __init__(self, parts: Sequence[tuple[Postings, NDArray[np.bool_] | None]]) -> None:
        self._parts = [_Part(postings, alive) for postings, alive in parts]
        self._splitter = CompoundSplitter(Vocabulary([postings for postings, _ in parts]))
        self._terms: dict[str, list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]] = {}
        self._lock = threading.Lock()

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts in memory, with their positions as ids."""
        return cls([(fresh(enumerate(texts)), None)])

    def passage_terms(self, text: str) -> list[str]:
        """Return the terms that a text is found by: its own, and the parts of its compounds."""
        items = analysed(text)
        return item_terms(items) + [stem(part) for word in plain_words(items) for part in self._splitter.split(word)]

    @functools.cached_property
    def size(self) -> int:
        """Number of passages."""
        return sum(part.size for part in self._parts)

    def query_terms(self, query: str) -> list[str]:
        """
        Return the terms that a query is searched for by.

        These include the other forms of a word that occur in some passage. A word that occurs nowhere is
        replaced by such forms, and a compound that occurs nowhere by its parts.
        """
        found: list[str] = []
        for item in analysed(query):
            forms = [form for form in item.forms if self.knows(form)]
            found += forms
            # The parts of a hyphenated compound are searched for by themselves.
            if not item.term or ((forms or item.joined) and not self.knows(item.term)):
                continue
            split = () if self.knows(item.term) else self.split_compound(item.word)
            found += [stem(part) for part in split] or [item.term]
        return found

    def split_compound(self, word: str) -> tuple[str, ...]:
        """Return the parts of a casefolded compound of words in the passages; empty if it is not such a compound."""
        return self._splitter.split(word)

    def search(
        self, query: str, k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and score, best first, equal ones by id; see `Lexical.search`."""
        terms = self._known(query)
        ids, scores = self.matches(terms, [self.weight(term) for term in terms])
        if among is not None:
            kept = np.isin(ids, among)
            ids, scores = ids[kept], scores[kept]
        if len(ids) > k:
            least = np.partition(scores, len(scores) - k)[len(scores) - k]
            kept = scores >= least
            ids, scores = ids[kept], scores[kept]
        order = np.lexsort((ids, -scores))[:k]
        return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage in order of ids, shape ``(size,)``; 0 if it shares no term."""
        return self._scores(self._known(query))

    def ceiling(self, query: str) -> float:
        """Return the BM25 score of an imaginary passage that repeats each term of the query without end."""
        # The term frequency factor of the score tends to 1 from below, so the weights add up to the bound.
        return sum(self.weight(term) for term in sorted(set(self.query_terms(query))))

    def weight(self, term: str) -> float:
        """Return the inverse document frequency of a term; a term that occurs nowhere weighs most."""
        containing = self.containing(term)
        return math.log(1 + (self.size - containing + 0.5) / (containing + 0.5))

    def containing(self, term: str) -> int:
        """Return the number of passages that contain a term."""
        return sum(len(rows) for rows, _ in self._postings(term))

    def holding(self, term: str) -> NDArray[np.int64]:
        """Return the ids of the passages that contain a term, ascending."""
        found = [part.ids[rows] for part, (rows, _) in zip(self._parts, self._postings(term), strict=True)]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def scores_of(self, term: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage, in order of ids, for one term that the passages have (see `knows`)."""
        return self._scores([term])

    def knows(self, term: str) -> bool:
        """Tell whether any passage contains a term (see `terms`)."""
        return self.containing(term) > 0

    def _known(self, query: str) -> list[str]:
        return [term for term in dict.fromkeys(self.query_terms(query)) if self.knows(term)]

    def _postings(self, term: str) -> list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
        found = self._terms.get(term)
        if found is None:
            found = [part.of(term) for part in self._parts]
            with self._lock:
                if len(self._terms) >= _MOST_TERMS:
                    self._terms.clear()
                self._terms[term] = found
        return found

    @functools.cached_property
    def _average(self) -> float:
        return sum(part.length for part in self._parts) / max(1, self.size)

    def matches(self, terms: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids, in no order, of the passages that share a term, and their scores with the given weights."""
        ids, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for part, total in zip(self._parts, self._summed(terms, weights) if terms else (), strict=False):
            rows = np.flatnonzero(total)
            ids.append(part.ids[rows])
            scores.append(total[rows])
        return np.concatenate(ids), np.concatenate(scores)

    def dense(self, terms: Sequence[str], weights: Sequence[float]) -> NDArray[np.float32]:
        """Return the score of each passage in order of ids, with the given term weights."""
        if not terms:
            return np.zeros(self.size, dtype=np.float32)
        return np.concatenate([*self._summed(terms, weights), np.zeros(0, np.float32)])[self._order]

    def _scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        return self.dense(terms, [self.weight(term) for term in terms])

    def _summed(self, terms: Sequence[str], weights: Sequence[float]) -> Iterator[NDArray[np.float32]]:
        """Yield the scores of all rows of each segment; rows that no longer count score 0."""
        for number, part in enumerate(self._parts):
            total = np.zeros(part.rows, dtype=np.float32)
            for term, weight in zip(terms, weights, strict=True):
                rows, counts = self._postings(term)[number]
                held = counts.astype(np.float64)
                tells = float(np.float32(weight))
                total[rows] += (tells * (held / (part.norms(self._average)[rows] + held))).astype(np.float32)
            yield total

    @functools.cached_property
    def _order(self) -> NDArray[np.int64]:
        """The rows that count, numbered through all segments in turn, in order of ids."""
        alive = np.concatenate([np.zeros(0, bool), *(part.counting for part in self._parts)])
        ids = np.concatenate([np.zeros(0, np.int64), *(part.ids for part in self._parts)])
        rows = np.flatnonzero(alive)
        return rows[np.argsort(ids[rows], kind="stable")]


class _Part:
    """One segment, without the rows that no longer count."""

    def __init__(self, postings: Postings, alive: NDArray[np.bool_] | None) -> None:
        self._postings = postings
        self._alive = alive
        self._norms: NDArray[np.float64] | None = None

    @property
    def ids(self) -> NDArray[np.int64]:
        return self._postings.ids

    @property
    def rows(self) -> int:
        return len(self._postings.lengths)

    @property
    def size(self) -> int:
        return self.rows if self._alive is None else int(self._alive.sum())

    @property
    def length(self) -> int:
        lengths = self._postings.lengths
        return int((lengths if self._alive is None else lengths[self._alive]).sum(dtype=np.int64))

    @property
    def counting(self) -> NDArray[np.bool_]:
        return np.ones(self.rows, bool) if self._alive is None else self._alive

    def of(self, term: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        rows, counts = self._postings.of(term)
        if self._alive is None:
            return rows, counts
        kept = self._alive[rows]
        return rows[kept], counts[kept]

    def norms(self, average: float) -> NDArray[np.float64]:
        """Return the length normalisation of each row, against which term frequencies are weighed."""
        if self._norms is None:
            self._norms = np.asarray(K1 * ((1 - B) + B * self._postings.lengths / average), np.float64)
        return self._norms


def fresh(passages: Iterable[tuple[int, str]]) -> Postings:
    """Return the postings of passages, given by id and text, of an index without earlier segments."""
    reading = Reading()
    for id_, text in passages:
        reading.add(id_, text)
    counts = reading.word_counts()
    columns = reading.postings(CompoundSplitter(counts)) | vocabulary_columns(counts)
    return Postings({name: Held(one) for name, one in (columns | {"overridden": np.zeros(0, np.int64)}).items()})


__all__ = ["LexicalIndex", "fresh", "stem", "stop_words", "terms", "words"]
