"""
Find what a sentence points back to, so that both can be shown together.

"Er kostet 90 Euro." answers nothing for a reader who does not know what "er" is. If such a sentence is shown as an
answer, the one that names "er" is shown before it. This decides what is shown beside an answer, never whether there is
one.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from index.text.locale import alternatives
from index.text.stems import stem
from rag.grounding.pointing import is_noun, pointers, points_back, tokens_of
from rag.limits import MOST_COMPARED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.types import Span

# How far back the sentence that names things is looked for, in sentences.
FARTHEST = 6
# A shorter stem may be part of any word.
_PART = 4

_WHICH = re.compile(rf"\b{alternatives('grammar.which', 'grammar.which_or_what')}\s+([^\W\d_]+)", re.IGNORECASE)
# A definite noun without a name, a genitive or another addition after it.
_BARE = (
    rf"(?i:{alternatives('grammar.articles_definite')}) (?:[a-zäöüß]+ )?([^\W\d_]{{3,}})\b"
    rf"(?! (?:[^\W\d_a-zäöüß]|\d|{alternatives('references.additions')}\b))"
)
_DEFINITE = re.compile(rf"\b{_BARE}")
_DEFINITE_SUBJECT = re.compile(rf"\W*{_BARE}")
_ASKS_WHO = re.compile(rf"\W*(?:\w+ )?{alternatives('grammar.who')}\b", re.IGNORECASE)
_CLOSED = re.compile(r"[.!?…:][\"'“”‘’»«›‹)\]*_]*$")


def context(text: str, sentence: Span, before: Sequence[Span], *, question: str) -> tuple[Span, ...]:
    """
    Return what has to be shown before a sentence for a reader to know what it is about.

    Parameters
    ----------
    text
        The document's text.
    sentence
        The sentence to be shown.
    before
        Sentences and headings before it, in reading order.
    question
        What was asked.

    Returns
    -------
    At most two of those before, in reading order. A word that points back refers to the sentence just before and, if
    that points back itself, to what that refers to. A pronoun or a general noun refers to what the question names and
    the sentence lacks, if a sentence before has it and the question does not ask who it is; so does a bare definite
    subject ("Das Mittel muss gekühlt werden"). Empty if none of this holds.

    """
    shown = text[sentence.start : sentence.end]
    near = [(span, text[span.start : span.end]) for span in list(reversed(before))[:FARTHEST]]
    kinds = {stem(match.group(1).casefold()) for match in _WHICH.finditer(question)}
    found = pointers(shown) or _unnamed(shown, kinds)
    if "demonstrative" in found:
        return _just_before(near)
    if not found and _DEFINITE_SUBJECT.match(shown) is None:
        return ()
    asked = set() if found and _ASKS_WHO.match(question) else _names(question) - kinds
    held = _stems(shown)
    missing = {name for name in asked if not _has(held, name)}
    for span, said in near:
        stems = _stems(said)
        # "Er übertrifft den H100" names the H100, but is about something else.
        if any(_has(stems, name) for name in missing) and "personal" not in pointers(said):
            return (span,)
    return _just_before(near) if found else ()


def _just_before(near: Sequence[tuple[Span, str]]) -> tuple[Span, ...]:
    place = next((i for i, (_, said) in enumerate(near) if _CLOSED.search(said)), 0)
    if not near:
        return ()
    span, said = near[place]
    # What that sentence refers to in turn is looked for up to the heading above it.
    section = list(itertools.takewhile(lambda one: _CLOSED.search(one[1]), near[place + 1 :]))
    return (*(_naming(section) if points_back(said) else ()), span)


def _naming(near: Sequence[tuple[Span, str]]) -> tuple[Span, ...]:
    """Return the nearest sentence that does not point back, or the nearest if all do."""
    naming = [span for span, said in near if not points_back(said)]
    return tuple((naming or [span for span, _ in near])[:1])


def _unnamed(shown: str, kinds: set[str]) -> set[str]:
    """Return ``personal`` if a sentence names the thing that a question asks for only by its kind ("the ...")."""
    named = any(stem(match.group(1).casefold()) in kinds for match in _DEFINITE.finditer(shown))
    return {"personal"} if named else set()


def _names(question: str) -> set[str]:
    """Return stems of the nouns and names of a question."""
    tokens = enumerate(tokens_of(question))
    names = dict.fromkeys(stem(token.casefold()) for place, token in tokens if place and is_noun(token, place))
    return set(itertools.islice(names, MOST_COMPARED))


def _stems(text: str) -> set[str]:
    return {stem(part.casefold()) for token in tokens_of(text) for part in (token, *token.split("-"))}


def _has(stems: set[str], name: str) -> bool:
    """Tell whether a name, or a compound of it ("Stadtbrücke" for "Brücke"), is among words."""
    return name in stems or (len(name) >= _PART and any(name in word for word in stems))
