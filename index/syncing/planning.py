"""Find out what has to be done to make a store mirror a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.formats import is_markdown
from index.syncing.seen import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document


class ChangedMeanwhileError(Exception):
    """The index has changed since its folder was read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The changes that lead from what is stored to what the folder holds.

    Parameters
    ----------
    added, changed
        Documents to store.
    renamed
        Old path and document of files that only have another name.
    retitled
        The same for files whose passages and vectors depend on the name, and have to be made again.
    removed
        Paths of documents whose files are gone.
    unchanged
        Number of documents that stay as they are.
    content
        See `index.storage.manifest.Manifest`.

    """

    added: tuple[Document, ...]
    changed: tuple[Document, ...]
    renamed: tuple[tuple[str, Document], ...]
    retitled: tuple[tuple[str, Document], ...]
    removed: tuple[str, ...]
    unchanged: int
    content: str

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.added or self.changed or self.renamed or self.retitled or self.removed)

    @property
    def outdated(self) -> tuple[str, ...]:
        """Paths whose stored documents do not stay."""
        return (*self.removed, *(document.path for document in self.changed), *(old for old, _ in self.retitled))

    @property
    def fresh(self) -> tuple[Document, ...]:
        """Documents to divide into passages and embed."""
        return (*self.added, *self.changed, *(document for _, document in self.retitled))


def plan(loaded: Sequence[Document | Unread], stored: Mapping[str, tuple[str, str]], *, pipeline: str) -> Plan:
    """
    Compare a folder's documents with what is stored.

    Parameters
    ----------
    loaded
        The folder's documents, in its order.
    stored
        SHA-256 of the file and title of each stored document, by path.
    pipeline
        Identifies the pipeline from files to passages and terms.

    Raises
    ------
    ChangedMeanwhileError
        A document that was not read is not stored.

    """
    present = {document.path: document for document in loaded}
    gone = {path: digest for path, (digest, _) in stored.items() if path not in present}
    moved: dict[str, list[str]] = {}  # paths by digest, with the first path at the end
    for path, digest in reversed(gone.items()):
        moved.setdefault(digest, []).append(path)
    added: list[Document] = []
    renamed: list[tuple[str, Document]] = []
    retitled: list[tuple[str, Document]] = []
    for document in map(_read, (one for one in loaded if one.path not in stored)):
        if not moved.get(document.sha256):
            added.append(document)
            continue
        old = moved[document.sha256].pop()
        # A title derived from the file's name is part of what was embedded; the suffix says how a text is read.
        same = stored[old][1] == document.metadata.title and is_markdown(old) == is_markdown(document.path)
        (renamed if same else retitled).append((old, document))
        del gone[old]
    changed = tuple(_read(one) for path, one in present.items() if path in stored and stored[path][0] != one.sha256)
    unchanged = len(loaded) - len(added) - len(renamed) - len(retitled) - len(changed)
    content = "".join([pipeline, *(f"\n{one.path}\0{one.sha256}" for one in loaded)])
    named = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Plan(tuple(added), changed, tuple(renamed), tuple(retitled), tuple(gone), unchanged, named)


def _read(one: Document | Unread) -> Document:
    if isinstance(one, Unread):
        raise ChangedMeanwhileError
    return one
