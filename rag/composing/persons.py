"""
Find the sentences that name a person together with their role.

German writes every noun with a capital, so two capitalised words are a name only if the words around them say so: the
person's role stands before them ("Bürgermeisterin Silke Rood"), or after a comma ("Martin Lau, der Präsident", "Anna
Prosch, Leiterin der Bergwacht").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.storage.lexical import words as tokens
from index.text.cldr import months
from index.text.locale import alternatives, words
from index.text.spelling import folded
from index.text.stems import stop_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.composing.pieces import Candidate

_WORD = r"[A-ZÄÖÜ][^\W\d_A-Z]+(?:-[A-ZÄÖÜ][^\W\d_A-Z]+)?"
_BEHIND_ROLE = re.compile(
    rf"(?:([A-ZÄÖÜ]\w*) )?(?<![\w.-])(?:(?:\w+-)?[A-ZÄÖÜ][^\W\d_A-Z-]{{3,}}|[A-Z]{{2,3}}|Dr\.|Prof\.) "
    rf"(?P<name>{_WORD} {_WORD})(?![\w-]| [A-ZÄÖÜ\d])"
)
_ROLE = rf"[\w-]*(?i:{alternatives('questions.role_nouns')})(?:in|r)? {alternatives('questions.of_role')}"
_BEFORE_ROLE = re.compile(
    rf"()(?<![\w-])(?<!\d )(?<![Dd](?:ie|as|er|en) )(?P<name>{_WORD} {_WORD}), "
    rf"(?:{alternatives('questions.before_role')}|{_ROLE}) [\w -]{{2,60}}"
)


def asks_for_persons(question: str) -> bool:
    """
    Tell whether a question asks for people, whoever they are.

    Examples
    --------
    >>> asks_for_persons("Welche Personen werden genannt, und welche Rolle haben sie?")
    True

    """
    return not words("questions.persons").isdisjoint(tokens(question))


def persons_in(text: str) -> list[str]:
    """
    Return the people that a sentence names together with their role.

    Examples
    --------
    >>> persons_in("Martin Lau, der Präsident von Tencent, und Landrat Thomas Eickhoff trafen Dr. Hannah Brück.")
    ['Thomas Eickhoff', 'Hannah Brück', 'Martin Lau']

    """
    places = (one for pattern in (_BEHIND_ROLE, _BEFORE_ROLE) for one in pattern.finditer(text))
    # Four capitalised words in a row are the name of something: "World Artificial Intelligence Conference".
    found = [one["name"] for one in places if not one[1] or one[1].casefold() in stop_words()]
    return [name for name in dict.fromkeys(found) if not _is_common(*name.split())]


def introducing(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the first sentence that names each person, articles nearest first, each article's in reading order."""
    known: set[str] = set()
    found = []
    for one in sorted(candidates, key=lambda one: (-one.article, one.sentence.path, one.sentence.start)):
        names = set(persons_in(one.sentence.text))
        if names - known:
            found.append(one)
        known |= names
    return found[:most]


def _is_common(first: str, last: str) -> bool:
    """Tell whether two words are no name: "Ende August" is none, but "Jan Arp" and "August Horch" are."""
    return not stop_words().isdisjoint((first.casefold(), last.casefold())) or folded(last) in months()
