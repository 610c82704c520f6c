"""
Choose the least strict level at which the risk is kept.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021), the form of conformal risk control that holds with
high probability: the levels are in an order that was fixed beforehand, from the strictest down; each is tested by an
exact binomial bound; the first that fails ends the test. Of those before it, the least strict is chosen. What is tested
is the share of wrong answers among those **shown**, which need not grow from level to level for this to hold.

Levels that show fewer answers than could ever satisfy the bound are skipped. The guarantee holds as long as a stricter
level is no riskier than a laxer one: if the first level tested is too risky, so are the answers that it adds to those
of the level before, however many of each there happen to be.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rag.calibrating.bounds import chance_of_so_few, fewest, upper_bound
from rag.grounding.answerability import needed

if TYPE_CHECKING:
    from collections.abc import Sequence

STRICTNESSES = tuple(number / 20 for number in range(20, -1, -1))
_MOST = 20_000  # questions: nobody will write a set that needs more
_STEP = 1.05


@dataclass(frozen=True, slots=True)
class Case:
    """
    An answer given at strictness 0.

    Parameters
    ----------
    chance
        Probability that decides whether the answer is shown, 0 to 1, see `rag.grounding.answerability`.
    wrong
        Whether showing the answer is a mistake.

    """

    chance: float
    wrong: bool


@dataclass(frozen=True, slots=True)
class Level:
    """
    The results of the cases at a strictness.

    Parameters
    ----------
    strictness
        0 to 1.
    shown, wrong
        Number of answers that are shown, and of those among them that are wrong.
    bound
        Upper bound on the share that is wrong in the long run, 0 to 1, at the confidence that was asked for.

    """

    strictness: float
    shown: int
    wrong: int
    bound: float

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag calibrate --json` prints."""
        return asdict(self)


def levels(cases: Sequence[Case], *, confidence: float) -> tuple[Level, ...]:
    """Return the results of the cases at each strictness, the strictest first."""
    return tuple(_level(cases, strictness, confidence) for strictness in STRICTNESSES)


def choose(cases: Sequence[Case], *, risk: float, confidence: float) -> Level | None:
    """
    Return the least strict level at which at most ``risk`` of the answers are wrong; None if there is no such level.

    Parameters
    ----------
    cases
        The answers to questions that are drawn like those to come.
    risk
        Share of the shown answers that may be wrong: above 0 and below 1.
    confidence
        From 0.5 and below 1: the share of such draws in which the chosen level keeps the risk.

    """
    least, chosen = fewest(risk, confidence), None
    for strictness in STRICTNESSES:
        shown, wrong = _counts(cases, strictness)
        if shown < least:
            continue
        # Equivalent to comparing the bound with the risk, which takes fifty times as long to compute.
        if chance_of_so_few(wrong, shown, risk) > 1 - confidence:
            break
        chosen = strictness
    return None if chosen is None else _level(cases, chosen, confidence)


def size_needed(cases: Sequence[Case], asked: int, *, risk: float, confidence: float) -> int | None:
    """
    Return about how many questions like these would be enough, if these are not.

    Parameters
    ----------
    cases, risk, confidence
        As for `choose`, which found nothing.
    asked
        Number of questions that the cases are the answers to.

    Returns
    -------
    None if more would not help: at no strictness are few enough of these answers wrong.

    """
    sizes = []
    for level in levels(cases, confidence=confidence):
        if level.shown and (shown := _shown_needed(level, risk, confidence)):
            sizes.append(math.ceil(shown * asked / level.shown))
        if level.shown >= fewest(risk, confidence):
            break  # the level that failed; the laxer ones were not reached
    return _two_digits(min(sizes)) if sizes else None


def _counts(cases: Sequence[Case], strictness: float) -> tuple[int, int]:
    """Return how many answers are shown at a strictness, and how many of them are wrong."""
    shown = [case.wrong for case in cases if strictness <= 0 or case.chance >= needed(strictness)]
    return len(shown), sum(shown)


def _level(cases: Sequence[Case], strictness: float, confidence: float) -> Level:
    shown, wrong = _counts(cases, strictness)
    return Level(strictness, shown, wrong, upper_bound(wrong, shown, confidence))


def _two_digits(size: int) -> int:
    """Round a number up to its first two digits: more digits would promise more than is known."""
    unit: int = 10 ** max(0, len(str(size)) - 2)
    return -(-size // unit) * unit


def _shown_needed(level: Level, risk: float, confidence: float) -> int | None:
    """Return how many answers would be enough at the same share of wrong ones, half a one more as few were seen."""
    share = (level.wrong + 0.5) / (level.shown + 1)
    shown = max(level.shown, fewest(risk, confidence))
    while share < risk and shown <= _MOST:
        if chance_of_so_few(math.ceil(share * shown), shown, risk) <= 1 - confidence:
            return shown
        shown = math.ceil(shown * _STEP)
    return None
