"""What a reader of facts is worth on pairs that it has not learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from training.facts.learning import read, split
from training.further import FROZEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.inference.reading.encoding import Encoder
    from training.facts.gathering import Asked, Example
    from training.model import Reader

# Share of the near misses that may be answered.
ANSWERED = 0.15


class Worth(NamedTuple):
    """
    What a reader is worth.

    Parameters
    ----------
    area
        Area under the curve of the highest log odds of a question's windows: questions that the articles answer against
        near misses.
    kept
        Share of the questions that are answered if `ANSWERED` of the near misses are.
    right
        Share of the questions whose best sentence is the one that answers, by log odds and ends.

    """

    area: float
    kept: float
    right: float


def worth(reader: Reader, encoder: Encoder, examples: Sequence[Example]) -> Worth:
    """Measure a reader on pairs, all of which have a near miss."""
    answered, near, right = [], [], []
    for example in examples:
        odds, is_right = _said(reader, encoder, example.answered)
        answered.append(odds)
        right.append(is_right)
        if example.near_miss is not None:
            near.append(_said(reader, encoder, example.near_miss)[0])
    area = roc_auc_score([True] * len(answered) + [False] * len(near), answered + near)
    bound = np.quantile(near, 1 - ANSWERED)
    return Worth(float(area), float(np.mean(np.array(answered) >= bound)), float(np.mean(right)))


def _said(reader: Reader, encoder: Encoder, asked: Asked) -> tuple[float, bool]:
    """Return the highest log odds of a question's windows, and whether its best sentence is the key."""
    reads = tuple(split(asked))
    with torch.no_grad():
        encoded, seen = read(reader, encoder, reads, frozen=FROZEN)
    best, is_key = -np.inf, False
    for row, one in enumerate(reads):
        for (_, start, end), key in zip(one.window.members, one.is_key, strict=True):
            places = [encoded[row].body[0] + token for token in encoded[row].within(start, end)]
            if places:
                score = float(seen.answers[row] + seen.ends[row, places].max(0).values.sum())
                if score > best:
                    best, is_key = score, key
    return float(seen.answers.max()), is_key
