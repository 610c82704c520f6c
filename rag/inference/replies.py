"""Parts that engines share: a reading that keeps no state, first words, and an iterator over a callback's pieces."""

from __future__ import annotations

import contextvars
import math
import queue
import threading
from typing import TYPE_CHECKING, Any

from rag.inference.protocol import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence


class PlainReading:
    """
    A reading for engines that keep no state: each ending sends the whole conversation again.

    Parameters
    ----------
    messages
        The conversation; its last message is not complete yet.
    stream
        Continues a complete conversation.
    first_words
        Returns the likeliest first words of a reply, or pieces of words, with their probabilities.

    """

    def __init__(
        self,
        messages: Sequence[Message],
        *,
        stream: Callable[[Sequence[Message], int], Generator[str]],
        first_words: Callable[[Sequence[Message]], Sequence[tuple[str, float]]],
    ) -> None:
        self._messages = tuple(messages)
        self._stream = stream
        self._first_words = first_words

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece."""
        return self._stream(self._ended(ending), max_tokens)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply."""
        found = self._first_words(self._ended(ending))
        return tuple(sum(share for word, share in found if begins(option, word)) for option in options)

    def _ended(self, ending: str) -> list[Message]:
        last = self._messages[-1]
        return [*self._messages[:-1], Message(last.role, last.content + ending)]


def begins(option: str, piece: str) -> bool:
    """Tell whether a reply's first piece is the option or its beginning, ignoring case and surrounding spaces."""
    said = piece.strip().casefold()
    return bool(said) and option.casefold().startswith(said)


def first_words_of(response: Mapping[str, Any]) -> list[tuple[str, float]]:
    """
    Return the likeliest first pieces of a reply, with their probabilities, from a response in OpenAI's form.

    If a server gives no probabilities, the first word of its text counts as certain.
    """
    for choice in response.get("choices") or ():
        content = (choice.get("logprobs") or {}).get("content") or ()
        if content:
            ranked = content[0].get("top_logprobs") or [content[0]]
            return [(str(one["token"]), math.exp(float(one["logprob"]))) for one in ranked]
        text = (choice.get("message") or {}).get("content") or ""
        return [(text.split()[0].rstrip(".,!"), 1.0)] if text.split() else []
    return []


_END = object()


def iterate_callback(run: Callable[[Callable[[str], bool]], None]) -> Generator[str]:
    """
    Turn a runtime that reports its output to a callback into an iterator.

    Parameters
    ----------
    run
        Generates text, passes each piece to the callback that is its argument, and stops as soon as that returns True.

    Yields
    ------
    The pieces. An exception of ``run`` is raised here; closing the iterator waits for ``run`` to stop.

    """
    pieces: queue.SimpleQueue[object] = queue.SimpleQueue()
    cancelled = threading.Event()

    def deliver(piece: str) -> bool:
        if piece:
            pieces.put(piece)
        return cancelled.is_set()

    def work() -> None:
        try:
            run(deliver)
        except BaseException as error:  # noqa: BLE001 - raised again in the consumer's thread
            pieces.put(error)
        else:
            pieces.put(_END)

    worker = threading.Thread(target=contextvars.copy_context().run, args=(work,), name="generation", daemon=True)
    worker.start()
    try:
        while (item := pieces.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield str(item)
    finally:
        cancelled.set()
        worker.join()
