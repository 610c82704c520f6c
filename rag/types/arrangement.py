"""Arrange the sentences of an answer as a reader sees them: grouped, labelled, and without repetitions."""

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
"""A sentence that answers, preceded by the context sentences that it refers back to."""
ITEMISED: frozenset[Kind] = frozenset({"list", "comparison", "summary", "timeline"})
"""Kinds whose answers are shown as items, each with a bullet."""
# Keep equal to the same pattern in client/48-forms.js.
_EDGES = re.compile(r"^[\s…]+|[\s….;,]+$")


@dataclass(frozen=True, slots=True)
class Part:
    """Units that are shown together; ``group`` is their label, see `AnswerSentence.group`, empty if they have none."""

    group: str
    units: tuple[Unit, ...]


def units(sentences: Iterable[AnswerSentence]) -> list[Unit]:
    """Join each answering sentence with the context before it; context that no answer follows is the last unit."""
    together: list[Unit] = []
    waiting: Unit = ()
    for sentence in sentences:
        waiting = (*waiting, sentence)
        if sentence.role == "answer":
            together.append(waiting)
            waiting = ()
    return [*together, waiting] if waiting else together


def without_doubles(together: Sequence[Unit]) -> list[Unit]:
    """Leave out units that repeat an earlier one in the same words; the first one gets the citations of all."""
    kept: dict[str, Unit] = {}
    for number, unit in enumerate(together):
        last = unit[-1]
        # Withdrawn sentences, context without an answer and sentences without words never count as repetitions.
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
    Return the parts of an answer, ordered by where each part begins.

    Parameters
    ----------
    sentences
        Sentences of the answer in order. A sentence joins its group even if other groups came in between, so that no
        group changes its place while sentences arrive. Sentences without a group keep their place between the groups.
    kind
        Kind of the answer; for those in `ITEMISED`, each part leaves out repetitions.

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


def as_text(sentences: Iterable[AnswerSentence]) -> str:
    """
    Return sentences as running text.

    A sentence is left out where it would be said again, unless it has a context that differs, and context where it is
    what was said just before. A comparison has such repetitions: each side is shown with all that belongs to it.
    """
    said: list[str] = []
    shown: set[tuple[str, ...]] = set()
    for unit in units(sentences):
        *before, last = texts = tuple(one.text for one in unit)
        is_repeated = texts in shown or (not before and last in said)
        shown.add(texts)
        if not is_repeated or unit[-1].role == "context":
            said += [last] if before and said[-len(before) :] == before else texts
    return " ".join(said)


def is_talk(answer: Answer) -> bool:
    """Tell whether an answer is in the program's own words; it then has no citations, and nothing was searched."""
    quoted = any(sentence.wording == "source" and sentence.status != "withdrawn" for sentence in answer.sentences)
    return answer.kind == "talk" or (answer.kind == "other" and not quoted)


def is_in_another_language(answer: Answer) -> bool:
    """
    Tell whether an answer's quotations are clearly not in the question's language, and nothing is translated.

    Parameters
    ----------
    answer
        A finished answer.

    """
    if answer.abstained or any(sentence.wording == "model" for sentence in answer.sentences):
        return False
    quotes = " ".join(citation.quote for citation in answer.citations)
    return any(is_plainly(one, quotes) for one in languages() if one != answer.language)


def said(answer: Answer) -> str:
    """Return what the program itself says in an answer: its own sentences, or the answer's text if there are none."""
    own = [sentence.text for sentence in answer.sentences if sentence.wording == "app"]
    return " ".join(own) or answer.text
