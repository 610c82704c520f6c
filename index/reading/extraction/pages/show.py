"""Show a page of a PDF: a picture, and the places of the cited words. Runs in the process that reads files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.pages.drawing import picture, view_of
from index.reading.extraction.pages.glyphs import glyphs_of
from index.reading.extraction.pages.marking import marks
from index.reading.extraction.pages.types import Shown
from index.reading.extraction.pdf.labels import label_of
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from index.reading.extraction.pages.types import Wanted


def show(data: bytes, wanted: Wanted) -> Shown:
    """
    Read and draw one page. No other page of the file is looked at.

    Parameters
    ----------
    data
        The file, which has been read before: how much it unpacks to is not checked again.
    wanted
        Which page, and what is to be found on it.

    Raises
    ------
    ExtractionError
        If it is encrypted or damaged, or has no such page.

    """
    import pypdfium2  # noqa: PLC0415 - an extra

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted") from error
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it again.") from error
    try:
        if not 0 <= wanted.page < len(pdf):
            raise ExtractionError(f"there is no page {wanted.page + 1}; it has {len(pdf)}.", kind="no_page")
        pdf.init_forms()
        page = pdf[wanted.page]
        try:
            view = view_of(page)
            found = marks(glyphs_of(pdf, wanted.page), wanted.text, wanted.ranges, view.seen) if wanted.ranges else ()
            image, pixels = picture(page, view) if wanted.drawn else (b"", (0, 0))
            return Shown(len(pdf), label_of(pdf, wanted.page), view.width, view.height, found, image, pixels)
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it again.") from error
    finally:
        pdf.close()
