"""
Train the reader further on open questions.

    python -m training.open --out FOLDER [--begin open.xml] [--steps 480]
    python -m training.export FOLDER/last.pt EMBEDDING --out rag/inference/reading --file open.xml

It begins with a network that comes with the package: the one that reads facts or, to continue, `open.xml`. It learns
from the bundles beside this module, except for those named after `--without`; FOLDER keeps their indexes and the
weights. What is drawn depends only on the seed.
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
from training.further import FROZEN, Run, learn_further
from training.open.bundles import bundles, bundles_named
from training.open.gathering import gather
from training.open.learning import draw, loss
from training.restored import restore

if TYPE_CHECKING:
    from collections.abc import Collection

WARM_UP = 40  # steps
BODY_RATE, HEAD_RATE = 2e-4, 8e-4


def train(
    out: Path, embedding: Path, *, begin: str, without: Collection[str], steps: int, seed: int, threads: int
) -> None:
    """Train, and write the weights at the end."""
    encoder = Encoder.of(embedding / "tokenizer.json")
    left_out = bundles_named(without)
    learnt_from = [bundle for bundle in bundles() if bundle not in left_out]
    examples = list(gather(learnt_from, out / "bundles", RAG()._the_embedder()))
    print(json.dumps({"bundles": len(learnt_from), "questions": len(examples)}), flush=True)
    reader = restore(Path(str(resources.files("rag.inference.reading").joinpath(begin))), embedding)
    run = Run(steps, BODY_RATE, HEAD_RATE, WARM_UP, seed, threads)
    learn_further(reader, examples, draw, partial(loss, reader, encoder, frozen=FROZEN), run, out / "last.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--begin", default=IR_FILE, metavar="NETWORK.xml")
    parser.add_argument("--without", nargs="*", default=(), metavar="BUNDLE")
    parser.add_argument("--steps", type=int, default=480)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)  # a question has one thread
    train(
        given.out,
        given.embedding,
        begin=given.begin,
        without=given.without,
        steps=given.steps,
        seed=given.seed,
        threads=given.threads,
    )
