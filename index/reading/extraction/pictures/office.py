"""Count the pictures of Word documents and presentations; OpenDocument files share some of the functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from index.reading.extraction.pictures.counting import Pictures

_PER_POINT = 12_700  # English Metric Units
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LENGTH = re.compile(r"([\d.]{1,12})\s*(pt|mm|cm|in|px|pc)?")
_POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "px": 0.75, "pc": 12.0, None: 0.75}


def of_word(body: Any, pictures: Pictures, *, left_out: Collection[str]) -> None:
    """Count the pictures of a Word document, except those in elements whose names are ``left_out``."""
    for element in kept(body, left_out):
        name = name_of(element)
        if name == "pic":
            of_drawing(element, pictures)
        elif name == "imagedata":  # written by earlier versions
            shape = element.getparent()
            style = dict(part.partition(":")[::2] for part in shape.get("style", "").replace(" ", "").split(";"))
            size = size_of(style.get("width", ""), style.get("height", ""))
            pictures.add(element.get(f"{_R}id", element), size=size, words=shape.get("alt", ""))


def of_drawing(picture: Any, pictures: Pictures, *, part: str = "") -> None:
    """Count a picture of DrawingML, in a document or on a slide; names of pictures are unique within one ``part``."""
    about = list(picture.iterfind("*/{*}cNvPr"))
    frame = next((one for one in picture.iterancestors() if name_of(one) in {"inline", "anchor"}), None)
    if frame is not None:
        about += frame.iterfind("{*}docPr")
    if any(
        name_of(mark) == "decorative" and mark.get("val", "1") not in {"0", "false"}
        for one in about
        for mark in one.iter()
    ):
        return
    extent = picture.find("{*}spPr/{*}xfrm/{*}ext")
    if extent is None and frame is not None:
        extent = frame.find("{*}extent")
    blip = picture.find("{*}blipFill/{*}blip")
    which = None if blip is None else blip.get(f"{_R}embed") or blip.get(f"{_R}link")
    words = next((said for one in about if (said := one.get("descr", "").strip())), "")
    pictures.add((part, which) if which else picture, size=_extent(extent), words=words)


def kept(root: Any, left_out: Collection[str]) -> Iterator[Any]:
    """Yield an element and those below it, without those whose names are ``left_out`` and their content."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str) and element.tag not in left_out:
            yield element
            waiting += reversed(list(element))


def name_of(element: Any) -> str:
    """Return the name of an element without its namespace, empty for a comment."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _extent(element: Any) -> tuple[float, float] | None:
    try:
        return None if element is None else (int(element.get("cx")) / _PER_POINT, int(element.get("cy")) / _PER_POINT)
    except (TypeError, ValueError):
        return None


def size_of(width: str, height: str) -> tuple[float, float] | None:
    """Return two lengths with units in points; None if one of them is not a length."""
    found = [_LENGTH.fullmatch(one.strip()) for one in (width, height)]
    try:
        sides = [float(one[1]) * _POINTS[one[2]] for one in found if one is not None]
    except ValueError:
        return None
    return (sides[0], sides[1]) if len(sides) == 2 else None
