"""Dispatch each format to the module that reads it; each module loads the library it needs itself."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

from index.formats import PICTURE, PLUGGED, READERS
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from index.reading.extraction.types import Extract, FormatReader

_MODULES = {
    "html": "web.page",
    "pdf": "pdf",
    "docx": "word",
    "odt": "opendocument.text",
    "ods": "opendocument.sheets",
    "odp": "opendocument.slides",
    "pptx": "slides.presentation",
    "xlsx": "workbook",
    "csv": "sheets.delimited",
    "epub": "archives.book",
    "eml": "archives.mail",
}
RECOGNISE = "ocr "
LIBRARIES = {
    "html": ("lxml.html", "trafilatura", "trafilatura.metadata"),
    "pdf": ("pypdfium2",),
    "docx": ("docx", "lxml.etree"),
    "epub": ("lxml.html",),
    "eml": ("email", "lxml.html"),
    "ocr": ("pypdfium2", "PIL.Image", "PIL.ImageOps"),
} | dict.fromkeys(("odt", "ods", "odp", "pptx", "xlsx"), ("lxml.etree",))
"""Modules that are loaded before a file of a format is read, so that loading does not count towards its time."""


def extract(data: bytes, kind: str) -> Extract:
    """
    Read a file's text, in this process.

    Parameters
    ----------
    data
        The file's content.
    kind
        One of `index.formats.KINDS`; or ``ocr`` with what `index.reading.extraction.recognition.page` is to read of it.

    Raises
    ------
    ExtractionError
        If there is no text that can be read; the message says why.
    ValueError
        If there is no such kind.

    """
    if kind.startswith(RECOGNISE):
        from index.reading.extraction.recognition import page  # noqa: PLC0415 - with libraries that no other format needs

        return page.extract(data, kind.removeprefix(RECOGNISE))
    if kind == PICTURE:
        raise ExtractionError("a picture, which needs text recognition.", kind="no_recognition")
    if kind.startswith(PLUGGED):
        return _plugged(kind.removeprefix(PLUGGED))(data)
    if kind not in _MODULES:
        raise ValueError(f"no reader for {kind}")
    return cast("Extract", importlib.import_module(f"index.reading.extraction.{_MODULES[kind]}").extract(data))


def _plugged(name: str) -> FormatReader:
    """Return the reader that another package brings for a format."""
    for point in entry_points(group=READERS, name=name):
        return cast("FormatReader", point.load())
    raise ExtractionError(f"a .{name} file whose reader is no longer installed.", kind="missing_extra")
