"""Every route for programs that the application has: none is open, and none is forgotten."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Mount

from tests.ui.api.serving import chat, client, served
from tests.ui.fakes import FakeRag
from ui.api.application import create_api, routes_of
from ui.api.service import Service
from ui.server import braking
from ui.server.credentials import Credentials
from ui.server.rates import QuestionLimit
from ui.server.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

PASSWORD = "Nur-fuer-Leser"
API = create_api(Service(FakeRag(), QuestionLimit(0)))
ROUTES = [(method, route.path) for route in routes_of(API).table for method in sorted(route.methods)]
FILLED = {"path": "cambricon.md", "name": "articles"}


def address(path: str) -> str:
    """Return a path of the table with its parameters filled in."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda match: FILLED[match[1]], path)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


WRONG = {
    "none": None,
    "another password": basic("leser", "Nur-fuer-Leser!"),
    "another name": basic("Leser", PASSWORD),
    "no key": "Bearer",
    "another key": "Bearer x",
    "the name as the key": "Bearer leser",
    "name and password as the key": f"Bearer leser:{PASSWORD}",
    "another scheme": f"Digest {PASSWORD}",
    "the bare password": PASSWORD,
}


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with served(FakeRag(), credentials=Credentials.of("leser", PASSWORD)) as url:
        yield url


@pytest.fixture
def http(guarded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    async def at_once(_: float) -> None:
        pass

    monkeypatch.setattr(braking, "_sleep", at_once)  # a wrong password would have to wait
    with client(guarded) as opened:
        yield opened


def test_the_table_has_all_that_is_documented() -> None:
    paths = {path for _, path in ROUTES}
    assert {"/v1/chat/completions", "/v1/models", "/v1/embeddings", "/api/ask", "/api/search"} <= paths
    assert {"/api/documents", "/api/documents/{path:path}", "/api/openapi.json"} <= paths
    assert all(path.startswith(("/v1/", "/api/")) for path in paths)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_without_the_password(http: httpx.Client, method: str, path: str, name: str) -> None:
    headers = {} if WRONG[name] is None else {"authorization": str(WRONG[name])}
    body: Any = chat("Wie?") if method == "POST" else None
    answer = http.request(method, address(path), json=body, headers=headers)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")
    assert "Cambricon" not in answer.text


@pytest.mark.parametrize("right", [basic("leser", PASSWORD), f"Bearer {PASSWORD}", f"bearer {PASSWORD}"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_route_is_reached_with_the_password(http: httpx.Client, method: str, path: str, right: str) -> None:
    answer = http.request(
        method, address(path), json={} if method == "POST" else None, headers={"authorization": right}
    )
    assert answer.status_code == (400 if method == "POST" else 200), answer.text


def test_the_page_takes_no_key(http: httpx.Client) -> None:
    for path in ("/", "/config", "/gradio_api/info"):
        assert http.get(path, headers={"authorization": f"Bearer {PASSWORD}"}).status_code == 401


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] == "POST"])
def test_other_sites_pages_cannot_ask(http: httpx.Client, method: str, path: str) -> None:
    right = {"authorization": basic("leser", PASSWORD)}
    for sign in ({"sec-fetch-site": "cross-site"}, {"origin": "http://elsewhere.example"}):
        assert http.request(method, address(path), json={}, headers={**right, **sign}).status_code == 403


@pytest.fixture(scope="module")
def unguarded() -> Iterator[str]:
    with served(FakeRag()) as url:
        yield url


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_names_of_other_machines_are_refused_where_there_is_no_password(unguarded: str, method: str, path: str) -> None:
    with client(unguarded) as http:
        answer = http.request(method, address(path), headers={"host": "elsewhere.example"})
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_error"


def test_a_route_that_nothing_stands_before_cannot_be_added() -> None:
    with pytest.raises(TypeError, match="no plain route"):
        Routes.of([Mount("/v1/more", app=API)])


def test_a_slash_too_many_is_another_address(http: httpx.Client) -> None:
    for method, path in ROUTES:
        right = {"authorization": basic("leser", PASSWORD)}
        answer = http.request(method, f"{address(path)}/", json={} if method == "POST" else None, headers=right)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_only_what_is_in_the_table_is_let_through(http: httpx.Client) -> None:
    for path in ("/openapi.json", "/docs", "/redoc", "/v1/files", "/api", "/api/docs"):
        assert http.get(path, headers={"authorization": basic("leser", PASSWORD)}).status_code == 404, path
