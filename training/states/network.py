"""The adapted layers and the probes of their states as a network that learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.grounding.state_reader.probe import Probes
from rag.inference.adapting import ADAPTED, Adapters
from rag.inference.adapting.model import SMALLEST, WIDTH
from training.adapting.layers import Layer, angles, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Model = tuple[str, str]

RANK = 16
_DROPPED_BEFORE_PROBES = 0.1


def layers_of(gguf: Path) -> dict[str, Tensor]:
    """Return the matrices of the adapted layers, see `training.adapting.layers.weights_of`."""
    return weights_of(gguf, ADAPTED)


class Network(nn.Module):
    """
    The adapted layers and the probes of their states.

    Parameters
    ----------
    weights
        See `layers_of`.
    begin
        Adapters and probes from which training continues; None to start afresh.

    """

    def __init__(self, weights: Mapping[str, Tensor], begin: tuple[Adapters, Probes] | None = None) -> None:
        super().__init__()
        adapters, probes = begin or (None, None)
        self.layers = nn.ModuleList([Layer(weights, layer, rank=RANK, begin=adapters) for layer in ADAPTED])
        self.sentence, self.whole = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)
        for one in (self.sentence, self.whole):
            nn.init.zeros_(one.weight)
            nn.init.zeros_(one.bias)
        if probes is not None:
            with torch.no_grad():
                self.sentence.weight[0], self.whole.weight[0] = map(torch.from_numpy, (probes.sentence, probes.whole))
                self.sentence.bias[0], self.whole.bias[0] = probes.sentence_bias, probes.whole_bias

    def states(self, below: Tensor) -> Tensor:
        """
        Return the output states of the layers for a text.

        Parameters
        ----------
        below
            Output states of the layer below them. Shape ``(tokens, width)``.

        """
        states, turned = below.bfloat16()[None], angles(len(below))
        for layer in self.layers:  # each token sees the whole text
            states = layer(states, turned)
        return states[0]

    def forward(self, below: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor]:
        """
        Return log odds that each sentence belongs in the answer, shape ``(sentences,)``, and that there is an answer.

        Parameters
        ----------
        below
            See `states`.
        sentences
            Where each begins and ends, in tokens. Shape ``(sentences, 2)``.

        """
        states = self.states(below).float()
        states = states * torch.rsqrt(states.pow(2).mean(-1, keepdim=True) + SMALLEST)
        means = torch.stack([states[begin:end].mean(0) for begin, end in sentences.tolist()])
        dropped = (functional.dropout(one, _DROPPED_BEFORE_PROBES, self.training) for one in (means, states[-1]))
        bears, answers = (head(one)[..., 0] for head, one in zip((self.sentence, self.whole), dropped, strict=True))
        return bears, answers

    def learnt(self, model: Model) -> Learnt:
        """Return what was learnt, for the language model and runtime of that name."""
        adapters = [cast("Layer", layer).adapters() for layer in self.layers]
        layers = Adapters(model, {key: one for some in adapters for key, one in some.items()})
        probes = Probes(
            model,
            layers.fingerprint,
            self.sentence.weight[0].detach().numpy().copy(),
            self.sentence.bias.item(),
            self.whole.weight[0].detach().numpy().copy(),
            self.whole.bias.item(),
        )
        return Learnt(layers, probes)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt and comes with the package."""

    adapters: Adapters
    probes: Probes
