"""
Train the regression that tells whether a summary of one article is wanted: ``python -m training.forms.extent``.

It learns from the requests for summaries of `training.open` and from those beside this file, half of which are read a
second time as people type. The same requests and the same version of scikit-learn give the same weights. Before, it is
measured on tenths of the bundles that it has not learnt from.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sklearn.model_selection import GroupKFold

from rag.composing.extent import LEAST, WEIGHTS
from training.forms.fitting import as_typed, fit, mistakes
from training.open.bundles import bundles

if TYPE_CHECKING:
    from rag.kinds.form import FormRegression

REQUESTS = Path(__file__).with_suffix(".jsonl")
PACKAGE = Path(__file__).parents[2] / "rag" / "composing"
LEAST_COUNT = 4  # times that a word must occur to count as itself
STRENGTH = 10.0  # inverse of the regularisation
PARTS = 10


class Request(NamedTuple):
    """A request for a summary, the bundle it is of (if any), and whether it means one article."""

    question: str
    bundle: str
    means_article: bool


def of_bundles() -> list[Request]:
    """Return the requests that the bundles answer."""
    return [
        Request(asked.question, bundle.name, asked.article is not None)
        for bundle in bundles()
        for asked in bundle.questions
        if asked.kind == "summary" and asked.points
    ]


def others() -> list[Request]:
    """Return the requests beside this file: more of them name several articles, a file, or nothing but a name."""
    rows = map(json.loads, REQUESTS.read_text(encoding="utf-8").splitlines())
    return [Request(row["question"], "", row["means_article"]) for row in rows]


def train(learnt_from: list[Request]) -> FormRegression:
    """Return the regression that tells requests for one article from others."""
    chance = random.Random(0)
    sorts = [[one.question for one in learnt_from if one.means_article is sort] for sort in (True, False)]
    articles, subjects = ([*some, *as_typed(some, chance)] for some in sorts)
    wanted = [True] * len(articles) + [False] * len(subjects)
    return fit([*articles, *subjects], wanted, least_count=LEAST_COUNT, strength=STRENGTH)


def main(out: Path) -> None:
    """Measure, train and write the weights."""
    asked, more = of_bundles(), others()
    of_articles = sum(one.means_article for one in asked)
    missed = taken = 0
    for known, unknown in GroupKFold(PARTS).split(asked, groups=[one.bundle for one in asked]):
        learnt = train([*more, *(asked[number] for number in known)])
        rows = [(asked[number].question, asked[number].means_article) for number in unknown]
        wrong = mistakes(learnt.probability, rows, LEAST)
        missed, taken = missed + wrong[0], taken + wrong[1]
    print(
        f"{missed} of {of_articles} for an article missed, {taken} of {len(asked) - of_articles} others taken for one"
    )
    train([*more, *asked]).save(out / WEIGHTS)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PACKAGE)
    main(parser.parse_args().out)
