"""
Measure how many runs of the model guessing from the prompt saves.

    python -m bench.speed.speculation SET [--limit 20]

Lets the default model write its drafts, counts the runs with and without guesses
(`rag/inference/generation/guessing.py`), and multiplies them by the time that such runs take on this machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.machine import described
from bench.speed.bakeoff import gather
from rag import RAG, prompts
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.inference import Message
from rag.inference.generation.guessing import guessed

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMES = 9


def runs(prompt: Sequence[int], answer: Sequence[int]) -> list[int]:
    """Return the tokens of each run that the answer takes after the prompt's; its end counts as one token."""
    wanted = [*answer, -1]
    done, found = 1, []  # the prompt's own run gives the first token
    while done < len(wanted):
        guess = guessed(prompt, wanted[:done], len(wanted) - done)
        right = next((i for i, token in enumerate(guess) if token != wanted[done + i]), len(guess))
        done += right + 1
        found.append(1 + len(guess))
    return found


def main(file: Path, limit: int) -> None:
    print(f"{described()}\n")
    engine: Any = prepare(RAG(), load(file)).rag._the_engine()
    engine.load()
    plain: list[int] = []
    helped: list[int] = []
    reading = 0.0
    for task in gather(file, limit):
        messages = [Message(role, content) for role, content in task["messages"]]
        with engine.read(messages) as opened:
            began = time.process_time()
            opened.preferences(prompts.CONFIRM["de"], ("Ja",))
            reading += time.process_time() - began
            text = "".join(opened.stream(task["ending"], max_tokens=96))
        answer = engine.tokens(text)
        plain.append(len(answer))
        helped += runs(engine.tokens(messages[-1].content), answer)
    model = engine._loaded()
    costs = {count: _seconds(model, count) for count in sorted({1, *helped})}
    alone, together = sum(plain) * costs[1], sum(costs[count] for count in helped)
    print(f"{len(plain)} answers of {statistics.median(plain):.0f} tokens (median); all in seconds of the processor")
    print(f"reading {reading:.1f}; runs: {', '.join(f'{count} tokens {costs[count]:.3f}' for count in costs)}")
    print(f"writing: {sum(plain)} runs, {alone:.1f}; with guesses {len(helped)} runs, {together:.1f}")
    print(f"of reading and writing together that saves {(alone - together) / (reading + alone):.1%}")


def _seconds(model: Any, count: int) -> float:
    """Return the processor time of a run; the time of other processes does not count."""
    taken = []
    for _ in range(_TIMES):
        began = time.process_time()
        model.feed_each(list(range(100, 100 + count)))
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    given = parser.parse_args()
    main(given.set, given.limit)
