"""Write the numbers that a browser shows before the items of numbered lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from index.reading.extraction.list_numbers import letters, roman

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.reading.extraction.web.styles import Sheets

_NUMBER = re.compile(r"\s*([+-]?\d{1,9})")
_BLOCKS = ("p", "div", "span", "a", "b", "strong", "em", "i", "h2", "h3", "h4", "h5", "h6")
_KINDS: dict[str, Callable[[int], str]] = {
    "a": letters,
    "A": lambda number: letters(number).upper(),
    "i": roman,
    "I": lambda number: roman(number).upper(),
    "lower-alpha": letters,
    "lower-latin": letters,
    "upper-alpha": lambda number: letters(number).upper(),
    "upper-latin": lambda number: letters(number).upper(),
    "lower-roman": roman,
    "upper-roman": lambda number: roman(number).upper(),
    "decimal-leading-zero": lambda number: f"{number:02}",
}
_BULLETS = {"none", "disc", "circle", "square"}
# Navigation that shows the reader's place in a site: not a list, though it is made of one.
_PATH = re.compile(r"breadcrumb|brotkrumen|pagination|stepper|carousel", re.IGNORECASE)


def number_items(tree: Any, sheets: Sheets) -> None:
    """Write the numbers of all numbered lists into their items."""
    for one in tree.iter("ol"):
        if not _PATH.search(f"{one.get('class', '')} {one.get('id', '')} {one.get('aria-label', '')}"):
            _number(one, sheets)


def _number(listed: Any, sheets: Sheets) -> None:
    items = [one for one in listed if one.tag == "li"]
    backwards = "reversed" in listed.attrib
    number = _said(listed, "start", len(items) if backwards else 1)
    of_list = _style(listed, sheets)
    for item in items:
        number = _said(item, "value", number)
        own = _style(item, sheets) or of_list
        kind = own or item.get("type") or listed.get("type") or "1"
        if kind not in _BULLETS:
            _lead(item, f"{_KINDS.get(kind, str)(number)}. ")
        number += -1 if backwards else 1


def _style(element: Any, sheets: Sheets) -> str:
    """Return the kind of number that an element's style asks for, empty if it asks for none."""
    said = sheets.style(element, "list-style").split()
    return next((word for word in said if word in _KINDS or word in _BULLETS or word == "decimal"), "")


def _said(element: Any, name: str, default: int) -> int:
    found = _NUMBER.match(element.get(name, ""))
    return int(found[1]) if found else default


def _lead(item: Any, label: str) -> None:
    """Put a number before the first text of an item."""
    if not any(part.strip() for part in item.itertext()):
        return
    place = item
    while not (place.text or "").strip() and len(place) and place[0].tag in _BLOCKS:
        place = place[0]
    if (place.text or "").strip() or not len(place) or place[0].tag not in {"ol", "ul", "table"}:
        place.text = label + (place.text or "").lstrip()
