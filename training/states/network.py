"""The adapted layers as a network that learns: the language model's own matrices, which stay, and small ones beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.grounding.state_reader.probe import Probes
from rag.inference.adapting import ADAPTED, MATRICES, Adapter, Adapters
from rag.inference.adapting.model import HEADS, KEY_HEADS, PER_HEAD, SMALLEST, THETA, WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rag.inference.adapting.adapters import Matrix

    Model = tuple[str, str]

RANK = 16
_SCALE = 2.0  # of what the small matrices add, as customary; it is part of ``up`` in what is written
_DROPPED, _DROPPED_BEFORE_PROBES = 0.05, 0.1
_NAMES: Mapping[Matrix, str] = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def layers_of(gguf: Path) -> dict[str, Tensor]:
    """Return the matrices of the adapted layers, by their names in the model's file, as numbers."""
    from gguf import GGUFReader, dequantize  # noqa: PLC0415 - of an extra

    wanted = tuple(f"blk.{layer}." for layer in ADAPTED)
    return {
        tensor.name: torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32))
        for tensor in GGUFReader(gguf).tensors
        if tensor.name.startswith(wanted)
    }


class _Adapted(nn.Module):
    """A matrix with a small one beside it."""

    def __init__(self, weight: Tensor, bias: Tensor | None, begin: Adapter | None) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.register_buffer("weight", weight.bfloat16())
        self.register_buffer("bias", None if bias is None else bias.bfloat16())
        if begin is None:
            self.down = nn.Parameter(torch.randn(RANK, inputs) / math.sqrt(inputs))
            self.up = nn.Parameter(torch.zeros(outputs, RANK))
        else:
            self.down = nn.Parameter(torch.from_numpy(begin.down.astype(np.float32)))
            self.up = nn.Parameter(torch.from_numpy(begin.up.astype(np.float32)) / _SCALE)

    def forward(self, values: Tensor) -> Tensor:
        weight, bias = cast("Tensor", self.weight), cast("Tensor | None", self.bias)
        narrow = functional.linear(functional.dropout(values, _DROPPED, self.training), self.down.bfloat16())
        return functional.linear(values, weight, bias) + functional.linear(narrow, self.up.bfloat16()) * _SCALE

    def adapter(self) -> Adapter:
        """Return what is added, as the program reads it."""
        down, up = self.down.detach().numpy(), self.up.detach().numpy() * _SCALE
        return Adapter(down.astype(np.float16), up.astype(np.float16))


class _Layer(nn.Module):
    def __init__(self, weights: Mapping[str, Tensor], layer: int, begin: Adapters | None) -> None:
        super().__init__()
        self.of = nn.ModuleDict(
            {
                matrix: _Adapted(
                    weights[f"blk.{layer}.{name}.weight"],
                    weights.get(f"blk.{layer}.{name}.bias"),
                    begin.of[layer, matrix] if begin else None,
                )
                for matrix, name in _NAMES.items()
            }
        )
        self.register_buffer("attention_norm", weights[f"blk.{layer}.attn_norm.weight"])
        self.register_buffer("norm", weights[f"blk.{layer}.ffn_norm.weight"])

    def forward(self, states: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
        def heads(matrix: Matrix, count: int) -> Tensor:
            return cast("Tensor", self.of[matrix](normed)).view(len(states), count, PER_HEAD).transpose(0, 1)

        normed = _normed(states, cast("Tensor", self.attention_norm))
        queries, keys = _turned(heads("q", HEADS), angles), _turned(heads("k", KEY_HEADS), angles)
        values = heads("v", KEY_HEADS)
        keys, values = (one.repeat_interleave(HEADS // KEY_HEADS, 0) for one in (keys, values))
        # Each token sees the whole text.
        seen = functional.scaled_dot_product_attention(queries[None], keys[None], values[None])[0]
        states = states + self.of["o"](seen.transpose(0, 1).reshape(len(states), WIDTH))
        normed = _normed(states, cast("Tensor", self.norm))
        inner = functional.silu(self.of["gate"](normed)) * self.of["up"](normed)
        return states + cast("Tensor", self.of["down"](inner))


class Network(nn.Module):
    """
    The adapted layers and the probes of their states.

    Parameters
    ----------
    weights
        See `layers_of`.
    begin
        What is learnt from on; None for nothing.

    """

    def __init__(self, weights: Mapping[str, Tensor], begin: tuple[Adapters, Probes] | None = None) -> None:
        super().__init__()
        adapters, probes = begin or (None, None)
        self.layers = nn.ModuleList([_Layer(weights, layer, adapters) for layer in ADAPTED])
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
        Return what the layers make of a text.

        Parameters
        ----------
        below
            The states behind the layer below them. Shape ``(tokens, width)``.

        """
        states, angles = below.bfloat16(), _angles(len(below))
        for layer in self.layers:
            states = layer(states, angles)
        return states

    def forward(self, below: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor]:
        """
        Return log odds that each sentence belongs into the answer, shape ``(sentences,)``, and that there is one.

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
        adapters = {
            (number, matrix): cast("_Adapted", cast("_Layer", layer).of[matrix]).adapter()
            for number, layer in zip(ADAPTED, self.layers, strict=True)
            for matrix in MATRICES
        }
        layers = Adapters(model, adapters)
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
    """What comes with the package."""

    adapters: Adapters
    probes: Probes


def _normed(values: Tensor, gain: Tensor) -> Tensor:
    numbers = values.float()
    return (numbers * torch.rsqrt(numbers.pow(2).mean(-1, keepdim=True) + SMALLEST) * gain).to(values.dtype)


def _angles(count: int) -> tuple[Tensor, Tensor]:
    steps = THETA ** (-torch.arange(0, PER_HEAD, 2).float() / PER_HEAD)
    angles = torch.arange(count)[:, None] * steps
    both = torch.cat((angles, angles), -1)
    return both.cos().bfloat16(), both.sin().bfloat16()


def _turned(values: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Turn keys or queries by their place (Su et al., "RoFormer", arXiv:2104.09864)."""
    first, second = values.chunk(2, -1)
    return values * angles[0] + torch.cat((-second, first), -1) * angles[1]
