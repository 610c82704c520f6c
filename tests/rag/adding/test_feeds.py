"""Feeds: their entries are added with their dates and within limits, and no feed can exhaust the memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.documents import load
from rag.adding import RefusedError, add
from rag.adding.feeds import entries, is_feed
from rag.adding.fetching import Fetcher
from rag.adding.types import Entry
from rag.limits import LARGEST_FEED, MOST_FEED_ENTRIES
from tests.rag.adding.hosts import Host, page, reply

Make = Callable[..., Fetcher]
HOME = "http://example.org/feed/"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://example.org/</link>
<item><title>Eins</title><link>/a</link><pubDate>Thu, 08 May 2025 10:00:00 +0200</pubDate></item>
<item><guid>http://example.org/b</guid></item><item><guid isPermaLink="false">x</guid></item>
<item><link> /a </link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="urn:x"><link href="http://example.org/"/>
<entry><link rel="self" href="/self"/><link rel="alternate" href="a"/><updated>2025-06-01T00:00:00Z</updated>
<published>2025-05-08T10:00:00Z</published><content><div><link href="/quoted"/></div></content></entry>
<entry><link href="/b"/><source><link href="/no"/></source></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>http://example.org/</link></channel>
<item><link>http://example.org/a</link><dc:date>2025-05-08</dc:date></item></rdf:RDF>"""
LAUGHS = """<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss><item><link>http://a/&c;</link></item></rss>"""
OUTSIDE = (
    """<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><link>http://a/&a;</link></item></rss>"""
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RSS, [("http://example.org/a", "2025-05-08"), ("http://example.org/b", "")]),
        (ATOM, [("http://example.org/feed/a", "2025-05-08"), ("http://example.org/b", "")]),
        (RDF, [("http://example.org/a", "2025-05-08")]),
        (RSS.replace('"1.0"', '"1.0" encoding="iso-8859-1"'), [("http://example.org/a", "2025-05-08"), ("http://example.org/b", "")]),
    ],
)  # fmt: skip
def test_articles_are_read_with_their_days(text: str, found: list[tuple[str, str]]) -> None:
    assert is_feed(text.encode())
    assert entries(text.encode(), HOME) == tuple(Entry(*one) for one in found)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS, OUTSIDE, LAUGHS.replace("<!ENTITY a", "<!ENTITY % a"), "", "nonsense", "<html/>", RSS[:200], "<rss/>",
        "<rss>" + "<a>" * 100_000, "<rss><item><link>http://a/&nbsp;</link></item></rss>",
    ],
)  # fmt: skip
def test_what_explodes_or_is_no_feed_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as error:
        entries(text.encode(), HOME)
    assert error.value.kind == "feed"


@given(st.binary(max_size=300) | st.text(alphabet="<>/&;rsfeditmlnk \"='!-[]", max_size=200).map(str.encode))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    is_feed(data)
    try:
        entries(data, HOME)
    except RefusedError as error:
        assert error.kind == "feed"


def test_a_feed_that_is_too_large_is_not_read() -> None:
    with pytest.raises(RefusedError) as error:
        entries(b"<rss><item><link>/a</link></item>" + b" " * LARGEST_FEED + b"</rss>", HOME)
    assert error.value.kind == "too_large"


def test_entries_are_bounded() -> None:
    text = "<rss>" + "".join(f"<item><link>/{number}</link></item>" for number in range(MOST_FEED_ENTRIES + 9))
    assert len(entries(f"{text}</rss>".encode(), HOME)) == MOST_FEED_ENTRIES


def test_a_feed_is_added_entry_by_entry(host: Host, folder: Path, fetcher: Make) -> None:
    items = "".join(
        f"<item><link>{path}</link><pubDate>Thu, 08 May 2025 10:00:00 +0200</pubDate></item>"
        for path in ("/a", "/none", "file:///etc/passwd", "http://169.254.169.254/", "/b", "/c")
    )
    host.answers |= {
        "/feed": reply(f"<rss>{items}</rss>".encode(), Content_Type="application/rss+xml"),
        "/a": page(),
        "/b": page("Ein anderer Text."),
        "/c": page(),
    }
    found = add([host.url("/feed")], folder, limit=5, fetcher=fetcher())
    assert [one.status for one in found] == ["added", "refused", "refused", "refused", "added"]
    assert {one.feed for one in found} == {host.url("/feed")}
    document = load(folder / found[0].path, folder)
    assert (document.metadata.url, document.metadata.date) == (host.url("/a"), "2025-05-08")
    again = add([host.url("/feed")], folder, limit=5, fetcher=fetcher())
    assert [one.status for one in again] == ["unchanged", "refused", "refused", "refused", "unchanged"]


@pytest.mark.parametrize("media_type", ["text/xml", "application/xml", "text/plain", "text/html"])
def test_a_feed_is_known_by_its_first_element_or_by_being_named_one(
    media_type: str, host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers |= {
        "/feed": reply(b"<rss><item><link>/a</link></item></rss>", Content_Type=media_type),
        "/a": page(),
    }
    named = media_type == "text/html"
    assert [one.status for one in add([host.url("/feed")], folder, feed=named, fetcher=fetcher())] == ["added"]


def test_a_feed_in_a_feed_is_not_followed(host: Host, folder: Path, fetcher: Make) -> None:
    feed = reply(b"<rss><item><link>/feed</link></item></rss>", Content_Type="application/rss+xml")
    host.answers["/feed"] = feed
    found = add([host.url("/feed")], folder, fetcher=fetcher())
    assert [one.kind for one in found] == ["type"]
