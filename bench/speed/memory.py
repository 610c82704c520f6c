"""
Watch the memory of a process that answers questions.

    python -m bench.speed.memory SET [--questions 60]

SET is any evaluation set; its questions are drawn with seed 0 and asked of the index that `rag index` has made
(RAG_INDEX names another). Prints the resident memory of this process after some of them, its anonymous part (the rest
is pages of files, which the system may take back), and the peak, all in MB. Reads /proc: Linux only.
"""

from __future__ import annotations

import argparse
import gc
import random
from pathlib import Path

from bench.machine import described
from rag import RAG
from rag.evaluation.datasets import load

_SHOWN = (0, 1, 5, 10, 20, 30, 40, 50, 60, 80, 100)


def memory() -> dict[str, int]:
    """Return the memory figures of this process, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return {name: int(found[name].split()[0]) * 1024 // 1_000_000 for name in ("VmRSS", "RssAnon", "VmHWM")}


def main(file: Path, count: int) -> None:
    print(f"{described()}\n")
    questions = [one.question for one in load(file).questions if not one.history]
    drawn = random.Random(0).sample(questions, min(count, len(questions)))
    rag = RAG()
    print("| questions | resident | anonymous | peak |\n|---|---|---|---|")
    for done in range(len(drawn) + 1):
        if done:
            rag.ask(drawn[done - 1], fresh=True)
        if done in _SHOWN or done == len(drawn):
            gc.collect()
            now = memory()
            print(f"| {done} | {now['VmRSS']} | {now['RssAnon']} | {now['VmHWM']} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--questions", type=int, default=60)
    given = parser.parse_args()
    main(given.set, given.questions)
