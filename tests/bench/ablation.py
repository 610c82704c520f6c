"""
Say what each part of answering contributes: the same questions with one part switched off at a time.

    python tests/bench/ablation.py SET [--limit N] [--seed N] [--cache FILE]

What the model says is kept in FILE by the prompt it was said to, so that only the first variant takes its time.
Prints a table in Markdown; docs/ablation.md holds what was measured.
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from rag import RAG
from rag.answerability import Judgement
from rag.attribution import Attribution
from rag.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.generation import Engine, Message

COLUMNS = (
    "answer_contains",
    "answer_tokens_p50",
    "citation_precision",
    "citation_recall",
    "false_answer_rate",
    "false_abstention_rate",
    "share_generated",
)
VARIANTS: dict[str, dict[str, Any]] = {
    "everything": {},
    "without the rules on answerability": {"rag.answering.judge": lambda *_, **__: Judgement(answerable=True)},
    "without the probability of an answer": {"rag.answering.needed": lambda _: 0.0},
    "without either": {
        "rag.answering.judge": lambda *_, **__: Judgement(answerable=True),
        "rag.answering.needed": lambda _: 0.0,
    },
    "without the check of drafts": {
        "rag.answering.attribute": lambda _, evidence, **__: Attribution(1.0, (_best(evidence),), telling=True),
    },
    "without the check of meaning": {"rag.attribution.is_paraphrase": lambda *_: False},
    "without the check of what is measured": {"rag.question_type.measured": lambda _: None},
    "without the clause of the source": {"rag.answering.anchor": lambda *_, **__: None},
    "without quotation where a draft fails": {"rag.answering._Run._quote": lambda *_: None},
}


class KeptEngine:
    """An engine that remembers what it said."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self._engine = engine
        self._file = file
        self._kept: dict[str, Any] = json.loads(file.read_text()) if file and file.exists() else {}
        self.fingerprint = engine.fingerprint
        self.count_tokens = engine.count_tokens
        self.load = lambda: None

    @contextmanager
    def read(self, messages: Sequence[Message], **_: Any) -> Iterator[KeptReading]:
        with ExitStack() as stack:
            yield KeptReading(self, messages, stack)

    def ask(self, messages: Sequence[Message], stack: ExitStack, key: list[Any], say: Any) -> Any:
        name = json.dumps([self.fingerprint, [message.content for message in messages], key])
        if name not in self._kept:
            self._kept[name] = say(stack.enter_context(self._engine.read(messages)))
            stack.pop_all().close()
            if self._file:
                self._file.write_text(json.dumps(self._kept))
        return self._kept[name]


class KeptReading:
    def __init__(self, engine: KeptEngine, messages: Sequence[Message], stack: ExitStack) -> None:
        self._engine, self._messages, self._stack = engine, messages, stack

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        def say(reading: Any) -> list[str]:
            return list(reading.stream(ending, max_tokens=max_tokens))

        yield from self._engine.ask(self._messages, self._stack, ["stream", ending, max_tokens], say)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        def say(reading: Any) -> list[float]:
            return list(reading.preferences(ending, options))

        return tuple(self._engine.ask(self._messages, self._stack, ["preferences", ending, list(options)], say))


def _best(evidence: Sequence[Any]) -> int:
    return max(range(len(evidence)), key=lambda i: evidence[i].score)


def main(file: Path, limit: int | None, seed: int, cache: Path | None) -> None:
    plain = RAG()
    engine = KeptEngine(plain._the_engine(), cache)
    rag = RAG(plain.settings, embedder=plain._the_embedder(), engine=engine)
    print(f"| {file.name} | {' | '.join(COLUMNS)} |")
    print(f"|---|{'---|' * len(COLUMNS)}", flush=True)
    for name, patches in VARIANTS.items():
        with ExitStack() as stack:
            for target, replacement in patches.items():
                stack.enter_context(patch(target, replacement))
            result = evaluate(rag, file, limit=limit, seed=seed, fresh=True)
        cells = ["–" if (value := result.metrics.get(one)) is None else f"{value:.2f}" for one in COLUMNS]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    extractive = {column: result.extractive.get(column) for column in COLUMNS}
    cells = ["–" if value is None else f"{value:.2f}" for value in extractive.values()]
    print(f"| the best sentence quoted, nothing else | {' | '.join(cells)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path)
    given = parser.parse_args()
    main(given.set, given.limit, given.seed, given.cache)
