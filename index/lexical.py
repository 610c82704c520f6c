"""German keyword search: Snowball stems, compounds taken apart, BM25."""

from __future__ import annotations

import functools
import json
import math
import re
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from index.compounds import CompoundSplitter
from index.errors import IndexDamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# Digits keep their separators ("7-nm" is two tokens, "3,5" and "1.000" are one).
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\d+", re.UNICODE)
_COMPOUND = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)+", re.UNICODE)
_local = threading.local()

# BM25 constants: Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009).
K1 = 1.2
B = 0.75
_VOCABULARY = "vocabulary.json"


@functools.cache
def stop_words() -> frozenset[str]:
    """Return the German and English function words, casefolded."""
    from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_GERMAN  # noqa: PLC0415 - only when searching

    questions = (
        "wer was wann wo wie warum wieso weshalb welche welcher welches welchem welchen wem wen wessen wofür woran "
        "worin womit wodurch worauf wohin woher wozu wieviel viel viele gibt laut sowie beim bereits dabei zudem "
        "what which when where why how who whom whose does did much many"
    ).split()
    return frozenset(word.casefold() for word in (*STOPWORDS_EN, *STOPWORDS_GERMAN, *questions))


def words(text: str) -> list[str]:
    """Return the casefolded words and numbers of a text, compounds taken apart at their hyphens."""
    return [match.group().casefold() for match in _TOKEN.finditer(text)]


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the German Snowball stem of a casefolded word; a number is its own stem."""
    # A stemmer object is not thread-safe, so each thread has its own.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        import Stemmer  # noqa: PLC0415 - a C extension, only when searching

        stemmer = _local.stemmer = Stemmer.Stemmer("german")
    stemmed: str = stemmer.stemWord(word)
    # Snowball keeps the genitive of names ("Chinas", "Nvidias"); folding a final s joins them.
    return stemmed[:-1] if len(stemmed) > 4 and stemmed.endswith("s") else stemmed


def terms(text: str) -> list[str]:
    """
    Return the index terms of a text.

    Stems of all words but function words; a hyphenated compound counts as its parts and as the
    whole ("KI-Chip-Produktion" gives ``ki``, ``chip``, ``produktion`` and ``kichipproduktion``),
    so that "Chipproduktion" and "Chip-Produktion" find each other.
    """
    return [term for term, _ in _terms_and_words(text)]


def _terms_and_words(text: str) -> list[tuple[str, str]]:
    ignored = stop_words()
    found = [(stem(word), word) for word in words(text) if word not in ignored]
    joined = [re.sub(r"[-‐‑]", "", match.group()).casefold() for match in _COMPOUND.finditer(text)]
    return found + [(stem(word), word) for word in joined]


class LexicalIndex:
    """
    BM25 over passages.

    A passage is indexed under its words and, where these are compounds of words that the corpus uses, under
    the parts; a query is searched for by its words, and by the parts of those that the corpus does not have.
    Measured, lexical search alone, recall@5 without and with: 240 Wikipedia paragraphs 0.976 and 0.979, 2525
    of them 0.668 and 0.694, 556 questions and answers 0.340 and 0.354.

    Parameters
    ----------
    retriever
        A `bm25s.BM25` that holds the passages, or None where there is not a single term.
    size
        Number of passages.
    splitter
        Knows the words of the corpus.

    """

    def __init__(self, retriever: Any, *, size: int, splitter: CompoundSplitter) -> None:
        self._retriever = retriever
        self._size = size
        self._splitter = splitter

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts; their order gives the rows of `scores`."""
        import bm25s  # noqa: PLC0415

        used = [word for text in texts for word in words(text) if word not in stop_words()]
        # "Chip" is a part of "Chipfertigung" where the corpus only has "Chips".
        splitter = CompoundSplitter.learn([*used, *(stem(word) for word in used if stem(word) != word)])
        tokens = [_with_parts(text, splitter) for text in texts]
        if not any(tokens):
            return cls(None, size=len(texts), splitter=splitter)
        retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
        retriever.index(tokens, show_progress=False)
        return cls(retriever, size=len(texts), splitter=splitter)

    def passage_terms(self, text: str) -> list[str]:
        """Return the terms a text is found by: its own, and the parts of its compounds."""
        return _with_parts(text, self._splitter)

    @property
    def size(self) -> int:
        """Number of passages."""
        return self._size

    def query_terms(self, query: str) -> list[str]:
        """Return the terms a query is searched for by; a compound that stands nowhere is replaced by its parts."""
        found: list[str] = []
        for term, word in _terms_and_words(query):
            parts = () if self.knows(term) else self.split_compound(word)
            found += [stem(part) for part in parts] or [term]
        return found

    def split_compound(self, word: str) -> tuple[str, ...]:
        """Return the parts of a casefolded word that the passages have, nothing where it is no compound of these."""
        return self._splitter.split(word)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage, shape ``(size,)``; 0 where no term is shared."""
        known = self._known(query)
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._retriever.get_scores(known), dtype=np.float32)

    def ceiling(self, query: str) -> float:
        """Return the BM25 score of an imagined passage that holds each term of the query over and over."""
        # The term frequency part of the score tends to 1 from below, so the weights add up to the bound.
        return sum(self.weight(term) for term in sorted(set(self.query_terms(query))))

    def weight(self, term: str) -> float:
        """Return the inverse document frequency of a term; a term that stands nowhere weighs most."""
        containing = self.containing(term)
        return math.log(1 + (self.size - containing + 0.5) / (containing + 0.5))

    def containing(self, term: str) -> int:
        """Return the number of passages that a term stands in."""
        if not self.knows(term):
            return 0
        row = self._retriever.vocab_dict[term]
        pointers = self._retriever.scores["indptr"]
        return int(pointers[row + 1]) - int(pointers[row])

    def scores_of(self, term: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage for one term that `knows` tells of."""
        return np.asarray(self._retriever.get_scores([term]), dtype=np.float32)

    def knows(self, term: str) -> bool:
        """Tell whether a term (see `terms`) stands in any passage."""
        return self._retriever is not None and term in self._retriever.vocab_dict

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        folder.mkdir(parents=True)
        (folder / "size").write_text(str(self._size), encoding="ascii")
        (folder / _VOCABULARY).write_text(json.dumps(self._splitter.vocabulary, ensure_ascii=False), encoding="utf-8")
        if self._retriever is not None:
            self._retriever.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote."""
        size = int((folder / "size").read_text(encoding="ascii"))
        if not (folder / _VOCABULARY).exists():
            raise IndexDamagedError(
                f"The index file {folder / _VOCABULARY} is missing; an earlier version did not write it.",
                hint="Bring the index up to date with `rag index CORPUS`.",
            )
        splitter = CompoundSplitter(json.loads((folder / _VOCABULARY).read_text(encoding="utf-8")))
        if not (folder / "params.index.json").exists():
            return cls(None, size=size, splitter=splitter)
        import bm25s  # noqa: PLC0415

        return cls(bm25s.BM25.load(str(folder)), size=size, splitter=splitter)

    def _known(self, query: str) -> list[str]:
        return [term for term in dict.fromkeys(self.query_terms(query)) if self.knows(term)]


def _with_parts(text: str, splitter: CompoundSplitter) -> list[str]:
    parts = [stem(part) for word in words(text) if word not in stop_words() for part in splitter.split(word)]
    return terms(text) + parts
