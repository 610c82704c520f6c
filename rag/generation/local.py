"""What the engines that hold their weights in this process have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.generation.engine import PlainReading, iterate_callback

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from rag.generation.engine import Message, Reading


class LocalEngine(ABC):
    """
    A model in this process: loaded at first use, one request after the other.

    Parameters
    ----------
    location
        The file or folder of the weights.
    fingerprint
        Identifies the weights.
    threads
        Processor threads, 0 leaves the runtime's own number, which is all cores.

    """

    runtime: str

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0) -> None:
        self._location = location
        self._fingerprint = fingerprint
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None
        self._tokenizer: Any = None

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""
        return f"{self._fingerprint}+{self.runtime}"

    def load(self) -> None:
        """Load the weights."""
        with self._lock:
            self._loaded()

    @abstractmethod
    def _loaded(self) -> Any:
        """Return the model, loading it where that has not been done; the lock is held."""


class CallbackEngine(LocalEngine):
    """An engine on a runtime that calls back with each piece of text and keeps no state between requests."""

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Read a conversation whose last message, the user's, is yet to be ended."""
        yield PlainReading(messages, stream=self.stream, first_words=self._first_words_alone)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str]:
        """Yield the continuation of a whole conversation piece by piece."""

        def run(deliver: Callable[[str], bool]) -> None:
            with self._lock:
                self._loaded()
                if not deliver(""):  # else cancelled while it waited for another answer
                    self._generate(messages, max_tokens, deliver)

        return iterate_callback(run)

    def _first_words_alone(self, messages: Sequence[Message]) -> Sequence[tuple[str, float]]:
        with self._lock:
            self._loaded()
            return self._first_words(messages)

    @abstractmethod
    def _generate(self, messages: Sequence[Message], max_tokens: int, deliver: Callable[[str], bool]) -> None:
        """Give each piece of text to ``deliver`` and stop as soon as it returns True; the lock is held."""

    @abstractmethod
    def _first_words(self, messages: Sequence[Message]) -> Sequence[tuple[str, float]]:
        """Return the likeliest first pieces of a reply with their probabilities; the lock is held."""
