"""Read off the language model's states which sentences belong in an answer, and whether there is one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from index.errors import ModelError
from rag.grounding.state_reader.prompt import prompt
from rag.inference import adapting
from rag.inference.adapting.model import SMALLEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rag.inference.protocol import Engine, States
    from rag.kinds import Kind
    from rag.types import EvidenceSentence

WEIGHTS_FILE = "probes.npz"


@dataclass(frozen=True, slots=True)
class StateReading:
    """
    What the probes say.

    Parameters
    ----------
    bears
        For each sentence the log odds that it belongs in the answer.
    answers
        Log odds that the sentences hold an answer.

    """

    bears: tuple[float, ...]
    answers: float


@dataclass(frozen=True, slots=True)
class Probes:
    """
    Two linear functions of states that are scaled to length ``sqrt(width)``.

    Parameters
    ----------
    model
        The language model whose states they read, and the runtime: the beginning and the end of its fingerprint.
    layers
        The fingerprint of the adapters that they were made with, see `rag.inference.adapting.Adapters`.
    sentence, sentence_bias
        Shape ``(width,)``; applied to the mean over a sentence's tokens.
    whole, whole_bias
        Shape ``(width,)``; applied to the last token.

    """

    model: tuple[str, str]
    layers: str
    sentence: NDArray[np.float32]
    sentence_bias: float
    whole: NDArray[np.float32]
    whole_bias: float

    def fits(self, fingerprint: str) -> bool:
        """Tell whether they were made for the model with this fingerprint."""
        return adapting.is_of(fingerprint, self.model)


class StateReader:
    """
    Reads sentences with the lower layers of the language model.

    Parameters
    ----------
    engine
        The language model; `read` returns None if the probes were not made for it.

    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> StateReading | None:
        """
        Read a question and the candidate sentences.

        Parameters
        ----------
        question
            The question as it was searched for.
        kind
            A kind that is answered by several sentences.
        sentences
            The sentences in reading order, at most those that `rag.grounding.state_reader.chosen` names.

        Returns
        -------
        What the probes say; None if there is no language model, or if it or its runtime does not give these states. The
        small reader's choice then stands.

        Raises
        ------
        BusyError
            Too many requests wait for the language model.
        StoppedError
            The current run was stopped.

        """
        states: Callable[[Sequence[str]], list[States] | None] | None = getattr(self._engine, "states", None)
        if states is None or not sentences:
            return None
        given = prompt(question, kind, sentences)
        try:
            found = states(given.parts) if installed().fits(self._engine.fingerprint) else None
        except ModelError:
            return None
        return None if found is None else _read_off(installed(), found, given.sentences)


@cache
def installed() -> Probes:
    """Return the probes that come with the package."""
    with resources.as_file(resources.files("rag.grounding.state_reader").joinpath(WEIGHTS_FILE)) as file:
        return probes_of(dict(np.load(file)))


@cache
def fingerprint() -> str:
    """Return a digest of the probes that come with the package, and of the layers whose states they read."""
    held = installed()
    values = held.sentence, np.float32(held.sentence_bias), held.whole, np.float32(held.whole_bias)
    layers = adapting.installed().fingerprint.encode()
    return hashlib.sha256(b"".join([layers, *(one.tobytes() for one in values)])).hexdigest()[:12]


def probes_of(held: dict[str, NDArray[np.generic]]) -> Probes:
    """Return the probes that a file holds."""
    name, runtime = (str(one) for one in held["model"])
    return Probes(
        (name, runtime),
        str(held["layers"]),
        held["sentence"].astype(np.float32),
        float(held["sentence_bias"]),
        held["whole"].astype(np.float32),
        float(held["whole_bias"]),
    )


def pooled(states: States) -> NDArray[np.float32]:
    """
    Return the mean of a text's states, each scaled to the same length, since a few of a model's values are far larger.

    Parameters
    ----------
    states
        Shape ``(tokens, width)``.

    Returns
    -------
    Shape ``(width,)``.

    """
    values = states.astype(np.float32)
    lengths = np.sqrt((values**2).mean(axis=1, keepdims=True) + SMALLEST)
    mean: NDArray[np.float32] = (values / lengths).mean(axis=0)
    return mean


def _read_off(probes: Probes, states: Sequence[States], sentences: Sequence[int]) -> StateReading:
    bears = (float(pooled(states[number]) @ probes.sentence) + probes.sentence_bias for number in sentences)
    answers = float(pooled(states[-1][-1:]) @ probes.whole) + probes.whole_bias
    return StateReading(tuple(bears), answers)
