"""
Train the reader of facts further on facts of the bundles and near misses.

    python -m training.facts DATA EVALUATION --out FOLDER --without a7 b7 ... [--begin FILE.xml] [--rounds 0 1 2 3]
    python -m training.export FOLDER/last.pt EMBEDDING --out rag/inference/reading

It begins with the network that comes with the package, or with the one named after `--begin`. DATA and EVALUATION are
those of `training.train`; beside each pair it reads some of DATA again, so that it does not forget it. `--rounds` names
the rounds of pairs that are learnt from (`training.open.pairs`); all pairs of the bundles named after `--without`
measure it, before and after. FOLDER keeps the bundles' indexes and the weights. What is drawn depends only on the seed.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from importlib import resources
from pathlib import Path

import torch

from rag import RAG
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from training.drawing.data import Sampler
from training.facts.gathering import Example, gather
from training.facts.measuring import worth
from training.facts.rehearsing import draw, loss
from training.further import AT_ONCE, FROZEN, Run, learn_further
from training.open.bundles import bundles, bundles_named
from training.open.pairs import pairs
from training.restored import restore
from training.texts.leaks import Measured

WARM_UP = 20  # steps
BODY_RATE, HEAD_RATE = 1e-4, 2e-4


def train(sampler: Sampler, options: argparse.Namespace) -> None:
    """Train, write the weights, and print what they are worth on the bundles that were left out."""
    encoder = Encoder.of(options.embedding / "tokenizer.json")
    left_out = {bundle.name for bundle in bundles_named(options.without)}
    of_bundle, embedder = pairs(), RAG()._the_embedder()
    learnt_from: list[Example] = []
    measured: list[Example] = []
    for bundle in bundles():
        is_left_out = bundle.name in left_out
        wanted = [pair for pair in of_bundle.get(bundle.name, ()) if is_left_out or pair.round in options.rounds]
        found = gather(bundle, wanted, options.out / "bundles", embedder)
        (measured if is_left_out else learnt_from).extend(found)
    print(json.dumps({"learnt from": len(learnt_from), "measured": len(measured)}), flush=True)
    reader = restore(options.begin, options.embedding)
    if measured:
        print(json.dumps({"before": worth(reader, encoder, measured)._asdict()}), flush=True)
    steps = options.passes * (len(learnt_from) // AT_ONCE)
    run = Run(steps, BODY_RATE, HEAD_RATE, WARM_UP, options.seed, options.threads)
    lost = partial(loss, reader, encoder, frozen=FROZEN)
    learn_further(reader, learnt_from, partial(draw, sampler=sampler), lost, run, options.out / "last.pt")
    if measured:
        print(json.dumps({"after": worth(reader, encoder, measured)._asdict()}), flush=True)


if __name__ == "__main__":
    packaged = Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--begin", type=Path, default=packaged, metavar="FILE.xml")
    parser.add_argument("--rounds", type=int, nargs="*", default=(0, 1, 2, 3))
    parser.add_argument("--without", nargs="*", default=(), metavar="BUNDLE")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)  # a pair has one thread
    given.out.mkdir(parents=True, exist_ok=True)
    train(Sampler.read(given.data, Measured.read(given.evaluation)), given)
