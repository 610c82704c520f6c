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
import time
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
from training.open.bundles import bundles, bundles_named
from training.open.gathering import Example, gather
from training.open.learning import draw, loss
from training.restored import restore

if TYPE_CHECKING:
    from collections.abc import Collection

WARM_UP = 40  # steps
BODY_RATE, HEAD_RATE = 2e-4, 8e-4
QUESTIONS = 8  # a step
FROZEN = 6  # lower layers that stay


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
    named = dict(reader.named_parameters())
    body = [
        named[name] for name in named if name.startswith(tuple(f"layers.{number}." for number in range(FROZEN, 12)))
    ]
    heads = [named[name] for name in named if name.startswith(("tokens", "answers"))]
    learnt = [*body, *heads]
    for parameter in named.values():
        parameter.requires_grad_(any(parameter is one for one in learnt))
    optimizer = torch.optim.AdamW(
        [{"params": body, "rate": BODY_RATE}, {"params": heads, "rate": HEAD_RATE}],
        lr=BODY_RATE,
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    rng, begun = Random(seed), time.monotonic()
    waiting: list[Example] = []
    losses: list[float] = []
    with ThreadPoolExecutor(threads) as pool:
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * min(1.0, (step + 1) / WARM_UP) * max(0.03, 1.0 - step / steps)
            if len(waiting) < QUESTIONS:
                waiting = list(examples)
                rng.shuffle(waiting)
            drawn = [draw(waiting.pop(), rng) for _ in range(QUESTIONS)]
            optimizer.zero_grad()

            def learn(index: int, drawn: list = drawn) -> float:  # type: ignore[type-arg]
                found = loss(reader, encoder, drawn[index], frozen=FROZEN)
                (found / QUESTIONS).backward()  # type: ignore[no-untyped-call]
                return float(found.detach())

            losses += pool.map(learn, range(QUESTIONS))
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            if (step + 1) % 20 == 0 or step + 1 == steps:
                minutes = (time.monotonic() - begun) / 60
                mean = sum(losses) / len(losses)
                print(json.dumps({"step": step + 1, "loss": round(mean, 4), "minutes": round(minutes, 1)}), flush=True)
                losses = []
                save(out / "last.pt", reader, optimizer, Progress(step + 1))


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
