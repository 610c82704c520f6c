"""Resolve the styles of Word paragraphs and runs: styles inherit from others, and each run from its paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from index.reading.extraction.word.names import W, is_on, value
from index.text import locale

if TYPE_CHECKING:
    from collections.abc import Callable

_Said = TypeVar("_Said")
_HEADING = re.compile(rf"{locale.alternatives('files.heading_style')} (\d)", re.IGNORECASE)
_MAX_PARENTS = 20
_BODY_TEXT = "9"  # the outline level of text that is not a heading
_WHITE = re.compile(r"f[ef]{5}", re.IGNORECASE)
_LEAST_SIZE = 4  # half points; letters of this size or less are not meant to be read


@dataclass(frozen=True, slots=True)
class Letters:
    """Properties of letters that one element states; None for each that it does not state."""

    strike: bool | None = None
    vanish: bool | None = None
    bold: bool | None = None
    double_strike: bool | None = None
    web_hidden: bool | None = None
    align: str | None = None
    position: str | None = None
    size: str | None = None
    colour: str | None = None
    background: bool | None = None


# If styles of different kinds turn one of these on, two of them cancel each other out (ECMA-376, part 1, 17.7.3).
_TOGGLES = ("strike", "vanish", "bold")
_NOTHING = Letters()


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks: invisible by its properties, raised, bold, or white, which is invisible without a background."""

    unseen: bool
    raised: bool
    bold: bool
    white: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The identifiers of the styles around a run, empty if there is none."""

    paragraph: str = ""
    table: str = ""


class Styles:
    """
    The styles of a document.

    Parameters
    ----------
    root
        The element of all styles (``w:styles``).

    """

    def __init__(self, root: Any) -> None:
        self._elements: dict[tuple[str, str], Any] = {}
        self._standard: dict[str, str] = {}
        for one in root.iter(f"{W}style"):
            kind, id_ = one.get(f"{W}type", "paragraph"), one.get(f"{W}styleId", "")
            self._elements.setdefault((kind, id_), one)
            if one.get(f"{W}default", "0") in {"1", "true", "on"}:
                self._standard.setdefault(kind, id_)
        self._defaults = letters(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
        self._letters: dict[tuple[str, str], Letters] = {}
        self._around: dict[tuple[Place, str], Letters] = {}
        self._levels: dict[str, int] = {}

    def place(self, paragraph: Any) -> Place:
        """Return the styles that apply to a paragraph's runs."""
        table = next(paragraph.iterancestors(f"{W}tbl"), None)
        return Place(self.of(paragraph), "" if table is None else value(table, "tblPr/tblStyle") or "")

    def of(self, paragraph: Any) -> str:
        """Return the identifier of a paragraph's style."""
        # Properties come first: searching all children would read a paragraph without any to its end each time.
        first = next(paragraph.iterchildren(), None)
        own = None if first is None or first.tag != f"{W}pPr" else value(first, "pStyle")
        return own or self._standard.get("paragraph", "")

    def level(self, paragraph: Any) -> int:
        """Return a paragraph's level as a heading, from 1 to 6; 0 if it is not a heading."""
        own = value(paragraph, "pPr/outlineLvl")
        if own is not None and own != _BODY_TEXT:
            return _level(own)
        style = self.of(paragraph)
        if style not in self._levels:
            found = self._first("paragraph", style, _heading_level)
            self._levels[style] = found or 0
        return self._levels[style]

    def numbering(self, paragraph: Any) -> tuple[str, str] | None:
        """Return the identifier of the numbering that a paragraph belongs to and its level; None if it has none."""
        own = value(paragraph, "pPr/numPr/numId"), value(paragraph, "pPr/numPr/ilvl")
        style = self._first("paragraph", self.of(paragraph), _numbering) if None in own else None
        number = own[0] if own[0] is not None else style[0] if style else None
        if number is None or number == "0":
            return None
        return number, own[1] if own[1] is not None else style[1] if style and own[0] is None else "0"

    def numbering_of(self, style: str) -> str | None:
        """Return the identifier of the numbering that a list style refers to."""
        element = self._elements.get(("numbering", style))
        return None if element is None else value(element, "pPr/numPr/numId")

    def look(self, run: Any, place: Place) -> Look:
        """Return how a run looks in its place."""
        properties = run.find(f"{W}rPr")
        style = "" if properties is None else value(properties, "rStyle") or ""
        around = self._around.get((place, style))
        if around is None:
            around = self._around[place, style] = self._combined(place, style)
        own = letters(properties)
        found = around if own is _NOTHING else _over(own, around)
        small = found.size is not None and found.size.isdecimal() and int(found.size) <= _LEAST_SIZE
        lifted = found.position or ""
        return Look(
            unseen=bool(found.strike or found.vanish or found.double_strike or found.web_hidden or small),
            raised=found.align == "superscript" or (not found.align and lifted.isdecimal() and int(lifted[:9]) > 0),
            bold=bool(found.bold),
            white=not found.background and _WHITE.fullmatch(found.colour or "") is not None,
        )

    def heads_a_table(self, table: Any) -> bool:
        """Tell whether a table's style makes its first row bold, and the table applies that part of the style."""
        style = value(table, "tblPr/tblStyle") or ""
        return _takes_first_row(table) and bool(self._first("table", style, _bold_first_row))

    def has_background(self, paragraph: Any) -> bool:
        """Tell whether a paragraph's style gives it a background colour."""
        return bool(self._first("paragraph", self.of(paragraph), _background))

    def _combined(self, place: Place, style: str) -> Letters:
        """Return the properties that result from all styles around a run."""
        kinds = (("character", style or self._standard.get("character", "")), ("paragraph", place.paragraph))
        layers = [self._of_style(*one) for one in (*kinds, ("table", place.table))]
        found: dict[str, Any] = {}
        for name in _NAMES:
            said = [getattr(layer, name) for layer in layers]
            default = getattr(self._defaults, name)
            if name in _TOGGLES:
                found[name] = default or sum(map(bool, said)) % 2 == 1
            else:
                found[name] = next((one for one in (*said, default) if one is not None), None)
        return Letters(**found)

    def _of_style(self, kind: str, id_: str) -> Letters:
        key = kind, id_
        if key not in self._letters:
            found = _NOTHING
            for element in self._chain(kind, id_):
                found = _over(found, letters(element.find(f"{W}rPr")))
            self._letters[key] = found
        return self._letters[key]

    def _chain(self, kind: str, id_: str) -> list[Any]:
        """Return a style and those it is based on, the nearest first."""
        chain: list[Any] = []
        element = self._elements.get((kind, id_))
        while element is not None and len(chain) < _MAX_PARENTS:
            chain.append(element)
            element = self._elements.get((kind, value(element, "basedOn") or ""))
        return chain

    def _first(self, kind: str, id_: str, found: Callable[[Any], _Said | None]) -> _Said | None:
        """Return what ``found`` finds in a style, or in the nearest of its parents that states it."""
        return next((said for one in self._chain(kind, id_) if (said := found(one)) is not None), None)


