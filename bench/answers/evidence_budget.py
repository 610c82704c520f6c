"""
Print quality against the length of the evidence.

    python -m bench.answers.evidence_budget SET [--limit N] [--time]

For each budget: the share of answerable questions whose evidence contains a gold answer, the share for which the part
that the model reads contains one, the median length of the prompt, and with --time the seconds the default model takes
to read it (10 prompts each, the budgets alternating). Without --time no language model is run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path

import openvino_genai

from rag import RAG, prompts
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring import metrics
from rag.inference.weights import resolve_llm
from rag.pipeline.stages import SentenceSelector
from rag.query.condense import condense
from rag.retrieval.evidence import READ, nearest
from rag.types import Filter

BUDGETS = (60, 100, 150, 200, 260, 340, 500, 800)
READS = (2, 3, 4, 6, 8, 12)
TIMED = 10


def main(file: Path, limit: int | None, timed: bool) -> None:
    prepared = prepare(RAG(), load(file))
    questions = [one for one in prepared.questions if one.answerable and one.answers]
    if limit:
        questions = random.Random(0).sample(questions, min(limit, len(questions)))
    engine = prepared.rag._the_engine()
    rows = {(budget, READ): [] for budget in BUDGETS} | {(340, read): [] for read in READS}  # type: ignore[var-annotated]
    for question in questions:
        query = condense(question.question, question.history, max_chars=1000)
        allowed = prepared.restricted.get(question.id)
        restrict = Filter(paths=allowed) if allowed else None
        for budget, read in rows:
            pipeline = replace(prepared.rag._pipeline, selector=SentenceSelector(budget=budget))
            evidence = pipeline.find(
                query, prepared.rag._view(), restrict=restrict, k=prepared.rag.settings.retrieval.passages
            )
            near = nearest(evidence, read)
            held = [
                any(metrics.contains(" ".join(one.text for one in some), gold) for gold in question.answers)
                for some in (evidence, near)
            ]
            rows[budget, read].append((*held, query, near))
    print(f"{file.name}: {len(questions)} questions")
    print(
        "| budget | sentences read | evidence_recall | of what is read | prompt tokens, median |" + " seconds |" * timed
    )
    print("|---|---|---|---|---|" + "---|" * timed)
    tokenizer = openvino_genai.Tokenizer(resolve_llm("qwen2.5-coder-1.5b").location)

    def length(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).input_ids.data[0])

    lengths = {}
    for key, found in rows.items():
        sizes = [sum(length(one.content) for one in prompts.prefix(query, near)) + 20 for _, _, query, near in found]
        lengths[key] = statistics.median(sizes)
    seconds: dict[tuple[int, int], list[float]] = {key: [] for key in rows}
    for number in range(min(TIMED, len(questions)) if timed else 0):
        for key, found in rows.items():
            _, _, query, near = found[number]
            with engine.read(prompts.prefix(query, near)) as reading:
                began = time.perf_counter()
                reading.preferences(prompts.confirm(query), prompts.YES_OR_NO[query.language])
                seconds[key].append(time.perf_counter() - began)
    for (budget, read), found in rows.items():
        all_of_it, of_read = (statistics.mean(one[i] for one in found) for i in (0, 1))
        line = f"| {budget} | {read} | {all_of_it:.3f} | {of_read:.3f} | {lengths[budget, read]:.0f} |"
        print(line + (f" {statistics.median(seconds[budget, read]):.2f} |" if timed else ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--time", action="store_true")
    given = parser.parse_args()
    main(given.set, given.limit, given.time)
