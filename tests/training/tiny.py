"""Matrices of a tiny model with the default language model's architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from training.adapting import layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

WIDTH, INNER = 24, 40


def matrices(
    monkeypatch: pytest.MonkeyPatch, numbers: Iterable[int], *, size_of_values: float = 1.0
) -> dict[str, torch.Tensor]:
    """Return the matrices of some layers, and set the sizes in `training.adapting.layers` to match."""
    for name, value in {"WIDTH": WIDTH, "HEADS": 6, "KEY_HEADS": 2, "PER_HEAD": 4}.items():
        monkeypatch.setattr(layers, name, value)
    torch.manual_seed(0)
    sizes = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (8, WIDTH),
        "attn_v": (8, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (INNER, WIDTH),
        "ffn_up": (INNER, WIDTH),
        "ffn_down": (WIDTH, INNER),
    }
    made = {}
    for layer in numbers:
        for name, size in sizes.items():
            made[f"blk.{layer}.{name}.weight"] = size_of_values * torch.randn(size) / size[1] ** 0.5
        for name in ("attn_norm", "ffn_norm"):
            made[f"blk.{layer}.{name}.weight"] = torch.ones(WIDTH)
        made[f"blk.{layer}.attn_q.bias"] = size_of_values * torch.randn(WIDTH) / 10
    return made
