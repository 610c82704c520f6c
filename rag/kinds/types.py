"""What a question asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["fact", "yes_no", "explanation", "list", "comparison", "summary", "timeline", "talk", "other"]
# In the order of the classifier's rows; docs/kinds.md says what each means.
KINDS: tuple[Kind, ...] = (
    "fact",
    "yes_no",
    "explanation",
    "list",
    "comparison",
    "summary",
    "timeline",
    "talk",
    "other",
)


@dataclass(frozen=True, slots=True)
class KindGuess:
    """
    What a question seems to ask for.

    Parameters
    ----------
    kind
        The likeliest kind.
    probability
        Probability of that kind, from 0 to 1.
    second
        The next likeliest kind, for use if there is doubt.

    """

    kind: Kind
    probability: float
    second: Kind
