"""
Run the reader's network with the runtime that runs the embeddings.

It comes with the package, its matrices in 8 bit; the vectors of words are looked up in the file of the embedding model
that it was made from. `training/` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from rag.inference.reading.encoding import PAD
from rag.inference.yielding_lock import YieldingLock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.reading.encoding import Encoded

    Array = NDArray[np.float32]

WORDS = "model.safetensors"
IR_FILE = "reader.xml"
# The same network, trained further on open questions.
OPEN_IR_FILE = "open.xml"
INPUTS = ("vectors", "there", "second", "shared", "body")
OUTPUTS = ("answers", "ends", "inside", "carries")
_MATRIX = "embeddings.word_embeddings.weight"
_WIDTH = 384
# One scale of the activations for each so many of a token's, as in `rag.inference.embedding.openvino`.
_ACTIVATIONS = 384
# Tokens of a batch, padding included.
_BATCH_TOKENS = 1024
_LARGEST_HEADER = 100_000_000  # as the format has it
_TYPES = {"F16": np.float16, "F32": np.float32}


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What the heads say of one pair.

    Parameters
    ----------
    answers
        Log odds that the passage answers.
    ends
        Scores of each token of the passage as an answer's first and as its last, shape ``(tokens, 2)``.
    inside
        Log odds of each token of the passage to belong to an answer, shape ``(tokens,)``.
    carries
        Log odds that the passage carries the sentence.

    """

    answers: float
    ends: Array
    inside: Array
    carries: float


class Network:
    """
    The network, loaded at first use.

    Parameters
    ----------
    words
        ``model.safetensors`` of the embedding model.
    threads
        Processor threads, 0 takes all cores.
    folder
        Where its file lies; that of the package where None.
    file
        Its file's name.

    """

    def __init__(self, words: Path, *, threads: int = 0, folder: Path | None = None, file: str = IR_FILE) -> None:
        self._file = words
        self._network_file = file
        self._threads = threads
        self._folder = folder
        self._lock = YieldingLock()
        self._ready: tuple[NDArray[Any], Any] | None = None

    def load(self) -> None:
        """
        Make ready.

        Raises
        ------
        ModelError
            A file is missing or damaged.

        """
        with self._lock:
            self._loaded()

    def read(self, encoded: Sequence[Encoded]) -> list[Seen]:
        """
        Read pairs.

        Parameters
        ----------
        encoded
            Any number.

        Returns
        -------
        One for each, in their order.

        Raises
        ------
        ModelError
            See `load`.

        """
        found: list[Seen | None] = [None] * len(encoded)
        order = sorted(range(len(encoded)), key=lambda row: -len(encoded[row].ids))
        with self._lock:
            while order:
                count = max(1, _BATCH_TOKENS // len(encoded[order[0]].ids))
                batch, order = order[:count], order[count:]
                for row, seen in zip(batch, self._read([encoded[row] for row in batch]), strict=True):
                    found[row] = seen
        return [one for one in found if one is not None]

    def _read(self, batch: Sequence[Encoded]) -> list[Seen]:
        length = max(len(one.ids) for one in batch)
        ids = np.full((len(batch), length), PAD, dtype=np.int64)
        second, shared = np.zeros_like(ids), np.zeros_like(ids)
        body = np.zeros(ids.shape, dtype=bool)
        for row, one in enumerate(batch):
            ids[row, : len(one.ids)] = one.ids
            second[row, : len(one.ids)] = one.second
            shared[row, : len(one.ids)] = one.shared
            body[row, one.body[0] : one.body[1]] = True
        words, request = self._loaded()
        vectors = words[ids].astype(np.float32)
        said = request.infer(
            {"vectors": vectors, "there": ids != PAD, "second": second, "shared": shared, "body": body}
        )
        answers, ends, inside, carries = (np.array(said[name], dtype=np.float32) for name in OUTPUTS)
        return [
            Seen(
                float(answers[row]),
                ends[row, one.body[0] : one.body[1]],
                inside[row, one.body[0] : one.body[1]],
                float(carries[row]),
            )
            for row, one in enumerate(batch)
        ]

    def _loaded(self) -> tuple[NDArray[Any], Any]:
        if self._ready is not None:
            return self._ready
        import openvino  # noqa: PLC0415 - a heavy runtime

        try:
            words = _matrix(self._file)
            options: dict[str, Any] = {
                "PERFORMANCE_HINT": "LATENCY",
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": _ACTIVATIONS,
            }
            if self._threads:
                options["INFERENCE_NUM_THREADS"] = self._threads
            with resources.as_file(resources.files("rag.inference.reading")) as own:
                compiled = openvino.Core().compile_model(
                    str((self._folder or own) / self._network_file), "CPU", options
                )
            self._ready = words, compiled.create_infer_request()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[-1]
            raise ModelError(
                f"The reader cannot be loaded with the words of {self._file}: {reason}.",
                hint="Mend the embedding model with `rag models --fetch --force`, or set RAG_READER=off.",
            ) from error
        return self._ready


def _matrix(file: Path) -> NDArray[Any]:
    """Return the vectors of words as they lie in the file; only rows that are asked for are read."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if size > _LARGEST_HEADER:
            raise ValueError("it is no file of safetensors")
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
