"""What each cause of a failure means, and where to look first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.types import Cause, Evaluation


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    A cause, in words.

    Parameters
    ----------
    meaning
        What happened, as a sentence.
    look_at
        What to fix next, as a sentence.
    colour
        Colour of the cause in plots and pills: legible under white text, and against a light and a dark page.

    """

    meaning: str
    look_at: str
    colour: str


# In the order of the stages from question to answer.
CAUSES: dict[Cause, Explanation] = {
    "not_retrieved": Explanation(
        "None of the sources is among the first ten documents.",
        "Retrieval: the weights of lexical and semantic search, and how documents are cut into chunks.",
        "#2571d3",
    ),
    "not_selected": Explanation(
        "The document was found, but no selected sentence holds the answer.",
        "Evidence selection: its budget, and how sentences are ranked.",
        "#845cc9",
    ),
    "not_answered": Explanation(
        "The evidence held the answer, but the model declined or its draft failed the check.",
        "Generation: the prompt, the model, and the threshold of the support check.",
        "#956b08",
    ),
    "wrong_answer": Explanation(
        "The evidence held the answer, but something else was answered.",
        "Generation: the prompt and the model. Read the answers first: the gold strings may be too narrow.",
        "#ce3b4a",
    ),
    "wrong_citation": Explanation(
        "The answer is right, but none of its citations lies on a gold passage.",
        "Attribution: how sentences of the answer are matched with evidence.",
        "#bc5215",
    ),
    "wrongly_abstained": Explanation(
        "The evidence held the answer, but the check before the draft said no.",
        "Answerability: the rule, then the yes or no of the model, that decide whether anything is written.",
        "#6a737c",
    ),
    "wrongly_answered": Explanation(
        "It was answered though the sources are silent.",
        "Answerability: the check before the draft, then the threshold of the support check.",
        "#bc3fa3",
    ),
}
WELL = "went well"
WELL_COLOUR = "#208251"


def count_causes(evaluation: Evaluation) -> dict[Cause, int]:
    """Return the number of questions that each cause cost, in the order of the stages; other causes are left out."""
    found = Counter(outcome.cause for outcome in evaluation.outcomes)
    return {cause: found[cause] for cause in CAUSES if found[cause]}


def first_to_fix(evaluation: Evaluation) -> Cause | None:
    """Return the most frequent cause, or the earliest of several equally frequent ones; None if all went well."""
    counts = count_causes(evaluation)
    return max(counts.items(), key=lambda pair: pair[1])[0] if counts else None
