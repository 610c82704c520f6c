"""Join evidence sentences into windows that the reader reads at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence

# Most characters of a window; with the question it is then seldom longer than the 256 tokens that are read.
_LONGEST = 700


@dataclass(frozen=True, slots=True)
class Window:
    """
    Sentences of one document that are read together with a question.

    Parameters
    ----------
    first, title, second
        The question, the document's title, and the sentences with a space between them.
    members
        For each sentence, its index in the evidence and where it begins and ends in ``second``.

    """

    first: str
    title: str
    second: str
    members: tuple[tuple[int, int, int], ...]


def windows(question: str, evidence: Sequence[EvidenceSentence]) -> list[Window]:
    """
    Return windows that hold every sentence once, in the order of the evidence.

    Parameters
    ----------
    question
        The question as it was searched for.
    evidence
        Sentences; those of one document follow each other.

    """
    found: list[Window] = []
    text, title, path = "", "", ""
    members: list[tuple[int, int, int]] = []

    def close() -> None:
        if members:
            found.append(Window(question, title, text, tuple(members)))

    for number, sentence in enumerate(evidence):
        if members and sentence.path == path and len(text) + 1 + len(sentence.text) <= _LONGEST:
            text += " "
        else:
            close()
            text, title, path, members = "", sentence.title, sentence.path, []
        members.append((number, len(text), len(text) + len(sentence.text)))
        text += sentence.text
    close()
    return found
