"""The methods of `rag.RAG` that show pages."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from index.collections.owners import SHARED, Owner
from index.collections.registry import PREFIX as COLLECTIONS
from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from index.formats import check_reader
from index.reading.extraction.pages.texts import pages_of, text_of_page
from index.reading.extraction.pages.types import Wanted
from index.reading.extraction.types import ExtractionError
from rag.pages.files import PDF, content_of, stamp_of
from rag.pages.memory import PageMemory
from rag.pages.types import PageImage
from rag.pages.warm import WarmProcess
from rag.types import PageMark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.reading.extraction.pages.types import Shown
    from index.types import Document
    from rag.runtime.answer_cache import AnswerMemory
    from rag.runtime.named_collections import NamedCollections
    from rag.runtime.owned_collections import OwnedUploads
    from rag.runtime.unions import Unions
    from rag.settings import Settings
    from rag.types import Answer, Citation

_Range = tuple[int, int]


class Pages:
    """Shows pages of the documents of a `rag.RAG`."""

    settings: Settings
    owned_uploads: OwnedUploads
    named_collections: NamedCollections
    _unions: Unions
    _memory: AnswerMemory

    if TYPE_CHECKING:

        def document(self, path: str, *, owner: Owner = SHARED) -> Document:
            """See `rag.RAG.document`."""

    def page_image(
        self,
        citation: Citation,
        *,
        page: int | None = None,
        others: Sequence[Citation] = (),
        owner: Owner = SHARED,
    ) -> PageImage:
        """
        Return the page of a PDF that a citation is on, as a picture, with the places of the cited words.

        The page is read and drawn in a process of its own with limits on time and memory; no other page is read.

        Parameters
        ----------
        citation
            A citation of an answer; if its document has changed since, it has rectangles only if its quote is still
            there.
        page
            Another page, counted from 1, such as the one before or after.
        others
            Further citations of the same document that are looked for on the page.
        owner
            Whose files are used; see `rag.RAG.ask`.

        Raises
        ------
        CorpusError
            It is not a PDF (``kind`` is ``no_page``), the file is gone or has changed since it was indexed
            (``page_gone``, ``page_changed``), there is no such page, or it cannot be shown within the bounds.

        """
        document = self.document(citation.path, owner=owner)
        ranges = [_now(document, one) for one in (citation, *others)]
        if page is not None:
            return self._page_image(document, page, ranges, owner)
        found = None
        for number in _pages(document, citation, ranges[0]):
            shown = self._page_image(document, number, ranges, owner)
            if shown.rectangles:
                return shown
            found = found or shown
        return found or self._page_image(document, citation.page or 1, ranges, owner)

    def located(self, answer: Answer, *, owner: Owner = SHARED) -> Answer:
        """
        Return an answer whose citations of PDFs have their rectangles on the pages.

        This reopens the files, which takes some hundredths of a second for each page. A citation whose file is gone or
        has changed stays as it is.
        """
        citations = tuple(self._located(one, owner) for one in answer.citations)
        return answer if citations == answer.citations else replace(answer, citations=citations)

    def _located(self, citation: Citation, owner: Owner) -> Citation:
        try:
            document = self.document(citation.path, owner=owner)
            if document.encoding != PDF:
                return citation
            where = _now(document, citation)
            found: list[PageMark] = []
            for number in _pages(document, citation, where):
                shown = self._shown(document, number, [where], owner, drawn=False)
                found += [
                    PageMark(number, one.left, one.top, one.right, one.bottom, shown.width, shown.height)
                    for one in shown.marks[0]
                ]
        except RagError:
            return citation
        return replace(citation, rectangles=tuple(sorted(found, key=lambda one: one.page)))

    def _page_image(self, document: Document, page: int, ranges: Sequence[_Range], owner: Owner) -> PageImage:
        shown = self._shown(document, page, ranges, owner, drawn=True)
        here = text_of_page(document, page)
        width, height = shown.pixels
        return PageImage(
            document.path,
            page,
            shown.pages,
            shown.label,
            shown.image,
            "image/png",
            width,
            height,
            shown.width,
            shown.height,
            shown.marks[0] if shown.marks else (),
            shown.marks[1:],
            document.text[here.start : here.end],
        )

    def _shown(self, document: Document, page: int, ranges: Sequence[_Range], owner: Owner, *, drawn: bool) -> Shown:
        if document.encoding != PDF:
            raise CorpusError(f"{document.path}: has no pages that could be shown.", kind="no_page")
        check_reader(".pdf")
        folder, file = self._file(document, owner)
        stamp = stamp_of(file, folder, document.path)
        here = text_of_page(document, page)
        within = tuple(
            (max(start, here.start) - here.start, min(end, here.end) - here.start)
            if max(start, here.start) < min(end, here.end)
            else (0, 0)
            for start, end in ranges
        )
        wanted = Wanted(page - 1, document.text[here.start : here.end], within, drawn=drawn)

        def make() -> Shown:
            data = content_of(file, folder, document)
            try:
                return self._page_process.show(data, wanted, f"pages {owner.digest}")
            except ExtractionError as error:
                kind = error.kind if error.kind == "no_page" else "page_failed"
                message = f"{document.path}: page {page} cannot be shown: {error.message}"
                raise CorpusError(message, hint=error.hint, kind=kind) from error

        return self._page_memory.get((owner, (document.sha256, stamp, page, within, drawn)), make)

    def _file(self, document: Document, owner: Owner) -> tuple[Path, Path]:
        if document.path.startswith(PREFIX):
            folder = self.owned_uploads.get(owner).files_folder
            return folder, folder / document.path.removeprefix(PREFIX)
        named = document.path.startswith(COLLECTIONS) and self.named_collections.registry.find(document.path)
        if named:
            return named[0].folder, named[0].folder / named[1]
        return self.settings.corpus, self.settings.corpus / document.path

    def _forget(self, owner: Owner) -> None:
        """Forget what is cached of an owner's files, some of which were removed."""
        self._unions.clear()
        self._memory.forget(owner)
        self._page_memory.forget(owner)

    @cached_property
    def _page_process(self) -> WarmProcess:
        return WarmProcess()

    @cached_property
    def _page_memory(self) -> PageMemory:
        return PageMemory()


def _now(document: Document, citation: Citation) -> _Range:
    """Return the range of a quote in the document as it is now, an empty range if it is not there."""
    start, end = citation.start, citation.end
    if document.text[start:end] == citation.quote:
        return start, end
    place = document.text.find(citation.quote) if citation.quote else -1
    return (place, place + len(citation.quote)) if place >= 0 else (0, 0)


def _pages(document: Document, citation: Citation, where: _Range) -> tuple[int, ...]:
    if where[0] < where[1]:
        return pages_of(document, *where)
    return (citation.page,) if citation.page else ()
