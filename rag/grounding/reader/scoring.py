"""Let the reader read the evidence, and keep what it says about each sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rag.grounding.reader.respelled import respelled
from rag.grounding.reader.windows import windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rag.grounding.reader.windows import Window
    from rag.inference.reading.encoding import Encoded, TwoTexts
    from rag.inference.reading.network import Seen
    from rag.types import EvidenceSentence

# Most tokens of an answer.
_LONGEST_ANSWER = 40
_NOTHING = -30.0


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """
    What the reader says about one evidence sentence.

    Parameters
    ----------
    answers
        Log odds that the window it stands in answers.
    span
        Score of its likeliest answer: that of the first and last token together.
    share
        Logarithm of that answer's share among all answers of its window.
    start, end
        The words of this answer, as offsets into the sentence's text.

    """

    answers: float
    span: float
    share: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bearing:
    """
    What the reader of open questions says about one sentence.

    Parameters
    ----------
    bears
        Log odds that it belongs in the answer.
    answers
        Log odds that the window it stands in holds anything of the answer.

    """

    bears: float
    answers: float


class Network(Protocol):
    """See `rag.inference.reading.network.Network`."""

    def read(self, encoded: Sequence[Encoded]) -> list[Seen]:
        """Return what the heads say about pairs."""

    def load(self) -> None:
        """Load the network."""


class Encoder(Protocol):
    """See `rag.inference.reading.encoding.Encoder`."""

    def encode(self, pairs: Sequence[TwoTexts]) -> list[Encoded]:
        """Return the tokens of pairs."""


class EvidenceReader:
    """
    The small reader, applied to evidence sentences.

    Parameters
    ----------
    encoder, network
        Turn texts into tokens, and read these tokens.
    of_open
        The network that reads open questions.

    """

    def __init__(self, encoder: Encoder, network: Network, of_open: Network) -> None:
        self._encoder = encoder
        self._network = network
        self._of_open = of_open

    def load(self) -> None:
        """
        Load the networks.

        Raises
        ------
        ModelError
            The reader cannot be loaded.

        """
        self._network.load()
        self._of_open.load()

    def read(self, question: str, evidence: Sequence[EvidenceSentence]) -> list[SentenceScore]:
        """
        Read a question with the evidence, in windows of at most 256 tokens.

        Parameters
        ----------
        question
            The question as it was searched for.
        evidence
            The sentences that were found.

        Returns
        -------
        One score for each sentence, in their order.

        Raises
        ------
        ModelError
            The reader cannot be loaded.

        """
        found = [SentenceScore(_NOTHING, _NOTHING, _NOTHING, 0, 0)] * len(evidence)
        joined = [replace(one, first=respelled(question, one.second)) for one in windows(question, evidence)]
        encoded = self._encoder.encode(joined)
        for window, tokens, seen in zip(joined, encoded, self._network.read(encoded), strict=True):
            for number, score in _scores(window, tokens, seen):
                found[number] = score
        return found

    def read_open(self, question: str, sentences: Sequence[EvidenceSentence]) -> list[Bearing]:
        """
        Read an open question with candidate sentences, in windows as `read` does.

        Parameters
        ----------
        question
            The question as it was searched for.
        sentences
            The candidates in reading order; those of one document follow each other.

        Returns
        -------
        One value for each sentence, in their order.

        Raises
        ------
        ModelError
            The reader cannot be loaded.

        """
        found = [Bearing(_NOTHING, _NOTHING)] * len(sentences)
        joined = windows(question, sentences)
        encoded = self._encoder.encode(joined)
        for window, tokens, seen in zip(joined, encoded, self._of_open.read(encoded), strict=True):
            for number, start, end in window.members:
                inside = tokens.within(start, end)
                bears = float(seen.inside[inside[0] : inside[-1] + 1].mean()) if inside else _NOTHING
                found[number] = Bearing(bears, seen.answers)
        return found


def _scores(window: Window, tokens: Encoded, seen: Seen) -> list[tuple[int, SentenceScore]]:
    found = []
    total = sum(_log_sum(seen.ends[:, place]) for place in (0, 1)) if len(seen.ends) else 0.0
    for number, start, end in window.members:
        inside = tokens.within(start, end)
        if not inside:  # beyond what is read at once
            found.append((number, SentenceScore(seen.answers, _NOTHING, _NOTHING, 0, 0)))
            continue
        first, last, score = _best(seen.ends[inside[0] : inside[-1] + 1])
        left, right = tokens.offsets[inside[first]][0], tokens.offsets[inside[last]][1]
        words = window.second[max(left, start) : min(right, end)]
        lead = max(left, start) - start + len(words) - len(words.lstrip())
        found.append((number, SentenceScore(seen.answers, score, score - total, lead, lead + len(words.strip()))))
    return found


def _best(ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """Return the first and the last token of the likeliest answer, and its score."""
    count = len(ends)
    both = ends[:, None, 0] + ends[None, :, 1]
    both = np.where(np.triu(np.tri(count, count, _LONGEST_ANSWER, dtype=bool)), both, -np.inf)
    first, last = divmod(int(both.argmax()), count)
    return first, last, float(both[first, last])


def _log_sum(values: NDArray[np.float32]) -> float:
    largest = float(values.max())
    return largest + float(np.log(np.exp(values - largest).sum()))
