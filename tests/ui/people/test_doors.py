"""Every route of the app's own table, with each kind of credentials: none is open, and none is forgotten."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.api.serving import chat, client, served
from tests.ui.fakes import FakeRag
from tests.ui.people.making import PASSWORDS, People, basic, quick_hashes
from ui.api.application import create_api, routes_of
from ui.api.service import Service
from ui.limits import HELD_PER_ADDRESS, LONGEST_NAME
from ui.operating.options import Operation
from ui.people.person import HEADER, Person
from ui.server import braking
from ui.server.asking import Proxies
from ui.server.rates import QuestionLimit
from ui.server.safety import _EXACT, _OPEN, _QUERIED
from ui.server.signing_in import SignIn, Stranger

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

API = create_api(Service(FakeRag(), QuestionLimit(0)))
PROGRAMS = [(method, route.path) for route in routes_of(API).table for method in sorted(route.methods)]
PROGRAMS.append(("POST", "/mcp"))
PAGE = [("GET", path) for path in sorted(_EXACT - _OPEN - {_QUERIED})]  # the left-out path names a session, see below
PAGE += [("POST", f"/gradio_api/{path}") for path in ("queue/join", "component_server", "call/chat", "run/predict")]
PAGE += [("GET", f"/gradio_api/{path}") for path in ("call/chat/x", "heartbeat/x", "queue/data?session_hash=x")]
PAGE.append(("GET", "/metrics"))
FILLED = {"path": "cambricon.md", "name": "articles"}
NOBODY = Person("anna", "editor", "k" * 43).header


def address(path: str) -> str:
    return re.sub(r"{(\w+)(:\w+)?}", lambda match: FILLED[match[1]], path)


@pytest.fixture(scope="module")
def _quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        quick_hashes(patched)

        async def at_once(_: float) -> None:
            pass

        patched.setattr(braking, "_sleep", at_once)
        yield


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, _quick: None) -> People:
    made = People.at(tmp_path_factory.mktemp("people") / "users.json")
    made.token("annas", user="anna")
    made.token("alone")
    made.token("expired", user="anna", days=1, ago=1)
    made.token("revoked", user="anna")
    made.revoke("revoked")
    made.file.change(lambda book: book.with_user("gone", "reader", ""))
    made.token("orphan", user="gone")
    made.file.change(lambda book: book.without_user("gone"))
    return made


@pytest.fixture(scope="module")
def url(people: People) -> Iterator[str]:
    operation = Operation(assistants=True, metrics=True)
    with served(FakeRag(), credentials=SignIn(people.file.path), operation=operation) as address:
        yield address


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with client(url) as opened:
        yield opened


def wrong(people: People) -> dict[str, dict[str, str]]:
    """Return headers that must not be accepted on any route."""
    kinds = {
        "none": "",
        "another password": basic("anna", "Annas Passwort 2"),
        "another user's password": basic("anna", PASSWORDS["bert"]),
        "an unknown name": basic("carl", PASSWORDS["anna"]),
        "no password": basic("anna", ""),
        "the hash": basic("anna", people.file.read().the_user("anna").hash),
        "a token as a password": basic("anna", people.tokens["annas"]),
        "a password as a token": f"Bearer {PASSWORDS['anna']}",
        "a made-up token": "Bearer qt_" + "x" * 43,
        "a digest": f"Bearer {people.file.read().tokens[0].digest}",
        **{f"{name} token": f"Bearer {people.tokens[name]}" for name in ("expired", "revoked", "orphan")},
        "another scheme": f"Digest {PASSWORDS['anna']}",
    }
    headers = {name: {"authorization": one} if one else {} for name, one in kinds.items()}
    key = people.file.read().the_user("anna").key
    return headers | {"the app's own header": {HEADER: NOBODY}, "a user's key": {"cookie": f"quellentreu={key}"}}


@pytest.mark.parametrize(("method", "path"), PROGRAMS + PAGE)
def test_no_route_answers_strangers(http: httpx.Client, people: People, method: str, path: str) -> None:
    body: Any = chat("Wie?") if method == "POST" else None
    for name, headers in wrong(people).items():
        answer = http.request(method, address(path), json=body, headers=headers)
        assert answer.status_code in {401, 429}, name
        assert "Cambricon" not in answer.text, name


@pytest.mark.parametrize(("method", "path"), PROGRAMS)
def test_programs_routes_take_passwords_and_tokens(http: httpx.Client, people: People, method: str, path: str) -> None:
    for right in (basic("anna", PASSWORDS["anna"]), *(f"Bearer {people.tokens[one]}" for one in ("annas", "alone"))):
        body: Any = {} if method == "POST" else None
        answer = http.request(method, address(path), json=body, headers={"authorization": right})
        assert answer.status_code in ({400, 406} if method == "POST" else {200}), answer.text


@pytest.mark.parametrize(("method", "path"), PAGE)
def test_the_page_takes_passwords_and_no_tokens(http: httpx.Client, people: People, method: str, path: str) -> None:
    token = {"authorization": f"Bearer {people.tokens['annas']}"}
    assert http.request(method, path, json={}, headers=token).status_code in {401, 429}
    if "queue/data" not in path and "heartbeat" not in path and "startup" not in path:  # these take long to answer
        right = {"authorization": basic("anna", PASSWORDS["anna"])}
        assert http.request(method, path, json={}, headers=right).status_code not in {401, 403, 429}


def test_changes_count_from_the_next_request(http: httpx.Client, people: People) -> None:
    people.file.change(lambda book: book.with_user("dora", "reader", people.file.read().the_user("anna").hash))
    dora = {"authorization": basic("dora", PASSWORDS["anna"])}
    token = {"authorization": f"Bearer {people.token('doras', user='dora')}"}
    other = {"authorization": f"Bearer {people.token('other', user='dora')}"}
    assert [http.get("/api/documents", headers=one).status_code for one in (dora, token, other)] == [200, 200, 200]
    people.revoke("other")
    assert [http.get("/api/documents", headers=one).status_code for one in (dora, token, other)] == [200, 200, 401]
    berts = people.file.read().the_user("bert").hash
    people.file.change(lambda book: book.with_password("dora", berts))
    assert [http.get("/api/documents", headers=one).status_code for one in (dora, token)] == [401, 200]
    people.file.change(lambda book: book.without_user("dora"))
    assert [http.get("/api/documents", headers=one).status_code for one in (dora, token)] == [401, 401]


def test_a_file_that_breaks_lets_nobody_in(http: httpx.Client, people: People) -> None:
    right, whole = {"authorization": basic("anna", PASSWORDS["anna"])}, people.file.path.read_bytes()
    people.file.path.write_bytes(b"{")
    try:
        assert http.get("/api/documents", headers=right).status_code == 503
        assert http.get("/", headers=right).status_code == 503
    finally:
        people.file.path.write_bytes(whole)
    assert http.get("/api/documents", headers=right).status_code == 200


def test_no_key_of_a_user_reaches_a_browser(http: httpx.Client) -> None:
    right = {"authorization": basic("anna", PASSWORDS["anna"]), "sec-fetch-site": "none"}
    answer = http.get("/", headers=right)
    assert answer.status_code == 200
    assert "quellentreu=" not in answer.headers.get("set-cookie", "")


def test_a_right_password_is_hashed_once(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"authorization": basic("anna", PASSWORDS["anna"])}
    assert http.get("/api/documents", headers=right).status_code == 200
    monkeypatch.setattr("ui.server.signing_in.fits", lambda *_: pytest.fail("hashed again"))
    assert http.get("/api/documents", headers=right).status_code == 200


# ---- users that a proxy names ----


@pytest.fixture(scope="module")
def by_proxy(people: People) -> Iterator[str]:
    sign_in = SignIn(people.file.path, header="X-Remote-User", proxies=Proxies.of("127.0.0.1"))
    operation = Operation(assistants=True, metrics=True)
    with served(FakeRag(), credentials=sign_in, forwarded_from="127.0.0.1", operation=operation) as address:
        yield address


@pytest.fixture(scope="module")
def not_by_proxy(people: People) -> Iterator[str]:
    sign_in = SignIn(people.file.path, header="X-Remote-User", proxies=Proxies.of("10.9.8.7"))
    operation = Operation(assistants=True, metrics=True)
    with served(FakeRag(), credentials=sign_in, forwarded_from="10.9.8.7", operation=operation) as address:
        yield address


@pytest.mark.parametrize(("method", "path"), PROGRAMS + PAGE)
def test_only_a_named_proxys_word_counts(not_by_proxy: str, by_proxy: str, method: str, path: str) -> None:
    named = [("x-remote-user", "anna")]
    with client(not_by_proxy) as http:
        for headers in (
            named,
            [*named, ("x-forwarded-for", "10.9.8.7")],
            [("authorization", basic("anna", PASSWORDS["anna"]))],
        ):
            assert http.request(method, address(path), json={}, headers=headers).status_code == 401
    with client(by_proxy) as http:
        for headers in (
            [],
            named * 2,
            [("x-remote-user", "a:b")],
            [("x-remote-user", b"\xff")],
            [("x-remote-user", "")],
        ):
            assert http.request(method, address(path), json={}, headers=headers).status_code == 401, headers  # type: ignore[arg-type]


def test_a_proxys_users_and_tokens_come_in(by_proxy: str, not_by_proxy: str, people: People) -> None:
    with client(by_proxy) as http:
        for name in ("anna", "somebody new", "Zoë"):
            headers = [(b"x-remote-user", name.encode())]
            assert http.get("/api/documents", headers=headers).status_code == 200
            assert http.get("/", headers=headers).status_code == 200
    with client(not_by_proxy) as http:
        token = {"authorization": f"Bearer {people.tokens['annas']}"}
        assert http.get("/api/documents", headers=token).status_code == 200
        assert http.get("/", headers=token).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-User", "Remote-User"])
def test_the_header_may_have_any_usual_name(people: People, header: str) -> None:
    sign_in = SignIn(people.file.path, header=header, proxies=Proxies.of("127.0.0.1"))
    with served(FakeRag(), credentials=sign_in, forwarded_from="127.0.0.1") as url, client(url) as http:
        headers = {header: "anna", "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}
        assert http.get("/api/documents", headers=headers).status_code == 200
        assert http.get("/api/documents", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 401


def test_a_token_is_the_key_of_openais_client_and_of_an_assistant(url: str, people: People) -> None:
    openai = pytest.importorskip("openai")
    for name, right in (("annas", True), ("expired", False), ("revoked", False)):
        asking = openai.OpenAI(base_url=f"{url}/v1", api_key=people.tokens[name], max_retries=0)
        if right:
            assert [model.id for model in asking.models.list()] == ["articles"]
        else:
            with pytest.raises(openai.AuthenticationError):
                asking.models.list()
    headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {people.tokens['annas']}"}
    with client(url) as http:
        answer = http.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)
    assert (answer.status_code, "list_articles" in answer.text) == (200, True)


def test_a_long_name_is_kept_short(people: People) -> None:
    sign_in = SignIn(people.file.path)
    headers = {"authorization": basic("n" * 60_000, "x" * 5_000)}
    found = asyncio.run(sign_in.identify({"type": "http", "headers": []}, headers, bearer=False))
    assert isinstance(found, Stranger)
    assert (found.guess, len(found.name)) == (True, LONGEST_NAME)


def test_only_so_many_passwords_of_an_address_are_hashed_one_after_another(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[int] = []
    running, begun = threading.Semaphore(0), threading.Event()

    def slow(*_: object) -> bool:
        at_once.append(1)
        begun.set()
        running.acquire(timeout=30)
        return False

    monkeypatch.setattr("ui.server.signing_in.fits", slow)
    sign_in = SignIn(people.file.path)
    scope: Any = {"type": "http", "headers": [], "client": ("192.0.2.7", 1)}

    async def guess(number: int) -> int:
        headers = {"authorization": basic("anna", f"geraten {number}")}
        found = await sign_in.identify(scope, headers, bearer=False)
        assert isinstance(found, Stranger)
        return found.status

    async def all_at_once() -> list[int]:
        tasks = [asyncio.create_task(guess(number)) for number in range(HELD_PER_ADDRESS + 3)]
        assert await asyncio.to_thread(begun.wait, 30)
        assert len(at_once) == 1
        for _ in tasks:
            running.release()
        return [await task for task in tasks]

    # One password is compared, and as many wait as may be held for one address.
    assert sorted(asyncio.run(all_at_once())) == [401] * (HELD_PER_ADDRESS + 1) + [429] * 2
