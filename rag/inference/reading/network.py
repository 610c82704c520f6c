"""
Run the reader's network with the runtime that runs the embeddings.

The network comes with the package, its matrices in 8 bit; the word vectors are looked up in the file of the embedding
model that it was made from. `training/` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.inference.reading.encoding import PAD
from rag.inference.reading.packaged import PackagedFile, PackagedNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.reading.encoding import Encoded

    Array = NDArray[np.float32]

IR_FILE = "reader.xml"
# The same network, trained further on open questions.
OPEN_IR_FILE = "open.xml"
INPUTS = ("vectors", "there", "second", "shared", "body")
OUTPUTS = ("answers", "ends", "inside", "carries")
# Tokens in a batch, padding included.
_BATCH_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """
    Outputs of the network's heads for one pair.

    Parameters
    ----------
    answers
        Log odds that the passage answers the question.
    ends
        Scores of each passage token as the first and as the last token of an answer, shape ``(tokens, 2)``.
    inside
        Log odds that each passage token belongs to an answer, shape ``(tokens,)``.
    carries
        Log odds that the passage supports the sentence.

    """

    answers: float
    ends: Array
    inside: Array
    carries: float


class Network(PackagedNetwork):
    """
    The network, loaded at first use.

    Parameters
    ----------
    words
        ``model.safetensors`` of the embedding model.
    threads
        Processor threads, 0 takes all cores.
    folder
        Folder of its file; that of the package if None.
    file
        Name of its file.

    """

    def __init__(self, words: Path, *, threads: int = 0, folder: Path | None = None, file: str = IR_FILE) -> None:
        super().__init__("reader", words, PackagedFile("rag.inference.reading", file, folder), threads=threads)

    def read(self, encoded: Sequence[Encoded]) -> list[Seen]:
        """
        Read pairs.

        Parameters
        ----------
        encoded
            Any number of pairs.

        Returns
        -------
        One result for each pair, in the same order.

        Raises
        ------
        ModelError
            See `PackagedNetwork.load`.

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
