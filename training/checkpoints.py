"""Checkpoints of a training run: written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file

if TYPE_CHECKING:
    from pathlib import Path

    from training.model import Reader


@dataclass(frozen=True)
class Progress:
    """The progress of a run: steps, pairs read, and seconds spent training."""

    step: int = 0
    pairs: int = 0
    seconds: float = 0.0


def save(path: Path, reader: Reader, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    """
    Write everything that a run needs to continue.

    Parameters
    ----------
    path
        Replaced atomically, so that a run that is killed keeps the previous checkpoint.
    reader, optimizer, progress
        The state.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    torch.save(
        {
            "reader": reader.state_dict(),
            "optimizer": optimizer.state_dict(),
            "progress": [progress.step, progress.pairs, progress.seconds],
        },
        beside,
    )
    beside.replace(path)


def resume(path: Path, reader: Reader, optimizer: torch.optim.Optimizer | None = None) -> Progress:
    """
    Load a state.

    Parameters
    ----------
    path
        As written by `save`.
    reader
        Changed in place.
    optimizer
        Changed in place; None if only the network is needed.

    Returns
    -------
    Progress
        Where the run was; at the start if there is no such file.

    """
    if not path.exists():
        return Progress()
    state = torch.load(path, weights_only=True)
    reader.load_state_dict(state["reader"])
    if optimizer is not None:
        optimizer.load_state_dict(state["optimizer"])
    step, pairs, seconds = state["progress"]
    return Progress(int(step), int(pairs), float(seconds))


def save_weights(path: Path, reader: Reader) -> None:
    """
    Write the network alone, in 16 bits.

    Parameters
    ----------
    path
        A file of safetensors; the word matrix is not in it.
    reader
        The network.

    """
    beside = path.with_name(path.name + ".new")
    save_file({name: tensor.half().contiguous() for name, tensor in reader.state_dict().items()}, beside)
    beside.replace(path)
