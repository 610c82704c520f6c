"""Apply the style sheets of a page to its elements, as far as they change what is read: a few plain selectors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CSS = 500_000  # characters of all sheets together; the rest is not looked at
_MAX_SELECTOR, _MAX_DECLARATIONS = 2_000, 4_000
_MOST_OF_ONE_NAME = 20  # rules that are looked at for one class, identifier or tag: the last ones
_MOST_STEPS = 60  # elements around one that are looked at
_RELEVANT = re.compile(r"text-decoration|vertical-align|list-style|display\s*:\s*table", re.IGNORECASE)
_EVERYWHERE = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*(?:,\s*(?:screen|all|print)\s*)*", re.IGNORECASE)
_COMPOUND = re.compile(r"(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)")
_NAMES = re.compile(r"([.#])([\w-]+)")
_STEPS = re.compile(r"\s*(>)\s*|\s+")
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Compound:
    """Conditions on an element: tag (empty for any), identifiers, classes, and whether it must be a direct parent."""

    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    parent: bool = False

    def fits(self, element: Any) -> bool:
        return (
            isinstance(element.tag, str)
            and (not self.tag or element.tag == self.tag)
            and (not self.ids or self.ids <= {element.get("id", "")})
            and (not self.classes or self.classes <= set(element.get("class", "").split()))
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    weight: tuple[int, int, int, int]  # identifiers, classes, tags, and the place in the file
    last: _Compound
    around: tuple[_Compound, ...]  # from the inside out
    declarations: dict[str, tuple[bool, str]]


class Sheets:
    """
    The style sheets of a page. Rules that apply only to some screens, and other kinds of selectors, are ignored.

    Parameters
    ----------
    tree
        The page, with its ``style`` elements still in it.

    """

    def __init__(self, tree: Any) -> None:
        self.rules: list[tuple[str, str]] = []
        left = _MAX_CSS
        for sheet in tree.iter("style"):
            text = (sheet.text or "")[:left]
            left -= len(text)
            self.rules += rules(text)
        # By property, then by the class, identifier or tag that the element must have.
        self._found: dict[str, dict[str, list[_Rule]]] = {}
        for place, (selector, declarations) in enumerate(self.rules):
            if _RELEVANT.search(declarations):
                found = _declared(declarations)
                for one in selector.split(","):
                    if (rule := _read(one.strip(), place, found)) is not None:
                        for name in found:
                            self._found.setdefault(name, {}).setdefault(_name(rule.last), []).append(rule)

    def style(self, element: Any, name: str) -> str:
        """Return the value of a property from an element's own style or from a rule, empty if neither states it."""
        own = element.get("style")
        if own and name in own.lower():
            said = _declared(own).get(name)
            if said is not None:
                return said[1]
        known = self._found.get(name)
        if not known:
            return ""
        names = [element.tag, "*", f"#{element.get('id', '')}"]
        names += [f".{one}" for one in element.get("class", "").split()]
        fitting = [
            rule
            for key in names
            if key in known
            for rule in known[key][-_MOST_OF_ONE_NAME:]
            if rule.last.fits(element) and _stands_in(element, rule.around)
        ]
        if not fitting:
            return ""
        return max(fitting, key=lambda rule: (rule.declarations[name][0], rule.weight)).declarations[name][1]


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selector and declarations of the rules that always apply."""
    sheet = _without_comments(sheet)
    start, skipped, selector = 0, 0, ""
    nested = False
    for match in re.finditer(r"[{};]", sheet):
        sign, place = match.group(), match.start()
        if skipped:  # within a block that applies only to some screens, or within a nested rule
            skipped += {"{": 1, "}": -1, ";": 0}[sign]
            start = match.end() if not skipped and not selector else start
        elif sign == "{" and selector:
            skipped, nested = 1, True
        elif sign == "{":
            before = sheet[start : min(place, start + _MAX_SELECTOR)].strip()
            if before.startswith("@"):
                skipped = 0 if _EVERYWHERE.fullmatch(before) else 1
            elif before and place - start < _MAX_SELECTOR:
                selector, nested = before, False
            else:
                skipped = 1
            start = match.end()
        elif sign == "}":
            if selector and not nested and place - start <= _MAX_DECLARATIONS:
                yield selector, sheet[start:place]
            selector, start = "", match.end()
        elif not selector and sheet[start : start + 40].lstrip().startswith("@"):
            start = match.end()  # "@charset ...;"


def _without_comments(sheet: str) -> str:
    """Return a style sheet without its comments; an unclosed one hides everything after it, as in a browser."""
    parts: list[str] = []
    start = 0
    while (opened := sheet.find("/*", start)) >= 0:
        parts.append(sheet[start:opened])
        closed = sheet.find("*/", opened + 2)
        if closed < 0:
            return "".join(parts)
        start = closed + 2
    return "".join((*parts, sheet[start:]))


def _declared(declarations: str) -> dict[str, tuple[bool, str]]:
    """
    Return whether each property is important, and its value, by the property's name.

    "text-decoration-line" counts as "text-decoration", "list-style-type" as "list-style".
    """
    found: dict[str, tuple[bool, str]] = {}
    for one in declarations[:_MAX_DECLARATIONS].split(";"):
        name, colon, said = one.partition(":")
        name = name.strip().lower().removesuffix("-line").removesuffix("-type")
        mark = _IMPORTANT.search(said)
        if colon and (mark or not found.get(name, (False, ""))[0]):
            found[name] = mark is not None, said[: mark.start() if mark else len(said)].strip().lower()
    return found


def _read(selector: str, place: int, declarations: dict[str, tuple[bool, str]]) -> _Rule | None:
    """Return a rule for a selector of tags, classes and identifiers, nested or not; None for any other selector."""
    compounds: list[_Compound] = []
    start, parent = 0, False
    while start < len(selector):
        found = _COMPOUND.match(selector, start)
        if found is None or not found.group():
            return None
        names = _NAMES.findall(found[2])
        compounds.append(
            _Compound(
                (found[1] or "").lower().replace("*", ""),
                frozenset(name for sign, name in names if sign == "#"),
                frozenset(name for sign, name in names if sign == "."),
            )
        )
        start = found.end()
        step = _STEPS.match(selector, start)
        if step is None:
            if start < len(selector):
                return None
            break
        parent = bool(step[1])
        if parent:
            compounds[-1] = _Compound(compounds[-1].tag, compounds[-1].ids, compounds[-1].classes, parent=True)
        start = step.end()
    if not compounds:
        return None
    weight = (
        sum(len(one.ids) for one in compounds),
        sum(len(one.classes) for one in compounds),
        sum(bool(one.tag) for one in compounds),
        place,
    )
    return _Rule(weight, compounds[-1], tuple(reversed(compounds[:-1])), declarations)


def _name(compound: _Compound) -> str:
    """Return the name by which rules for an element are looked up."""
    if compound.ids:
        return f"#{min(compound.ids)}"
    return f".{min(compound.classes)}" if compound.classes else compound.tag or "*"


def _stands_in(element: Any, around: tuple[_Compound, ...]) -> bool:
    """Tell whether the ancestors of an element meet the conditions ``around``, the nearest first."""
    if not around:
        return True
    place = 0
    for steps, one in enumerate(element.iterancestors()):
        if steps >= _MOST_STEPS:
            return False
        if around[place].fits(one):
            place += 1
            if place == len(around):
                return True
        elif around[place].parent:
            return False
    return False
