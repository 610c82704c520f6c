"""
Any request to a route for programs gets a status below 500 and the documented form, and leaves the log quiet.

The number of requests is limited in the suite. ``QUELLENTREU_FUZZ=5000`` in the environment increases it.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.conftest import ARTICLES
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import client, served
from tests.ui.api.test_routes import ROUTES
from ui.api.openai.forms import Completion, EmbeddingList, Model, ModelList
from ui.api.plain.forms import AnswerSent, HitSent, ListSent, TextSent
from ui.api.table import ProblemSaid
from ui.server import safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

EXAMPLES = int(os.environ.get("QUELLENTREU_FUZZ", "100"))
FORMS: dict[str, TypeAdapter[Any]] = {
    "/v1/chat/completions": TypeAdapter(Completion),
    "/v1/models": TypeAdapter(ModelList),
    "/v1/models/{name}": TypeAdapter(Model),
    "/v1/models/quellentreu/{name}": TypeAdapter(Model),
    "/v1/embeddings": TypeAdapter(EmbeddingList),
    "/api/ask": TypeAdapter(AnswerSent),
    "/api/search": TypeAdapter(list[HitSent]),
    "/api/documents": TypeAdapter(ListSent),
    "/api/documents/{path:path}": TypeAdapter(TextSent),
    "/api/openapi.json": TypeAdapter(dict[str, Any]),
}
PROBLEM = TypeAdapter(ProblemSaid)

words = st.sampled_from(
    ["Wie viel Geld?", "Und wann?", "Ascend", "", " ", "\ud83d", "a\0b", "\u202e", "x" * 3000, "{}"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "type", "text"]), inner)
    ),
    max_leaves=6,
)


def either(plausible: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(plausible, plausible, plausible, values)


parts = st.fixed_dictionaries({"type": st.sampled_from(["text", "image_url", "x"])}, optional={"text": either(words)})
message = st.fixed_dictionaries(
    {
        "role": either(st.sampled_from(["user", "user", "assistant", "system", "tool"])),
        "content": either(words | st.lists(parts, max_size=3)),
    }
)
restriction = st.fixed_dictionaries(
    {},
    optional={
        "source": either(st.sampled_from(["Heise", "heise", ""])),
        "since": either(st.sampled_from(["2025-01-01", "", "2025-13-01"])),
        "until": either(st.just("2025-12-31")),
        "collection": either(st.sampled_from(["articles", "uploads", "all"])),
        "x": values,
    },
)
BODIES: dict[str, st.SearchStrategy[Any]] = {
    "/v1/chat/completions": st.fixed_dictionaries(
        {"model": either(st.just("corpus")), "messages": either(st.lists(message, max_size=4))},
        optional=dict.fromkeys(("stream", "n", "tools", "stop", "response_format", "stream_options", "audio"), values),
    ),
    "/v1/embeddings": st.fixed_dictionaries(
        {"model": either(st.just("corpus")), "input": either(words | st.lists(words, max_size=4))},
        optional={
            "encoding_format": either(st.sampled_from(["float", "base64"])),
            "dimensions": values,
            "input_type": either(st.sampled_from(["query", "passage"])),
        },
    ),
    "/api/ask": st.fixed_dictionaries(
        {"question": either(words)},
        optional={
            "history": either(st.lists(st.lists(words, min_size=2, max_size=2), max_size=3)),
            "filter": either(restriction),
            "strictness": either(st.floats(0, 1)),
            "k": either(st.integers(1, 100)),
            "kind": either(st.sampled_from(["fact", "summary", "list", "talk"])),
            "fresh": either(st.booleans()),
            "stream": values,
        },
    ),
    "/api/search": st.fixed_dictionaries(
        {"query": either(words)}, optional={"k": either(st.integers(1, 9)), "filter": either(restriction)}
    ),
}


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "corpus").mkdir()
    for name, text in ARTICLES.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(safety, "REQUESTS_PER_MINUTE", 0)
        engine = synced(folder / "corpus", folder / "index", ScriptedEngine("4 Milliarden Yuan"))
        with served(engine) as url, client(url) as opened:
            yield opened


def check(answer: httpx.Response, path: str) -> None:
    assert answer.status_code < 500, answer.text
    kind = answer.headers["content-type"]
    if kind.startswith("text/event-stream"):
        assert answer.status_code == 200
        assert '"server_error"' not in answer.text
        return
    assert kind.startswith("application/json")
    form = FORMS[path] if answer.status_code == 200 else PROBLEM
    form.validate_json(answer.text)
    if answer.status_code != 200:
        assert "\n" not in answer.json()["error"]["message"]
        assert "/tmp" not in answer.text


def test_each_route_has_a_form_here() -> None:
    assert FORMS.keys() == {path for _, path in ROUTES}
    assert BODIES.keys() == {path for method, path in ROUTES if method == "POST"}


def test_no_request_makes_a_route_fail(
    http: httpx.Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    # The client itself removes "." and ".." from an address.
    names = st.text(min_size=1, max_size=20).filter(lambda name: "." not in name) | st.sampled_from(
        [*ARTICLES, "corpus", "/", "//", ".uploads/x", "huawei.md/"]
    )
    numbers = st.integers(-5, 400) | st.sampled_from(["", "x", "1e3", "\ud83d", "9" * 40])

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def knock(data: st.DataObject) -> None:
        method, path = data.draw(st.sampled_from(ROUTES))
        place = data.draw(names).encode("utf-8", "replace")
        address = path.replace("{path:path}", quote(place)).replace("{name}", quote(place, safe=""))
        if method == "POST":
            body = json.dumps(data.draw(BODIES[path])).encode()
            answer = http.post(address, content=body, headers={"content-type": "application/json"})
        else:
            query = data.draw(
                st.dictionaries(
                    st.sampled_from(["start", "end", "limit", "offset", "collection", "since", "x"]), numbers
                )
            )
            answer = http.get(
                address, params={name: str(one).encode("utf-8", "replace") for name, one in query.items()}
            )
        check(answer, path)
        assert "Traceback" not in capfd.readouterr().err
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []

    knock()
