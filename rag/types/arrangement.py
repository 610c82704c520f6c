"""The sentences of an answer in the parts that a reader sees: what belongs together, what it stands under, no doubles."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.text.language import is_plainly
from index.text.locale import languages
from rag.types.answers import AnswerSentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.kinds.types import Kind
    from rag.types.answers import Answer

Unit = tuple[AnswerSentence, ...]
"""A sentence that answers, behind the context that says what it points back to."""
ITEMISED: frozenset[Kind] = frozenset({"list", "comparison", "summary", "timeline"})
"""Kinds whose answers are items, each with a sign before it."""
# The same in client/48-forms.js.
_EDGES = re.compile(r"^[\s…]+|[\s….;,]+$")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands together: ``group`` is its label, see `AnswerSentence.group`, and empty where it has none."""

    group: str
    units: tuple[Unit, ...]


def units(sentences: Iterable[AnswerSentence]) -> list[Unit]:
    """Put each sentence that answers together with the context before it; context with nothing behind it comes last."""
    together: list[Unit] = []
    waiting: Unit = ()
    for sentence in sentences:
        waiting = (*waiting, sentence)
        if sentence.role == "answer":
            together.append(waiting)
            waiting = ()
    return [*together, waiting] if waiting else together


def without_doubles(together: Sequence[Unit]) -> list[Unit]:
    """Leave out units that say the same in the same words again; the first has the citations of all."""
    kept: dict[str, Unit] = {}
    for number, unit in enumerate(together):
        last = unit[-1]
        # What is withdrawn is nobody's double, nor is context without an answer or a sentence without words.
        alone = last.status == "withdrawn" or last.role == "context"
        words = "" if alone else " ".join(_EDGES.sub("", last.text).split()).casefold()
        key = words or f"\n{number}"
        if key not in kept:
            kept[key] = unit
            continue
        first = kept[key][-1]
        citations = tuple(dict.fromkeys((*first.citations, *last.citations)))
        kept[key] = (*kept[key][:-1], replace(first, citations=citations))
    return list(kept.values())


def parts(sentences: Iterable[AnswerSentence], kind: Kind) -> list[Part]:
    """
    Return what stands together, in the order in which each part begins.

    Parameters
    ----------
    sentences
        In their order. A sentence joins its group wherever that began, so that no group changes its place while
        sentences arrive. Those without a group stay between the groups they came between.
    kind
        Of the answer: a list has no doubles, neither has one group.

    """
    found: list[tuple[str, list[Unit]]] = []
    places: dict[str, int] = {}
    for unit in units(sentences):
        group = unit[-1].group or next((sentence.group for sentence in unit if sentence.group), "")
        if not group and found and not found[-1][0]:
            found[-1][1].append(unit)
        elif group in places:
            found[places[group]][1].append(unit)
        else:
            if group:
                places[group] = len(found)
            found.append((group, [unit]))
    if kind not in ITEMISED:
        return [Part(group, tuple(together)) for group, together in found]
    return [Part(group, tuple(without_doubles(together))) for group, together in found]


def is_talk(answer: Answer) -> bool:
    """Tell whether an answer is the program's own words: then it has no citations, and nothing was looked for."""
    quoted = any(sentence.wording == "source" and sentence.status != "withdrawn" for sentence in answer.sentences)
    return answer.kind == "talk" or (answer.kind == "other" and not quoted)


def quoted_in(answer: Answer) -> str | None:
    """
    Return the language of an answer's quotations where it plainly is not the question's, and none is translated.

    Parameters
    ----------
    answer
        A finished one.

    """
    if answer.abstained or any(sentence.wording == "model" for sentence in answer.sentences):
        return None
    quotes = " ".join(citation.quote for citation in answer.citations)
    return next((one for one in languages() if one != answer.language and is_plainly(one, quotes)), None)


def said(answer: Answer) -> str:
    """Return what the program says in a talk: its own sentences, or the answer's text where it has none."""
    own = [sentence.text for sentence in answer.sentences if sentence.wording == "app"]
    return " ".join(own) or answer.text
