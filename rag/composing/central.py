"""Choose the sentences of an article that stand for it: central, and different from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.grounding.pointing import points_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.composing.pieces import Candidate

# Articles say first what is most important.
_LEAD_WEIGHT = 0.5
_LENGTH_WEIGHT = 0.3
_FULL_LENGTH = 12  # words
_DIFFERENCE = 0.5  # share of the choice that goes by difference from what is chosen
# A sentence that means something before it says little alone.
_POINTING_BACK = 0.3


def central(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """
    Choose sentences by their nearness to the article's mean vector, their place and their difference.

    Parameters
    ----------
    candidates
        The sentences of one article, in reading order.
    most
        How many to choose.

    Returns
    -------
    The chosen in reading order. Centroid and maximal marginal relevance (Radev et al. 2004; Carbonell and Goldstein
    1998) over the sentence vectors that the index has.

    """
    if len(candidates) <= most:
        return list(candidates)
    vectors = np.stack([one.vector for one in candidates])
    mean = vectors.mean(axis=0)
    nearness = vectors @ (mean / (np.linalg.norm(mean) or 1.0))
    spread = float(np.ptp(nearness)) or 1.0
    texts = [one.sentence.text for one in candidates]
    score = (
        (nearness - nearness.min()) / spread
        + _LEAD_WEIGHT * (1 - np.arange(len(texts)) / len(texts))
        + _LENGTH_WEIGHT * np.array([min(1.0, len(text.split()) / _FULL_LENGTH) for text in texts])
        - _POINTING_BACK * np.array([points_back(text) for text in texts])
    )
    alike = vectors @ vectors.T
    chosen: list[int] = []
    nearest = np.full(len(texts), 0.0)
    while len(chosen) < most:
        value = (1 - _DIFFERENCE) * score - _DIFFERENCE * nearest
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
        nearest = np.maximum(nearest, alike[chosen[-1]])
    return [candidates[i] for i in sorted(chosen)]
