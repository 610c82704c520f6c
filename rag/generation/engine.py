"""What an answer needs of a language model, and which engine runs which model."""

from __future__ import annotations

import math
import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from index.errors import ModelError
from rag.generation.turns import never

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from rag.generation.turns import Stop
    from rag.models import ResolvedModel
    from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with the model; each engine applies the model's own chat template."""

    role: Literal["system", "user", "assistant"]
    content: str


class Reading(Protocol):
    """
    A conversation that a model has read up to the middle of the user's last message.

    That message can be ended in several ways, one after the other; none knows of the others. An engine that
    keeps its state reads what they have in common once.
    """

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece. Closing the iterator stops the generation."""

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply; they need not add up to 1."""


class Engine(Protocol):
    """
    A language model that continues a conversation, greedily.

    The same messages give the same text. Engines are safe to share between threads; they answer one
    request after the other.
    """

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""

    def load(self) -> None:
        """Load the weights, if that has not been done yet."""

    def read(self, messages: Sequence[Message], *, stop: Stop = never) -> AbstractContextManager[Reading]:
        """
        Read a conversation whose last message, the user's, is yet to be ended.

        As soon as ``stop`` returns True, whatever the reading is at, reading or writing, ends within half a
        second with a `rag.generation.turns.StoppedError`. Where the weights are still being loaded, that comes first.
        """

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text, roughly where the model is behind a server."""


def create_engine(model: ResolvedModel, settings: Settings) -> Engine:
    """
    Return the engine for a model, its weights not yet loaded.

    Raises
    ------
    ModelError
        No engine runs this kind of model, or the engine's package is not installed.

    """
    # Each engine's module imports a heavy runtime: only the one that is needed is touched.
    machine: Any = {"threads": settings.threads, "device": settings.device}
    if model.engine == "openvino":
        from rag.generation.openvino import OpenVinoEngine  # noqa: PLC0415

        return OpenVinoEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "llama_cpp":
        from rag.generation.llama_cpp import LlamaCppEngine  # noqa: PLC0415

        return LlamaCppEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "transformers":
        from rag.generation.transformers import TransformersEngine  # noqa: PLC0415

        return TransformersEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "openai":
        from rag.generation.openai import OpenAIEngine  # noqa: PLC0415

        return OpenAIEngine(
            model.location,
            fingerprint=model.fingerprint,
            api_key=settings.llm_api_key,
            model=settings.llm_api_model,
        )
    raise ModelError(f"{model.name} is not a language model that can be run here.", hint="See `rag models`.")


class PlainReading:
    """
    A reading for engines that keep no state: each ending sends the whole conversation again.

    Parameters
    ----------
    messages
        The conversation; the last message is to be ended.
    stream
        Continues a whole conversation.
    first_words
        Gives the likeliest first words of a reply, or pieces of words, with their probabilities.

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
    """Tell whether a first piece of a reply is the option or its beginning, capitals and spaces aside."""
    said = piece.strip().casefold()
    return bool(said) and option.casefold().startswith(said)


def first_words_of(response: Mapping[str, Any]) -> list[tuple[str, float]]:
    """
    Return the likeliest first pieces of a reply from a response in OpenAI's form, with their probabilities.

    A server that does not give probabilities gives its text, which then counts as certain.
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
    Turn a runtime that calls back into an iterator.

    Parameters
    ----------
    run
        Generates, giving each piece of text to the function it is called with, and stops as soon as
        that returns True.

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

    worker = threading.Thread(target=work, name="generation", daemon=True)
    worker.start()
    try:
        while (item := pieces.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield str(item)
    finally:
        cancelled.set()
        worker.join()
