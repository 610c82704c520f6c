"""Count the pictures of web pages and of chapters of books."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from index.reading.extraction.pictures.counting import of_pixels, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.reading.extraction.pictures.counting import Pictures

_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*")
_STYLE = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*(\d{1,5})(?:\.\d+)?px", re.IGNORECASE)
_EMBEDDED = re.compile(r"\s*data:image/[\w.+-]{1,40}(;[\w=;-]{0,80})?,", re.IGNORECASE)
_DRAWN = re.compile(r"\s*data:image/svg", re.IGNORECASE)  # icons, as a rule
_HEAD = 400_000  # characters of an embedded picture; its size is stated near its beginning
_LARGE = 200  # least pixels on each side of a picture that is not in the file
_AROUND = {"nav", "header", "footer", "aside"}
_MOST = 10_000  # pictures that are looked at


def of_page(tree: Any, pictures: Pictures) -> None:
    """Count the pictures of a page's article: embedded ones, and others that are large and have no alternative text."""
    article = next((one for name in ("article", "main") for one in tree.iter(name)), tree)
    for number, image in enumerate(article.iter("img")):
        if number == _MOST:
            return
        if any(one.tag in _AROUND for one in image.iterancestors() if one is not tree):
            continue
        source = image.get("src", "")
        if _DRAWN.match(source):
            continue
        words = _words(image)
        if embedded := _EMBEDDED.match(source):
            size = _said_size(image) or size_of(_decoded(source[embedded.end() : embedded.end() + _HEAD], embedded[1]))
            pictures.add(source, size=size or (0, 0), words=words)
        elif "alt" not in image.attrib and (size := _said_size(image)) and min(size) >= of_pixels(_LARGE, 0)[0]:
            pictures.add(source, size=size, words=words)


def of_chapter(tree: Any, read: Callable[[str], bytes], pictures: Pictures) -> None:
    """
    Count the pictures of a chapter of a book.

    Parameters
    ----------
    tree
        The chapter.
    read
        Returns what the book holds under a reference of the chapter, empty if it holds nothing there.
    pictures
        The count.

    """
    for number, image in enumerate(tree.iter("img", "image", "{http://www.w3.org/2000/svg}image")):
        if number == _MOST:
            return
        source = image.get("src") or image.get("{http://www.w3.org/1999/xlink}href") or image.get("xlink:href", "")
        data = read(source) if source and not source.startswith("data:") else b""
        size = _said_size(image) or size_of(data)
        pictures.add(data or source, size=size or (0, 0), words=_words(image))


def _words(image: Any) -> str:
    return next((said for name in ("alt", "aria-label", "title") if (said := image.get(name, "").strip())), "")


def _said_size(image: Any) -> tuple[float, float] | None:
    """Return the size in points that a picture is to be shown in; if only one side is stated, it stands for both."""
    sides = {name.lower(): float(value) for name, value in _STYLE.findall(image.get("style", "")[:1_000])}
    for name in ("width", "height"):
        if name not in sides and (found := _PIXELS.fullmatch(image.get(name, ""))):
            sides[name] = float(found[1])
    if not sides:
        return None
    one = next(iter(sides.values()))
    return of_pixels(sides.get("width", one), sides.get("height", one))


def _decoded(text: str, how: str | None) -> bytes:
    if how is None or not how.lower().endswith("base64"):
        return unquote_to_bytes(text)
    plain = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4])
    except (ValueError, binascii.Error):
        return b""
