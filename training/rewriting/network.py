"""The upper layers of the language model as a network that learns: small matrices beside those that write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.inference.adapting import ADAPTED, Adapters
from rag.inference.adapting.model import LAYERS, WRITING
from training.adapting.layers import Layer, angles, normed, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RANK = 8
_NORM, _WORDS = "output_norm.weight", "token_embd.weight"


def matrices_of(gguf: Path) -> dict[str, Tensor]:
    """Return the matrices of the layers from the lowest adapted to read up, and those that turn states into words."""
    return weights_of(gguf, range(ADAPTED.start, LAYERS), (_NORM, _WORDS))


@dataclass(frozen=True, slots=True)
class Texts:
    """
    A batch of texts, each with branches that go on from what they have in common.

    Parameters
    ----------
    states
        Output states of the layers below. Shape ``(texts, tokens, width)``; shorter texts are padded at their ends.
    branches
        The branch of each token, counted from 1; 0 if it is common to all, -1 for padding. Shape ``(texts, tokens)``.
    positions
        The position of each token in its branch, that of the first common token being 0. Shape ``(texts, tokens)``.
    wanted
        Text and place of each token whose successor is predicted. Shape ``(n, 2)``.

    """

    states: Tensor
    branches: Tensor
    positions: Tensor
    wanted: Tensor

    def seen(self) -> Tensor:
        """
        Return which tokens each token sees: those before it of its own branch, and those in common.

        Returns
        -------
        Truth values, shape ``(texts, 1, tokens, tokens)``.

        """
        of = self.branches
        before = torch.ones(of.shape[1], of.shape[1], dtype=torch.bool).tril()
        return (before & ((of[:, None, :] == 0) | (of[:, None, :] == of[:, :, None])))[:, None]


class Network(nn.Module):
    """
    The upper part of the language model.

    Parameters
    ----------
    weights
        See `matrices_of`.
    begin
        Adapters from which training continues; None to start afresh.

    """

    def __init__(self, weights: Mapping[str, Tensor], begin: Adapters | None = None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                Layer(
                    weights,
                    layer,
                    rank=RANK if layer in WRITING else 0,
                    begin=begin if layer in WRITING else None,
                )
                for layer in range(ADAPTED.start, LAYERS)
            ]
        )
        self.register_buffer("gain", weights[_NORM])
        self.register_buffer("words", weights[_WORDS].bfloat16())

    def forward(self, texts: Texts) -> Tensor:
        """
        Predict the tokens that follow those of ``texts.wanted``.

        Returns
        -------
        Logits, shape ``(n, vocabulary)``.

        """
        states, seen = texts.states.bfloat16(), texts.seen()
        cosines, sines = (one[texts.positions][:, None] for one in angles(texts.states.shape[1]))
        for layer in self.layers:
            states = layer(states, (cosines, sines), seen)
        last = normed(states[texts.wanted[:, 0], texts.wanted[:, 1]], cast("Tensor", self.gain))
        return functional.linear(last, cast("Tensor", self.words)).float()

    def learnt(self, model: tuple[str, str]) -> Adapters:
        """Return what was learnt, for the language model and runtime of that name."""
        layers = [cast("Layer", layer) for layer in self.layers]
        return Adapters(
            model,
            {key: one for layer in layers if layer.number in WRITING for key, one in layer.adapters().items()},
        )
