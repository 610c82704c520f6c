"""The pictures of OpenDocument files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import DRAW, OFFICE, TEXT
from index.reading.extraction.pictures.office import kept, name_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.reading.extraction.pictures.counting import Pictures

_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_NOT_SHOWN = {f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}forms"}


def of_open_document(parts: Iterable[Any], pictures: Pictures) -> None:
    """Count the pictures among the elements of an OpenDocument file, except previews of embedded objects."""
    for part in parts:
        for element in kept(part, _NOT_SHOWN):
            image = element.find(f"{DRAW}image") if element.tag == f"{DRAW}frame" else None
            if image is None or any(name_of(one).startswith("object") for one in element):
                continue
            words = " ".join(element.findtext(f"{_SVG}{name}") or "" for name in ("title", "desc"))
            size = size_of(element.get(f"{_SVG}width", ""), element.get(f"{_SVG}height", ""))
            pictures.add(image.get(_XLINK, image), size=size, words=words)
