"""Politeness: forbidden pages are not requested, and no host gets two requests at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.adding import add
from rag.adding.fetching import DELAY, Fetcher
from rag.limits import LARGEST_ROBOTS, LONGEST_DELAY
from tests.rag.adding.hosts import Host, moved, page, reply

Make = Callable[..., Fetcher]


def rules(text: str) -> bytes:
    return reply(text.encode(), Content_Type="text/plain")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /private/\n", True),
        ("User-agent: *\nDisallow: /*.html$\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /a\n", True),
        ("User-agent: quellentreu\nDisallow: /a\n\nUser-agent: *\nAllow: /\n", False),
        ("User-agent: other\nDisallow: /\n", True),
        ("", True),
        ("<html>nonsense", True),
        (f"User-agent: *\nCrawl-delay: {LONGEST_DELAY + 1}\n", False),
    ],
)
def test_robots_are_obeyed(text: str, allowed: bool, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers |= {"/robots.txt": rules(text), "/a.html": page()}
    found = add([host.url("/a.html")], folder, fetcher=fetcher())
    assert found[0].status == ("added" if allowed else "refused")
    assert found[0].kind == ("" if allowed else "robots")
    assert host.paths == (["/a.html"] if allowed else [])


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (reply(b"", "404 Not Found"), True),
        (reply(b"", "403 Forbidden"), True),
        (reply(b"", "500 Oops"), False),
        (moved("/robots.txt"), False),
        (moved("/rules"), False),
        (rules("#" * (LARGEST_ROBOTS + 1)), False),
    ],
)
def test_rules_that_cannot_be_had_forbid_and_none_allow(
    answer: bytes, allowed: bool, host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers |= {"/robots.txt": answer, "/rules": rules("User-agent: *\nDisallow: /a\n"), "/a": page()}
    found = add([host.url("/a")], folder, fetcher=fetcher())
    assert found[0].status == ("added" if allowed else "refused")


def test_where_a_redirect_leads_the_rules_are_asked_too(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers |= {
        "/robots.txt": rules("User-agent: *\nDisallow: /hidden\n"),
        "/a": moved("/hidden"),
        "/hidden": page(),
    }
    assert add([host.url("/a")], folder, fetcher=fetcher())[0].kind == "robots"
    assert host.paths == ["/a"]


def test_between_two_requests_to_a_host_is_a_pause(host: Host, folder: Path, fetcher: Make, slept: list[float]) -> None:
    host.answers |= {"/a": page(), "/b": page()}
    add([host.url("/a"), host.url("/b")], folder, fetcher=fetcher())
    assert [path for path, _ in host.asked] == ["/robots.txt", "/a", "/b"]
    assert slept == [DELAY, DELAY]


def test_a_longer_pause_is_kept_where_the_host_wants_one(
    host: Host, folder: Path, fetcher: Make, slept: list[float]
) -> None:
    host.answers |= {"/robots.txt": rules("User-agent: *\nCrawl-delay: 7\n"), "/a": page()}
    add([host.url("/a")], folder, fetcher=fetcher())
    assert slept == [7.0]


@pytest.mark.parametrize("status", ["429 Too Many", "503 Busy"])
def test_a_host_that_asks_to_be_left_alone_is(status: str, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers |= {"/a": reply(b"", status, Retry_After="120"), "/b": page()}
    found = add([host.url("/a"), host.url("/b")], folder, fetcher=fetcher())
    assert [one.kind for one in found] == ["busy", "busy"]
    assert "120 s" in found[0].reason
    assert host.paths == ["/a"]
