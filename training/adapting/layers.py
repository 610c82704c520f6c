"""Trainable layers of the default language model: its own matrices stay fixed, small ones beside them learn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.inference.adapting import MATRICES, Adapter
from rag.inference.adapting.model import HEADS, KEY_HEADS, PER_HEAD, SMALLEST, THETA, WIDTH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from rag.inference.adapting import Adapters
    from rag.inference.adapting.adapters import Matrix

_SCALE = 2.0  # factor on what the small matrices add, as is customary; in the files it is part of ``up``
_DROPPED = 0.05
_NAMES: Mapping[Matrix, str] = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def weights_of(gguf: Path, layers: Collection[int], others: Collection[str] = ()) -> dict[str, Tensor]:
    """
    Return matrices of the model by their names in its file, dequantised.

    Parameters
    ----------
    gguf
        The model's file.
    layers
        Layers whose matrices are all returned.
    others
        Names of further matrices.

    """
    from gguf import GGUFReader, dequantize  # noqa: PLC0415 - of an extra

    wanted = tuple(f"blk.{layer}." for layer in layers)
    return {
        tensor.name: torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32))
        for tensor in GGUFReader(gguf).tensors
        if tensor.name.startswith(wanted) or tensor.name in others
    }


class _Matrix(nn.Module):
    """A fixed matrix, with a trainable one of low rank beside it if ``rank`` is not 0."""

    def __init__(self, weight: Tensor, bias: Tensor | None, rank: int, begin: Adapter | None) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.register_buffer("weight", weight.bfloat16())
        self.register_buffer("bias", None if bias is None else bias.bfloat16())
        self.rank = rank
        if begin is not None:
            self.down = nn.Parameter(torch.from_numpy(begin.down.astype(np.float32)))
            self.up = nn.Parameter(torch.from_numpy(begin.up.astype(np.float32)) / _SCALE)
        elif rank:
            self.down = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
            self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, values: Tensor) -> Tensor:
        weight, bias = cast("Tensor", self.weight), cast("Tensor | None", self.bias)
        product = functional.linear(values, weight, bias)
        if not self.rank:
            return product
        narrow = functional.linear(functional.dropout(values, _DROPPED, self.training), self.down.bfloat16())
        return product + functional.linear(narrow, self.up.bfloat16()) * _SCALE

    def adapter(self) -> Adapter:
        """Return what is added, as the program reads it."""
        down, up = self.down.detach().numpy(), self.up.detach().numpy() * _SCALE
        return Adapter(down.astype(np.float16), up.astype(np.float16))


class Layer(nn.Module):
    """
    One layer.

    Parameters
    ----------
    weights
        See `weights_of`.
    layer
        Its number.
    rank
        Rank of the small matrices; 0 for none.
    begin
        Adapters from which training continues; None to start afresh.

    """

    def __init__(self, weights: Mapping[str, Tensor], layer: int, *, rank: int, begin: Adapters | None) -> None:
        super().__init__()
        self.number = layer
        self.of = nn.ModuleDict(
            {
                matrix: _Matrix(
                    weights[f"blk.{layer}.{name}.weight"],
                    weights.get(f"blk.{layer}.{name}.bias"),
                    rank,
                    begin.of[layer, matrix] if begin else None,
                )
                for matrix, name in _NAMES.items()
            }
        )
        self.register_buffer("attention_norm", weights[f"blk.{layer}.attn_norm.weight"])
        self.register_buffer("norm", weights[f"blk.{layer}.ffn_norm.weight"])

    def forward(self, states: Tensor, angles: tuple[Tensor, Tensor], seen: Tensor | None = None) -> Tensor:
        """
        Return the layer's output states.

        Parameters
        ----------
        states
            Shape ``(texts, tokens, width)``, as the output.
        angles
            Cosines and sines of the rotations (`angles`), of shape ``(tokens, size)`` or one that broadcasts to
            ``(texts, heads, tokens, size)``.
        seen
            Which tokens each token sees, of a shape that broadcasts to ``(texts, heads, tokens, tokens)``; None for
            all.

        """

        def heads(matrix: Matrix, count: int) -> Tensor:
            return cast("Tensor", self.of[matrix](before)).view(*states.shape[:2], count, PER_HEAD).transpose(1, 2)

        before = normed(states, cast("Tensor", self.attention_norm))
        queries, keys = _turned(heads("q", HEADS), angles), _turned(heads("k", KEY_HEADS), angles)
        values = heads("v", KEY_HEADS)
        keys, values = (one.repeat_interleave(HEADS // KEY_HEADS, 1) for one in (keys, values))
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=seen)
        states = states + self.of["o"](mixed.transpose(1, 2).reshape(*states.shape[:2], WIDTH))
        between = normed(states, cast("Tensor", self.norm))
        inner = functional.silu(self.of["gate"](between)) * self.of["up"](between)
        return states + cast("Tensor", self.of["down"](inner))

    def adapters(self) -> dict[tuple[int, Matrix], Adapter]:
        """Return what is added to its matrices, as the program reads it."""
        return {(self.number, matrix): cast("_Matrix", self.of[matrix]).adapter() for matrix in MATRICES}


def keep(adapters: Adapters, file: Path) -> None:
    """Write adapters as the program reads them (`rag.inference.adapting.adapters.adapters_of`)."""
    arrays = {
        f"{layer}.{matrix}.{part}": values
        for (layer, matrix), adapter in adapters.of.items()
        for part, values in adapter._asdict().items()
    }
    np.savez_compressed(file, model=np.array(adapters.model), **arrays)


def normed(values: Tensor, gain: Tensor) -> Tensor:
    """Return states scaled to a root mean square of 1, times the model's gain for each value."""
    numbers = values.float()
    return (numbers * torch.rsqrt(numbers.pow(2).mean(-1, keepdim=True) + SMALLEST) * gain).to(values.dtype)


def angles(count: int) -> tuple[Tensor, Tensor]:
    """Return the cosines and sines of the rotations at ``count`` positions."""
    steps = THETA ** (-torch.arange(0, PER_HEAD, 2).float() / PER_HEAD)
    turns = torch.arange(count)[:, None] * steps
    both = torch.cat((turns, turns), -1)
    return both.cos().bfloat16(), both.sin().bfloat16()


def _turned(values: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate keys or queries by their position (Su et al., "RoFormer", arXiv:2104.09864)."""
    first, second = values.chunk(2, -1)
    return values * angles[0] + torch.cat((-second, first), -1) * angles[1]
