"""The documents of an index as a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from index.types import Document

if TYPE_CHECKING:
    from collections.abc import Mapping


class Listed(Sequence[Document]):
    """
    The documents of an open index, by path; each is read when it is accessed, and none is kept in memory.

    Parameters
    ----------
    documents
        The documents of the index by path.

    """

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents
        self._paths = list(documents)

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, place: int) -> Document: ...

    @overload
    def __getitem__(self, place: slice) -> list[Document]: ...

    def __getitem__(self, place: int | slice) -> Document | list[Document]:
        if isinstance(place, slice):
            return [self._documents[path] for path in self._paths[place]]
        return self._documents[self._paths[place]]