_SAYING = frozenset(
    f"{W}{name}"
    for name in (
        "strike",
        "vanish",
        "b",
        "dstrike",
        "webHidden",
        "vertAlign",
        "position",
        "sz",
        "color",
        "shd",
        "highlight",
    )
)
_NAMES = tuple(one.name for one in fields(Letters))


def letters(properties: Any) -> Letters:
    """Return what the properties of a run or a style (``w:rPr``) state about letters."""
    if properties is None or _SAYING.isdisjoint([one.tag for one in properties]):
        return _NOTHING
    return Letters(
        is_on(properties, "strike"),
        is_on(properties, "vanish"),
        is_on(properties, "b"),
        is_on(properties, "dstrike"),
        is_on(properties, "webHidden"),
        value(properties, "vertAlign"),
        value(properties, "position"),
        value(properties, "sz"),
        value(properties, "color"),
        True if any(properties.find(f"{W}{name}") is not None for name in ("shd", "highlight")) else None,
    )


def _over(near: Letters, far: Letters) -> Letters:
    """Return the properties that two elements state; the nearer one takes precedence."""
    return Letters(*(mine if (mine := getattr(near, name)) is not None else getattr(far, name) for name in _NAMES))


def _level(outline: str) -> int:
    return int(outline) + 1 if outline in {"0", "1", "2", "3", "4", "5"} else 0


def _heading_level(style: Any) -> int | None:
    label = value(style, "name") or ""
    if named := _HEADING.match(label):
        return int(named[1]) if 1 <= int(named[1]) <= 6 else 0
    if label.lower() in {"title", "titel"}:
        return 1
    outline = value(style, "pPr/outlineLvl")
    return None if outline is None else _level(outline)


def _numbering(style: Any) -> tuple[str, str] | None:
    number = value(style, "pPr/numPr/numId")
    return None if number is None else (number, value(style, "pPr/numPr/ilvl") or "0")


def _background(style: Any) -> bool | None:
    return True if style.find(f"{W}pPr/{W}shd") is not None else None


def _bold_first_row(style: Any) -> bool | None:
    for part in style.iterfind(f"{W}tblStylePr"):
        if part.get(f"{W}type") == "firstRow" and (bold := is_on(part, "rPr/b")) is not None:
            return bold
    return None


def _takes_first_row(table: Any) -> bool:
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return False
    if (said := look.get(f"{W}firstRow")) is not None:
        return said in {"1", "true", "on"}
    flags = look.get(f"{W}val", "0")
    return re.fullmatch(r"[0-9A-Fa-f]{1,8}", flags) is not None and bool(int(flags, 16) & 0x20)
