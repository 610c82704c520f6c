"""Train a shipped reader further: its upper six layers, and the heads that read."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

import torch

from training.checkpoints import Progress, save

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import Tensor

    from training.model import Reader

E = TypeVar("E")
D = TypeVar("D")

FROZEN = 6  # lower layers that stay
AT_ONCE = 8  # examples a step
_SAID_EVERY = 20  # steps


@dataclass(frozen=True, slots=True)
class Run:
    """
    How long, and how fast, a reader learns.

    Parameters
    ----------
    steps
        Number of steps of `AT_ONCE` examples.
    body_rate, head_rate
        Learning rates of the layers and of the heads; they rise over ``warm_up`` steps and then fall in a straight line.
    warm_up
        Number of steps.
    seed
        Seed of what is drawn, and in which order.
    threads
        Number of examples that are read at the same time.

    """

    steps: int
    body_rate: float
    head_rate: float
    warm_up: int
    seed: int
    threads: int


def learn_further(
    reader: Reader,
    examples: Sequence[E],
    draw: Callable[[E, Random], D],
    loss: Callable[[D], Tensor],
    run: Run,
    out: Path,
) -> None:
    """
    Train, print the mean loss now and then, and write the weights.

    Parameters
    ----------
    reader
        Changed in place.
    examples
        At least `AT_ONCE`; each is read once before any is read again.
    draw
        Returns what is read of an example; the only random part.
    loss
        Returns the loss of what was drawn.
    run
        How to train.
    out
        File for the weights.

    """
    named = dict(reader.named_parameters())
    layers = tuple(f"layers.{number}." for number in range(FROZEN, 12))
    body = [parameter for name, parameter in named.items() if name.startswith(layers)]
    heads = [parameter for name, parameter in named.items() if name.startswith(("tokens", "answers"))]
    learnt = [*body, *heads]
    for parameter in named.values():
        parameter.requires_grad_(any(parameter is one for one in learnt))
    optimizer = torch.optim.AdamW(
        [{"params": body, "rate": run.body_rate}, {"params": heads, "rate": run.head_rate}],
        lr=run.body_rate,
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    rng, begun = Random(run.seed), time.monotonic()
    waiting: list[E] = []
    losses: list[float] = []

    def learn(drawn: D) -> float:
        found = loss(drawn)
        (found / AT_ONCE).backward()  # type: ignore[no-untyped-call]
        return float(found.detach())

    with ThreadPoolExecutor(run.threads) as pool:
        for step in range(run.steps):
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * min(1.0, (step + 1) / run.warm_up) * max(0.03, 1.0 - step / run.steps)
            if len(waiting) < AT_ONCE:
                waiting = list(examples)
                rng.shuffle(waiting)
            drawn = [draw(waiting.pop(), rng) for _ in range(AT_ONCE)]
            optimizer.zero_grad()
            losses += pool.map(learn, drawn)
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            if (step + 1) % _SAID_EVERY == 0 or step + 1 == run.steps:
                minutes = round((time.monotonic() - begun) / 60, 1)
                mean = round(sum(losses) / len(losses), 4)
                print(json.dumps({"step": step + 1, "loss": mean, "minutes": minutes}), flush=True)
                losses = []
                save(out, reader, optimizer, Progress(step + 1))
