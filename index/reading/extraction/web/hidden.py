"""Remove from an HTML tree what a browser would not show, or would show illegibly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from index.reading.extraction.web.twins import keep_twins

if TYPE_CHECKING:
    from index.reading.extraction.web.styles import Sheets

_UNSEEN = set(
    "script style template noscript noframes svg canvas iframe frame object embed applet audio video map datalist "
    "textarea option optgroup link meta base param source track".split()
)
# No value continues behind a semicolon: a search that begins at each of many declarations must not run to the end of
# the last.
_WHITE = r"(?:#fff(?:fff)?(?:f{1,2})?|white|rgba?\(\s*255\s*,\s*255\s*,\s*255[^);]*\)|transparent|rgba\([^);]*,\s*0(?:\.0+)?\s*\))"
_ZERO = r"0(?:\.0+)?(?:px|pt|em|rem|%|vh|vw)?(?![\d.])"
# Declarations that hide an element, whatever the others say.
_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    rf"|opacity\s*:\s*{_ZERO}|font-size\s*:\s*(?:{_ZERO}|[01](?:\.\d+)?px)|font\s*:[^;]*?\b0(?:px|pt)?[ /]"
    rf"|(?:max-)?(?:height|width)\s*:\s*{_ZERO}"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top|right|bottom|margin-left|margin-top)\s*:\s*-\d{3,}(?:\.\d+)?(?:px|em|rem)"
    r"|clip\s*:\s*rect\(\s*(?:0|1)(?:px)?[ ,]|clip-path\s*:\s*inset\(\s*(?:50|100)%|transform\s*:\s*scale\(\s*0\s*\)"
    r"|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CELLS = {"td", "th"}
# A cell is as wide as its text, whatever its style says.
_SIZED = re.compile(rf"(?:max-)?(?:height|width)\s*:\s*{_ZERO}", re.IGNORECASE)
_WHITE_LETTERS = re.compile(rf"(?:^|;)\s*color\s*:\s*{_WHITE}\s*(?:;|!|$)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:", re.IGNORECASE)
_SIMPLE = re.compile(r"(?:[a-zA-Z][\w-]*)?([.#])([\w-]+)")


def drop_hidden(tree: Any, sheets: Sheets) -> None:
    """
    Remove what is hidden by its element, its attributes, its own style, or a plain rule of the page's style sheet.

    The text that follows a removed element stays. Rules with more than one class or id, and those that apply only to
    some screens, are ignored: scripts show much of what such rules hide. If content is there twice, once to be seen
    and once to be read aloud, one of the two is kept; see `index.reading.extraction.web.twins`.
    """
    from lxml.etree import iterwalk  # noqa: PLC0415 - an extra

    classes, ids = _hiding_names(sheets)
    doomed = keep_twins(tree, lambda element: _is_hidden(element, classes, ids, on_colour=True))
    remove(doomed)
    doomed = []
    coloured = 0  # number of elements with a background of their own around the current one, itself included
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            doomed.append(element)
            continue
        coloured += _has_background(element) * (1 if event == "start" else -1)
        if event == "start" and element is not tree and _is_hidden(element, classes, ids, on_colour=coloured > 0):
            doomed.append(element)
    remove(doomed)


def remove(doomed: list[Any]) -> None:
    """
    Remove elements; the text behind each stays.

    The children of a parent are removed in one sweep, because appending each tail to a growing text would be slow. A
    table cell is only emptied, unless it takes no place: without it, those to its right would move into its column.
    """
    for cell in (one for one in doomed if one.tag in _CELLS and not _takes_no_place(one)):
        tail, spans = cell.tail, {name: cell.get(name) for name in ("colspan", "rowspan") if cell.get(name)}
        cell.clear()
        cell.tail = tail
        cell.attrib.update(spans)
    doomed = [one for one in doomed if one.tag not in _CELLS or _takes_no_place(one)]
    among = set(doomed)  # by identity: lxml keeps one object per element as long as it is referenced
    for parent in dict.fromkeys(element.getparent() for element in doomed):
        kept = None
        tails: list[str] = []
        for child in list(parent):
            if child in among:
                tails.append(child.tail or "")
                parent.remove(child)
            elif tails:
                _append(parent, kept, tails)
                kept, tails = child, []
            else:
                kept = child
        _append(parent, kept, tails)


def _takes_no_place(cell: Any) -> bool:
    return "hidden" in cell.attrib or _NO_PLACE.search(cell.get("style", "")) is not None


def _append(parent: Any, kept: Any, tails: list[str]) -> None:
    """Put text behind the child that was kept last, or at the beginning of the parent if there is none."""
    text = "".join(tails)
    if not text:
        return
    if kept is None:
        parent.text = (parent.text or "") + text
    else:
        kept.tail = (kept.tail or "") + text


def _is_hidden(element: Any, classes: set[str], ids: set[str], *, on_colour: bool) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _UNSEEN:
        return True
    if tag in {"html", "body"}:  # if hidden, a script fades them in
        return False
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    if tag == "input" or (tag == "dialog" and "open" not in attributes):
        return True
    style = attributes.get("style", "")
    if style and tag in _CELLS:
        style = _SIZED.sub("", style)
    if style and (_HIDES.search(style) or (not on_colour and _WHITE_LETTERS.search(style))):
        return True
    if tag == "font" and not on_colour and re.fullmatch(_WHITE, attributes.get("color", ""), re.IGNORECASE):
        return True
    return attributes.get("id", "") in ids or not classes.isdisjoint(attributes.get("class", "").split())


def _has_background(element: Any) -> bool:
    style = element.get("style")
    return bool((style and _BACKGROUND.search(style)) or element.get("bgcolor"))


def _hiding_names(sheets: Sheets) -> tuple[set[str], set[str]]:
    """Return the classes and the ids that the page's own style sheets hide."""
    classes: set[str] = set()
    ids: set[str] = set()
    for selector, declarations in sheets.rules:
        if not _HIDES.search(declarations):
            continue
        for one in selector.split(","):
            if match := _SIMPLE.fullmatch(one.strip()):
                (classes if match[1] == "." else ids).add(match[2])
    return classes, ids
