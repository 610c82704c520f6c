"""Take out of an HTML tree what a browser would not show, or not so that anyone could read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSEEN = set(
    "script style template noscript svg math canvas iframe frame object embed applet audio video map datalist "
    "textarea option optgroup link meta base param source track".split()
)
_WHITE = r"(?:#fff(?:fff)?(?:f{1,2})?|white|rgba?\(\s*255\s*,\s*255\s*,\s*255[^)]*\)|transparent|rgba\([^)]*,\s*0(?:\.0+)?\s*\))"
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
_WHITE_LETTERS = re.compile(rf"(?:^|;)\s*color\s*:\s*{_WHITE}\s*(?:;|!|$)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_SIMPLE = re.compile(r"(?:[a-zA-Z][\w-]*)?([.#])([\w-]+)")
_MAX_CSS = 500_000  # characters; what comes after is not looked at


def drop_hidden(tree: Any) -> None:
    """
    Remove what is hidden by its element, its attributes, its own style, or a plain rule of the page's style sheet.

    The text that follows a removed element stays. Rules with more than one class or id, and those that hold only
    for some screens, are not looked at: a page shows with scripts what it hides without.
    """
    classes, ids = _hiding_names(tree)
    doomed = [element for element in tree.iter() if _is_hidden(element, classes, ids)]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _is_hidden(element: Any, classes: set[str], ids: set[str]) -> bool:
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
    if style and (_HIDES.search(style) or (_WHITE_LETTERS.search(style) and not _on_colour(element))):
        return True
    if tag == "font" and re.fullmatch(_WHITE, attributes.get("color", ""), re.IGNORECASE) and not _on_colour(element):
        return True
    return attributes.get("id", "") in ids or not classes.isdisjoint(attributes.get("class", "").split())


def _on_colour(element: Any) -> bool:
    """Tell whether the element or one around it has a background of its own."""
    return any(
        _BACKGROUND.search(one.get("style", "")) or one.get("bgcolor") for one in (element, *element.iterancestors())
    )


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
    sheet = _CSS_COMMENT.sub("", sheet)
    depth = 0
    start = 0
    for match in re.finditer(r"[{}]", sheet):
        if match.group() == "{":
            if depth == 0 and sheet[start : match.start()].lstrip().startswith("@"):
                depth = 1
            elif depth:
                depth += 1
        elif depth:
            depth -= 1
            start = match.end()
        else:
            if rule := _RULE.fullmatch(sheet, start, match.end()):
                yield rule[1].strip(), rule[2]
            start = match.end()
