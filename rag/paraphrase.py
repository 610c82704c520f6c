"""
Tell how far a sentence in words of its own still says what its source says.

Words that stand in the source can be put together to something it does not say. Where a sentence is no copy, its nearness
in meaning to the source counts as well: below a certain one, people take two sentences for different statements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from index.lexical import stop_words, words

if TYPE_CHECKING:
    from collections.abc import Sequence

# Logistic regression on 624 pairs of German questions of which people said whether they mean the same (deepset's
# COVID-QA, Apache-2.0; `tests/bench/fit_paraphrase.py`): area under the curve 0.89. Nearness is on the scale of
# `rag.retrieval.Scale`, so that another embedding model's cosines mean the same.
_MIDDLE = 0.57
_SLOPE = 17.6
# A shorter sentence is a phrase, and means what it means in its source only.
_LEAST_WORDS = 5


def same_meaning(nearness: float) -> float:
    """Return how likely two sentences of this nearness, 0 to 1, say the same: 0.5 in the middle."""
    return 1 / (1 + math.exp(-_SLOPE * (nearness - _MIDDLE)))


def is_paraphrase(sentence: str, sources: Sequence[str]) -> bool:
    """
    Tell whether a sentence is in words of its own: neither a phrase nor copied from one of its sources.

    Copied is what stands there word by word in one piece; words that carry nothing may be missing at its ends.
    """
    said = words(sentence)
    while said and said[0] in stop_words():
        said = said[1:]
    while said and said[-1] in stop_words():
        said = said[:-1]
    if len(sentence.split()) < _LEAST_WORDS:
        return False
    copied = f" {' '.join(said)} "
    return not any(copied in f" {' '.join(words(source))} " for source in sources)
