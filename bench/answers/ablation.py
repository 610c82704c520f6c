"""
Measure what each part of answering contributes: the same questions with one part switched off at a time.

    python -m bench.answers.ablation SET [SET ...] [--limit N] [--seed N] [--cache FILE] [--strictness S ...]

The model's replies are kept in FILE by prompt, so that only the first variant takes the model's time. Prints a table
in Markdown. The last two columns are the p-values of the paired test against the first row. With --strictness, the
rows are strictnesses instead of parts. Several sets are measured as one, each cut to N questions. docs/ablation.md
holds what was measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bench.answers.kept import KeptEngine
from rag import RAG
from rag.evaluation import evaluate
from rag.evaluation.measuring.statistics import measure, measure_extractive, paired_test
from rag.pipeline import Stages
from rag.pipeline.gates import LogisticGate, OpenGate
from rag.pipeline.rewriting import KeptContext
from rag.pipeline.stages import HybridRetriever, QuotingPresenter, SentenceSelector, WholeQuestion
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import Outcome
    from rag.pipeline import Asked

    Shares = Sequence[Mapping[str, tuple[float, float]]]

COLUMNS = (
    "answer_contains",
    "answer_tokens_p50",
    "citation_precision",
    "citation_precision_with_context",
    "citation_recall",
    "share_verbatim",
    "false_answer_rate",
    "false_abstention_rate",
)
TESTED = ("answer_contains", "false_answer_rate")
BUDGET = Settings().retrieval.evidence_tokens


@dataclass(frozen=True)
class Variant:
    """Stages that replace the product's, and constants of modules that are not a stage."""

    stages: Stages = field(default_factory=Stages)
    constants: Mapping[str, Any] = field(default_factory=dict)


VARIANTS = {
    "everything": Variant(),
    "without the probability": Variant(Stages(gate=OpenGate())),
    "without nearness in the choice of the place": Variant(constants={"rag.grounding.anchoring._NEARNESS_WEIGHT": 0.0}),
    "without the model's words": Variant(constants={"rag.grounding.anchoring._SHARE_WEIGHT": 0.0}),
    "without context sentences": Variant(Stages(selector=SentenceSelector(budget=BUDGET, contexts=False))),
    "without the other value": Variant(Stages(presenter=QuotingPresenter(other_values=False))),
    "without the second place": Variant(Stages(presenter=QuotingPresenter(second_places=False))),
    "without cutting at semicolons": Variant(constants={"rag.grounding.clause.SHORT": 10**6}),
    "without follow-ups in one sentence": Variant(Stages(rewriter=KeptContext())),
    "without decomposition": Variant(Stages(splitter=WholeQuestion())),
    "without preferring what is recent": Variant(Stages(retriever=HybridRetriever(prefer_newest=False))),
}


class StricterGate(LogisticGate):
    """The product's gate at a strictness that differs from the settings'."""

    def __init__(self, strictness: float) -> None:
        self._strictness = strictness

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        return super().admits(asked, confirmation, share=share, strictness=self._strictness)


def main(
    files: Sequence[Path], limit: int | None, seed: int, cache: Path | None, strictnesses: Sequence[float]
) -> None:
    plain = RAG()
    engine = KeptEngine(plain._the_engine(), cache)
    named, tests = " + ".join(file.name for file in files), (f"p, {name}" for name in TESTED)
    print(f"| {named} | {' | '.join((*COLUMNS, *tests))} |")
    print(f"|---|{'---|' * (len(COLUMNS) + len(TESTED))}", flush=True)
    variants = VARIANTS
    if strictnesses:
        variants = {f"{one:g}": Variant(Stages(gate=StricterGate(one))) for one in strictnesses}
    first: Shares = ()
    nearest: Sequence[Outcome] = ()
    for name, variant in variants.items():
        rag = RAG(plain.settings, embedder=plain._the_embedder(), engine=engine, **variant.stages)
        with ExitStack() as stack:
            # The answers of a variant must not be found by a later evaluation.
            stack.enter_context(patch("rag.evaluation.measuring.answers.AnswerCache.put", lambda *_: None))
            for target, replacement in variant.constants.items():
                stack.enter_context(patch(target, replacement))
            results = [evaluate(rag, file, limit=limit, seed=seed, fresh=True) for file in files]
        outcomes = [outcome for result in results for outcome in result.outcomes]
        shares = [one.shares for one in outcomes]
        first, nearest = first or shares, nearest or outcomes
        _print_row(name, measure(outcomes), first, shares)
    if not strictnesses:
        shares = [one.extractive for one in nearest]
        _print_row("the best sentence shown, with no model", measure_extractive(nearest), first, shares)


def _print_row(name: str, metrics: Mapping[str, float | None], first: Shares, shares: Shares) -> None:
    cells = ["–" if (value := metrics.get(one)) is None else f"{value:.2f}" for one in COLUMNS]
    cells[1] = "–" if (value := metrics.get(COLUMNS[1])) is None else f"{value:.0f}"
    tests = [_chance(first, shares, one) for one in TESTED]
    print(f"| {name} | {' | '.join((*cells, *tests))} |", flush=True)


def _chance(first: Shares, other: Shares, metric: str) -> str:
    pairs = [(a[metric], b[metric]) for a, b in zip(first, other, strict=True) if metric in a and metric in b]
    if first is other or not pairs:
        return "–"
    chance = paired_test(*zip(*pairs, strict=True))
    return "< 0.001" if chance < 0.001 else f"{chance:.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--strictness", type=float, nargs="+", default=())
    given = parser.parse_args()
    main(given.sets, given.limit, given.seed, given.cache, given.strictness)
