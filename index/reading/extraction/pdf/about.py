"""Read what a PDF says about itself: its entries (Info), and its metadata in XML (XMP)."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from index.reading.extraction.writer import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_PACKET = re.compile(rb"<x:xmpmeta\b.{1,200000}?</x:xmpmeta>", re.DOTALL)
_DC = "{http://purl.org/dc/elements/1.1/}"
_PRISM = ("{http://prismstandard.org/namespaces/basic/2.0/}", "{http://prismstandard.org/namespaces/basic/3.0/}")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PUBLISHED = ("publicationDate", "coverDate", "onlineDate")
_LONGEST_LANGUAGE = 64  # bytes


def about(pdf: Any, data: bytes) -> dict[str, Any]:
    """
    Return the fields of an `index.reading.extraction.types.Extract` that the metadata of a PDF states.

    Parameters
    ----------
    pdf
        The document of pypdfium2.
    data
        The file.

    """
    entries = pdf.get_metadata_dict()
    said = _xmp(data)
    authors = said.get("creator") or [entries.get("Author", "")]
    published = next((day for name in _PUBLISHED for day in said.get(name, ())), "")
    made = _DATE.match(entries.get("CreationDate", "") or entries.get("ModDate", ""))
    return {
        "title": clean(entries.get("Title", "")) or next(iter(said.get("title", ())), ""),
        "authors": tuple(filter(None, map(clean, authors))),
        "source": next(iter(said.get("publicationName", ())), ""),
        "url": next((one for name in ("url", "identifier") for one in said.get(name, ()) if "://" in one), ""),
        "date": published or (_iso(made) if made else ""),
        "dated_by_file": bool(made) and not published,
        "language": _language(pdf) or next(iter(said.get("language", ())), ""),
    }


def _iso(day: re.Match[str]) -> str:
    try:
        return date(int(day[1]), int(day[2]), int(day[3])).isoformat()
    except ValueError:
        return ""


def _language(pdf: Any) -> str:
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    if not hasattr(raw, "FPDFCatalog_GetLanguage"):
        return ""
    import ctypes  # noqa: PLC0415 - only here

    buffer = ctypes.create_string_buffer(_LONGEST_LANGUAGE)
    size = raw.FPDFCatalog_GetLanguage(pdf, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), _LONGEST_LANGUAGE)
    said = buffer.raw[: max(0, size - 2)].decode("utf-16-le", "replace") if 2 < size <= _LONGEST_LANGUAGE else ""
    return clean(said)


def _xmp(data: bytes) -> dict[str, list[str]]:
    """Return the values of the last packet of XML, by their names; empty if it is compressed or cannot be read."""
    start = data.rfind(b"<x:xmpmeta")
    packet = _PACKET.match(data, start) if start >= 0 else None
    if packet is None:
        return {}
    from index.reading.extraction.archives.archive import parse  # noqa: PLC0415 - few files have one
    from index.reading.extraction.types import ExtractionError  # noqa: PLC0415

    try:
        root = parse(packet[0], "pdf")
    except (ExtractionError, ImportError):
        return {}
    found: dict[str, list[str]] = {}
    for namespace in (_DC, *_PRISM):
        for description in root.iter(f"{_RDF}Description"):
            for name, value in description.attrib.items():
                if name.startswith(namespace) and value.strip():
                    found.setdefault(name.removeprefix(namespace), []).append(clean(value))
        for element in root.iter(f"{namespace}*"):
            found.setdefault(element.tag.removeprefix(namespace), []).extend(_values(element))
    return found


def _values(element: Any) -> Iterator[str]:
    for one in element.iter():
        text = clean(one.text or "")
        if text:
            yield text
