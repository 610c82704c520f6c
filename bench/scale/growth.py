"""
Measure an index as it grows: opening, questions, a sync with no change and with one changed article; time and memory.

    python -m bench.scale.growth --articles 1000 10000 --source articles.jsonl --folder /tmp/growth

The embedding model is a cheap stand-in, so that everything else is measured. Corpora and indexes are made once and left
in the folder; each figure is taken in a process of its own. Figures in brackets and those of questions are processor
time, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.machine import described
from bench.scale.articles import WordEmbedder, write
from bench.scale.steps import Clock, asked, both, lengthen, resident, run
from index.storage.reader import Index
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale, retrieve

STEPS = ("nothing", "changed", "opening", "asking")
_SETTLED = 3  # seconds; a sync rereads what was written just before it, see `index.syncing.seen`


def main(counts: list[int], source: Path, folder: Path) -> None:
    """Print a table."""
    print(f"{described()}\n")
    print("| articles | passages | first build | nothing changed | one changed | opening | resident, open | p50, p95 |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        here = folder / str(count)
        if not (here / "corpus").exists():
            write(here / "corpus", count, source)
            time.sleep(_SETTLED)
        build = {} if (here / "index").exists() else _step("build", here)
        found = {name: _step(name, here) for name in STEPS}
        nothing, changed, opening = (both(found[name]) for name in ("nothing", "changed", "opening"))
        print(
            f"| {count} | {found['opening']['passages']} | {both(build)} | {nothing} | {changed} | {opening}"
            f" | {found['opening']['resident']:.2f} GB"
            f" | {found['asking']['p50']:.0f}, {found['asking']['p95']:.0f} ms |",
            flush=True,
        )


def _step(name: str, here: Path) -> dict[str, Any]:
    return run([sys.executable, "-m", "bench.scale.growth", "--step", name, "--folder", str(here)])


def step(name: str, here: Path) -> dict[str, Any]:
    """Do one step and return its figures."""
    embedder, index_dir = WordEmbedder(), here / "index"
    embedder.embed_query("Aufwärmen")
    if name == "changed":
        # The state of a process that has synced before: libraries loaded, the model warm.
        sync(here / "corpus", index_dir, embedder)
        lengthen(here / "corpus")
    clock = Clock()
    if name in {"build", "nothing", "changed"}:
        sync(here / "corpus", index_dir, embedder)
        return {**clock.read(), "resident": resident()}
    index = Index.open(index_dir, embedding=embedder.fingerprint)
    found: dict[str, Any] = {**clock.read(), "resident": resident(), "passages": len(index.chunks)}
    if name == "asking":
        scale = Scale(index.cosine_floor)
        found |= asked(lambda text: retrieve(index, text, embedder.embed_query(text), k=8, scale=scale))
    return found


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
