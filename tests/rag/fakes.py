"""Two tiny models: an embedder that hashes words, and an engine that says scripted texts."""

from __future__ import annotations

import hashlib
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from index.progress import tell
from rag import prompts
from rag.inference.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from rag.inference import Message

DIMENSION = 2048
_WORD = re.compile(r"\w+", re.UNICODE)


class HashingEmbedder:
    """Bags of words as unit vectors; the same text always gives the same vector."""

    def __init__(self, fingerprint: str = "hash-1") -> None:
        self.fingerprint = fingerprint
        self.passages: list[str] = []
        self.before_embedding: Callable[[], None] | None = None

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.before_embedding is not None:
            self.before_embedding()
        self.passages.extend(texts)
        vectors = np.stack([_vector(text) for text in texts])
        tell("embedding", len(texts), len(texts))
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return _vector(text)


class ScriptedEngine:
    """
    Says whether the text contains the answer, then yields the given pieces and raises ``error`` if it is given.

    ``confirms`` and ``says`` may depend on what the engine reads, that is, all messages in one string.
    """

    fingerprint = "scripted"

    def __init__(
        self,
        *pieces: str,
        error: Exception | None = None,
        confirms: bool | Callable[[str], bool] = True,
        says: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        self.pieces = pieces
        self.confirms = confirms
        self.says = says or (lambda _: self.pieces)
        self.page = ""
        self.error = error
        self.asked: list[Sequence[Message]] = []
        self.yielded = 0
        self.loads = 0
        self.closed = threading.Event()
        self.before_piece: Callable[[], object] = lambda: None

    def load(self) -> None:
        self.loads += 1

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[ScriptedEngine]:
        self.asked.append(messages)
        self.page = "\n".join(message.content for message in messages)
        yield self

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        assert any(question in ending for question in prompts.CONFIRM.values())
        confirms = self.confirms(self.page) if callable(self.confirms) else self.confirms
        return (0.98, 0.01) if confirms else (0.01, 0.98)

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        try:
            for piece in self.says(self.page):
                self.before_piece()
                self.yielded += 1
                yield piece
            if self.error is not None:
                raise self.error
        finally:
            self.closed.set()


class LookedAt(Run):
    """A run that is stopped as soon as a function returns true."""

    def __init__(self, stop: Callable[[], bool], client: str = "client") -> None:
        super().__init__(client)
        self._stop = stop

    @property
    def stopped(self) -> bool:
        return self._stop()


def _vector(text: str) -> NDArray[np.float32]:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    for word in _WORD.findall(text.casefold()):
        digest = hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=4).digest()
        vector[int.from_bytes(digest, "little") % DIMENSION] += 1.0
    norm = float(np.linalg.norm(vector))
    if not norm:
        vector[0] = norm = 1.0
    return vector / np.float32(norm)
