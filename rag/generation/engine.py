"""What an answer needs of a language model, and which engine runs which model."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from index.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from rag.models import ResolvedModel
    from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with the model; each engine applies the model's own chat template."""

    role: Literal["system", "user", "assistant"]
    content: str


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

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Generator[str]:
        """Yield the continuation piece by piece. Closing the iterator stops the generation."""

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
    if model.engine == "openvino":
        from rag.generation.openvino import OpenVinoEngine  # noqa: PLC0415

        return OpenVinoEngine(model.location, fingerprint=model.fingerprint, threads=settings.threads)
    if model.engine == "llama_cpp":
        from rag.generation.llama_cpp import LlamaCppEngine  # noqa: PLC0415

        return LlamaCppEngine(model.location, fingerprint=model.fingerprint, threads=settings.threads)
    if model.engine == "transformers":
        from rag.generation.transformers import TransformersEngine  # noqa: PLC0415

        return TransformersEngine(model.location, fingerprint=model.fingerprint, threads=settings.threads)
    if model.engine == "openai":
        from rag.generation.openai import OpenAIEngine  # noqa: PLC0415

        return OpenAIEngine(
            model.location,
            fingerprint=model.fingerprint,
            api_key=settings.llm_api_key,
            model=settings.llm_api_model,
        )
    raise ModelError(f"{model.name} is not a language model that can be run here.", hint="See `rag models`.")


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
