"""
Describe the articles from the index alone: their number, titles and dates, and words that name their subjects.

No model is used, so the result is immediate. Words are taken from where authors say what a text is about: titles,
headings and first sentences. They are ranked by how many articles have them and by their weight in keyword search. A
word that is part of one already chosen, or has one as a part, adds nothing and is left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.storage.lexical import stem, stop_words
from index.text.locale import texts
from rag.exploring.names import names_of
from rag.exploring.samples import Remembered, newest_first, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.storage.protocols import Described
    from index.storage.reader import Index

NAMED = 6
"""Most articles that are named; the others are only counted."""
TOPICS = 6
SOURCES = 4
_MOST_READ = 400
"""Most articles whose titles, headings and first sentences are read; of more, an evenly spaced sample."""
_HEADINGS = 12
_CANDIDATES = 40
_WORD = re.compile(r"[^\W\d_](?:[\w-]*\w)?")
_BEGINS = re.compile(r"[.:!?…»“\"–|/]\s*$")
_BRACKETS = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class NamedArticle:
    """An article by name: ``path``, ``title``, ``date`` (ISO 8601) and ``source``, empty where unknown."""

    path: str
    title: str
    date: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """
    Description of a collection of articles.

    Parameters
    ----------
    articles
        Number of articles.
    named
        Some of them, newest first; those without a date last, by path.
    topics
        Words for their subjects, in the articles' own spelling, most telling first.
    first_date, last_date
        The oldest and the newest date (ISO 8601), empty if no article has one.
    dated
        Number of articles with a date.
    sources
        Their sources, most frequent first, at most `SOURCES`, without additions in brackets.

    """

    articles: int
    named: tuple[NamedArticle, ...] = ()
    topics: tuple[str, ...] = ()
    first_date: str = ""
    last_date: str = ""
    dated: int = 0
    sources: tuple[str, ...] = ()

    @property
    def unnamed(self) -> int:
        """Number of articles that are not named."""
        return self.articles - len(self.named)

    def to_json(self) -> dict[str, Any]:
        """Return this as a JSON object."""
        return {**asdict(self), "named": [asdict(one) for one in self.named], "unnamed": self.unnamed} | {
            "topics": list(self.topics),
            "sources": list(self.sources),
        }


def about_of(index: Index) -> About:
    """Return a description of the articles of an index; made once per generation."""
    return _REMEMBERED_ABOUT.of(index)


def _make(index: Index) -> About:
    documents = newest_first(index.described())
    dates = sorted(one.metadata.date for one in documents if one.metadata.date)
    sources = Counter(_BRACKETS.sub("", one.metadata.source) for one in documents if one.metadata.source)
    return About(
        len(documents),
        tuple(
            NamedArticle(one.path, one.metadata.title, one.metadata.date, one.metadata.source)
            for one in documents[:NAMED]
        ),
        _topics(index, spread(documents, _MOST_READ)),
        dates[0] if dates else "",
        dates[-1] if dates else "",
        len(dates),
        tuple(sorted(sources, key=lambda source: (-sources[source], source))[:SOURCES]),
    )


def _topics(index: Index, documents: Sequence[Described]) -> tuple[str, ...]:
    """Return the words that say what articles are about."""
    holding: Counter[str] = Counter()  # number of articles, by stem
    spelled: dict[str, Counter[str]] = {}
    ignored = stop_words()
    for document in documents:
        nouns = "nouns" in texts("language.capitals", document.metadata.language)
        stems: set[str] = set()
        for line in _informative_lines(index, document):
            for match in _WORD.finditer(line):
                word = match.group()
                folded = word.casefold()
                if len(word) < _LEAST_LETTERS or folded in ignored or not (word[0].isupper() or not nouns):
                    continue
                term = stem(folded.replace("-", ""))
                stems.add(term)
                # A word found only at the start of lines may be an adjective or a verb, capitalised for its position.
                if match.start() and not _BEGINS.search(line, 0, match.start()):
                    spelled.setdefault(term, Counter())[word] += 1
        holding.update(stems)
    names = set(names_of(index).frequent)
    weights = {
        term: _weight(index, term, number) for term, number in holding.most_common(_CANDIDATES) if term in spelled
    }
    chosen: list[tuple[str, frozenset[str]]] = []
    for term in sorted(weights, key=lambda term: (-weights[term], term)):
        word = min(spelled[term], key=lambda one: (-spelled[term][one], one))
        if word.removesuffix("s") in names and word.removesuffix("s") in spelled[term]:
            word = word.removesuffix("s")  # the genitive of a name
        parts = _parts(index, word)
        if any(parts & others for _, others in chosen):
            continue
        chosen.append((word, parts))
        if len(chosen) == TOPICS:
            break
    return tuple(word for word, _ in chosen)


def _informative_lines(index: Index, document: Described) -> Iterable[str]:
    """Return title, headings and first sentence of an article, each once."""
    lines = {document.metadata.title: None}
    passages = index.passages.get(document.path, ())
    text = index.documents[document.path].text
    for id_ in passages[:_HEADINGS]:
        lines.update(dict.fromkeys(index.chunks[id_].chunk.headings))
    for span in (span for id_ in passages[:1] for span in index.chunks[id_].chunk.sentences[:2]):
        lines.setdefault(text[span.start : span.end].lstrip("# "))
    return lines


def _weight(index: Index, term: str, holding: int) -> float:
    """Return how well a term says what the articles are about."""
    if not index.lexical.knows(term):
        return 0.0
    return math.sqrt(float(np.sum(index.lexical.scores_of(term)))) * holding


def _parts(index: Index, word: str) -> frozenset[str]:
    """Return the stems of a word and of its components."""
    folded = [part for part in word.casefold().split("-") if part]
    split = [part for one in folded for part in index.lexical.split_compound(one)]
    return frozenset(map(stem, [*folded, *split]))


_REMEMBERED_ABOUT = Remembered(_make)
