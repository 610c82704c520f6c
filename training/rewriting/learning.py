"""Train the layers to write what a person would have asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from rag.inference.adapting.model import WIDTH
from training.adapting.steps import BETAS, DECAY, LONGEST_STEP, share_of_rate
from training.rewriting.network import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import Tensor

    from training.rewriting.network import Network

AT_ONCE = 4  # files a step, or some fifteen conversations if four share a history
RATE = 5e-4
_SORTED = 8  # steps whose files are sorted by length together


def learn(
    network: Network,
    files: Sequence[Path],
    *,
    passes: int,
    rate: float = RATE,
    seed: int = 0,
    say: Callable[[int, int, float], None],
) -> None:
    """
    Train the network to predict the tokens of the rewritings.

    Parameters
    ----------
    network
        Changed in place.
    files
        The conversations that were gathered, those of one history in one file.
    passes
        How often each is read.
    rate
        Highest learning rate.
    seed
        Decides their order and the dropout.
    say
        Called with the step, the number of steps, and the mean loss since the last call.

    """
    torch.manual_seed(seed)
    parameters = list(network.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=DECAY, betas=BETAS)
    steps = ordered(files, passes=passes, random=np.random.default_rng(seed))
    network.train()
    losses: list[float] = []
    for number, step in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * share_of_rate(number, len(steps))
        texts, words = together(step)
        loss = functional.cross_entropy(network(texts), words)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, LONGEST_STEP)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if number % 10 == 9 or number == len(steps) - 1:
            say(number + 1, len(steps), float(np.mean(losses)))
            losses = []
    network.eval()


def ordered(files: Sequence[Path], *, passes: int, random: np.random.Generator) -> list[list[Path]]:
    """Return the files of each step, in random order; those of a step have similar lengths, to limit the padding."""
    order = [files[number] for _ in range(passes) for number in random.permutation(len(files))]
    sizes = {file: file.stat().st_size for file in files}
    steps: list[list[Path]] = []
    for begin in range(0, len(order), _SORTED * AT_ONCE):
        some = sorted(order[begin : begin + _SORTED * AT_ONCE], key=lambda file: sizes[file])
        parts = [some[start : start + AT_ONCE] for start in range(0, len(some), AT_ONCE)]
        steps += [parts[number] for number in random.permutation(len(parts))]
    return steps


def together(files: Sequence[Path]) -> tuple[Texts, Tensor]:
    """Return conversations as one batch, and the tokens that follow those whose successor is predicted."""
    held = [np.load(file) for file in files]
    lengths = [len(one["tokens"]) for one in held]
    states = torch.zeros(len(held), max(lengths), WIDTH, dtype=torch.bfloat16)
    branches = torch.full(states.shape[:2], -1)
    positions = torch.zeros(states.shape[:2], dtype=torch.long)
    places: list[tuple[int, int]] = []
    words: list[int] = []
    for text, (one, length) in enumerate(zip(held, lengths, strict=True)):
        states[text, :length] = torch.from_numpy(one["states"]).bfloat16()
        of = one["branches"]
        branches[text, :length] = torch.from_numpy(of)
        starts = np.array([0, *np.flatnonzero(np.diff(of)) + 1])
        common = int(np.sum(of == 0))
        # Each branch goes on where the common tokens end.
        own = np.arange(length) - starts[np.searchsorted(starts, np.arange(length), side="right") - 1]
        positions[text, :length] = torch.from_numpy(np.where(of == 0, own, common + own))
        written = np.flatnonzero(one["is_written"])
        places += [(text, place - 1) for place in written.tolist()]
        words += one["tokens"][written].tolist()
    return Texts(states, branches, positions, torch.tensor(places)), torch.tensor(words)
