"""
How likely each sentence bears on an open question.

A logistic regression over what the search and the small reader say about the sentence, compared with the other
candidates. `bench/fitting/fit_bearing.py` fits the weights, `training.states` those of both readers together.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from rag.composing.pieces import Candidate
    from rag.grounding.reader import Bearing
    from rag.types import EvidenceSentence, Query

    Context = Callable[[EvidenceSentence], Sequence[EvidenceSentence]]
    Read = Callable[[Query, Sequence[EvidenceSentence]], Sequence[Bearing] | None]

# Number of nearest sentences that are weighed: the reader reads them in some 12 windows.
MOST_WEIGHED = 60
# Nobody who wants an answer reads more; six or ten make no difference on the questions of docs/several-sentences.md.
MOST_SHOWN = 8
_MOST_LOOKED_AT = 2  # times as many candidates
# Fitted on 497 open questions of four sets (docs/several-sentences.md); the network learnt from none of their articles.
_INTERCEPT = -0.556
_WEIGHTS = (0.158, 0.943, 0.378, 0.672, 0.216, 0.140, 0.442)
# The same without a reader.
_INTERCEPT_OF_SEARCH = -3.279
_WEIGHTS_OF_SEARCH = (0.776, 1.738, 0.724, 1.127)
# Greater log odds say nothing more.
_MOST_ODDS = 12.0
# Turn the highest log odds of any window into the probability that the articles answer, as if questions that they do
# not answer were as frequent as others.
_ANSWERED_AT = 0.010
_ANSWERED_STEEPNESS = 1.422
# For both readers together (`training.states` fits them).
_INTERCEPT_OF_BOTH, _WEIGHT_OF_READER, _WEIGHT_OF_STATES = 0.153, 0.474, 0.609
_ANSWERED_INTERCEPT, _ANSWERED_BY_READER, _ANSWERED_BY_STATES = -0.123, 0.958, 0.591
# Mean log odds, by the states, of a sentence that does not belong in the answer.
_UNREAD = -2.62


class Weighed(NamedTuple):
    """
    The nearest sentences as they were weighed.

    Parameters
    ----------
    candidates
        The sentences with the probability that each bears on the question, in the order given.
    answers
        Probability that the articles answer, by the reader; None without a reader.

    """

    candidates: list[Candidate]
    answers: float | None = None


def weighed(candidates: Sequence[Candidate], query: Query, read: Read) -> Weighed:
    """
    Weigh how likely each of the nearest sentences bears on the question.

    Parameters
    ----------
    candidates
        Sentences, nearest first.
    query
        What is asked.
    read
        Returns what the small reader says about sentences; None if there is no reader.

    """
    some = list(candidates[:MOST_WEIGHED])
    if not some:
        return Weighed([])
    # In reading order: what a sentence refers to may stand before it.
    order = sorted(range(len(some)), key=lambda number: _place(some[number]))
    scores = read(query, [some[number].sentence for number in order])
    values = signals(some, order, scores)
    intercept, weights = (_INTERCEPT, _WEIGHTS) if scores is not None else (_INTERCEPT_OF_SEARCH, _WEIGHTS_OF_SEARCH)
    odds = np.clip(intercept + values @ np.array(weights), -_MOST_ODDS, _MOST_ODDS)
    chances = 1 / (1 + np.exp(-odds))
    found = [replace(one, chance=float(chance)) for one, chance in zip(some, chances, strict=True)]
    return Weighed(found, None if scores is None else _answered(max(score.answers for score in scores)))


def weighed_again(candidates: Sequence[Candidate], said: Mapping[tuple[str, int], float]) -> list[Candidate]:
    """
    Weigh sentences once more, with what the language model's states say about the likeliest.

    Parameters
    ----------
    candidates
        Sentences with the probability that each bears on the question.
    said
        Log odds of those that were read, by path and start, see `rag.grounding.state_reader`.

    Returns
    -------
    The sentences with new probabilities. One that was not read counts as one that does not belong in the answer.

    """
    unread = min([_UNREAD, *said.values()])
    found = []
    for one in candidates:
        more = said.get((one.sentence.path, one.sentence.start), unread)
        odds = _INTERCEPT_OF_BOTH + _WEIGHT_OF_READER * log_odds(one) + _WEIGHT_OF_STATES * more
        found.append(replace(one, chance=_probability(odds)))
    return found


def answered_by_both(answers: float, states: float) -> float:
    """
    Return the probability that the articles answer, by both readers.

    Parameters
    ----------
    answers
        Probability by the small reader.
    states
        Log odds by the language model's states.

    """
    return _probability(_ANSWERED_INTERCEPT + _ANSWERED_BY_READER * odds_of(answers) + _ANSWERED_BY_STATES * states)


def likeliest(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return at most ``most`` of the likeliest sentences, likeliest first."""
    return sorted(candidates, key=lambda one: -one.chance)[:most]


