"""
Every route of the whole application, including Gradio's own, from its tables when it runs.

Only the routes that are open on purpose are named here. So a route that a new version of Gradio adds, or one in front
of Gradio, is tested, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Mount

from tests.ui.api.serving import client
from tests.ui.conftest import free_port
from tests.ui.fakes import FakeRag
from tests.ui.people.making import PASSWORDS, People, basic, quick_hashes
from ui import launch
from ui.api.application import create_api
from ui.api.service import Service
from ui.operating.health import HEALTH, READY
from ui.operating.options import Operation
from ui.server import braking
from ui.server.rates import QuestionLimit
from ui.server.safety import _EXACT, _OPEN, _QUERIED, Guard
from ui.server.signing_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
OPEN = {HEALTH, READY, *_OPEN}


def paths_of(routes: Any, before: str = "") -> Iterator[str]:
    """Yield the path of each route, with its parameters filled in."""
    for route in routes:
        included = getattr(route, "original_router", None)  # where FastAPI keeps an included router
        if included is not None:
            yield from paths_of(included.routes, f"{before}{route.include_context.prefix}")
        elif isinstance(route, Mount):
            yield from paths_of(route.routes or (), before + route.path)
            yield f"{before}{route.path}/x"
        else:
            yield before + re.sub(r"{[^}]*}", "x", str(route.path))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with pytest.MonkeyPatch.context() as patched:

        async def at_once(_: float) -> None:
            pass

        quick_hashes(patched)
        patched.setattr(braking, "_sleep", at_once)
        yield People.at(tmp_path_factory.mktemp("people") / "users.json")


@pytest.fixture(scope="module")
def app(people: People) -> Iterator[gr.Blocks]:
    served = launch(
        FakeRag(),
        port=free_port(),
        block=False,
        credentials=SignIn(people.file.path),
        operation=Operation(assistants=True, metrics=True),
    )
    yield served
    served.close(verbose=False)


def every(app: gr.Blocks) -> list[str]:
    api = create_api(Service(FakeRag(), QuestionLimit(0)))
    guards = [one for one in app.app.user_middleware if one.cls is Guard]
    assert len(guards) == 1
    behind: Any = guards[0].kwargs["paths"]
    found = {*paths_of(app.app.routes), *paths_of(api.routes), *_EXACT, *behind, HEALTH, READY}
    # These are far more than the app lets through; Gradio has uploads, files and proxies, too.
    assert {"/metrics", "/mcp", "/v1/chat/completions", "/gradio_api/upload", "/gradio_api/file=x"} <= found
    return sorted(found)


def test_no_route_of_the_whole_application_lets_strangers_in(app: gr.Blocks, people: People) -> None:
    wrong = ({"authorization": basic("anna", PASSWORDS["bert"])}, {"authorization": "Bearer qt_" + "x" * 43})
    with client(app.local_url) as http:
        for path in every(app):
            address = f"{path}?session_hash=x" if path == _QUERIED else path
            for method in METHODS:
                answers = [http.request(method, address)]
                if answers[0].status_code == 401:
                    answers += [http.request(method, address, headers=headers) for headers in wrong]
                allowed = {200, 404, 405} if path in OPEN else {401, 404, 405, 429}
                assert {one.status_code for one in answers} <= allowed, (method, path)
                assert not any("Cambricon" in one.text for one in answers)
                assert all("allow" in one.headers for one in answers if one.status_code == 405), (method, path)


def test_what_is_not_let_through_is_there_for_nobody(app: gr.Blocks, people: People) -> None:
    """Gradio's routes that the page does not need do not answer anybody, not even a user."""
    anna = {"authorization": basic("anna", PASSWORDS["anna"])}
    with client(app.local_url) as http:
        for route in ("upload", "file=x", "file/x", "proxy=http://example.org", "stream/x/y/z/playlist.m3u8"):
            for method in ("GET", "POST"):
                assert http.request(method, f"/gradio_api/{route}", headers=anna).status_code == 404, route
