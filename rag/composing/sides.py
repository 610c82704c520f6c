"""Find the sides of a comparison, and the texts that name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from index.text.locale import alternatives, words
from index.text.stems import stem, stop_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from index.storage.protocols import Chosen
    from index.storage.reader import Index

# A name ends with a word, not with a hyphen: "Vor- und Nachteile" compares nothing.
_NAME = r"[A-ZÄÖÜ](?:[\w-]*\w)?(?: (?:[A-ZÄÖÜ](?:[\w-]*\w)?|\d[\w.-]*))*"
_OF = r"(?:['’]s?(?= ))?"
MOST_SIDES = 5


def sides(question: str) -> tuple[str, ...]:
    """
    Return the names that a question compares; empty if no two names are joined.

    Examples
    --------
    >>> sides("Vergleiche die Strategien von Tencent und Baidu.")
    ('Tencent', 'Baidu')

    """
    found = _joined(question)
    if found is None:
        return ()
    names = [*found.group(1, 2), *re.findall(_more() + f"({_NAME})", found.group(3))]
    return tuple(dict.fromkeys(name.strip() for name in names))[:MOST_SIDES]


def _joined(question: str) -> re.Match[str] | None:
    text = _without_opening(question)
    found = _with(text, alternatives("questions.joining_sides", "questions.comparing"))
    if found is None and re.search(rf"\b{alternatives('questions.distinguishing')}\b", question, re.IGNORECASE):
        found = _with(text, alternatives("questions.distinguished"))  # elsewhere "Strategien von Tencent" joins nothing
    return found


def _with(text: str, joining: str) -> re.Match[str] | None:
    """Return the first two names that ``joining`` joins, and those that follow."""
    # "Tencent und Baidu mit dem Mangel": after the first two names only "und" adds another.
    first, further = rf"(?:,? (?i:{joining})|,){_before()}", rf"((?:{_more()}{_NAME}{_OF})*)"
    return re.search(rf"(?<![\w-])({_NAME}){_OF}{first}({_NAME}){_OF}{further}", text)


def _more() -> str:
    return rf"(?:,? {alternatives('questions.joining_sides')}|,){_before()}"


def _before() -> str:
    return rf"(?: {alternatives('questions.before_side')})* "


def speaks_of(text: str, side: str) -> bool:
    """Tell whether a text names a side, possibly inflected or in a compound ("Tencents", "Baidu-Chef")."""
    *leading, last = side.split(" ")
    before = "".join(f"{re.escape(word)} " for word in leading)
    return any(
        stem(word.casefold()) == stem(last.casefold()) or word == last
        for found in re.finditer(rf"(?<!\w){before}(\w+)", text)
        if (word := found.group(1))
    )


def as_named(side: str, texts: Iterable[str]) -> str:
    """
    Return a side without its genitive ending, if texts name it without.

    Examples
    --------
    >>> as_named("Chinas", ["Noch liegt China zurück."])
    'China'
    >>> as_named("Paris", ["Noch liegt Paris zurück."])
    'Paris'

    """
    bare = side[:-1]
    if not side.endswith("s") or not bare:
        return side
    named = re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)")
    return bare if any(named.search(text) for text in texts) else side


def absent(names: Iterable[str], index: Index, articles: Chosen) -> tuple[str, ...]:
    """
    Return the sides that no article names.

    A side counts as named as soon as each of its words is, in any spelling that the search treats as the same and as
    any part of a word: a user who is told that there is nothing does not look again.
    """
    known, inside = list(names), articles.ids()
    words_ = dict.fromkeys(word for name in known for word in name.split())
    missing = {word: word.casefold() for word in words_ if not _is_found(word, index, inside)}
    # Parts of words, and words that stand in no passage, are not among the terms: so the texts themselves are searched.
    there = frozenset(articles) if missing else frozenset()
    for path, held in index.mentions(tuple(missing.values())) if missing else ():
        if path in there:
            missing = {word: small for word, small in missing.items() if small not in held}
        if not missing:
            break
    return tuple(name for name in known if not missing.keys().isdisjoint(name.split()))


def _is_found(word: str, index: Index, inside: NDArray[np.int64]) -> bool:
    """Tell whether any of the terms that the search makes of a word stands in one of the passages."""
    terms = (term for term in index.lexical.query_terms(word) if index.lexical.knows(term))
    return any(len(np.intersect1d(index.lexical.holding(term), inside)) > 0 for term in terms)


def _without_opening(question: str) -> str:
    """Return a question without opening words that are not names, as in "Vergleiche Tencent und Baidu"."""
    opening = words("questions.comparing_verbs") | stop_words()
    rest = question.strip()
    while (first := rest.partition(" ")[0]) and first.casefold().strip(",:") in opening:
        rest = rest.partition(" ")[2].lstrip()
    return rest
