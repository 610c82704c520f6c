"""Read the styles of a workbook's cells: the number format, and whether a cell is bold or invisible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from index.reading.extraction.tables.number_format import BUILT_IN

if TYPE_CHECKING:
    from index.reading.extraction.archives.archive import Archive

_OFF = {"0", "false"}
_WHITE = "FFFFFFFF"
_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a cell: its number format, empty if it has none; bold; invisible, struck out or white on white."""

    code: str = ""
    bold: bool = False
    unseen: bool = False


PLAIN = Style()


def styles(archive: Archive, part: str) -> list[Style]:
    """Return the styles in the order of the numbers by which cells refer to them."""
    root = archive.xml(part)
    if root is None:
        return []
    codes = dict(BUILT_IN)
    for one in root.iter("{*}numFmt"):
        if (number := one.get("numFmtId", "")).isdecimal():
            codes[int(number)] = one.get("formatCode", "")
    fonts = [(_is_on(font, "b"), _is_on(font, "strike"), _is_white(font)) for font in _listed(root, "fonts")]
    filled = [fill.find("{*}patternFill[@patternType='solid']") is not None for fill in _listed(root, "fills")]
    found = []
    for cell in _listed(root, "cellXfs"):
        bold, struck, white = _at(fonts, cell.get("fontId"), (False, False, False))
        unseen = struck or (white and not _at(filled, cell.get("fillId"), False))  # noqa: FBT003
        number = cell.get("numFmtId", "0")
        found.append(Style(codes.get(int(number), "") if number.isdecimal() else "", bold, unseen))
    return found


def is_struck(run: Any) -> bool:
    """Tell whether a run of a rich text is struck out."""
    properties = run.find("{*}rPr")
    return properties is not None and _is_on(properties, "strike")


def _listed(root: Any, name: str) -> list[Any]:
    found = root.find(f"{{*}}{name}")
    return [] if found is None else list(found)


def _is_on(element: Any, name: str) -> bool:
    found = element.find(f"{{*}}{name}")
    return found is not None and found.get("val", "1") not in _OFF


def _is_white(font: Any) -> bool:
    colour = font.find("{*}color")
    return colour is not None and colour.get("rgb", "").upper() == _WHITE


def _at(entries: list[_Entry], place: str | None, default: _Entry) -> _Entry:
    return entries[int(place)] if place and place.isdecimal() and int(place) < len(entries) else default
