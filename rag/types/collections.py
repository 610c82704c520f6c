"""The state of a collection of articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

CollectionStanding = Literal["ready", "not ready", "damaged"]


@dataclass(frozen=True, slots=True)
class CollectionState:
    """
    A collection: a folder of articles with an index.

    Parameters
    ----------
    name
        Name of the collection in questions; ``articles`` is the corpus.
    folder
        Folder of its articles.
    documents, passages
        Numbers of documents and passages in its index; 0 if the index is not ready.
    generation
        Grows with each change of the index; 0 if the index is not ready.
    standing
        ``ready``; ``not ready`` if indexing was never completed; ``damaged`` if the index cannot be read.
    what
        Why the collection cannot be asked, and what to do; empty if it can.

    """

    name: str
    folder: Path
    documents: int = 0
    passages: int = 0
    generation: int = 0
    standing: CollectionStanding = "ready"
    what: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag collections --json` prints."""
        return {
            "name": self.name,
            "folder": str(self.folder),
            "documents": self.documents,
            "passages": self.passages,
            "generation": self.generation,
            "standing": self.standing,
            "what": self.what,
        }
