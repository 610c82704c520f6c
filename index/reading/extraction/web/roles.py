"""Make tables of elements that are tables only by their roles or their styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.reading.extraction.web.styles import Sheets

_ROLES = {
    "table": "table", "grid": "table", "treegrid": "table", "row": "tr", "cell": "td", "gridcell": "td",
    "columnheader": "th", "rowheader": "th",
}  # fmt: skip
_DISPLAYS = {"table": "table", "table-row": "tr", "table-cell": "td"}
_TABLES = frozenset("table thead tbody tfoot tr td th caption".split())
_LEAST = 2  # rows, and cells in each; with fewer, it only puts two parts of a page side by side


def make_tables(tree: Any, sheets: Sheets) -> None:
    """Rename elements that form tables only by their roles or styles to those of HTML tables."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in _TABLES and _part(element, sheets) == "table":
            _make(element, sheets)


def _part(element: Any, sheets: Sheets) -> str:
    """Return the tag for the part of a table that an element is, empty if it is none."""
    role = element.get("role", "").strip().lower()
    if role or element.tag in _TABLES:
        return _ROLES.get(role, element.tag if element.tag in _TABLES else "")
    return _DISPLAYS.get(sheets.style(element, "display"), "")


def _make(table: Any, sheets: Sheets) -> None:
    rows = [one for one in table.iterdescendants() if isinstance(one.tag, str) and _part(one, sheets) == "tr"]
    cells = [
        [(one, part) for one in row if isinstance(one.tag, str) and (part := _part(one, sheets)) in {"td", "th"}]
        for row in rows
    ]
    if sum(len(row) >= _LEAST for row in cells) < _LEAST or any(one.tag in _TABLES for one in table.iterdescendants()):
        return
    for row, inside in zip(rows, cells, strict=True):
        for cell, part in inside:
            cell.tag = part
            for name in ("colspan", "rowspan"):
                if said := cell.get(f"aria-{name}"):
                    cell.set(name, said)
        row.tag = "tr"
    for one in list(table.iterdescendants()):
        if isinstance(one.tag, str) and one.tag == "tr" and (around := one.getparent()) is not table:
            around.tag = "tbody"
    table.tag = "table"
