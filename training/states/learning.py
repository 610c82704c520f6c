"""Train the adapted layers to tell which sentences belong in an answer, and whether there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.adapting.steps import BETAS, DECAY, LONGEST_STEP, share_of_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import Tensor

    from training.states.network import Network

QUESTIONS = 8  # a step
RATE, RATE_OF_PROBES = 3e-4, 2e-3
_WHOLE, _ORDER = 0.3, 0.5
# Weight of a question that has an answer, as there are seven times as many of them; one that has none weighs 1.
_ANSWERED = 0.3


@dataclass(frozen=True, slots=True)
class Example:
    """
    A question as the language model has read it.

    Parameters
    ----------
    states
        Output states of the layer below the adapted ones, in half precision. Shape ``(tokens, width)``.
    sentences
        Where each sentence begins and ends, in tokens. Shape ``(sentences, 2)``.
    bears
        Whether each sentence belongs in the answer, 1 or 0. Shape ``(sentences,)``.
    answerable
        Whether the articles answer.

    """

    states: Tensor
    sentences: Tensor
    bears: Tensor
    answerable: bool


def example(file: Path) -> Example:
    """Read a question that was gathered."""
    held = np.load(file)
    return Example(
        torch.from_numpy(held["states"]),
        torch.from_numpy(held["sentences"]),
        torch.from_numpy(held["bears"].astype(np.float32)),
        bool(held["answerable"]),
    )


def learn(
    network: Network, files: Sequence[Path], *, passes: int, seed: int = 0, say: Callable[[int, int, float], None]
) -> None:
    """
    Train the network.

    Parameters
    ----------
    network
        Changed in place.
    files
        Questions that were gathered.
    passes
        How often each is read.
    seed
        Decides their order and the dropout.
    say
        Called with the step, the number of steps, and the mean loss since the last call.

    """
    torch.manual_seed(seed)
    probes = [*network.sentence.parameters(), *network.whole.parameters()]
    of_probes = {id(one) for one in probes}
    adapters = [one for one in network.parameters() if id(one) not in of_probes]
    groups = ((adapters, RATE), (probes, RATE_OF_PROBES))
    optimiser = torch.optim.AdamW(
        [{"params": some, "lr": rate} for some, rate in groups], weight_decay=DECAY, betas=BETAS
    )
    random = np.random.default_rng(seed)
    order = [int(one) for _ in range(passes) for one in random.permutation(len(files))]
    steps = -(-len(order) // QUESTIONS)
    network.train()
    losses: list[float] = []
    for step in range(steps):
        share = share_of_rate(step, steps)
        for group, (_, rate) in zip(optimiser.param_groups, groups, strict=True):
            group["lr"] = rate * share
        for number in order[step * QUESTIONS : (step + 1) * QUESTIONS]:
            one = example(files[number])
            bears, answers = network(one.states, one.sentences)
            lost = loss(bears, answers, one)
            (lost / QUESTIONS).backward()  # type: ignore[no-untyped-call]
            losses.append(lost.item())
        nn.utils.clip_grad_norm_([*adapters, *probes], LONGEST_STEP)
        optimiser.step()
        optimiser.zero_grad()
        if step % 10 == 9 or step == steps - 1:
            say(step + 1, steps, float(np.mean(losses)))
            losses = []
    network.eval()


def loss(bears: Tensor, answers: Tensor, example: Example) -> Tensor:
    """
    Return the loss of a question.

    It has three parts: whether each sentence belongs in the answer, whether there is an answer, and the order: no
    sentence that does not belong in the answer should rank before one that does.
    """
    wanted, whole = example.bears, torch.tensor(float(example.answerable))
    lost = functional.binary_cross_entropy_with_logits(bears, wanted)
    of_whole = functional.binary_cross_entropy_with_logits(answers, whole)
    lost = lost + _WHOLE * (_ANSWERED if example.answerable else 1.0) * of_whole
    if wanted.any() and not wanted.all():
        others = torch.logsumexp(bears[wanted == 0], 0)
        lost = lost + _ORDER * functional.softplus(others - bears[wanted == 1]).mean()
    return lost
