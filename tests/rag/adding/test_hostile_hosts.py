"""Hostile hosts: they redirect elsewhere, never end, unpack to too much, or lie about what they send."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.adding import Outcome, RefusedError, add, addresses
from rag.adding.addresses import Addresses, web
from rag.adding.fetching import Fetcher
from rag.adding.naming import names
from rag.limits import MOST_REDIRECTS
from tests.rag.adding.hosts import Host, moved, page, reply

Make = Callable[..., Fetcher]
SMALL = 100_000


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Fetcher.page.__kwdefaults__
    monkeypatch.setitem(defaults, "most", SMALL)


def refused(found: tuple[Outcome, ...], folder: Path) -> str:
    assert [one.status for one in found] == ["refused"]
    assert "\n" not in found[0].reason
    assert not [one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(".")]
    return found[0].kind


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
        "168.63.129.16", "100.100.100.200", "::127.0.0.1", "::10.0.0.1", "fec0::1", "64:ff9b:1::a00:1", "64:ff9b:1::5db8:d822",
    ],
)  # fmt: skip
def test_no_machine_of_the_own_network_is_asked(number: str) -> None:
    with pytest.raises(RefusedError) as error:
        Addresses(look_up=lambda _host, _port: ["93.184.216.34", number]).target("http://example.org/")
    assert error.value.kind == "address"


@pytest.mark.parametrize(
    "number",
    [
        "169.254.169.254",
        "0.0.0.0",
        "::",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
    ],
)
def test_what_only_a_cloud_reaches_is_never_asked(number: str) -> None:
    with pytest.raises(RefusedError):
        Addresses(allow_private=True, look_up=lambda _host, _port: [number]).target("http://example.org/")


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_machines_are_asked(number: str) -> None:
    target = Addresses(look_up=lambda _host, _port: [number]).target("https://Example.org/a#b")
    assert (target.machines, target.url, target.origin) == (
        (number,),
        "https://Example.org/a",
        ("https", "example.org", 443),
    )


@pytest.mark.parametrize(
    "address",
    [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "gopher://a/", "javascript:alert(1)", "http://",
        "http:///a", "http://a:b@example.org/", "http://a@example.org/", "http://[::1", "http://a:99999/", "http://a b/",
        "http://a/\r\nHost: b", "http://example.org/" + "a" * 1000, "http://a:0/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused_before_anything_is_fetched(address: str, folder: Path) -> None:
    with pytest.raises(RefusedError):
        add([address], folder)


def test_numbers_written_in_other_ways_are_looked_up_first() -> None:
    for written in ("http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://localhost/", "http://[::1]/"):
        with pytest.raises(RefusedError):
            Addresses().target(written)


def test_a_name_is_looked_up_once_for_a_request_and_that_number_is_asked(host: Host, folder: Path) -> None:
    numbers = iter(["127.0.0.1", "127.0.0.1"])  # for robots.txt and the page; a third look-up would fail

    host.answers["/a"] = page()
    asked = Fetcher(Addresses(allow_private=True, look_up=lambda _h, _p: [next(numbers)]), sleep=lambda _s: None)
    assert add([host.url("/a", "example.test")], folder, fetcher=asked)[0].status == "added"
    assert host.asked[-1][1]["host"] == f"example.test:{host.port}"


def test_a_machine_that_cannot_be_reached_has_the_next_asked(host: Host, folder: Path) -> None:
    host.answers["/a"] = page()
    asked = Fetcher(Addresses(allow_private=True, look_up=lambda _h, _p: ["::1", "127.0.0.1"]), sleep=lambda _s: None)
    assert add([host.url("/a", "example.test")], folder, fetcher=asked)[0].status == "added"


def test_a_name_that_leads_elsewhere_the_second_time_is_refused(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda number: str(number) == "127.0.0.1")
    numbers = iter(["127.0.0.1", "127.0.0.2"])
    host.answers["/a"] = page()
    asked = Fetcher(Addresses(look_up=lambda _h, _p: [next(numbers)]), sleep=lambda _s: None)
    assert refused(add([host.url("/a", "example.test")], folder, fetcher=asked), folder) == "address"
    assert host.paths == []


@pytest.mark.parametrize("to", ["http://127.0.0.2:{port}/b", "//127.0.0.2:{port}/b", "http://[::1]:{port}/b"])
def test_a_redirect_to_a_private_machine_is_not_followed(
    to: str, host: Host, folder: Path, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda number: str(number) == "127.0.0.1")
    host.answers |= {"/a": moved(to.format(port=host.port)), "/b": page()}
    found = add([host.url("/a")], folder, fetcher=fetcher(allow_private=False))
    assert refused(found, folder) == "address"
    assert host.paths == ["/a"]


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://a/", "http://a:b@127.0.0.1/", "http://[::1", ""])
def test_a_redirect_to_what_is_no_address_of_the_web_is_not_followed(
    to: str, host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers["/a"] = moved(to)
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) in {"address", "redirect", "connection"}


def test_redirects_end(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers |= {"/a": moved("/b"), "/b": moved("/a")}
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "redirect"
    assert host.paths == ["/a", "/b"]
    host.answers |= {f"/{number}": moved(f"/{number + 1}") for number in range(100)}
    assert refused(add([host.url("/0")], folder, fetcher=fetcher()), folder) == "redirect"
    assert len(host.paths) == 2 + MOST_REDIRECTS + 1


@pytest.mark.usefixtures("small")
def test_a_body_without_end_is_broken_off(host: Host, folder: Path, fetcher: Make) -> None:
    sent = []

    def endless(connection: socket.socket, _headers: dict[str, str]) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            sent.append(connection.send(b"a" * 10_000))

    host.answers["/a"] = endless
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "too_large"


@pytest.mark.usefixtures("small")
def test_a_stated_length_that_is_too_much_is_not_read(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = reply(b"a", length=SMALL + 1, Content_Type="text/plain")
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "too_large"


@pytest.mark.parametrize("length", ["100", "-1", "1, 2", "x"])
def test_a_wrong_length_is_refused(length: str, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = reply(b"abc", Content_Type="text/plain").replace(b": 3", b": " + length.encode())
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "connection"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("times", [1, 1000])
def test_what_unpacks_to_too_much_is_broken_off(times: int, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = reply(
        gzip.compress(b"\0" * (SMALL * times + 1), mtime=0), Content_Type="text/plain", Content_Encoding="gzip"
    )
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "too_large"


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"cut off", mtime=0)[:-4]),
        ("gzip", gzip.compress(b"one", mtime=0) + b"rest"),
        ("deflate", zlib.compress(b"not asked for")),
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0)),
    ],
)
def test_what_is_packed_badly_is_refused(packing: str, body: bytes, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = reply(body, Content_Type="text/plain", Content_Encoding=packing)
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) in {"connection", "type"}


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\nab"])
def test_a_host_that_says_nothing_or_drips_is_left(beginning: bytes, host: Host, folder: Path, fetcher: Make) -> None:
    over = threading.Event()

    def drip(connection: socket.socket, _headers: dict[str, str]) -> None:
        connection.sendall(beginning)
        while not over.wait(0.02):
            if beginning:
                connection.sendall(b"a")

    host.answers |= {"/robots.txt": reply(b"", "404 Not Found"), "/a": drip}
    try:
        assert refused(add([host.url("/a")], folder, fetcher=fetcher(seconds=0.3)), folder) == "too_long"
    finally:
        over.set()


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX" + b"a" * 300_000])
def test_what_is_no_answer_is_refused(answer: bytes, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = answer
    assert refused(add([host.url("/a")], folder, fetcher=fetcher()), folder) == "connection"


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "403 Forbidden", "500 Oops", "204 Nothing", "304 Same"]
)
def test_what_is_not_given_is_said(status: str, host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = reply(b"", status)
    found = add([host.url("/a")], folder, fetcher=fetcher())
    assert refused(found, folder) == "status"
    assert status[:3] in found[0].reason


def test_a_page_that_is_gone_stays_here(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = page("Eins.")
    file = folder / add([host.url("/a")], folder, fetcher=fetcher())[0].path
    del host.answers["/a"]
    assert add([host.url("/a")], folder, fetcher=fetcher())[0].status == "refused"
    assert b"Eins." in file.read_bytes()


@given(
    path=st.text(max_size=300),
    written=st.sampled_from(["http://example.org/{}", "https://../{}", "http://a.b./{}", "http://x/%2e%2e/{}?q"]),
)
def test_no_name_leads_out_of_the_folder(path: str, written: str) -> None:
    url = written.format(quote(path, safe="/", errors="replace"))
    found = list(names(url, ".html"))
    assert len(set(found)) == len(found) > 0
    for name in found:
        parts = name.split("/")
        assert len(parts) == 2
        assert all(part and part[0] not in ".-" and len(part.encode()) <= 200 for part in parts)
        assert not set('\\:\0\n\r*?"<>|%') & set(name)
        assert name.endswith(".html")


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/..%2f..%2fx", "/%00", "/.bashrc", "/~/CON"]
)
def test_such_names_stay_in_the_folder_when_they_are_written(
    path: str, host: Host, folder: Path, fetcher: Make
) -> None:
    assert web(host.url(path))
    host.answers |= {one: page() for one in (path, "/etc/passwd", "/x")}
    found = add([host.url(path)], folder, fetcher=fetcher())
    assert found[0].status == "added"
    assert (folder / found[0].path).resolve().parent == (folder / "127.0.0.1").resolve()
