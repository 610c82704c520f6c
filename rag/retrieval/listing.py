"""A part of the list of documents, for clients that read it page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.retrieval.hybrid import admits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.protocols import Described
    from index.types import Document
    from rag.types import Filter


@dataclass(frozen=True, slots=True)
class Listing:
    """
    A part of a list.

    Parameters
    ----------
    total
        Number of documents in the whole list, after filtering.
    documents
        The documents in this part.
    next
        Offset of the next part; None at the end of the list.

    """

    total: int
    documents: tuple[Document | Described, ...]
    next: int | None


def part_of(
    documents: Sequence[Document | Described], restrict: Filter | None = None, *, offset: int, limit: int
) -> Listing:
    """
    Return a part of a list.

    Parameters
    ----------
    documents
        Documents of one collection, in the order in which they are listed.
    restrict
        Which of them count; all if None. Its collection is ignored.
    offset
        Number of documents to skip.
    limit
        Most documents in the part.

    """
    found = documents if restrict is None else [one for one in documents if admits(restrict, one)]
    end = offset + limit
    return Listing(len(found), tuple(found[offset:end]), end if end < len(found) else None)
