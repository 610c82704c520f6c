"""The method of `rag.RAG` that writes an answer as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.collections.owners import SHARED, Owner
from index.errors import CorpusError, RagError
from rag.receipts.checking import check
from rag.receipts.claims import Claim, answer_of
from rag.receipts.page import receipt, surroundings
from rag.receipts.types import Found

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.types import Document
    from rag.types import Answer


class Receipts:
    """Makes receipts of the answers of a `rag.RAG`."""

    if TYPE_CHECKING:

        def document(self, path: str, *, owner: Owner = SHARED) -> Document:
            """See `rag.RAG.document`."""

    def receipt(self, answer: Answer, *, language: str = "", owner: Owner = SHARED) -> str:
        """
        Return an answer as one HTML file for `rag verify`: quotes with the text around them, files, digests, models.

        Parameters
        ----------
        answer
            An answer of this `RAG`.
        language
            Language of the page's own words, ``de`` or ``en``; that of the answer if empty.
        owner
            Owner whose files count, see `ask`.

        Raises
        ------
        RagError
            A part of the answer does not hold: a document has changed since, or it is not an answer of this `RAG`.

        """
        opened = _Opened(lambda path: self.document(path, owner=owner))
        said = answer.to_json()
        report = check(Claim(answer=answer_of(said)), opened)
        wrong = [*report.of("broken"), *report.of("unknown")]
        if wrong:
            raise RagError(f"No receipt can be made: {wrong[0].what}.", hint="Ask again.")
        around = [surroundings(opened.known[one.path], one.start, one.end) for one in answer.citations]
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return receipt(said, around, made=made, language=language or answer.language)


class _Opened:
    """The documents of an open index."""

    def __init__(self, document: Callable[[str], Document]) -> None:
        self._document = document
        self.known: dict[str, Document] = {}

    def find(self, path: str, sha256: str) -> Found:
        """See `rag.receipts.types.Sources`."""
        try:
            found = self.known[path] = self._document(path)
        except CorpusError as error:
            return Found("missing", reason=error.message)
        return Found("same" if found.sha256 == sha256 else "changed", found)
