"""Escape text for HTML: whatever comes from a document, a model or a user passes through here."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from index.collections.registry import PREFIX as COLLECTIONS
from index.collections.uploads import PREFIX
from index.reading.web_addresses import web_address
from ui.render.texts import format_date

if TYPE_CHECKING:
    from index.types import Metadata
    from ui.render.texts import Texts

_MOST_AUTHORS = 3
_SURROGATE = re.compile("[\ud800-\udfff]")


def escape(text: str) -> str:
    """
    Make a text safe in HTML, also in quoted attributes, so that the browser shows it unchanged.

    A carriage return is written as a character reference, because HTML parsers turn it into a line feed and
    the highlighted characters would differ from the cited ones. A lone surrogate cannot be sent and is
    replaced.
    """
    escaped = html.escape(_SURROGATE.sub("\ufffd", text), quote=True)
    return escaped.replace("\r", "&#13;")


def isolated(text: str) -> str:
    """Escape a text, so that its writing direction and stray direction marks do not affect the text around it."""
    return f"<bdi>{escape(text)}</bdi>"


def file_name(path: str) -> str:
    """Return a document's path as the reader knows it; not yet escaped."""
    return path.removeprefix(PREFIX).removeprefix(COLLECTIONS)


def page_words(page: int, label: str, texts: Texts) -> str:
    """Return what to call a page, not yet escaped: its number, and also its label if the file has one."""
    return texts.page_labelled.format(label=label, page=page) if label else f"{texts.page} {page}"


def known_facts(
    metadata: Metadata, texts: Texts, *, page: int | None = None, label: str = "", machine_read: bool = False
) -> list[str]:
    """Return what is known about an article, from its source to whether it was read by a machine; not yet escaped."""
    date = format_date(metadata.date, texts.language)
    if date and metadata.dated_by_file:
        date += f" ({texts.date_of_file})"
    known = [metadata.source, ", ".join(metadata.authors[:_MOST_AUTHORS]), date]
    if page is not None:
        known.append(page_words(page, label, texts))
    if machine_read:
        known.append(texts.machine_read)
    return [item for item in known if item]


def byline(
    metadata: Metadata, texts: Texts, *, page: int | None = None, label: str = "", machine_read: bool = False
) -> str:
    """Render what `known_facts` returns."""
    facts = known_facts(metadata, texts, page=page, label=label, machine_read=machine_read)
    return " · ".join(isolated(item) for item in facts)


def web_line(metadata: Metadata) -> str:
    """Render the address an article was taken from; as text and not as a link, since a file may name any address."""
    address = web_address(metadata.url)  # checked again: stored metadata may be older than this check
    return f'<p class="q-byline">{isolated(address)}</p>' if address else ""
