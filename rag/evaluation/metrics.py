"""The figures an evaluation gives, each a plain function of one answer or one ranking."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(r"\w+", re.UNICODE)
_ARTICLES = frozenset("der die das den dem des ein eine einen einem einer eines a an the".split())


def tokens(text: str) -> list[str]:
    """Return casefolded tokens; punctuation and hyphens count as spaces."""
    return _TOKEN.findall(text.casefold().replace("_", " "))


def contains(answer: str, gold: str) -> bool:
    """Tell whether the tokens of ``gold`` occur in the answer, in a row."""
    wanted, given = tokens(gold), tokens(answer)
    return bool(wanted) and any(
        given[start : start + len(wanted)] == wanted for start in range(len(given) - len(wanted) + 1)
    )


def f1(answer: str, gold: str) -> float:
    """Return the token F1 of SQuAD (Rajpurkar et al. 2016), German and English articles dropped."""
    given = Counter(token for token in tokens(answer) if token not in _ARTICLES)
    wanted = Counter(token for token in tokens(gold) if token not in _ARTICLES)
    shared = sum((given & wanted).values())
    if not shared:
        return float(given == wanted)
    precision, recall = shared / sum(given.values()), shared / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def recall_at(ranked: Sequence[str], relevant: frozenset[str], k: int) -> float:
    """Return the share of the relevant documents among the first ``k`` distinct ones."""
    return len(relevant & set(ranked[:k])) / len(relevant)


def reciprocal_rank_at(ranked: Sequence[str], relevant: frozenset[str], k: int) -> float:
    """Return one over the rank of the first relevant document, 0 beyond ``k``."""
    return next((1 / rank for rank, path in enumerate(ranked[:k], start=1) if path in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], relevant: frozenset[str], k: int) -> float:
    """Return the normalised discounted cumulative gain with binary relevance (Järvelin and Kekäläinen 2002)."""
    gained = sum(1 / math.log2(rank + 1) for rank, path in enumerate(ranked[:k], start=1) if path in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(relevant), k) + 1))
    return gained / ideal


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None where there is nothing to average."""
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which a share of the values lies, by linear interpolation; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
