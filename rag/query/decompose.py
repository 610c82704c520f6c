"""Split a question that asks two things, so that each is searched for and answered on its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.text.locale import alternatives
from rag.limits import MOST_PARTS
from rag.query.follow_up import is_follow_up

if TYPE_CHECKING:
    from rag.types import Query

_QUESTION_WORD = alternatives("grammar.who", "grammar.which", "grammar.question_words")
_ASKING = re.compile(rf"\b{_QUESTION_WORD}\b", re.IGNORECASE)
_PREPOSITIONS = rf"(?:{alternatives('questions.prepositions_asking')} ){{0,2}}"
# ", und welcher ...", "? Und wann ...": a comma or a mark, the conjunction, and another question word. Without the
# comma ("wie und wann"), both words ask about one thing.
_SEAM = re.compile(
    rf"(?<!\s)\s*+[,;?]\s+{alternatives('questions.joining')}\s+(?={_PREPOSITIONS}{_QUESTION_WORD}\b)", re.IGNORECASE
)
_WHICH = rf"^{{}}((?i:{alternatives('grammar.which')}))\s+"
_HEAD = re.compile(_WHICH.format(r"\W*") + r"((?:[^\W\d_a-zäöüß][\w-]*)(?:\s+[^\W\d_a-zäöüß][\w-]*)*)")
_BARE = re.compile(_WHICH.format("") + r"(?=[^\W\d_A-ZÄÖÜ])")


def decompose(query: Query) -> tuple[Query, ...]:
    """
    Return the questions that a question consists of, in order; the question alone if it asks one thing.

    Multi-hop questions, which need one answer in order to ask for the next, are left whole: they have one question
    word. A second part without a noun ("Welcher Chip ..., und welcher ...?") gets the noun of the first part; a part
    that points back ("..., und wann soll sie fertig sein?") is searched for together with the first.

    Parameters
    ----------
    query
        The question, already made to stand alone.

    """
    if query.standalone != query.question:
        return (query,)  # a follow-up contains the previous question, which has been answered
    texts = [text.strip() for text in _SEAM.split(query.question) if text.strip()]
    # The first part must ask too ("Huawei baut Chips, und wo?" asks one thing), and an endless chain is not a question.
    if not 1 < len(texts) <= MOST_PARTS or not _ASKING.search(texts[0]):
        return (query,)
    head = _HEAD.match(texts[0])
    parts: list[Query] = []
    for number, text in enumerate(texts):
        asked = text if text.endswith("?") else f"{text}?"
        if number and head and _BARE.match(asked):
            asked = _BARE.sub(lambda match: f"{match.group(1)} {head.group(2)} ", asked, count=1)
        asked = asked[0].upper() + asked[1:]
        leaning = number > 0 and is_follow_up(asked)
        standalone = f"{parts[0].standalone} {asked}" if leaning else asked
        parts.append(replace(query, question=asked, standalone=standalone, history=()))
    return tuple(parts)
