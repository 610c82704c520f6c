"""Who asks, and how long a wrong password waits. An address is that of the connection, or what a named proxy says."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RagError
from tests.ui.conftest import free_port
from tests.ui.doors import raw, status_of
from tests.ui.fakes import FakeRag
from ui import command, launch, limits
from ui.server import braking
from ui.server.asking import Callers, Proxies, address_in, counted
from ui.server.braking import Brake
from ui.server.credentials import Credentials, is_guess

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

PASSWORD = "Nur für Leser 🐉"


def basic(password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"leser:{password}".encode()).decode()}


def seen(peer: str, headers: dict[str, str], trusted: str = "") -> tuple[str, dict[str, str]]:
    """Return the address that the app sees, and the headers."""
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append((address_in(scope), {name.decode(): value.decode() for name, value in scope["headers"]}))

    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "client": (peer, 1), "headers": pairs, "scheme": "http"}
    nothing: Any = None
    asyncio.run(Callers(app, proxies=Proxies.of(trusted))(scope, nothing, nothing))
    return found[0]


# ---- the address ----


@pytest.mark.parametrize(
    ("peer", "said", "trusted", "address"),
    [
        ("10.0.0.9", "1.2.3.4", "", "10.0.0.9"),
        ("127.0.0.1", "1.2.3.4", "", "127.0.0.1"),
        ("10.0.0.9", "1.2.3.4", "10.0.0.8", "10.0.0.9"),
        ("10.0.0.9", "1.2.3.4", "10.0.0.9", "1.2.3.4"),
        ("10.0.0.9", "1.2.3.4", "192.168.0.1, 10.0.0.0/24", "1.2.3.4"),
        # Addresses that the client wrote come before the one that the proxy added.
        ("10.0.0.9", "6.6.6.6, 1.2.3.4", "10.0.0.9", "1.2.3.4"),
        ("10.0.0.9", "6.6.6.6, 1.2.3.4, 10.0.0.7", "10.0.0.0/24", "1.2.3.4"),
        ("10.0.0.9", "1.2.3.4:5678", "10.0.0.9", "1.2.3.4"),
        ("10.0.0.9", "[2001:db8:1:2::7]:443", "10.0.0.9", "2001:db8:1:2::/64"),
        # Without a valid address, the proxy's own address counts.
        ("10.0.0.9", "unknown", "10.0.0.9", "10.0.0.9"),
        ("10.0.0.9", "[", "10.0.0.9", "10.0.0.9"),
        ("10.0.0.9", "", "10.0.0.9", "10.0.0.9"),
        ("::ffff:10.0.0.9", "1.2.3.4", "10.0.0.9", "1.2.3.4"),
        ("2001:db8::1", "1.2.3.4", "2001:db8::/32", "1.2.3.4"),
    ],
)
def test_only_named_proxies_say_who_asks(peer: str, said: str, trusted: str, address: str) -> None:
    assert seen(peer, {"X-Forwarded-For": said}, trusted)[0] == address


def test_what_others_say_of_themselves_is_taken_away() -> None:
    headers = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/x",
        "Forwarded": "for=1.2.3.4",
        "X-Real-IP": "1.2.3.4",
        "X-Gradio-Server": "http://evil.example",
    }
    assert seen("10.0.0.9", {**headers, "Host": "h"})[1] == {"host": "h"}
    kept = {"x-forwarded-for": "1.2.3.4", "x-forwarded-host": "app.example:8443", "x-forwarded-proto": "https"}
    assert seen("10.0.0.9", {**kept, "X-Gradio-Server": "x", "Host": "h"}, "10.0.0.9")[1] == {**kept, "host": "h"}
    # A proxy may pass on invalid values that its client wrote.
    assert seen("10.0.0.9", {"X-Forwarded-Host": "[", "X-Forwarded-Proto": "ftp"}, "10.0.0.9")[1] == {}


@given(st.ip_addresses())
def test_an_address_has_one_form(address: Any) -> None:
    assert counted(str(address)) == counted(address.exploded)
    if address.version == 4:
        assert counted(str(address)) == counted(f"::ffff:{address}") == str(address)


@given(st.text(max_size=100), st.text(max_size=100))
def test_whatever_a_header_says_somebody_asks(said: str, peer: str) -> None:
    text = said.encode("latin-1", "replace").decode("latin-1")
    assert seen("10.0.0.9", {"X-Forwarded-For": text}, "10.0.0.9")[0]
    assert len(counted(peer)) <= 64


def test_a_network_of_ipv6_counts_as_one() -> None:
    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9")
    assert counted("2001:db8:1:2::1") != counted("2001:db8:1:3::1")
    assert counted("::1") == "::1"


@pytest.mark.parametrize("text", ["proxy.example", "*", "10.0.0.1/8", "10.0.0.0/40", "1.2.3", "10.0.0.1;10.0.0.2"])
def test_what_names_no_proxy_is_said_in_a_line(text: str) -> None:
    with pytest.raises(RagError, match="neither an address nor a network") as caught:
        Proxies.of(text)
    assert "\n" not in str(caught.value)


def test_the_command_says_so_before_it_opens_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("ui.launching.opening.open_early", lambda *args, **kwargs: opened.append(args))
    with pytest.raises(RagError, match="proxy.example"):
        command.ui(forwarded_from="127.0.0.1,proxy.example")
    assert opened == []


# ---- the brake ----


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    async def note(seconds: float) -> None:
        clock.slept.append(seconds)

    monkeypatch.setattr(braking, "_sleep", note)
    return clock


def test_wrong_passwords_wait_longer_and_are_forgotten(clock: Clock) -> None:
    brake = Brake(clock=clock)
    for _ in range(12):
        assert asyncio.run(brake.wrong("a")) == 0
    assert clock.slept == sorted(clock.slept)
    assert len(clock.slept) == 12 - limits.FREE_GUESSES
    assert clock.slept[-1] == limits.LONGEST_WAIT
    clock.slept.clear()
    asyncio.run(brake.wrong("b"))  # another address does not wait
    assert clock.slept == []
    clock.now += 1000 * limits.SECONDS_PER_GUESS
    asyncio.run(brake.wrong("a"))
    assert clock.slept == []


def test_a_patient_guesser_is_not_remembered_for_ever(clock: Clock) -> None:
    brake = Brake(clock=clock)
    for _ in range(1000):
        brake._count("a")
    clock.now += 20 * limits.SECONDS_PER_GUESS
    asyncio.run(brake.wrong("a"))
    assert clock.slept == []


def test_guesses_from_many_addresses_wait_too(clock: Clock) -> None:
    brake = Brake(clock=clock)
    for number in range(limits.FREE_GUESSES_OF_ALL + 10):
        asyncio.run(brake.wrong(f"10.0.{number}.1"))
    assert len(clock.slept) == 10
    assert clock.slept[-1] == limits.LONGEST_WAIT


def test_what_waits_is_bounded() -> None:
    async def guess() -> list[int]:
        brake = Brake(clock=lambda: 0.0)
        brake._wrong["a"] = (limits.FREE_GUESSES + 1, 0.0)
        guesses = [asyncio.create_task(brake.wrong("a")) for _ in range(limits.HELD_PER_ADDRESS + 5)]
        await asyncio.sleep(0)
        over = [task.result() for task in guesses if task.done()]
        for task in guesses:
            task.cancel()
        await asyncio.gather(*guesses, return_exceptions=True)
        assert not brake._held  # requests that have gone are no longer counted
        return over

    over = asyncio.run(guess())
    assert len(over) == 5
    assert all(seconds > 0 for seconds in over)


def test_addresses_are_forgotten_before_they_fill_the_memory(clock: Clock) -> None:
    brake = Brake(clock=clock)
    for number in range(limits.MOST_KEYS + 50):
        brake._count(str(number))
    assert len(brake._wrong) == limits.MOST_KEYS


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer abc", "Digest x"])
def test_what_is_no_password_is_no_guess(header: str) -> None:
    assert not is_guess(header)
    assert is_guess(basic()["Authorization"])


# ---- in the app ----


def test_who_guesses_side_by_side_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(braking, "HELD_PER_ADDRESS", 0)
    served = guarded()
    try:
        with httpx.Client(base_url=served.local_url, trust_env=False) as client:
            answers = [client.get("robots.txt", headers=basic(f"geraten {number}")) for number in range(8)]
            assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 5
            assert int(answers[-1].headers["retry-after"]) == limits.LONGEST_WAIT
            assert answers[-1].headers["connection"] == "close"
            assert client.get("robots.txt", headers=basic()).status_code == 200
    finally:
        served.close(verbose=False)


def guarded(forwarded_from: str = "") -> gr.Blocks:
    return launch(
        FakeRag(),
        port=free_port(),
        block=False,
        credentials=Credentials.of("leser", PASSWORD),
        questions_per_minute=1,
        forwarded_from=forwarded_from,
    )


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[gr.Blocks, list[float]]]:
    """An app behind a proxy on this machine, and how long wrong passwords would have waited."""
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(braking, "_sleep", note)
    served = guarded("127.0.0.1")
    yield served, slept
    served.close(verbose=False)


def test_the_right_password_is_let_in_whatever_others_guess(clock: Clock) -> None:
    served = guarded()
    try:
        with httpx.Client(base_url=served.local_url, trust_env=False) as client:
            for number in range(30):
                assert client.get("robots.txt", headers=basic(f"geraten {number}")).status_code == 401
                before = len(clock.slept)
                assert client.get("robots.txt", headers=basic()).status_code == 200
                assert len(clock.slept) == before
    finally:
        served.close(verbose=False)


def test_no_header_gets_a_guess_past_the_brake(clock: Clock) -> None:
    served = guarded()
    try:
        with httpx.Client(base_url=served.local_url, trust_env=False) as client:
            for number in range(40):
                other = {"X-Forwarded-For": f"10.1.1.{number}", "X-Real-IP": f"10.1.1.{number}"}
                assert client.get("robots.txt", headers=basic(f"geraten {number}") | other).status_code == 401
        assert len(clock.slept) == 40 - limits.FREE_GUESSES
    finally:
        served.close(verbose=False)


def test_behind_a_named_proxy_each_waits_for_his_own(behind: tuple[gr.Blocks, list[float]]) -> None:
    served, slept = behind
    with httpx.Client(base_url=served.local_url, trust_env=False) as client:
        for number in range(10):
            client.get("robots.txt", headers=basic(f"geraten {number}") | {"X-Forwarded-For": "10.1.1.1"})
        assert len(slept) == 10 - limits.FREE_GUESSES
        client.get("robots.txt", headers=basic("vertippt") | {"X-Forwarded-For": "10.1.1.2"})
        assert len(slept) == 10 - limits.FREE_GUESSES


def asked(served: gr.Blocks, address: str, session: str) -> str:
    """Ask at the endpoint for programs, and return the answer."""
    headers = basic() | {"X-Forwarded-For": address}
    with httpx.Client(base_url=served.local_url, trust_env=False, headers=headers) as client:
        body = {"data": ["Wie viel?"], "session_hash": session}
        event = client.post("gradio_api/call/chat", json=body).json()["event_id"]
        return client.get(f"gradio_api/call/chat/{event}").text


def test_the_question_limit_counts_by_the_same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.server.rates.PAGES_PER_ADDRESS", 2)
    for forwarded_from, bounded in (("", True), ("127.0.0.1", False)):
        served = guarded(forwarded_from)
        try:
            answers = [asked(served, f"10.1.1.{number}", f"s{number}") for number in range(7)]
        finally:
            served.close(verbose=False)
        assert any("Too many questions" in answer for answer in answers) == bounded


def test_the_servers_own_belief_in_headers_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    served = launch(FakeRag(), port=free_port(), block=False)
    try:
        config = raw(
            served.local_url, "GET", "/config", {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        )
        assert status_of(config) == 200
        assert b"evil.example" not in config
        assert b"https://127" not in config
        assert served.server.config.forwarded_allow_ips == ""
    finally:
        served.close(verbose=False)
