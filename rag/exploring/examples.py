"""
Make one question of each kind that the articles can be expected to answer, from the index alone.

They show what can be asked. Each is made from something in the articles: a title, two names mentioned together, a
sentence turned into a question. A kind for which nothing suitable is found has no example.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.locale import languages, text
from rag.composing.persons import persons_in
from rag.exploring.names import names_of
from rag.exploring.samples import Remembered, first_sentences, newest_first, sentences_of, spread
from rag.exploring.suggestions import suggestions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.storage.reader import Index
    from rag.exploring.suggestions import Suggestion
    from rag.kinds.types import Kind

LONGEST_ASKED_TITLE = 110
"""Most characters of a title in a question; of a longer title only the beginning is used."""
_ARTICLES = 24
_EACH = 200
"""Most sentences of an article that questions are made from; in a long one the beginning says most."""
_NEAREST = 3
_SEVERAL = 3
"""People that make a list."""
_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans("„“”«»", "‚‘’‹›")


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its kind; ``path`` is the article that it was made from, empty if there are several."""

    kind: Kind
    question: str
    path: str = ""


def examples_of(index: Index, language: str) -> tuple[Example, ...]:
    """
    Return one question of each kind for an index; made once per generation.

    Parameters
    ----------
    index
        The index of the articles.
    language
        Language of the questions, ``de`` or ``en``.

    """
    return _REMEMBERED_EXAMPLES.of(index, language)


def is_found(index: Index, suggestion: Suggestion) -> bool:
    """Tell whether the passage that a question was made from is among the nearest few that keyword search finds."""
    for id_, _ in index.lexical.search(suggestion.question, _NEAREST):
        chunk = index.chunks[id_].chunk
        if chunk.path == suggestion.path and chunk.start <= suggestion.start < chunk.end:
            return True
    return False


def about_article(title: str, language: str) -> str:
    """Return the question that asks for a summary of an article; empty if it has no title."""
    title = " ".join(title.split()).translate(_QUOTES)
    if len(title) > LONGEST_ASKED_TITLE:
        title = title[:LONGEST_ASKED_TITLE].rsplit(" ", 1)[0]
    return text("talk.ask_article", language).format(title=title) if title else ""


def facts(index: Index, language: str, paths: Iterable[str], *, most: int) -> list[str]:
    """Return at most ``most`` questions for a fact from some articles, those whose passage keyword search finds."""
    found = (
        one for one in suggestions_of(index, paths, most=_EACH) if one.language == language and is_found(index, one)
    )
    return [one.question for one, _ in zip(found, range(most), strict=False)]


def _make(index: Index, language: str) -> tuple[Example, ...]:
    made = _examples(index, language)
    return tuple(one for one in made if one.question)


def _examples(index: Index, language: str) -> Iterator[Example]:
    documents = newest_first(index.described())
    paths = [one.path for one in spread(documents, _ARTICLES)]
    names = names_of(index)
    asked = [one for one in suggestions_of(index, paths, most=_EACH) if one.language == language]
    fact = _first("fact", asked, index) or Example("fact", _person(index, paths, language))
    yield fact
    closed = [one for one in suggestions_of(index, paths, closed=True, most=_EACH) if one.language == language]
    whether = _first("yes_no", sorted(closed, key=lambda one: one.path == fact.path), index)
    yield whether or Example("yes_no", "")
    role = text("talk.ask_role", language).format(name=names.frequent[0]) if names.frequent else ""
    yield _first("explanation", asked, index) or Example("explanation", role)
    yield Example("list", _list(index, paths, language))
    pair = names.pairs[0] if names.pairs else names.frequent[1:3]
    asks = text("talk.ask_comparison", language)
    yield Example("comparison", asks.format(one=pair[0], other=pair[1]) if len(pair) == 2 else "")
    if documents:
        yield Example("timeline", text("talk.ask_timeline", language))
        used = {fact.path, whether.path if whether else ""}
        chosen = min(
            documents[:_ARTICLES], key=lambda one: (len(one.metadata.title) > LONGEST_ASKED_TITLE, one.path in used)
        )
        yield Example("summary", about_article(chosen.metadata.title, language), chosen.path)
    if len(documents) > 1:
        yield Example("summary", text("talk.ask_all", language))


def _first(kind: Kind, items: Iterable[Suggestion], index: Index) -> Example | None:
    """Return the first question of a kind whose passage keyword search finds."""
    for one in items:
        if one.question.startswith(("Warum ", "Why ")) is (kind == "explanation") and is_found(index, one):
            return Example(kind, one.question, one.path)
    return None


def _person(index: Index, paths: Iterable[str], language: str) -> str:
    """Ask who the first person is whose role an article states."""
    for path in paths:
        for sentence in itertools.islice(sentences_of(index, path), _EACH):
            if people := persons_in(sentence):
                return text("talk.ask_person", language).format(name=people[0])
    return ""


def _list(index: Index, paths: Iterable[str], language: str) -> str:
    """Ask for all people if several are named with their role, otherwise for what is named most often in the plural."""
    asked = text("talk.ask_list", language)
    read = (one for path in paths for one in itertools.islice(sentences_of(index, path), _EACH))
    people = {name for sentence in read for name in persons_in(sentence)}
    if len(people) >= _SEVERAL:
        return asked.format(sort=text("about.people", language))
    named = Counter(word for sentence, _ in first_sentences(index) for word in _WORD.findall(sentence))
    counts = [sum(named[one] for one in same) for same in zip(*_sorts().values(), strict=False)]
    best = max(range(len(counts)), key=lambda place: (counts[place], -place), default=0)
    return asked.format(sort=_sorts()[language][best]) if any(counts) else ""


def _sorts() -> dict[str, list[str]]:
    return {language: text("about.sorts", language).split() for language in languages()}


_REMEMBERED_EXAMPLES = Remembered(_make)
