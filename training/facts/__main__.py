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
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import torch

from rag import RAG
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from training.checkpoints import Progress, save
from training.facts.gathering import Example, gather
from training.facts.learning import draw, loss
from training.facts.measuring import worth
from training.facts.pairs import pairs
from training.open.bundles import bundles, bundles_named
from training.restored import restore

if TYPE_CHECKING:
    from collections.abc import Collection

WARM_UP = 20  # steps
BODY_RATE, HEAD_RATE = 1e-4, 2e-4
AT_ONCE = 8  # pairs a step
FROZEN = 6  # lower layers that stay


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
    named = dict(reader.named_parameters())
    layers = tuple(f"layers.{number}." for number in range(FROZEN, 12))
    body = [parameter for name, parameter in named.items() if name.startswith(layers)]
    heads = [parameter for name, parameter in named.items() if name.startswith(("tokens", "answers"))]
    learnt = [*body, *heads]
    for parameter in named.values():
        parameter.requires_grad_(any(parameter is one for one in learnt))
    optimizer = torch.optim.AdamW(
        [{"params": body, "rate": BODY_RATE}, {"params": heads, "rate": HEAD_RATE}],
        lr=BODY_RATE,
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    rng = Random(seed)
    steps = passes * (len(learnt_from) // AT_ONCE)
    waiting: list[Example] = []
    with ThreadPoolExecutor(threads) as pool:
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * min(1.0, (step + 1) / WARM_UP) * max(0.03, 1.0 - step / steps)
            if len(waiting) < AT_ONCE:
                waiting = list(learnt_from)
                rng.shuffle(waiting)
            drawn = [draw(waiting.pop(), rng) for _ in range(AT_ONCE)]
            optimizer.zero_grad()

            def learn(index: int, drawn: list = drawn) -> float:  # type: ignore[type-arg]
                found = loss(reader, encoder, drawn[index], frozen=FROZEN)
                (found / AT_ONCE).backward()  # type: ignore[no-untyped-call]
                return float(found.detach())

            losses = list(pool.map(learn, range(AT_ONCE)))
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            if (step + 1) % 20 == 0 or step + 1 == steps:
                print(json.dumps({"step": step + 1, "of": steps, "loss": round(sum(losses) / AT_ONCE, 3)}), flush=True)
                save(out / "last.pt", reader, optimizer, Progress(step + 1))
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
