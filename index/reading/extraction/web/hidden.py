"""Take out of an HTML tree what a browser would not show, or not so that anyone could read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSEEN = set(
    "script style template noscript noframes svg canvas iframe frame object embed applet audio video map datalist "
    "textarea option optgroup link meta base param source track".split()
)
# No value goes on behind a semicolon: a search that begins at each of many declarations must not end only with the
# last.
_WHITE = r"(?:#fff(?:fff)?(?:f{1,2})?|white|rgba?\(\s*255\s*,\s*255\s*,\s*255[^);]*\)|transparent|rgba\([^);]*,\s*0(?:\.0+)?\s*\))"
_ZERO = r"0(?:\.0+)?(?:px|pt|em|rem|%|vh|vw)?(?![\d.])"
# What hides, whatever else a declaration says.
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
_AT_RULE = re.compile(r"\s*@")
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_SIMPLE = re.compile(r"(?:[a-zA-Z][\w-]*)?([.#])([\w-]+)")
_MAX_CSS = 500_000  # characters; what comes after is not looked at


def drop_hidden(tree: Any) -> None:
    """
    Remove what is hidden by its element, its attributes, its own style, or a plain rule of the page's style sheet.

    The text that follows a removed element stays. Rules with more than one class or id, and those that hold only
    for some screens, are not looked at: a page shows with scripts what it hides without.
    """
    from lxml.etree import iterwalk  # noqa: PLC0415 - an extra

    classes, ids = _hiding_names(tree)
    doomed: list[Any] = []
    coloured = 0  # elements around the one at hand, itself among them, with a background of their own
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            doomed.append(element)
            continue
        coloured += _has_ground(element) * (1 if event == "start" else -1)
        if event == "start" and element is not tree and _is_hidden(element, classes, ids, on_colour=coloured > 0):
            doomed.append(element)
    remove(doomed)


def remove(doomed: list[Any]) -> None:
    """
    Take elements out; the text behind each stays.

    Of each parent in one sweep, since each tail alone would be put behind a text that grows. The cell of a table is
    only emptied, unless it takes no place: without it, those to the right would stand in its column.
    """
    for cell in (one for one in doomed if one.tag in _CELLS and not _takes_no_place(one)):
        tail, spans = cell.tail, {name: cell.get(name) for name in ("colspan", "rowspan") if cell.get(name)}
        cell.clear()
        cell.tail = tail
        cell.attrib.update(spans)
    doomed = [one for one in doomed if one.tag not in _CELLS or _takes_no_place(one)]
    among = set(doomed)  # the elements themselves: lxml has one object for each as long as it is held
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
    """Put text behind the child that was kept last, at the beginning of its parent where there is none."""
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
    if tag in {"html", "body"}:  # what a script fades in
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


def _has_ground(element: Any) -> bool:
    style = element.get("style")
    return bool((style and _BACKGROUND.search(style)) or element.get("bgcolor"))


def _hiding_names(tree: Any) -> tuple[set[str], set[str]]:
    """Return the classes and the ids that the page's own style sheets hide."""
    classes: set[str] = set()
    ids: set[str] = set()
    for sheet in tree.iter("style"):
        for selector, declarations in _rules((sheet.text or "")[:_MAX_CSS]):
            if not _HIDES.search(declarations):
                continue
            for one in selector.split(","):
                if match := _SIMPLE.fullmatch(one.strip()):
                    (classes if match[1] == "." else ids).add(match[2])
    return classes, ids


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selector and declarations of the rules that always hold."""
    sheet = _without_comments(sheet)
    depth = 0
    start = 0
    looked_at = -1  # where it was looked whether a rule holds only for some screens: once for each beginning
    for match in re.finditer(r"[{}]", sheet):
        if match.group() == "{":
            if depth:
                depth += 1
            elif looked_at != start:
                looked_at = start
                depth = 1 if _AT_RULE.match(sheet, start, match.start()) else 0
        elif depth:
            depth -= 1
            start = match.end()
        else:
            if rule := _RULE.fullmatch(sheet, start, match.end()):
                yield rule[1].strip(), rule[2]
            start = match.end()


def _without_comments(sheet: str) -> str:
    """Return a style sheet without its comments; one that is never closed hides what follows it, as in a browser."""
    parts: list[str] = []
    start = 0
    while (opened := sheet.find("/*", start)) >= 0:
        parts.append(sheet[start:opened])
        closed = sheet.find("*/", opened + 2)
        if closed < 0:
            return "".join(parts)
        start = closed + 2
    return "".join((*parts, sheet[start:]))
