"""
Estimate the probability of each kind of question with a network that reads the question.

It has the twelve layers of the embedding model, the upper eight trained further on questions whose kind is known
(`training.asking.kinds`). It is right more often than the regression of `rag.kinds.classifier`, which needs no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.inference.reading.packaged import PackagedFile, PackagedNetwork
from rag.limits import LONGEST_QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.reading.encoding import Tokens

    Array = NDArray[np.float32]

IR_FILE = "kinds.xml"
INPUT, OUTPUT = "vectors", "kinds"
# The prefix that the embedding model expects before a question.
PROMPT = "query: "
MAX_TOKENS = 64


class KindNetwork(PackagedNetwork):
    """
    The network, loaded at first use.

    Parameters
    ----------
    words
        ``model.safetensors`` of the embedding model.
    tokenize
        The embedding model's tokenizer.
    threads
        Processor threads, 0 takes all cores.
    folder
        Folder of its file; that of the package if None.

    """

    def __init__(
        self,
        words: Path,
        tokenize: Callable[[Sequence[str]], Sequence[Tokens]],
        *,
        threads: int = 0,
        folder: Path | None = None,
    ) -> None:
        file = PackagedFile("rag.inference.asking", IR_FILE, folder)
        super().__init__("network that tells kinds of questions", words, file, threads=threads)
        self._tokenize = tokenize

    def chances(self, question: str) -> Array:
        """
        Return the probability of each kind.

        Parameters
        ----------
        question
            The question as it was typed; anything beyond 64 tokens is not read.

        Returns
        -------
        Shape ``(kinds,)``, in the order of `rag.kinds.KINDS`.

        Raises
        ------
        ModelError
            See `PackagedNetwork.load`.

        """
        ids = list(self._tokenize([PROMPT + question[:LONGEST_QUESTION]])[0].ids)[:MAX_TOKENS]
        with self._lock:
            words, request = self._loaded()
            said = request.infer({INPUT: words[ids].astype(np.float32)[None]})
            scores = np.array(said[OUTPUT], dtype=np.float32)[0]
        shares = np.exp(scores - scores.max())
        result: Array = shares / shares.sum()
        return result
