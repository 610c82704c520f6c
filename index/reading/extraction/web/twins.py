"""
Keep one of two twins: pages hold some things twice, once for the eye and once for screen readers.

A price with raised cents stands beside one in plain figures, an icon beside a word, the picture of a formula beside
the formula. One of the two is marked as not to be read aloud, or is a picture; the other is moved out of sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Classes by which common style sheets, which are not part of the file, move text out of sight.
_ALOUD = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only screenreader-text show-for-sr "
    "a-offscreen is-sr-only u-sr-only usa-sr-only element-invisible hidden-visually katex-mathml mjx_assistive_mathml "
    "mwe-math-mathml-a11y mwe-math-mathml-inline mwe-math-mathml-display".split()
)
_ALOUD_TAGS = frozenset({"mjx-assistive-mml"})
_PICTURES = frozenset({"img", "svg", "picture"})
_FORMULAS = ("math", "m:math", "mml:math")
_NAMING = frozenset({"th", "caption"})  # names of columns and tables are worth reading even out of sight
_HIDING = ("style", "class", "hidden", "aria-hidden", "id")
_MAX_LEVELS = 4
_MOST_SIBLINGS = 50


def keep_twins(tree: Any, is_hidden: Callable[[Any], bool]) -> list[Any]:
    """
    Bring text that has a visible twin into sight, and find what is only read aloud.

    Parameters
    ----------
    tree
        The page.
    is_hidden
        Tells whether an element is out of sight.

    Returns
    -------
    list
        Elements that are only read aloud, to be removed.

    """
    doomed = []
    for element in _read_aloud(tree, is_hidden):
        twin = next(_pictured(element), None)
        named = element if element.tag in _NAMING else next(element.iterancestors(*_NAMING), None)
        if named is not None and next(element.iter(*_FORMULAS), None) is None:
            if _says_all(element, named):
                _bring_into_sight(element)
            else:  # "sort by"
                doomed.append(element)
        elif twin is not None:
            _bring_into_sight(element)
            if twin.tag != "img":
                twin.set("aria-hidden", "true")
        else:
            doomed.append(element)
    return doomed


def _says_all(element: Any, named: Any) -> bool:
    """Tell whether an element holds the whole name of a column or a table, apart from signs."""
    length = sum(sign.isalnum() for sign in "".join(element.itertext()))
    return element is named or length == sum(sign.isalnum() for sign in "".join(named.itertext()))


def _bring_into_sight(element: Any) -> None:
    for one in (element, *element.iterdescendants(*_FORMULAS)):
        for name in _HIDING:
            one.attrib.pop(name, None)


def _read_aloud(tree: Any, is_hidden: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield elements out of sight that are read aloud: known by their class, or because they hold a formula."""
    found = [
        one
        for one in tree.iter()
        if one is not tree
        and isinstance(one.tag, str)
        and (one.tag in _ALOUD_TAGS or not _ALOUD.isdisjoint(one.get("class", "").lower().split()))
    ]
    seen = set(found)
    yield from found
    for formula in tree.iter(*_FORMULAS):
        above = [formula, *(one for _, one in zip(range(_MAX_LEVELS), formula.iterancestors(), strict=False))]
        hidden = next((one for one in reversed(above) if one.tag not in {"html", "body"} and is_hidden(one)), None)
        if hidden is not None and seen.isdisjoint(above) and next(_pictured(hidden), None) is not None:
            seen.add(hidden)
            yield hidden


def _pictured(element: Any) -> Iterator[Any]:
    """Yield the visible twins beside an element: pictures, and elements that are not to be read aloud."""
    beside = (
        one
        for near in (element.itersiblings(), element.itersiblings(preceding=True))
        for _, one in zip(range(_MOST_SIBLINGS), near, strict=False)
    )
    for one in beside:
        if isinstance(one.tag, str) and (
            one.tag in _PICTURES
            or (one.tag == "i" and not "".join(one.itertext()).strip())
            or one.get("aria-hidden", "").strip().lower() == "true"
            or _is_drawn(one)
        ):
            yield one


def _is_drawn(element: Any) -> bool:
    return any(
        name.startswith(("katex-html", "mjx-chtml", "mathjax")) for name in element.get("class", "").lower().split()
    )
