"""Networks that come with the package and use the word vectors of the embedding model that they were made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from rag.inference.yielding_lock import YieldingLock

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WORDS = "model.safetensors"
_MATRIX = "embeddings.word_embeddings.weight"
_WIDTH = 384
# One scale for each group of this many of a token's activations, as in `rag.inference.embedding.openvino`.
_ACTIVATIONS = 384
_LARGEST_HEADER = 100_000_000  # the limit that the format sets
_TYPES = {"F16": np.float16, "F32": np.float32}


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """
    A network's file.

    Parameters
    ----------
    package, file
        The package that holds it, and its name.
    folder
        If given, the folder from which it is read instead of the package.

    """

    package: str
    file: str
    folder: Path | None = None


class PackagedNetwork:
    """
    A network and its word vectors, loaded at first use.

    Parameters
    ----------
    what
        What the network is, for the error message if it cannot be loaded.
    words
        ``model.safetensors`` of the embedding model.
    network
        The network's file.
    threads
        Processor threads, 0 takes all cores.

    """

    def __init__(self, what: str, words: Path, network: PackagedFile, *, threads: int = 0) -> None:
        self._what = what
        self._words = words
        self._network = network
        self._threads = threads
        self._lock = YieldingLock()
        self._ready: tuple[NDArray[Any], Any] | None = None

    def load(self) -> None:
        """
        Load the network and the word vectors, if that has not been done yet.

        Raises
        ------
        ModelError
            A file is missing or damaged.

        """
        with self._lock:
            self._loaded()

    def _loaded(self) -> tuple[NDArray[Any], Any]:
        """Return the word vectors and the inference request; the caller holds the lock."""
        if self._ready is None:
            try:
                self._ready = word_vectors(self._words), self._compiled()
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The {self._what} cannot be loaded with the words of {self._words}: {reason}.",
                    hint="Mend the embedding model with `rag models --fetch --force`, or set RAG_READER=off.",
                ) from error
        return self._ready

    def _compiled(self) -> Any:
        import openvino  # noqa: PLC0415 - a heavy runtime

        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "DYNAMIC_QUANTIZATION_GROUP_SIZE": _ACTIVATIONS}
        if self._threads:
            options["INFERENCE_NUM_THREADS"] = self._threads
        with resources.as_file(resources.files(self._network.package)) as own:
            file = (self._network.folder or own) / self._network.file
            return openvino.Core().compile_model(str(file), "CPU", options).create_infer_request()


def word_vectors(file: Path) -> NDArray[Any]:
    """
    Return the word vectors, mapped from the embedding model's file; only the rows that are accessed are read.

    Raises
    ------
    OSError, ValueError, KeyError
        The file is missing, or holds something else.

    """
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if size > _LARGEST_HEADER:
            raise ValueError("it is not a safetensors file")
        entry = json.loads(stream.read(size))[_MATRIX]
    matrix = np.memmap(
        file,
        mode="r",
        dtype=_TYPES[entry["dtype"]],
        offset=8 + size + entry["data_offsets"][0],
        shape=tuple(entry["shape"]),
    )
    if matrix.shape[1] != _WIDTH:
        raise ValueError(f"words have {matrix.shape[1]} dimensions, not {_WIDTH}")
    return matrix
