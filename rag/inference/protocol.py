"""The protocols that a language model must implement for answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    States = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with the model; each engine applies the model's own chat template."""

    role: Literal["system", "user", "assistant"]
    content: str


class Reading(Protocol):
    """
    A conversation that a model has read up to the middle of the user's last message.

    That message can be completed with several endings, one after the other and independently. An engine that keeps
    its state reads the common part only once.
    """

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece. Closing the iterator stops the generation."""

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply; they need not add up to 1."""


class Engine(Protocol):
    """
    A language model that continues a conversation, greedily.

    The same messages give the same text. Engines are safe to share between threads; they process one
    request after the other.
    """

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""

    def load(self) -> None:
        """Load the weights, if that has not been done yet."""

    def read(self, messages: Sequence[Message]) -> AbstractContextManager[Reading]:
        """
        Read a conversation whose last message, the user's, is not complete yet.

        When the current run is stopped (`rag.inference.run`), reading or writing ends within half a second with a
        `StoppedError`. If the weights are still being loaded, loading is completed first.
        """


class ReadsStates(Protocol):
    """Optional for an engine: the hidden states of a text after half of the model's layers."""

    def states(self, parts: Sequence[str]) -> list[States] | None:
        """
        Read a text by itself, without the model's template.

        Parameters
        ----------
        parts
            Parts of the text, each tokenized by itself.

        Returns
        -------
        The states of each part's tokens, shape ``(tokens, width)``; None if this model's states are not supported.

        Raises
        ------
        StoppedError
            The current run was stopped.

        """


class Rewriting(NamedTuple):
    """
    A follow-up that a language model has rewritten as a question of its own.

    Parameters
    ----------
    text
        The question.
    sureness
        Geometric mean of the probabilities of its tokens.

    """

    text: str
    sureness: float


class Rewrites(Protocol):
    """Optional for an engine: layers that were trained to write out what a follow-up asks."""

    def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
        """
        Generate text with these layers from a prompt, which is read without the model's template.

        Parameters
        ----------
        prompt
            In the wording that the layers were trained with, see `rag.query.written_out`.
        max_tokens
            Most tokens that are written.

        Returns
        -------
        The question; an empty text and a sureness of 0 if it has not ended after ``max_tokens``; None if this model has
        no such layers.

        Raises
        ------
        StoppedError
            The current run was stopped.

        """
