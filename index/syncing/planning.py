"""What has to be done to make a store the mirror of a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.formats import is_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The way from what is stored to what is there.

    Parameters
    ----------
    added, changed
        Documents to store.
    renamed
        Old path and document, of files that only have another name.
    retitled
        The same where passages and vectors depend on the name, and have to be made again.
    removed
        Paths of documents whose files are gone.
    unchanged
        How many stay as they are.
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
        """Paths under which nothing that is stored stays."""
        return (*self.removed, *(document.path for document in self.changed), *(old for old, _ in self.retitled))

    @property
    def fresh(self) -> tuple[Document, ...]:
        """Documents to cut and embed."""
        return (*self.added, *self.changed, *(document for _, document in self.retitled))


def plan(loaded: Sequence[Document], stored: Mapping[str, tuple[str, str]], *, pipeline: str) -> Plan:
    """
    Compare a folder's documents with what is stored.

    Parameters
    ----------
    loaded
        The folder's, in its order.
    stored
        SHA-256 of the file and title of each stored document, by path.
    pipeline
        Identifies the way from files to passages and terms.

    """
    present = {document.path: document for document in loaded}
    gone = {path: digest for path, (digest, _) in stored.items() if path not in present}
    moved: dict[str, list[str]] = {}  # by digest, the first path last
    for path, digest in reversed(gone.items()):
        moved.setdefault(digest, []).append(path)
    added: list[Document] = []
    renamed: list[tuple[str, Document]] = []
    retitled: list[tuple[str, Document]] = []
    for document in loaded:
        if document.path in stored:
            continue
        if not moved.get(document.sha256):
            added.append(document)
            continue
        old = moved[document.sha256].pop()
        # A title that was made of the file's name is part of what was embedded; the ending says how a text is read.
        same = stored[old][1] == document.metadata.title and is_markdown(old) == is_markdown(document.path)
        (renamed if same else retitled).append((old, document))
        del gone[old]
    changed = tuple(
        document for path, document in present.items() if path in stored and stored[path][0] != document.sha256
    )
    unchanged = len(loaded) - len(added) - len(renamed) - len(retitled) - len(changed)
    content = hashlib.sha256(pipeline.encode())
    for document in loaded:
        content.update(f"\n{document.path}\0{document.sha256}".encode())
    named = content.hexdigest()[:16]
    return Plan(tuple(added), changed, tuple(renamed), tuple(retitled), tuple(gone), unchanged, named)
