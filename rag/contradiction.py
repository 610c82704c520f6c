"""
Find sources that give another figure for the same thing.

An answer that quotes one of two sources that disagree is carried by its citation and still misleads. Only
figures are compared, and only between sentences of different documents that say nearly the same otherwise:
what differs in words may be a paraphrase, what differs in a number of the same unit is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.lexical import stem, stop_words, words
from rag.attribution import names_in
from rag.language import detect
from rag.quantities import is_numeral, measures, quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence

# Share of the content words (of the sentence that has fewer) that both must have. Sentences of one report that
# list figures of several things share less.
ALIKE = 0.6
# ... and this much of the other's nearness to the question.
NEAR = 0.75
_ADDITION = re.compile(
    r"\b(?:zusätzlich|weitere[nrs]?|zudem|auch|außerdem|another|further|additional|also)\b", re.IGNORECASE
)

# A figure that is not exact contradicts none that is near it; that it is not near cannot be told.
_INEXACT = re.compile(
    r"\b(?:mehr als|über|rund|knapp|etwa|gut|fast|circa|ca|ungefähr|bis zu|mindestens|höchstens|weniger als|unter|"
    r"more than|over|about|around|almost|nearly|up to|at least|less than|under)\s+[\d$€]",
    re.IGNORECASE,
)

_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s+[A-ZÄÖÜ])")

LEAD = {"de": "Eine andere Quelle nennt einen anderen Wert:", "en": "Another source gives another figure:"}


def disagreeing(stated: str, source: EvidenceSentence, evidence: Sequence[EvidenceSentence]) -> EvidenceSentence | None:
    """
    Return an evidence sentence that contradicts a figure of an answer, None where there is none.

    Parameters
    ----------
    stated
        The sentence of the answer.
    source
        What carries it.
    evidence
        All evidence, the source included.

    Returns
    -------
    The nearest sentence of another document that has the answer's unit with other values only, and is
    otherwise about the same.

    """
    said = quantities(stated, detect(stated))
    ours = {measure for measure in measures(source.text, detect(source.text)) if measure[0] in said}
    if not ours or _INEXACT.search(source.text):
        return None
    for other in sorted(evidence, key=lambda one: (-one.score, one.path, one.start)):
        if (
            other.path == source.path
            or other.score < NEAR * source.score
            or _ADDITION.search(other.text)
            or _INEXACT.search(other.text)
        ):
            continue
        theirs = measures(other.text, detect(other.text))
        for unit in {unit for _, unit in ours}:
            values = {value for value, of in theirs if of == unit}
            mine = {value for value, of in ours if of == unit}
            if unit != "year" and _years_apart(source.text, other.text):
                continue
            if values and not values & mine and _alike(source.text, other.text):
                return other
    return None


def _alike(first: str, second: str) -> bool:
    one, other = _content(first), _content(second)
    least = min(len(one), len(other))
    codes_one, codes_other = _codes(first), _codes(second)
    # "Ascend 910B" and "Ascend 910C" are two things.
    if codes_one and codes_other and not codes_one & codes_other:
        return False
    return least >= 2 and len(one & other) >= ALIKE * least


def _years_apart(first: str, second: str) -> bool:
    # Figures of two years are two figures; a number before a noun counts things.
    one, other = (set(_YEAR.findall(text)) for text in (first, second))
    return bool(one and other and not one & other)


def _content(text: str) -> set[str]:
    return {
        stem(word)
        for word in words(text)
        if word not in stop_words() and not is_numeral(word) and not any(character.isdigit() for character in word)
    }


def _codes(text: str) -> set[str]:
    return {name for name in names_in(text) if re.search(r"\d", name) and re.search(r"[^\W\d_]", name)}
