"""The project's own JSON over HTTP matches what the shell prints, what the files hold, and its description."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import client, events, served
from ui.api.plain.forms import AnswerSent, HitSent, ListSent, TextSent
from ui.api.plain.stepping import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from rag import RAG

QUESTION = "Wie viele Yuan will Cambricon aufnehmen?"
ODD_NAME = "Ä b & c%20d.md"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    from tests.conftest import ARTICLES

    folder: Path = tmp_path_factory.mktemp("served")
    corpus = folder / "Meine Artikel"
    (corpus / "ordner").mkdir(parents=True)
    for name, text in ARTICLES.items():
        (corpus / name).write_text(text, encoding="utf-8", newline="")
    (corpus / "ordner" / ODD_NAME).write_text(
        "# Drachen 🐉\n\nDer Drache 🐉 heißt 𝔐.\r\n", encoding="utf-8", newline=""
    )
    # With this limit, twenty questions of one address may wait.
    return synced(corpus, folder / "index", ScriptedEngine("4 Milliarden Yuan", confirms=True), max_waiting=100)


@pytest.fixture(scope="module")
def http(engine: RAG) -> Iterator[httpx.Client]:
    with served(engine) as url, client(url) as opened:
        yield opened


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out the timings, which differ each time."""
    return {name: value for name, value in answer.items() if name != "timings"}


def test_an_answer_is_the_shells(http: httpx.Client, engine: RAG) -> None:
    answer = http.post("/api/ask", json={"question": QUESTION}).json()
    assert shown(answer) == shown(engine.ask(QUESTION).to_json())
    assert "4 Milliarden Yuan" in answer["answer"]
    AnswerSent.model_validate(answer)
    for citation in answer["citations"]:
        place = {"start": citation["start"], "end": citation["end"]}
        text = http.get(f"/api/documents/{citation['path']}", params=place).json()
        assert (text["text"], text["sha256"]) == (citation["quote"], citation["document_sha256"])


@pytest.mark.parametrize("how", ["stream", "accept"])
def test_a_stream_has_the_products_events(http: httpx.Client, engine: RAG, how: str) -> None:
    headers = {"accept": "text/event-stream"} if how == "accept" else {}
    answer = http.post("/api/ask", json={"question": QUESTION, "stream": how == "stream"}, headers=headers)
    steps = events(answer.text)
    names = [name for name, _ in steps]
    assert names[0] == "evidence"
    assert names[-1] == "finished"
    assert {"likely", "delta", "sentence"} <= set(names) <= set(NAMES)
    told = dict(steps)
    whole = told["finished"]
    AnswerSent.model_validate(whole)
    assert shown(whole) == shown(engine.ask(QUESTION).to_json())
    assert told["evidence"]["evidence"] == whole["evidence"]
    assert told["sentence"]["sentence"] == whole["sentences"][-1] | {"citations": [0]}
    assert told["sentence"]["citations"][0] in whole["citations"]
    assert told["likely"]["citations"] == whole["likely"]


def test_what_a_question_can_be_asked_with_counts(http: httpx.Client) -> None:
    def asked(**options: Any) -> dict[str, Any]:
        answer = http.post("/api/ask", json={"question": QUESTION, **options})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert asked(filter={"source": "Niemand"})["evidence"] == []
    assert {one["path"] for one in asked(filter={"since": "2025-06-01"})["evidence"]} == {"huawei.md"}
    assert asked(kind="summary")["kind"] == "summary"
    assert len(asked(k=1)["evidence"]) <= len(asked(k=5)["evidence"])
    history = [["Was macht Cambricon?", "Chips."]]
    assert (
        "Cambricon"
        in http.post("/api/ask", json={"question": "Und wo?", "history": history}).json()["standalone_question"]
    )


def test_hits_are_the_shells(http: httpx.Client, engine: RAG) -> None:
    hits = http.post("/api/search", json={"query": "Ascend 910C", "k": 2}).json()
    assert hits == [hit.to_json() for hit in engine.search("Ascend 910C", k=2)]
    TypeAdapter(list[HitSent]).validate_python(hits)
    assert http.post("/api/search", json={"query": "Ascend 910C", "filter": {"source": "Niemand"}}).json() == []


