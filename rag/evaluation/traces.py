"""What a question's result rests on, in digests and figures: kept with the result, so that two runs can be told apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

DIGITS = 16  # of a digest: a set has thousands of questions at most


def digest(*parts: Any) -> str:
    """Return a digest of anything that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What the language model said to one prompt.

    Parameters
    ----------
    key
        Digest of everything that it depends on: the model, its runtime, precision and instruction set, and each
        character of the prompt.
    preferences
        Probabilities of first words, where those were asked for.
    pieces
        The text as it came, where one was.

    """

    key: str
    preferences: tuple[float, ...] | None = None
    pieces: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands in a report."""
        said = {"pieces": list(self.pieces)} if self.pieces is not None else {}
        sure = {"preferences": list(self.preferences)} if self.preferences is not None else {}
        return {"key": self.key, **sure, **said}

    @classmethod
    def of_json(cls, data: Any) -> Reply:
        """Read it back; raises KeyError, TypeError or ValueError where it is something else."""
        sure, said = data.get("preferences"), data.get("pieces")
        if (sure is None) == (said is None):
            raise ValueError("a reply is either a text or a choice of words")
        return cls(
            str(data["key"]),
            None if sure is None else tuple(float(value) for value in sure),
            None if said is None else tuple(str(piece) for piece in said),
        )


@dataclass(frozen=True, slots=True)
class Admission:
    """
    A decision of the gate.

    Parameters
    ----------
    probability
        Of an answer; None where a plug-in gives none.
    needed
        The bound for it.
    admitted
        Whether there is an answer.
    share
        Of the draft's words, how many the place holds; 1 before there is a draft.

    """

    probability: float | None
    needed: float
    admitted: bool
    share: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands in a report."""
        chance = None if self.probability is None else round(self.probability, 4)
        return {"probability": chance, "needed": round(self.needed, 4), "admitted": self.admitted}


@dataclass(frozen=True, slots=True)
class Trace:
    """
    What went on while a question was answered.

    Parameters
    ----------
    read
        Digests of what the model was given to read.
    replies
        What it said, in order.
    gates
        Decisions of the gate, in order.
    sure
        How many parts of the question the small reader answered, for which no gate was asked.
    kept
        Whether all that it said was taken from an earlier run.
    timed
        Whether the time it took is that of an answer: nothing was taken from an earlier run and no model was loaded.

    """

    read: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    gates: tuple[Admission, ...] = ()
    kept: bool = False
    timed: bool = True
    sure: int = 0


@dataclass(frozen=True, slots=True)
class Basis:
    """
    What a result rests on.

    Parameters
    ----------
    asked
        Digest of the question, what was said before it, its filter and its passages.
    wanted
        Digest of what the set wants of the answer.
    kind
        What the question was taken to ask for; empty in a run of retrieval alone.
    documents
        Digest of each file that was asked for, selected or cited.
    evidence
        Where the selected sentences stand (path, start, end), best first.
    answer
        Digest of the text of the answer, and of whether there was one.
    trace
        What went on.

    """

    asked: str
    wanted: str
    kind: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    evidence: tuple[tuple[str, int, int], ...] = ()
    answer: str = ""
    trace: Trace = field(default_factory=Trace)

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands in a report and in a baseline."""
        return {
            "asked": self.asked,
            "wanted": self.wanted,
            "kind": self.kind,
            "documents": dict(self.documents),
            "evidence": [list(place) for place in self.evidence],
            "answer": self.answer,
            "read": list(self.trace.read),
            "gates": [one.to_json() for one in self.trace.gates],
            "replies": [one.to_json() for one in self.trace.replies],
        }
