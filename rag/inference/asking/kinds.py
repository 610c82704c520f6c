"""
Say how likely each kind of question is, by a network that reads the question.

The twelve layers of the embedding model, the upper eight trained further on questions whose kind is known (`training.asking.kinds`).
It is right more often than the regression of `rag.kinds.classifier`, which needs no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rag.inference.reading.packaged import PackagedFile, compiled, not_loaded, word_vectors
from rag.inference.yielding_lock import YieldingLock
from rag.limits import LONGEST_QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.reading.encoding import Tokens

    Array = NDArray[np.float32]

IR_FILE = "kinds.xml"
INPUT, OUTPUT = "vectors", "kinds"
# What the embedding model is given before a question.
PROMPT = "query: "
MAX_TOKENS = 64


class KindNetwork:
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
        Where its file lies; that of the package where None.

    """

    def __init__(
        self,
        words: Path,
        tokenize: Callable[[Sequence[str]], Sequence[Tokens]],
        *,
        threads: int = 0,
        folder: Path | None = None,
    ) -> None:
        self._words = words
        self._tokenize = tokenize
        self._threads = threads
        self._network = PackagedFile("rag.inference.asking", IR_FILE, folder)
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

    def chances(self, question: str) -> Array:
        """
        Return the probability of each kind.

        Parameters
        ----------
        question
            As it was typed; what is beyond 64 tokens is not read.

        Returns
        -------
        Shape ``(kinds,)``, in the order of `rag.kinds.KINDS`.

        Raises
        ------
        ModelError
            See `load`.

        """
        ids = list(self._tokenize([PROMPT + question[:LONGEST_QUESTION]])[0].ids)[:MAX_TOKENS]
        with self._lock:
            words, request = self._loaded()
            said = request.infer({INPUT: words[ids].astype(np.float32)[None]})
            scores = np.array(said[OUTPUT], dtype=np.float32)[0]
        shares = np.exp(scores - scores.max())
        result: Array = shares / shares.sum()
        return result

    def _loaded(self) -> tuple[NDArray[Any], Any]:
        if self._ready is None:
            try:
                self._ready = word_vectors(self._words), compiled(self._network, threads=self._threads)
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise not_loaded("network that tells kinds of questions", self._words, error) from error
        return self._ready
