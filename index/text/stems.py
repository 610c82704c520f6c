"""Stems and function words: what keyword search leaves of a word."""

from __future__ import annotations

import functools
import threading

from index.limits import LONGEST_WORD

_local = threading.local()


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


def stem(word: str) -> str:
    """Return the German Snowball stem of a casefolded word; a number, and what is too long for a word, is its own."""
    # Long ones are not kept: a cache of them could fill the memory.
    return _stemmed(word) if len(word) <= LONGEST_WORD else word


@functools.lru_cache(maxsize=65536)
def _stemmed(word: str) -> str:
    # A stemmer object is not thread-safe, so each thread has its own.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        import Stemmer  # noqa: PLC0415 - a C extension, only when searching

        stemmer = _local.stemmer = Stemmer.Stemmer("german")
    stemmed: str = stemmer.stemWord(word)
    # Snowball keeps the genitive of names ("Chinas", "Nvidias"); folding a final s joins them.
    return stemmed[:-1] if len(stemmed) > 4 and stemmed.endswith("s") else stemmed
