"""
An index as it grows: opening, questions, a sync of nothing, of one article changed; time and memory.

    python -m bench.scale.growth --articles 1000 10000 --source articles.jsonl --folder /tmp/growth

The embedding model is a cheap stand-in, so that what is measured is all else. Corpora and indexes are made once and
left in the folder; each figure is taken in a process of its own. In brackets, and of questions, is the processor's time,
which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import described
from bench.scale.articles import WordEmbedder, write
from index.storage.reader import Index
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale, retrieve

QUESTIONS = (
    "Wie viele Euro kostet die neue Fabrik?",
    "Wer gewann das Spiel am Samstag in Wien?",
    "Welche Partei fordert eine Reform der Pensionen?",
    "Was sagt der Finanzminister zum Budget?",
    "Wie reagiert die EU auf die Lage in der Ukraine?",
    "Wann erscheint das neue iPhone?",
    "Welches Museum zeigt die Ausstellung?",
    "Warum sank der Gewinn der Bank?",
)
STEPS = ("nothing", "changed", "opening", "asking")


def main(counts: list[int], source: Path, folder: Path) -> None:
    """Print a table."""
    print(f"{described()}\n")
    print("| articles | passages | first build | nothing changed | one changed | opening | resident, open | p50, p95 |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        here = folder / str(count)
        if not (here / "corpus").exists():
            write(here / "corpus", count, source)
        build = {} if (here / "index").exists() else _step("build", here)
        found = {name: _step(name, here) for name in STEPS}
        nothing, changed, opening = (_both(found[name]) for name in ("nothing", "changed", "opening"))
        print(
            f"| {count} | {found['opening']['passages']} | {_both(build)} | {nothing} | {changed} | {opening}"
            f" | {found['opening']['resident']:.2f} GB"
            f" | {found['asking']['p50']:.0f}, {found['asking']['p95']:.0f} ms |",
            flush=True,
        )


def _both(times: dict[str, float]) -> str:
    return f"{times['seconds']:.2f} s ({times['processor']:.2f})" if times else "-"


def _step(name: str, here: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.scale.growth", "--step", name, "--folder", str(here)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))


def step(name: str, here: Path) -> dict[str, Any]:
    """Do one thing and return its figures."""
    embedder, index_dir = WordEmbedder(), here / "index"
    embedder.embed_query("Aufwärmen")
    if name == "changed":
        # Made ready as a process that has synced before is: libraries loaded, the model warm.
        sync(here / "corpus", index_dir, embedder)
        file = next((here / "corpus").rglob("*.md"))
        file.write_text(f"{file.read_text(encoding='utf-8')}\nEin Nachtrag vom {time.time():.0f}.\n", encoding="utf-8")
    began, used = time.perf_counter(), time.process_time()
    if name in {"build", "nothing", "changed"}:
        sync(here / "corpus", index_dir, embedder)
        return {**_since(began, used), "resident": _resident()}
    index = Index.open(index_dir, embedding=embedder.fingerprint)
    found: dict[str, Any] = {**_since(began, used), "resident": _resident()}
    found["passages"] = len(index.chunks)
    if name == "asking":
        scale, times = Scale(index.cosine_floor), []
        for turn in range(4):
            for question in QUESTIONS:
                began = time.process_time()
                retrieve(index, question, embedder.embed_query(question), k=8, scale=scale)
                if turn:
                    times.append(1000 * (time.process_time() - began))
        found |= {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95)), "after": _resident()}
    return found


def _since(began: float, used: float) -> dict[str, float]:
    return {"seconds": time.perf_counter() - began, "processor": time.process_time() - used}


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--source", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--step", default="")
    given = parser.parse_args()
    if given.step:
        print(json.dumps(step(given.step, given.folder)))
    else:
        main(given.articles, given.source, given.folder)
