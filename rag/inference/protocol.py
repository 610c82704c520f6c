"""What an answer needs of a language model."""

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

    def read(self, messages: Sequence[Message]) -> AbstractContextManager[Reading]:
        """
        Read a conversation whose last message, the user's, is yet to be ended.

        As soon as the current run is stopped (`rag.inference.run`), whatever the reading is at, reading or writing,
        ends within half a second with a `StoppedError`. Where the weights are still being loaded, that comes first.
        """


class ReadsStates(Protocol):
    """What an engine may have besides: what it knows of a text when it has read it halfway through its layers."""

    def states(self, parts: Sequence[str]) -> list[States] | None:
        """
        Read a text by itself, without the model's template.

        Parameters
        ----------
        parts
            Of the text, each made into tokens by itself.

        Returns
        -------
        The states of each part's tokens, shape ``(tokens, width)``; None where this model's states are not known.

        Raises
        ------
        StoppedError
            The current run was stopped.

        """


class Rewriting(NamedTuple):
    """
    What a follow-up asks, as a language model writes it.

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
    """What an engine may have besides: layers that have learnt to write out what a follow-up asks."""

    def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
        """
        Write what these layers make of a text, which is read without the model's template.

        Parameters
        ----------
        prompt
            In the words that they were made with, see `rag.query.written_out`.
        max_tokens
            No more are written.

        Returns
        -------
        None where this model has no such layers; of a text that has not ended after so many tokens, nothing, and a
        sureness of 0.

        Raises
        ------
        StoppedError
            The current run was stopped.

        """
