"""Text into HTML: whatever comes from a document, a model or a user passes through here."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from index.collections.uploads import PREFIX
from ui.render.texts import format_date

if TYPE_CHECKING:
    from index.types import Metadata
    from ui.render.texts import Texts

_SURROGATE = re.compile("[\ud800-\udfff]")


def escape(text: str) -> str:
    """
    Make a text safe inside HTML, also between quotes, and give it back unchanged in the browser.

    A carriage return is written as a character reference, because HTML parsers turn it into a line feed and
    the highlighted characters would differ from the cited ones. A lone surrogate cannot be sent and is
    replaced.
    """
    escaped = html.escape(_SURROGATE.sub("\ufffd", text), quote=True)
    return escaped.replace("\r", "&#13;")


def isolated(text: str) -> str:
    """Escape a text and keep its writing direction, and stray direction marks, to itself."""
    return f"<bdi>{escape(text)}</bdi>"


def file_name(path: str) -> str:
    """Return a document's path as its reader knows it; not yet escaped."""
    return path.removeprefix(PREFIX)


def known_facts(metadata: Metadata, texts: Texts, *, page: int | None = None) -> list[str]:
    """Return source, date and page of an article as far as they are known; not yet escaped."""
    known = [metadata.source, format_date(metadata.date, texts.language)]
    if page is not None:
        known.append(f"{texts.page} {page}")
    return [item for item in known if item]


def byline(metadata: Metadata, texts: Texts, *, page: int | None = None) -> str:
    """Render source, date and page, as far as they are known."""
    return " · ".join(isolated(item) for item in known_facts(metadata, texts, page=page))
