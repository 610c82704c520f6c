"""Rename elements that the library that finds a page's article would drop, so that it keeps them."""

from __future__ import annotations

from typing import Any

from index.reading.extraction.web.blocks import BLOCKS

_INLINE = ("time", "output", "label")
_HOLDERS = ("p", "li", "td", "dd")
_ARTICLES = ("article", "main")
_BESIDE = frozenset({"nav", "aside", "footer", "header", "form", "li", "td", "th", "dd", "dt", "p"})
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LINKS = frozenset({"a", "button"})


def keep(tree: Any) -> None:
    """Rename the elements of a page that hold text but are not among those that the library looks for."""
    _wrapped(tree)
    _inline(tree)
    _plain(tree)


def _plain(tree: Any) -> None:
    """Turn plain blocks of an article that hold text and no other blocks into paragraphs, unless it is mostly links."""
    for article in tree.iter(*_ARTICLES):
        if next(article.iterancestors(*_ARTICLES), None) is not None:
            continue
        for element in article.iter("div", "section"):
            if (
                all(
                    isinstance(child.tag, str) and child.tag not in BLOCKS | _HEADINGS
                    for child in element.iterdescendants()
                )
                and _own_length(element) > 0
                and next(element.iterancestors(*_BESIDE), None) is None
            ):
                element.tag = "p"


def _own_length(element: Any) -> int:
    """Return the number of letters and figures in an element, minus twice those in its links and buttons."""
    linked = sum(_letters(text) for link in element.iter(*_LINKS) for text in link.itertext())
    return sum(map(_letters, element.itertext())) - 2 * linked


def _letters(text: str) -> int:
    return sum(sign.isalnum() for sign in text)


def _inline(tree: Any) -> None:
    """Rename dates inside sentences, and captions, which the library would drop."""
    from lxml import etree  # noqa: PLC0415 - an extra

    around = 0  # number of blocks around the current element
    for event, element in etree.iterwalk(tree, events=("start", "end"), tag=(*_INLINE, *_HOLDERS)):
        if element.tag in _HOLDERS:
            around += 1 if event == "start" else -1
        elif around and event == "start":
            element.tag = "span"  # the library removes the element, but keeps its content
    for figure in tree.iter("figure"):
        figure.tag = "div"
    for caption in tree.iter("figcaption"):
        caption.tag = "p"


def _wrapped(tree: Any) -> None:
    """Turn forms and headers that hold the text of a page into plain blocks: the library takes them for margins."""
    body = tree.find("body")
    whole = _length(tree if body is None else body)
    for form in list(tree.iter("form")):
        if 2 * _length(form) > whole:  # some servers wrap every page in a form
            form.tag = "div"
    for header in list(tree.iter("header")):
        if next(header.iterancestors("article", "main"), None) is not None:  # an article's title and lead
            header.tag = "div"


def _length(element: Any) -> int:
    return sum(len(part) for part in element.itertext())
