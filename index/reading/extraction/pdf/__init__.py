"""
Extract text from PDF, in the order in which a person reads the page.

Words are read with their places (`letters`); struck-out words are removed and values of forms are added (`struck`,
`forms`). Words become lines (`lines`) and tables (`ruled`, `tables`), columns are read one after the other
(`regions`), running heads are removed (`running`), and lines become paragraphs, each followed by its footnotes
(`paragraphs`).
"""

from __future__ import annotations

from index.reading.extraction.archives.flate import unpacks_to_too_much
from index.reading.extraction.pdf.about import about
from index.reading.extraction.pdf.arranging.order import ordered
from index.reading.extraction.pdf.budget import Budget
from index.reading.extraction.pdf.labels import labels_of
from index.reading.extraction.pdf.layout.paragraphs import paragraphs
from index.reading.extraction.pdf.page import read
from index.reading.extraction.pdf.written import written
from index.reading.extraction.types import Extract, ExtractionError

__all__ = ["MAX_PAGES", "extract"]

MAX_PAGES = 3000


def extract(data: bytes) -> Extract:
    """
    Read a PDF.

    Raises
    ------
    ExtractionError
        If it is encrypted or damaged, has too many pages or no text, or its text is gibberish.

    """
    import pypdfium2  # noqa: PLC0415 - an extra

    if unpacks_to_too_much(data):
        raise ExtractionError("a PDF that unpacks to far more than it should; it is not opened.", kind="bomb")
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted") from error
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it again.") from error
    try:
        if len(pdf) > MAX_PAGES:
            raise ExtractionError(
                f"more than {MAX_PAGES} pages ({len(pdf)}).", hint="Split the file.", kind="too_large"
            )
        pdf.init_forms()
        budget = Budget()
        pages = [read(pdf, number, budget) for number in range(len(pdf))]
        said = about(pdf, data)
        labels = labels_of(pdf, len(pdf))
    except pypdfium2.PdfiumError as error:
        raise ExtractionError("a damaged PDF.", hint="Open it in a viewer and save it again.") from error
    finally:
        pdf.close()
    order = ordered(pages)
    found = written(paragraphs(order.blocks, order.notes, order.usual), order.usual)
    if not found.text:
        raise ExtractionError("a PDF without text that could be read.", kind="no_text")
    return Extract(
        found.text,
        found.pages,
        unread=order.unread,
        blocks=found.blocks,
        scanned=order.scanned,
        labels=labels[: len(found.pages)],
        **said,
    )
