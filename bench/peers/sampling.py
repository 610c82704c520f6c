"""Draw the questions that a run asks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import Question


def sample(questions: Sequence[Question], *, limit: int, seed: int) -> list[Question]:
    """
    Draw questions that stand alone, a quarter of them not answered by the corpus, in random order.

    Follow-ups are left out, since not every peer keeps a conversation in the component that is measured.
    """
    draw = random.Random(seed)
    alone = [one for one in questions if not (one.history or one.filter or one.passages)]
    answerable = [one for one in alone if one.answerable]
    unanswerable = [one for one in alone if not one.answerable]
    few = min(len(unanswerable), (limit + 2) // 4)
    drawn = draw.sample(answerable, min(len(answerable), limit - few)) + draw.sample(unanswerable, few)
    draw.shuffle(drawn)
    return drawn
