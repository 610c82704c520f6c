"""The sides of a comparison, and which sentence speaks of which."""

from __future__ import annotations

import re

from index.text.locale import alternatives, words
from index.text.stems import stop_words

_NAME = r"[A-ZÄÖÜ][\w-]*(?: (?:[A-ZÄÖÜ][\w-]*|\d[\w.-]*))*"
MOST_SIDES = 5


def sides(question: str) -> tuple[str, ...]:
    """
    Return what a question sets beside each other, by name; nothing where no two names are joined.

    Examples
    --------
    >>> sides("Vergleiche die Strategien von Tencent und Baidu.")
    ('Tencent', 'Baidu')

    """
    between = rf"(?:,? {alternatives('questions.comparing')}|,)(?: {alternatives('questions.before_side')})* "
    found = re.search(rf"(?<![\w-])({_NAME})((?:{between}{_NAME})+)", _without_opening(question))
    if found is None:
        return ()
    names = [found.group(1), *re.findall(rf"{between}({_NAME})", found.group(2))]
    return tuple(dict.fromkeys(name.strip() for name in names))[:MOST_SIDES]


def speaks_of(text: str, side: str) -> bool:
    """Tell whether a text names a side, also in the genitive or in a compound ("Tencents", "Baidu-Chef")."""
    return re.search(rf"(?<!\w){re.escape(side)}(?:['’]?s)?(?!\w)", text) is not None


def _without_opening(question: str) -> str:
    """Return a question whose first word is no name: "Vergleiche Tencent und Baidu"."""
    opening = words("questions.comparing_verbs") | stop_words()
    rest = question.strip()
    while (first := rest.partition(" ")[0]) and first.casefold().strip(",:") in opening:
        rest = rest.partition(" ")[2].lstrip()
    return rest