def alone(_sentence: EvidenceSentence) -> tuple[EvidenceSentence, ...]:
    """Return an empty context: nothing has to be shown before a sentence."""
    return ()


def worth_showing(
    candidates: Sequence[Candidate], most: int = MOST_SHOWN, *, context: Context = alone
) -> list[Candidate]:
    """
    Return as many of the likeliest sentences as balance precision and recall best, likeliest first.

    The expected F measure of the first n is close to ``2 * hits / (n + wanted)``, where ``hits`` is the sum of their
    probabilities and ``wanted`` that of all candidates (Ye et al., "Optimizing F-measure: a tale of two approaches",
    ICML 2012). So the probabilities decide how long an answer is, and no bound has to be chosen for each kind. What has
    to be shown before a sentence counts with it: of two equally likely sentences the one that stands alone comes first.

    Parameters
    ----------
    candidates
        All sentences that may be chosen, with their probabilities.
    most
        How many to return at most, not counting what has to be shown before them.
    context
        Returns what has to be shown before a sentence.

    """
    chances = {_place(one): one.chance for one in candidates}
    together = {
        _place(one): [*((before.path, before.start) for before in context(one.sentence)), _place(one)]
        for one in likeliest(candidates, _MOST_LOOKED_AT * most)
    }
    by_place = {_place(one): one for one in candidates}
    ranked = sorted(together, key=lambda place: -fmean(chances.get(one, 0.0) for one in together[place]))[:most]
    wanted = sum(chances.values())
    shown: list[set[tuple[str, int]]] = [set()]
    expected = [0.0]
    for place in ranked:
        shown.append(shown[-1] | set(together[place]))
        expected.append(2 * sum(chances.get(one, 0.0) for one in shown[-1]) / (len(shown[-1]) + wanted))
    count = expected.index(max(expected))
    # A sentence that is shown before another anyway belongs to the answer if it would be worth showing by itself.
    beside = [one for one in ranked[count:] if one in shown[count] and chances[one] >= expected[count] / 2]
    return likeliest([by_place[place] for place in (*ranked[:count], *beside)], most)


def log_odds(candidate: Candidate) -> float:
    """Return a candidate's probability as log odds."""
    return odds_of(candidate.chance)


def odds_of(probability: float) -> float:
    """Return a probability as log odds, between -12 and 12."""
    least = _probability(-_MOST_ODDS)
    bounded = min(max(probability, least), 1 - least)
    return math.log(bounded / (1 - bounded))


def signals(
    candidates: Sequence[Candidate], order: Sequence[int], scores: Sequence[Bearing] | None
) -> NDArray[np.float64]:
    """
    Return the values that the probability is computed from.

    Parameters
    ----------
    candidates
        At least one, nearest first.
    order
        Their numbers in reading order.
    scores
        What the reader says about each, in that order; None if there is no reader.

    Returns
    -------
    One row for each candidate. Shape ``(n, 4)``: its own nearness, that of its article, its rank, and the nearness of
    the nearer one of its neighbours. With a reader ``(n, 7)``: also the reader's log odds, how far they are behind the
    best ones, and its rank by them.

    """
    near = np.array([one.sentence.score for one in candidates])
    most = float(near.max()) or 1.0
    beside = np.full(len(candidates), float(near.min()))
    for left, right in itertools.pairwise(order):
        if candidates[left].sentence.path == candidates[right].sentence.path:
            beside[left], beside[right] = max(beside[left], near[right]), max(beside[right], near[left])
    columns = [near / most, np.array([one.article for one in candidates]) / most, _ranks(near), beside / most]
    if scores is not None:
        said = np.empty(len(candidates))
        said[list(order)] = [score.bears for score in scores]
        columns += [said, said - said.max(), _ranks(said)]
    return np.column_stack(columns)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return minus the logarithm of each value's rank; the greatest value has rank 1."""
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return -np.log(ranks)


def _answered(odds: float) -> float:
    return _probability(_ANSWERED_STEEPNESS * (odds - _ANSWERED_AT))


def _probability(odds: float) -> float:
    """Return log odds as a probability, neither 0 nor 1."""
    return 1 / (1 + math.exp(-min(max(odds, -_MOST_ODDS), _MOST_ODDS)))


def _place(one: Candidate) -> tuple[str, int]:
    return one.sentence.path, one.sentence.start
