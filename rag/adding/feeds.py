"""
Read which articles an RSS or Atom feed names, and the day of each.

The standard library's parser is used and stops if a document defines entities: they can make a document explode in
size, and no feed needs them. External entities are never looked up.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.parsers import expat

from index.text.written_dates import iso_date
from rag.adding.types import Entry, RefusedError
from rag.limits import LARGEST_FEED, MOST_FEED_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOTS = frozenset({"rss", "feed", "RDF"})
_ENTRIES = frozenset({"item", "entry"})
# The day of publication takes precedence over that of a change.
_DATES = ("pubDate", "published", "issued", "date", "updated", "modified")
_TEXTS = frozenset({"link", "guid", *_DATES})
_LONGEST_TEXT = 2000  # characters
_DEEPEST = 100  # nested elements
_HEAD = 100_000  # bytes that must hold the first element


def is_feed(data: bytes) -> bool:
    """Tell whether data is a feed, by its first element."""
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = lambda name, _attributes: found.append(_local(name))
    try:
        parser.Parse(data[:_HEAD], False)  # noqa: FBT003 - the parser takes it by its place
    except RefusedError:
        return False
    except (expat.ExpatError, ValueError, LookupError):
        pass
    return bool(found) and found[0] in _ROOTS


def entries(data: bytes, url: str) -> tuple[Entry, ...]:
    """
    Return the articles that a feed names, in its order, each once.

    Parameters
    ----------
    data
        The feed.
    url
        Its address, which the links in it may be relative to.

    Raises
    ------
    RefusedError
        It is not a feed, is damaged or too large, or defines entities.

    """
    if len(data) > LARGEST_FEED:
        raise RefusedError(f"a feed larger than {LARGEST_FEED / 1e6:g} MB.", kind="too_large")
    reading = _Reading(url)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(data, True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise RefusedError(f"a feed that cannot be read ({error}).", kind="feed") from None
    if not reading.found:
        raise RefusedError("a feed that names no articles.", kind="feed")
    return tuple(reading.found.values())


def _refuse_entity(*_: object) -> None:
    raise RefusedError("a feed that defines entities; these are not read.", kind="feed")


class _Reading:
    def __init__(self, url: str) -> None:
        self.found: dict[str, Entry] = {}
        self._url = url
        self._open: list[str] = []
        self._texts: dict[str, str] | None = None
        self._links: dict[str, str] = {}
        self._lasting = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if not self._open and local not in _ROOTS:
            raise RefusedError("not a feed.", kind="feed")
        if len(self._open) >= _DEEPEST:
            raise RefusedError("a feed whose elements lie too deep within each other.", kind="feed")
        self._open.append(local)
        if local in _ENTRIES and self._texts is None:
            self._texts, self._links, self._lasting = {}, {}, False
        elif local == "link" and self._within() and attributes.get("href"):
            self._links.setdefault(attributes.get("rel", "alternate"), attributes["href"])
        elif local == "guid" and self._within():
            self._lasting = attributes.get("isPermaLink", "true").strip().lower() == "true"

    def text(self, text: str) -> None:
        name = self._open[-1] if self._open else ""
        if self._texts is not None and name in _TEXTS and self._within():
            self._texts[name] = (self._texts.get(name, "") + text)[:_LONGEST_TEXT]

    def end(self, name: str) -> None:
        self._open.pop()
        if _local(name) not in _ENTRIES or self._texts is None or _ENTRIES & set(self._open):
            return
        guid = self._texts.get("guid", "") if self._lasting else ""
        link = next((one for one in (self._links.get("alternate"), self._texts.get("link"), guid) if one), "").strip()
        day = next((found for one in _DATES if (found := _day(self._texts.get(one, "")))), "")
        self._texts = None
        if link and len(self.found) < MOST_FEED_ENTRIES:
            try:
                address = urljoin(self._url, link)
            except ValueError:
                address = link
            self.found.setdefault(address, Entry(address, day))

    def _within(self) -> bool:
        """Tell whether the element just opened is a direct child of an entry, not within what an entry quotes."""
        return self._texts is not None and len(self._open) > 1 and self._open[-2] in _ENTRIES


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _day(written: str) -> str:
    """Return the ISO date of a day in a feed: "Thu, 08 May 2025 10:00:00 +0200", or "2025-05-08T10:00:00Z"."""
    written = written.strip()
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    try:
        return dt.datetime.fromisoformat(written).date().isoformat()
    except ValueError:
        return iso_date(written)
