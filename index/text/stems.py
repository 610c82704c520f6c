"""Stems and function words for keyword search."""

from __future__ import annotations

import functools
import threading

from index.limits import LONGEST_WORD
from index.text import locale

_local = threading.local()


@functools.cache
def stop_words() -> frozenset[str]:
    """Return the function words of all languages, casefolded."""
    return locale.words("language.empty").union(*map(library_words, locale.languages()))


def library_words(language: str) -> frozenset[str]:
    """Return the casefolded function words of a language that the search library knows."""
    from bm25s import stopwords  # noqa: PLC0415 - only when searching

    names = locale.texts("language.stop_words", language)
    return frozenset(word.casefold() for name in names for word in getattr(stopwords, name))


def stem(word: str) -> str:
    """Return the German Snowball stem of a casefolded word; numbers and overlong words are returned unchanged."""
    # Long words are not cached, because they could fill the memory.
    return _stemmed(word) if len(word) <= LONGEST_WORD else word


@functools.lru_cache(maxsize=65536)
def _stemmed(word: str) -> str:
    # A stemmer object is not thread-safe, so each thread has its own.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        import Stemmer  # noqa: PLC0415 - a C extension, only when searching

        stemmer = _local.stemmer = Stemmer.Stemmer("german")
    stemmed: str = stemmer.stemWord(word)
    # Snowball keeps the genitive of names ("Chinas", "Nvidias"); dropping a final s unifies them with the names.
    return stemmed[:-1] if len(stemmed) > 4 and stemmed.endswith("s") else stemmed
