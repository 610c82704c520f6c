"""The upper layers of the language model as a network that learns: small matrices beside those that write."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

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
                    is_causal=True,
                )
                for layer in range(ADAPTED.start, LAYERS)
            ]
        )
        self.register_buffer("gain", weights[_NORM])
        self.register_buffer("words", weights[_WORDS].bfloat16())

    def forward(self, below: Tensor, wanted: Tensor) -> Tensor:
        """
        Predict the tokens that follow.

        Parameters
        ----------
        below
            Output states of the layers below. Shape ``(texts, tokens, width)``; shorter texts are padded at their
            ends.
        wanted
            Text and position of each token whose successor is predicted. Shape ``(n, 2)``.

        Returns
        -------
        Logits of the token that follows each. Shape ``(n, vocabulary)``.

        """
        states, turned = below.bfloat16(), angles(below.shape[1])
        for layer in self.layers:
            states = layer(states, turned)
        last = normed(states[wanted[:, 0], wanted[:, 1]], cast("Tensor", self.gain))
        return functional.linear(last, cast("Tensor", self.words)).float()

    def learnt(self, model: tuple[str, str]) -> Adapters:
        """Return what was learnt, for the language model and runtime of that name."""
        layers = [cast("Layer", layer) for layer in self.layers]
        return Adapters(
            model,
            {key: one for layer in layers if layer.number in WRITING for key, one in layer.adapters().items()},
        )
