"""What a question's result rests on, as digests and figures kept with the result, so that runs can be told apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

DIGITS = 16  # length of a digest: a set has thousands of questions at most


def digest(*parts: Any) -> str:
    """Return a digest of anything that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What the language model replied to one prompt.

    Parameters
    ----------
    key
        Digest of everything that the reply depends on: the model, its runtime, precision and instruction set, and every
        character of the prompt.
    preferences
        Probabilities of the first words, if those were asked for.
    pieces
        The text, in the pieces in which it came, if a text was asked for.

    """

    key: str
    preferences: tuple[float, ...] | None = None
    pieces: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that a report contains."""
        said = {"pieces": list(self.pieces)} if self.pieces is not None else {}
        sure = {"preferences": list(self.preferences)} if self.preferences is not None else {}
        return {"key": self.key, **sure, **said}

    @classmethod
    def of_json(cls, data: Any) -> Reply:
        """Read the JSON object back; raises KeyError, TypeError or ValueError if it is something else."""
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
        Probability that there is an answer; None if a plug-in gives none.
    needed
        The probability that is needed to admit an answer.
    admitted
        Whether the gate admitted an answer.
    share
        Share of the draft's words that the place holds; 1 before there is a draft.

    """

    probability: float | None
    needed: float
    admitted: bool
    share: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that a report contains."""
        chance = None if self.probability is None else round(self.probability, 4)
        return {"probability": chance, "needed": round(self.needed, 4), "admitted": self.admitted}


@dataclass(frozen=True, slots=True)
class Trace:
    """
    What happened while a question was answered.

    Parameters
    ----------
    read
        Digests of what the model was given to read.
    replies
        The model's replies, in order.
    gates
        Decisions of the gate, in order.
    sure
        Number of parts of the question that the small reader answered, for which no gate was asked.
    kept
        Whether all of the model's replies were taken from an earlier run.
    timed
        Whether the time is that of a full answer: no reply was taken from an earlier run and no model was loaded.

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
        Digest of the question, the conversation before it, its filter and its passages.
    wanted
        Digest of what the set expects of the answer.
    kind
        The kind that the question was taken for; empty in a run of retrieval alone.
    documents
        Digest of each file that the set names as a source, or that was selected or cited.
    evidence
        Where the selected sentences stand (path, start, end), best first.
    answer
        Digest of the text of the answer, and of whether there was one.
    trace
        What happened while the question was answered.

    """

    asked: str
    wanted: str
    kind: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    evidence: tuple[tuple[str, int, int], ...] = ()
    answer: str = ""
    trace: Trace = field(default_factory=Trace)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that a report and a baseline contain."""
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
