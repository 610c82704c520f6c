"""What the engines that hold their weights in this process have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.inference.replies import PlainReading, iterate_callback
from rag.inference.run import current

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from rag.inference.devices import Device
    from rag.inference.protocol import Message, Reading


class LocalEngine(ABC):
    """
    A model in this process: it is loaded at first use and handles one request after the other.

    Parameters
    ----------
    location
        The file or folder of the weights.
    fingerprint
        Identifies the weights.
    threads
        Processor threads; 0 leaves the number to the runtime, which takes all cores.
    device
        See `rag.inference.devices`.

    """

    runtime: str

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0, device: Device = "auto") -> None:
        self._location = location
        self._fingerprint = fingerprint
        self._threads = threads
        self._device = device
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
        """Return the model, loading it if that has not been done; the lock is held."""


class CallbackEngine(LocalEngine):
    """An engine on a runtime that calls back with each piece of text, and is given the whole conversation each time."""

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0, device: Device = "auto") -> None:
        super().__init__(location, fingerprint=fingerprint, threads=threads, device=device)
        self._latest: object = None  # stands for the reading of the runtime's last request, if that was not stopped

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Take a conversation whose last message, the user's, still lacks its ending; it is read with each ending."""
        mark = object()
        yield PlainReading(
            messages,
            stream=lambda ended, max_tokens: self._stream(ended, max_tokens, mark),
            first_words=lambda ended: self._first_words_alone(ended, mark),
        )

    def _stream(self, messages: Sequence[Message], max_tokens: int, mark: object) -> Generator[str]:
        def write(deliver: Callable[[str], bool]) -> None:
            run = current()

            def deliver_unless_stopped(piece: str) -> bool:
                return run.stopped or deliver(piece)

            with self._lock:
                self._loaded()
                if not deliver_unless_stopped(""):  # it may have been stopped while it waited for another answer
                    with self._going_on(mark) as again:
                        self._generate(messages, max_tokens, deliver_unless_stopped, again=again)
            run.check()

        return iterate_callback(write)

    def _first_words_alone(self, messages: Sequence[Message], mark: object) -> Sequence[tuple[str, float]]:
        found: Sequence[tuple[str, float]] = ()
        with self._lock:
            self._loaded()
            if not current().stopped:
                with self._going_on(mark) as again:
                    found = self._first_words(messages, again=again)
        current().check()
        return found

    @contextmanager
    def _going_on(self, mark: object) -> Iterator[bool]:
        """Tell whether the previous request belonged to the same reading and was not stopped."""
        again, self._latest = self._latest is mark, None
        yield again
        if not current().stopped:
            self._latest = mark

    @abstractmethod
    def _generate(
        self, messages: Sequence[Message], max_tokens: int, deliver: Callable[[str], bool], *, again: bool
    ) -> None:
        """
        Give each piece of text to ``deliver`` and stop as soon as it returns True; the lock is held.

        ``deliver("")`` only asks whether to stop: ask often enough to stop within half a second, also while the prompt
        is read. ``again`` says that the previous request was another ending of the same conversation, whose state may
        be used.
        """

    @abstractmethod
    def _first_words(self, messages: Sequence[Message], *, again: bool) -> Sequence[tuple[str, float]]:
        """Return the likeliest first pieces of a reply with their probabilities; the lock is held."""
