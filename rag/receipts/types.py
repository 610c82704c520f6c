"""What a check of an answer finds, and where it gets the texts that it compares with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from index.types import Document

Level = Literal["broken", "unknown", "unchecked"]
Verdict = Literal["holds", "broken", "unknown"]
State = Literal["same", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Found:
    """
    The file that a citation names, as it is now.

    Parameters
    ----------
    state
        ``same`` where it has the digest that the citation names, ``changed`` where it has another, ``missing`` where it
        is not there or cannot be read.
    document
        Its text and what is known of it; None where it is missing.
    reason
        Why it is missing, in one line.

    """

    state: State
    document: Document | None = None
    reason: str = ""


class Sources(Protocol):
    """Where the texts come from: a folder of files, or an open index."""

    def find(self, path: str, sha256: str) -> Found:
        """Return the document of a path; ``sha256`` is the digest that its file had."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Something that does not hold, cannot be told, or is not checked.

    Parameters
    ----------
    level
        ``broken``, ``unknown`` or ``unchecked``.
    where
        Part of the answer, as ``citations[0]``.
    what
        In one line.

    """

    level: Level
    where: str
    what: str

    def to_json(self) -> dict[str, str]:
        """Return the object that `rag verify --json` prints."""
        return {"level": self.level, "where": self.where, "what": self.what}


@dataclass(frozen=True, slots=True)
class Report:
    """
    What a check found.

    Parameters
    ----------
    quotes
        How many quotes the answer has.
    standing
        How many of them stand at their characters in the file whose digest is named.
    findings
        In the order of the answer.
    files
        State of each file, by its path.

    """

    quotes: int
    standing: int
    findings: tuple[Finding, ...]
    files: dict[str, State]

    @property
    def verdict(self) -> Verdict:
        """Whether all of it holds; what does not hold counts before what cannot be told."""
        levels = {finding.level for finding in self.findings}
        return "broken" if "broken" in levels else "unknown" if "unknown" in levels else "holds"

    def of(self, level: Level) -> tuple[Finding, ...]:
        """Return the findings of a level."""
        return tuple(finding for finding in self.findings if finding.level == level)

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag verify --json` prints."""
        return {
            "verdict": self.verdict,
            "quotes": self.quotes,
            "standing": self.standing,
            "findings": [finding.to_json() for finding in self.findings],
            "files": dict(self.files),
        }