def test_documents_are_listed_and_read(http: httpx.Client, engine: RAG) -> None:
    listed = http.get("/api/documents").json()
    ListSent.model_validate(listed)
    assert [one["path"] for one in listed["documents"]] == [one.path for one in engine.documents()]
    assert (listed["total"], listed["next"], listed["collections"]) == (len(engine.documents()), None, [])
    for one in listed["documents"]:
        whole = http.get(f"/api/documents/{one['path'].replace('%', '%25')}").json()
        TextSent.model_validate(whole)
        document = engine.document(one["path"])
        assert whole.items() >= {**one, "start": 0, "end": len(document.text), "text": document.text}.items()
        assert (whole["sha256"], whole["characters"]) == (document.sha256, len(document.text))


@settings(max_examples=20, deadline=None)
@given(limit=st.integers(1, 7), source=st.sampled_from(["", "heise"]), since=st.sampled_from(["", "2025-06-01"]))
def test_the_parts_of_the_list_are_the_whole_list(http: httpx.Client, limit: int, source: str, since: str) -> None:
    restrict = {name: value for name, value in (("source", source), ("since", since)) if value}
    whole = http.get("/api/documents", params=restrict).json()
    read: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        part = http.get("/api/documents", params={**restrict, "limit": limit, "offset": offset}).json()
        assert part["total"] == whole["total"]
        assert 0 < len(part["documents"]) <= limit
        assert part["next"] in {None, offset + limit}
        read += part["documents"]
        offset = part["next"]
    assert read == whole["documents"]


def test_the_list_can_be_narrowed(http: httpx.Client, engine: RAG) -> None:
    for restrict in ({"source": "heise"}, {"until": "2025-06-01"}, {"since": "2025-06-01"}, {"source": "Niemand"}):
        listed = http.get("/api/documents", params=restrict).json()
        known = {one.path: one.metadata for one in engine.documents()}
        fits = [
            path
            for path, about in known.items()
            if about.source.casefold() == restrict.get("source", about.source).casefold()
            and (set(restrict) == {"source"} or about.date)
            and restrict.get("since", "") <= about.date <= restrict.get("until", "9999")
        ]
        assert [one["path"] for one in listed["documents"]] == fits
        assert listed["total"] == len(fits) < len(known)
    behind = http.get("/api/documents", params={"offset": 99}).json()
    assert (behind["documents"], behind["next"], behind["total"]) == ([], None, len(known))


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=501", "limit"),
        ("limit=", "limit"),
        ("limit=geheim", "limit"),
        ("offset=-1", "offset"),
        ("offset=1e3", "offset"),
        ("offset=" + "9" * 40, "offset"),
        ("since=gestern", "since"),
        ("until=20250101", "until"),
        ("source=" + "x" * 1001, "source"),
        ("collection=geheim", "collection"),
        ("collection=uploads", "collection"),
        ("collection=all", "collection"),
        ("collection=articles,articles", "collection"),
        ("collection=", "collection"),
        ("geheim=7", None),
    ],
)
def test_a_list_that_cannot_be_is_refused_in_a_line(http: httpx.Client, query: str, param: str | None) -> None:
    answer = http.get(f"/api/documents?{query}")
    said = answer.json()["error"]
    assert (answer.status_code, said["param"]) == (400, param)
    assert "\n" not in said["message"]
    assert "geheim" not in answer.text
    assert len(said["message"]) < 200


def test_ranges_count_characters(http: httpx.Client, engine: RAG) -> None:
    path = f"ordner/{ODD_NAME}"
    text = engine.document(path).text
    url = f"/api/documents/{path.replace('%', '%25')}"
    for start, end in ((0, 0), (text.index("🐉"), text.index("🐉") + 1), (text.index("𝔐"), len(text))):
        part = http.get(url, params={"start": start, "end": end}).json()
        assert part["text"] == text[start:end]
    for start, end in ((0, len(text) + 1), (5, 4), (len(text) + 1, len(text) + 2)):
        answer = http.get(url, params={"start": start, "end": end})
        assert (answer.status_code, answer.json()["error"]["code"]) == (416, "no_such_range")
    assert http.get(url, params={"strat": 3}).status_code == 400
    for place in ({"start": -1}, {"start": "x"}, {"end": 2**40}, {"end": "1e3"}):
        answer = http.get(url, params=place)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, next(iter(place)))


