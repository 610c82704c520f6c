"""The tools and the articles as an assistant sees them, with the protocol's own client."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.shared.exceptions import MCPError

from rag.limits import LONGEST_RESOURCE, MOST_AROUND
from rag.mcp import tools
from rag.mcp.forms import ReadArguments
from rag.mcp.server import Manners, build
from rag.mcp.stdio import library_of
from rag.mcp.tools import SCHEME, Library
from tests.rag.fakes import ScriptedEngine
from tests.rag.mcp.articles import ARTICLES, HARBOUR, articles, run

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_types import CallToolResult

    from rag import RAG

QUESTION = "Was kostet der Hafen von Talheim?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("articles")


@pytest.fixture(scope="module")
def rag(folder: Path) -> RAG:
    return articles(folder)


def called(rag: RAG, name: str, arguments: dict[str, Any] | None = None, manners: Manners | None = None) -> Any:
    found: list[CallToolResult] = []

    async def work() -> None:
        async with Client(build(library_of(rag), manners)) as client:
            found.append(await client.call_tool(name, arguments or {}))

    run(work)
    return found[0]


def test_every_tool_only_reads_and_says_what_goes_in_and_comes_out(rag: RAG) -> None:
    async def work() -> None:
        async with Client(build(library_of(rag))) as client:
            listed = (await client.list_tools()).tools
            assert [tool.name for tool in listed] == ["ask", "search", "read", "list_articles"]
            for tool in listed:
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint is True
                assert tool.annotations.destructive_hint is False
                assert tool.annotations.open_world_hint is False
                assert tool.input_schema["type"] == "object"
                assert tool.input_schema["additionalProperties"] is False
                assert (tool.output_schema or {})["type"] == "object"
                assert all("description" in value for value in tool.input_schema["properties"].values())

    run(work)


def test_an_answer_carries_the_characters_it_stands_at(rag: RAG) -> None:
    result = called(rag, "ask", {"question": QUESTION})
    answer = result.structured_content
    expected = rag.ask(QUESTION).to_json()
    assert answer["answer"] == expected["answer"] == HARBOUR
    assert answer["abstained"] is False
    assert answer["confidence"] == expected["confidence"]
    assert answer["evidence"] == []
    for cited, theirs in zip(answer["citations"], expected["citations"], strict=True):
        assert ARTICLES[cited["path"]][cited["start"] : cited["end"]] == cited["quote"]
        assert {name: theirs[name] for name in cited} == cited
    assert answer["sentences"][0]["citations"] == [0]
    text = result.content[0].text
    assert text.startswith(f"{HARBOUR} [1]\n[1] hafen.md:")


def test_where_there_is_no_answer_it_says_so_and_shows_what_is_near(folder: Path) -> None:
    refusing = articles(folder, ScriptedEngine("nichts", confirms=False))
    result = called(refusing, "ask", {"question": QUESTION, "strictness": 0.9})
    assert not result.is_error
    answer = result.structured_content
    assert (answer["abstained"], answer["citations"]) == (True, [])
    assert 0 < len(answer["evidence"]) <= 5
    assert "Nearest:\n- hafen.md:" in result.content[0].text


def test_a_search_gives_the_hits_of_the_shell(rag: RAG) -> None:
    hits = called(rag, "search", {"query": "Hafen Talheim", "k": 2, "since": "2024-01-01"}).structured_content["hits"]
    assert hits == [hit.to_json() for hit in rag.search("Hafen Talheim", k=2, filter={"since": "2024-01-01"})]
    assert [hit["path"] for hit in hits] == ["hafen.md"]


def test_read_shows_what_stands_around_a_citation(rag: RAG) -> None:
    text = ARTICLES["hafen.md"]
    start = text.index(HARBOUR)
    arguments = {"path": "hafen.md", "start": start, "end": start + len(HARBOUR), "around": 12}
    shown = called(rag, "read", arguments).structured_content
    assert shown["text"] == text[start - 12 : start + len(HARBOUR) + 12] == text[shown["start"] : shown["end"]]
    assert shown["length"] == len(text)
    assert "🐉" in called(rag, "read", {"path": "hafen.md"}).structured_content["text"]
    assert called(rag, "read", {"path": "ordner/über uns.md"}).structured_content["title"] == "Über uns"


@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, 200), length=st.integers(0, 200), around=st.integers(0, MOST_AROUND))
def test_what_is_read_is_always_the_articles_own_characters(rag: RAG, start: int, length: int, around: int) -> None:
    text = ARTICLES["hafen.md"]
    arguments = ReadArguments(path="hafen.md", start=start, end=start + length, around=around)

    async def work() -> None:
        shown = await Library(rag).read(arguments)
        assert shown.text == text[shown.start : shown.end]
        assert shown.start <= start
        assert start + length <= shown.end <= len(text)

    if start + length <= len(text):
        run(work)
    else:
        with pytest.raises(tools.RagError, match="has only"):
            run(work)


def test_the_list_can_be_narrowed_and_read_in_parts(rag: RAG) -> None:
    first = called(rag, "list_articles", {"limit": 2}).structured_content
    assert (first["total"], first["next"]) == (3, 2)
    rest = called(rag, "list_articles", {"limit": 2, "offset": first["next"]}).structured_content
    assert rest["next"] is None
    assert sorted(one["path"] for one in first["articles"] + rest["articles"]) == sorted(ARTICLES)
    narrowed = called(rag, "list_articles", {"source": "bote", "until": "2024-12-31"}).structured_content
    assert [(one["path"], one["date"]) for one in narrowed["articles"]] == [("hafen.md", "2024-05-02")]
    assert called(rag, "list_articles", {"until": "2023-12-31"}).structured_content["total"] == 1
    assert called(rag, "list_articles", {"offset": 99}).structured_content["articles"] == []


def test_articles_are_resources_in_pages(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.mcp.server.MOST_LISTED", 2)

    async def work() -> None:
        async with Client(build(library_of(rag))) as client:
            first = await client.list_resources()
            assert first.next_cursor is not None
            rest = await client.list_resources(cursor=first.next_cursor)
            assert rest.next_cursor is None
            listed = [*first.resources, *rest.resources]
            assert sorted(one.name for one in listed) == sorted(ARTICLES)
            for one in listed:
                [content] = (await client.read_resource(str(one.uri))).contents
                assert content.text == ARTICLES[one.name]  # type: ignore[union-attr]
            [template] = (await client.list_resource_templates()).resource_templates
            assert template.uri_template.startswith(SCHEME)
            for cursor in ("-1", "x", "9" * 30, ""):
                with pytest.raises(MCPError, match="cursor"):
                    await client.list_resources(cursor=cursor)

    run(work)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        SCHEME,
        f"{SCHEME}../../etc/passwd",
        f"{SCHEME}%2e%2e/x",
        f"{SCHEME}.uploads/a.md",
        "x" * 9000,
    ],
)
def test_other_resources_are_refused_in_a_line(rag: RAG, uri: str) -> None:
    async def work() -> None:
        async with Client(build(library_of(rag))) as client:
            with pytest.raises(MCPError) as refused:
                await client.read_resource(uri)
            assert len(refused.value.message) < 12_000
            assert "\n" not in refused.value.message

    run(work)


def test_an_article_too_long_for_a_resource_is_read_in_parts(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    rag = articles(tmp_path)

    class Long:
        def document(self, path: str) -> Any:
            document = rag.document("turm.md")
            return type(document)(path, "x" * (LONGEST_RESOURCE + 5), document.metadata, document.sha256)

    async def work() -> None:
        library = Library(Long())  # type: ignore[arg-type]
        with pytest.raises(tools.RagError, match="tool `read`"):
            await library.whole(f"{SCHEME}turm.md")
        part = await library.read(ReadArguments(path="turm.md", end=LONGEST_RESOURCE + 5))
        assert part.end - part.start == LONGEST_RESOURCE

    run(work)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", {}, "question: Field required"),
        ("ask", {"question": 7}, "question: Input should be a valid string"),
        ("ask", {"question": None}, "question:"),
        ("ask", {"question": ["x"]}, "question:"),
        ("ask", {"question": ""}, "question"),
        ("ask", {"question": "x" * 1_000_000}, "1000"),
        ("ask", {"question": "Wer?", "strictness": 2}, "strictness:"),
        ("ask", {"question": "Wer?", "kind": "geheim"}, "kind:"),
        ("ask", {"question": "Wer?", "since": "gestern"}, "not a date"),
        ("ask", {"question": "Wer?", "source": "x" * 5000}, "source:"),
        ("ask", {"question": "Wer?", "geheim": 1}, "geheim: Extra inputs"),
        ("ask", {"question": "Wer ist \x00\x1b[2J?"}, ""),
        ("search", {"query": "Turm", "k": 0}, "k:"),
        ("search", {"query": "Turm", "k": "5"}, "k:"),
        ("search", {"query": "Turm", "k": 10**30}, "k:"),
        ("search", {"query": "x" * 1_000_000}, "characters"),
        ("read", {"path": "keine.md"}, "keine.md"),
        ("read", {"path": "../../etc/passwd"}, "etc/passwd"),
        ("read", {"path": "/etc/passwd"}, "/etc/passwd"),
        ("read", {"path": ".uploads/a.md"}, "no such article"),
        ("read", {"path": ""}, ""),
        ("read", {"path": "turm.md", "start": -1}, "start:"),
        ("read", {"path": "turm.md", "start": 5, "end": 2}, "before start"),
        ("read", {"path": "turm.md", "start": 5000}, "has only"),
        ("read", {"path": "turm.md", "around": 10**9}, "around:"),
        ("list_articles", {"since": "2024-1-1"}, "not a date"),
        ("list_articles", {"offset": -5}, "offset:"),
    ],
)
def test_bad_arguments_are_told_in_a_line(
    rag: RAG, name: str, arguments: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = called(rag, name, arguments)
    if not said:
        return  # any answer is accepted
    assert result.is_error
    [content] = result.content
    assert said in content.text
    assert content.text.count("\n") == 0
    assert len(content.text) < 400
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_tool_that_is_none_is_an_error_of_the_protocol(rag: RAG) -> None:
    async def work() -> None:
        async with Client(build(library_of(rag))) as client:
            with pytest.raises(MCPError, match="no such tool"):
                await client.call_tool("delete_everything", {})

    run(work)


def test_what_breaks_inside_is_logged_by_its_place_alone(
    rag: RAG, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("geheim")

    monkeypatch.setattr(type(rag), "search", broken)
    result = called(rag, "search", {"query": "Geheimnis"})
    assert result.is_error
    assert result.content[0].text == "Something went wrong; the log says what and where."
    assert "ZeroDivisionError" in caplog.text
    assert "eheim" not in caplog.text


def test_whoever_serves_decides_who_may_ask(rag: RAG) -> None:
    def admit(_: object) -> str:
        raise tools.RagError("Too many questions.", hint="Ask again in 3 s.")

    manners = Manners(admit=admit, told=lambda error: error.message)
    result = called(rag, "ask", {"question": QUESTION}, manners)
    assert (result.is_error, result.content[0].text) == (True, "Too many questions.")
    assert not called(rag, "search", {"query": "Turm"}, manners).is_error


def test_a_question_that_is_withdrawn_stops_the_language_model(tmp_path: Path) -> None:
    began, may_go_on = threading.Event(), threading.Event()
    engine = ScriptedEngine("zwölf ", "Millionen ", "Euro")
    engine.before_piece = lambda: began.set() or may_go_on.wait(30)
    slow = articles(tmp_path, engine)

    async def work() -> None:
        async with Client(build(library_of(slow))) as client:
            asking = asyncio.ensure_future(client.call_tool("ask", {"question": QUESTION}))
            assert await asyncio.to_thread(began.wait, 20)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            may_go_on.set()
            assert await asyncio.to_thread(engine.closed.wait, 20)
            assert engine.yielded < 3
            assert not (await client.call_tool("search", {"query": "Turm"})).is_error

    run(work)
