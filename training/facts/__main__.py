"""
Train the reader of facts further on facts of the bundles and near misses.

    python -m training.facts --out FOLDER --without a7 b7 ... [--passes 1]
    python -m training.export FOLDER/last.pt EMBEDDING --out rag/inference/reading

It begins with the network that comes with the package. The bundles named after `--without` measure it, before and after;
FOLDER keeps the bundles' indexes and the weights. What is drawn depends only on the seed.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from rag import RAG
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from training.facts.gathering import Example, gather
from training.facts.learning import draw, loss
from training.facts.measuring import worth
from training.facts.pairs import pairs
from training.further import AT_ONCE, FROZEN, Run, learn_further
from training.open.bundles import bundles, bundles_named
from training.restored import restore

if TYPE_CHECKING:
    from collections.abc import Collection

WARM_UP = 20  # steps
BODY_RATE, HEAD_RATE = 1e-4, 2e-4


def train(out: Path, embedding: Path, *, without: Collection[str], passes: int, seed: int, threads: int) -> None:
    """Train, write the weights, and print what they are worth on the bundles that were left out."""
    encoder = Encoder.of(embedding / "tokenizer.json")
    left_out = {bundle.name for bundle in bundles_named(without)}
    of_bundle, embedder = pairs(), RAG()._the_embedder()
    learnt_from: list[Example] = []
    measured: list[Example] = []
    for bundle in bundles():
        found = gather(bundle, of_bundle.get(bundle.name, ()), out / "bundles", embedder)
        (measured if bundle.name in left_out else learnt_from).extend(found)
    print(json.dumps({"learnt from": len(learnt_from), "measured": len(measured)}), flush=True)
    reader = restore(Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE))), embedding)
    if measured:
        print(json.dumps({"before": worth(reader, encoder, measured)._asdict()}), flush=True)
    run = Run(passes * (len(learnt_from) // AT_ONCE), BODY_RATE, HEAD_RATE, WARM_UP, seed, threads)
    learn_further(reader, learnt_from, draw, partial(loss, reader, encoder, frozen=FROZEN), run, out / "last.pt")
    if measured:
        print(json.dumps({"after": worth(reader, encoder, measured)._asdict()}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--without", nargs="*", default=(), metavar="BUNDLE")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)  # a pair has one thread
    given.out.mkdir(parents=True, exist_ok=True)
    train(
        given.out,
        given.embedding,
        without=given.without,
        passes=given.passes,
        seed=given.seed,
        threads=given.threads,
    )