@pytest.mark.parametrize(
    "path",
    ["none.md", "../secret", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "ordner", ".uploads/x.md", "a" * 1100, "%00"],
)
def test_what_is_no_article_is_not_read(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/api/documents/{path}")
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert path not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": ""},
        {"question": 4711},
        {"question": None},
        {"question": "x" * 20_001},
        {"question": "?"},
        {"question": "Wie?", "history": [["a"]]},
        {"question": "Wie?", "history": "x"},
        {"question": "Wie?", "history": [["a", "b"]] * 201},
        {"question": "Wie?", "filter": {"since": "gestern"}},
        {"question": "Wie?", "filter": {"since": "20250101"}},
        {"question": "Wie?", "filter": {"collection": "none"}},
        {"question": "Wie?", "filter": {"sauce": "x"}},
        {"question": "Wie?", "strictness": 2},
        {"question": "Wie?", "k": 0},
        {"question": "Wie?", "k": True},
        {"question": "Wie?", "kind": "poem"},
        {"question": "Wie?", "client": "x"},
        {"question": "Wie?", "owner": "x"},
        {"question": "Wie?", "stream": "yes"},
    ],
    ids=str,
)
def test_questions_that_do_not_fit_are_refused(http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post("/api/ask", json=body)
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert "\n" not in message
    for value in ("gestern", "sauce", "poem", "4711"):
        assert value not in message


def test_own_files_are_their_owners_alone(http: httpx.Client) -> None:
    for path in ("/api/ask", "/api/search"):
        question = {"question": QUESTION} if path == "/api/ask" else {"query": QUESTION}
        answer = http.post(path, json={**question, "filter": {"collection": "uploads"}})
        assert answer.status_code == 400
        assert "Own files belong to the browser" in answer.json()["error"]["message"]
        assert http.post(path, json={**question, "filter": {"collection": "all"}}).status_code == 200


def test_the_model_is_called_like_the_folder(http: httpx.Client, engine: RAG) -> None:
    assert [one["id"] for one in http.get("/v1/models").json()["data"]] == ["Meine Artikel"]
    assert str(engine.settings.corpus.parent) not in http.get("/v1/models").text
    assert http.get("/v1/models/Meine%20Artikel").status_code == 200


def test_the_description_names_every_route_and_each_form(http: httpx.Client) -> None:
    from tests.ui.api.test_routes import ROUTES

    described = http.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    documented = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert documented == {(method, path.replace(":path", "")) for method, path in ROUTES}
    for methods in described["paths"].values():
        for operation in methods.values():
            assert {"200", "4XX", "5XX"} == operation["responses"].keys()
            assert operation["summary"]
            refused = operation["responses"]["4XX"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/ProblemSaid"}
    assert described["components"]["securitySchemes"].keys() == {"password", "key"}


def test_twenty_ask_at_once_and_none_sees_anothers(http: httpx.Client, engine: RAG) -> None:
    import httpx as library

    words = ("Cambricon", "Huawei", "Nvidia", "SMIC")
    questions = [f"Was ist mit {words[number % 4]}, Nummer {number}?" for number in range(20)]

    async def all_of_them() -> list[Any]:
        async with library.AsyncClient(base_url=http.base_url, trust_env=False, timeout=120) as many:
            asked = [
                many.post("/api/ask", json={"question": one, "stream": n % 2 == 0}) for n, one in enumerate(questions)
            ]
            return list(await asyncio.gather(*asked))

    for question, answer in zip(questions, asyncio.run(all_of_them()), strict=True):
        assert answer.status_code == 200
        streamed = answer.headers["content-type"].startswith("text/event-stream")
        whole = dict(events(answer.text))["finished"] if streamed else answer.json()
        assert whole["question"] == question
