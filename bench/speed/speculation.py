"""
Would prompt-lookup speculation pay on our answers?

    python -m bench.speed.speculation SET [--limit 20]

Lets the default model write its drafts, then counts the runs it would have taken had up to K tokens that followed the
last N in the prompt been checked in the same run, and weighs them with what such a run takes on this machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from bench.machine import described
from bench.speed.bakeoff import gather
from rag import RAG, prompts
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load

DRAFT = 4
GRAM = 2


def runs(prompt: list[int], answer: list[int]) -> int:
    """Return how many runs after the prompt's the answer takes, the end of the text counted as a token."""
    done, count = 1, 0  # the prompt's own run gives the first token
    wanted = [*answer, -1]
    while done < len(wanted):
        before = prompt + wanted[:done]
        guess: list[int] = []
        for at in range(len(before) - GRAM - 1, -1, -1):
            if before[at : at + GRAM] == before[-GRAM:]:
                guess = before[at + GRAM : at + GRAM + DRAFT]
                break
        right = 0
        while right < len(guess) and done + right < len(wanted) and guess[right] == wanted[done + right]:
            right += 1
        done += right + 1
        count += 1
    return count


def main(file: Path, limit: int) -> None:
    print(f"{described()}\n")
    from rag.inference import Message

    engine = prepare(RAG(), load(file)).rag._the_engine()
    engine.load()
    plain, helped, reading_seconds = [], [], []
    for task in gather(file, limit):
        messages = [Message(role, content) for role, content in task["messages"]]
        with engine.read(messages) as reading:
            began = time.perf_counter()
            reading.preferences(prompts.CONFIRM["de"], ("Ja",))
            reading_seconds.append(time.perf_counter() - began)
            text = "".join(reading.stream(task["ending"], max_tokens=96))
        answer = engine._encode(text)
        plain.append(len(answer))
        helped.append(runs(engine._encode(messages[-1].content + task["ending"]), answer))
    model = engine._loaded()
    costs = {}
    for count in (1, 1 + DRAFT):
        model.feed(list(range(100, 100 + count)))
        costs[count] = statistics.median(_timed(model, count) for _ in range(9))
    alone, with_it = sum(plain) * costs[1], sum(helped) * costs[1 + DRAFT]
    print(
        f"{len(plain)} answers of {statistics.median(plain):.0f} tokens (median); reading {sum(reading_seconds):.1f} s"
    )
    print(f"a run of 1 token {1000 * costs[1]:.0f} ms, of {1 + DRAFT} {1000 * costs[1 + DRAFT]:.0f} ms")
    print(f"writing: {sum(plain)} runs, {alone:.1f} s; with speculation {sum(helped)} runs, {with_it:.1f} s")
    print(f"of reading and writing together it would save {(alone - with_it) / (sum(reading_seconds) + alone):.1%}")


def _timed(model: object, count: int) -> float:
    began = time.perf_counter()
    model.feed(list(range(100, 100 + count)))  # type: ignore[attr-defined]
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    given = parser.parse_args()
    main(given.set, given.limit)
