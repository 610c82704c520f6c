"""What a check of an answer finds, and where it gets the texts to compare with."""

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
        ``same`` if it has the digest that the citation names, ``changed`` if it has another, ``missing`` if it does not
        exist or cannot be read.
    document
        Its text and what is known about it; None if it is missing.
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
    Something that does not hold, cannot be determined, or is not checked.

    Parameters
    ----------
    level
        ``broken``, ``unknown`` or ``unchecked``.
    where
        Part of the answer, such as ``citations[0]``.
    what
        What was found, in one line.

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
        Number of quotes in the answer.
    standing
        Number of quotes that stand at their characters in the file whose digest is named.
    findings
        In the order of the answer.
    files
        State of each file, by path.

    """

    quotes: int
    standing: int
    findings: tuple[Finding, ...]
    files: dict[str, State]

    @property
    def verdict(self) -> Verdict:
        """Whether everything holds; ``broken`` takes precedence over ``unknown``."""
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
