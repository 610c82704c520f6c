"""
Train the regression that tells whether a question depends on what was said before: ``python -m training.forms.leaning``.

It learns from the conversations of `training/follow_ups.jsonl`: their follow-ups depend on what was said, and the
questions that a person would have asked instead, and those that conversations begin with, do not. Neither do the
questions on the articles of `training.open` and those that the kinds are learnt from. Half of all are read a second
time as people type, mostly in lower case and without a question mark, so that neither is a sign, and some with an
opening such as "Okay, und". The same questions and the same version of scikit-learn give the same weights. ``--check
SET.jsonl ...`` counts the mistakes on sets that nothing was trained on.
"""

from __future__ import annotations

import argparse
import json
import random
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.kinds.frames import written
from rag.query.follow_up import is_follow_up
from rag.query.leaning import LEAST, WEIGHTS, probability
from training.forms.fitting import as_typed, fit, mistakes
from training.open.bundles import bundles
from training.open.pairs import pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.kinds.form import FormRegression

CONVERSATIONS = Path(__file__).parents[1] / "follow_ups.jsonl"
QUESTIONS = CONVERSATIONS.with_name("questions.jsonl")
PACKAGE = Path(__file__).parents[2] / "rag" / "query"
LEAST_COUNT = 12  # times that a word must occur to count as itself
STRENGTH = 3.0  # inverse of the regularisation; 30 makes hardly a difference
SHORT, SHORT_TIMES = 6, 2  # words; times that a short question that stands alone is read


def examples() -> tuple[list[str], list[str]]:
    """Return questions that depend on what was said, and questions that stand alone, each once."""
    rows = [json.loads(line) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]
    leaning = [row["question"] for row in rows if row["leans"]]
    alone = [row["rewriting"] if row["leans"] else row["question"] for row in rows]
    alone += [row["history"][0][0] for row in rows]
    alone += [asked.question for bundle in bundles() for asked in bundle.questions]
    # Those that were written for the kinds hold follow-ups as well ("Und warum?"), which the rules leave out.
    of_kinds = [one.question for one in written()]
    of_kinds += [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    alone += [question for question in of_kinds if not is_follow_up(question)]
    found = pairs()
    alone += [text for some in found.values() for one in some for text in (one.question, one.near_miss) if text]
    return list(dict.fromkeys(leaning)), list(dict.fromkeys(alone))


def with_short(questions: Sequence[str]) -> list[str]:
    """Return the questions, the short ones several times: most that stand alone here are longer than people's."""
    return [question for question in questions for _ in range(SHORT_TIMES if len(question.split()) <= SHORT else 1)]


def train(leaning: Sequence[str], alone: Sequence[str]) -> FormRegression:
    """Return the regression that tells both apart; each of the two counts as much as the other."""
    questions = [*leaning, *alone]
    rules = [[float(is_follow_up(question))] for question in questions]
    wanted = [True] * len(leaning) + [False] * len(alone)
    return fit(questions, wanted, rules, least_count=LEAST_COUNT, strength=STRENGTH)


def _read(file: Path) -> list[tuple[str, bool]]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        (row["question"], bool(row.get("history")) and row.get("leans", row.get("rewriting") != row["question"]))
        for row in rows
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PACKAGE)
    parser.add_argument("--check", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    typed = random.Random(0)
    leaning_, alone_ = examples()
    both = [[*some, *as_typed(some, typed)] for some in (leaning_, with_short(alone_))]
    made = train(*both)
    made.save(given.out / WEIGHTS)
    print(f"{len(both[0])} that depend, {len(both[1])} that stand alone, {len(made.frequent)} words")
    for file in given.check:
        missed, taken = mistakes(partial(probability, learnt=made), checked := _read(file), LEAST)
        print(f"{file.name}: {len(checked)} questions, {missed} missed, {taken} taken for one that depends")
