"""What is exported of several runs: the mean of their weights."""

from __future__ import annotations

import torch
from torch import nn

from training.export import mean


def layer(weight: float, bias: float) -> nn.Linear:
    made = nn.Linear(2, 1)
    nn.init.constant_(made.weight, weight)
    nn.init.constant_(made.bias, bias)
    return made


def test_the_mean_of_runs_has_the_mean_of_each_weight() -> None:
    found = mean([layer(1.0, -3.0), layer(2.0, 0.0), layer(6.0, 3.0)])  # type: ignore[list-item] # it needs only weights
    assert torch.equal(found.weight, torch.full((1, 2), 3.0))
    assert torch.equal(found.bias, torch.zeros(1))


def test_the_mean_of_one_run_is_that_run() -> None:
    found = mean([layer(0.25, 1.5)])  # type: ignore[list-item]
    assert torch.equal(found.weight, torch.full((1, 2), 0.25))
    assert torch.equal(found.bias, torch.full((1,), 1.5))
