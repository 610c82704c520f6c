"""The adapters: small matrices that are added to those of the language model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

Matrix = Literal["q", "k", "v", "o", "gate", "up", "down"]
"""The matrices of a layer: those of attention and those of the feed-forward network after it."""

MATRICES: tuple[Matrix, ...] = get_args(Matrix)
ADAPTERS_FILE = "adapters.npz"
"""Adapters of the layers that read, see `rag.inference.adapting.openvino`."""

REWRITING_FILE = "rewriting.npz"
"""Adapters of the layers that write out what a follow-up asks, see `rag.inference.adapting.switched`."""


class Adapter(NamedTuple):
    """
    What is added to a matrix: ``up @ down``.

    Parameters
    ----------
    down
        Shape ``(rank, inputs)``.
    up
        Shape ``(outputs, rank)``.

    """

    down: NDArray[np.float16]
    up: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Adapters:
    """
    All adapters of a model.

    Parameters
    ----------
    model
        The name of the language model that they were made with, and the runtime.
    of
        The adapters, by layer and matrix.

    """

    model: tuple[str, str]
    of: Mapping[tuple[int, Matrix], Adapter]

    @property
    def fingerprint(self) -> str:
        """A digest of the adapters."""
        parts = (part.tobytes() for _, adapter in sorted(self.of.items()) for part in adapter)
        return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def is_of(fingerprint: str, model: tuple[str, str]) -> bool:
    """Tell whether a `rag.inference.protocol.Engine.fingerprint` is that of a model, given by name and runtime."""
    name, runtime = model
    return fingerprint.startswith(f"{name}@") and fingerprint.endswith(f"+{runtime}")


def installed(name: str = ADAPTERS_FILE) -> Adapters:
    """Return the adapters that come with the package in a file of that name."""
    return _read(name)


@cache
def _read(name: str) -> Adapters:
    with _file(name) as file:
        return adapters_of(dict(np.load(file)))


def adapters_for(fingerprint: str, name: str = ADAPTERS_FILE) -> Adapters | None:
    """Return the adapters of a file if they were made for a language model, else None."""
    with _file(name) as file, np.load(file) as held:  # only the model's name is unpacked
        is_wanted = is_of(fingerprint, _model(held))
    return installed(name) if is_wanted else None


def _file(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("rag.inference.adapting").joinpath(name))


def _model(held: Mapping[str, NDArray[np.generic]]) -> tuple[str, str]:
    name, runtime = (str(one) for one in held["model"])
    return name, runtime


def adapters_of(held: Mapping[str, NDArray[np.generic]]) -> Adapters:
    """Return the adapters that a file holds."""
    layers = sorted({int(layer) for name in held for layer in [name.partition(".")[0]] if layer.isdecimal()})
    found = {
        (layer, matrix): Adapter(
            held[f"{layer}.{matrix}.down"].astype(np.float16), held[f"{layer}.{matrix}.up"].astype(np.float16)
        )
        for layer in layers
        for matrix in MATRICES
    }
    return Adapters(_model(held), found)
