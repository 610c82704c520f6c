"""Two browsers use one app: neither sees, asks, opens or removes what the other has added."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from index.collections.owners import SHARED, Owner
from rag.evaluation.datasets.native import load_native
from rag.settings import Settings
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine
from tests.ui import fakes
from tests.ui.conftest import free_port
from tests.ui.features.test_feedback import sent as said
from tests.ui.visitor import Visitor
from ui import launch
from ui.command import ui
from ui.conversation.draft import Draft
from ui.conversation.handlers import Handlers
from ui.features.feedback import ReaderFeedback
from ui.features.uploads import OwnFiles
from ui.render.failures import RequestError
from ui.render.texts import DE
from ui.server.owners import COOKIE, KeyRing, Owners, notes, owner_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import gradio as gr

    from rag.client import RAG

SECRET = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"
ANNA, BERT = f"{COOKIE}={'a' * 43}", f"{COOKIE}={'b' * 43}"


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    engine = ScriptedEngine(SECRET, confirms=lambda page: "412 Euro" in page)
    return build(corpus, index_dir, engine)


@pytest.fixture
def serve(rag: RAG) -> Iterator[Callable[..., gr.Blocks]]:
    running = []

    def begin(**options: Any) -> gr.Blocks:
        running.append(launch(rag, port=free_port(), block=False, questions_per_minute=0, **options))
        return running[-1]

    yield begin
    for app in running:
        app.close(verbose=False)


def test_two_browsers_have_nothing_of_each_other(serve: Callable[..., gr.Blocks], rag: RAG) -> None:
    url = serve().local_url
    with Visitor(url) as anna, Visitor(url) as bert:
        added = anna.add("Protokoll.md", SECRET)["added"]
        assert bert.files() == []
        span = {"path": added["document"], "spans": []}
        assert SECRET in anna.call("article", span)["html"]
        assert SECRET not in bert.call("article", span)["html"]

        assert SECRET in anna.ask(QUESTION)
        for choice in ("all", "uploads"):
            assert SECRET not in bert.ask(QUESTION, choice)
            bert.session = secrets.token_hex(6)

        bert.call("own_file_remove", {"key": bert.key, "name": "Protokoll.md"})
        bert.call("own_files_clear", {"key": bert.key})
        assert anna.files() == ["Protokoll.md"]
        assert bert.add("Protokoll.md", "Ein anderer Satz steht hier.")["added"]["name"] == "Protokoll.md"
        assert SECRET not in bert.call("article", span)["html"]
        for visitor in (anna, bert):
            for name, data in (("library_list", {}), ("library_map", None), ("suggestions", {"paths": [span["path"]]})):
                assert "uploads" not in json.dumps(visitor.call(name, data))
        assert rag.uploads.list() == []
        assert len(rag.owned_uploads.owners()) == 2


def test_a_conversation_is_drawn_without_anothers_documents(serve: Callable[..., gr.Blocks]) -> None:
    url = serve().local_url
    with Visitor(url) as anna, Visitor(url) as bert:
        anna.add("Protokoll.md", f"# Geheimer Titel\n\n{SECRET} Danach wurde lange getagt.")
        cited = {"path": ".uploads/Protokoll.md", "start": 18, "end": 30, "quote": "x", "text": "x"}
        answer = {"question": "Was?", "standalone_question": "Was?", "answer": "x", "abstained": False}
        record = {"question": "Was?", "answer": answer | {"citations": [cited], "evidence": [cited]}}
        assert "Danach wurde" not in json.dumps(bert.call("restore", {"records": [record]}))
        assert "Geheimer" not in json.dumps(bert.call("restore", {"records": [record]}))


def test_who_guesses_a_session_gets_nothing_of_it(serve: Callable[..., gr.Blocks]) -> None:
    url = serve().local_url
    with Visitor(url) as anna, Visitor(url) as bert:
        anna.add("Protokoll.md", SECRET)
        anna.ask(QUESTION)
        anna.join(QUESTION, "uploads")
        for address in (
            f"gradio_api/queue/data?session_hash={anna.session}",
            f"gradio_api/queue/data?session_hash=x&session_hash={anna.session}",
            f"gradio_api/call/chat/{anna.session}",
            f"gradio_api/call/chat/{anna.session}/",
            f"gradio_api/heartbeat/{anna.session}",
        ):
            answer = bert.client.get(address)
            assert (answer.status_code, SECRET in answer.text) == (404, False), address
        assert SECRET in anna.ask(QUESTION)


def test_a_session_taken_before_its_owner_asks_gives_nothing_away(serve: Callable[..., gr.Blocks]) -> None:
    app = serve()
    with Visitor(app.local_url) as anna, Visitor(app.local_url) as bert:
        anna.add("Protokoll.md", SECRET)
        with bert.client.stream("GET", "gradio_api/queue/data", params={"session_hash": anna.session}) as lines:
            for _ in lines.iter_lines():
                break
        answer = anna.client.get("gradio_api/queue/data", params={"session_hash": anna.session})
        assert answer.status_code == 404


def test_programs_have_own_files_only_with_a_key(serve: Callable[..., gr.Blocks], rag: RAG) -> None:
    url = serve().local_url
    with Visitor(url) as anna:
        anna.add("Protokoll.md", SECRET)
        key = anna.client.cookies[COOKIE]
    with Visitor(url, site=None) as program:
        assert program.files() == []
        program.client.cookies.clear()
        found = program.add("a.md", "Ein Satz steht hier.")
        assert program.client.cookies  # a browser that follows another site's link gets its key in this way
    with Visitor(url, site=None, cookies={COOKIE: key}) as program:
        assert program.files() == ["Protokoll.md"]
    assert "added" in found
    assert len(rag.owned_uploads.owners()) == 2
    panel = OwnFiles(rag)
    nobody: Any = SimpleNamespace(headers={"accept-language": "de"})
    form = panel.own_files(None, nobody)["key"]
    assert panel.own_file_begin({"key": form, "name": "a.md", "size": 3}, nobody) == {"refused": DE.refused_no_key}
    assert "error" in panel.own_files_clear({"key": form}, nobody)


def test_shared_files_are_everybodys_and_the_page_says_so(serve: Callable[..., gr.Blocks], rag: RAG) -> None:
    rag.uploads.add("alt.md", SECRET.encode())
    url = serve(share_uploads=True).local_url
    with Visitor(url) as anna, Visitor(url, site=None) as program:
        assert anna.files() == program.files() == ["alt.md"]
        assert anna.call("own_files")["shared"] is True
        assert anna.add("neu.md", "Ein anderer Satz steht hier.")["added"]
        assert program.files() == ["alt.md", "neu.md"]
        assert SECRET in program.ask(QUESTION)
        program.call("own_file_remove", {"key": program.key, "name": "alt.md"})
        assert anna.files() == ["neu.md"]
    assert [one.name for one in rag.uploads.list()] == ["neu.md"]


def test_the_list_of_an_earlier_version_is_kept_and_hidden(
    serve: Callable[..., gr.Blocks], rag: RAG, capsys: pytest.CaptureFixture[str]
) -> None:
    rag.uploads.add("alt.md", SECRET.encode())
    with Visitor(serve().local_url) as anna:
        assert anna.files() == []
        assert anna.call("own_files")["shared"] is False
        anna.call("own_files_clear", {"key": anna.key})
        assert SECRET not in anna.ask(QUESTION)
    said_at_start = [line for line in capsys.readouterr().err.splitlines() if "--share-uploads" in line]
    assert said_at_start == [
        "1 own file belongs to no browser and stays hidden, but is kept; --share-uploads shows such to everybody."
    ]
    assert [one.name for one in rag.uploads.list()] == ["alt.md"]
    assert notes(rag, Owners(shared=True)) == [
        "Own files are shared: everybody who reaches the page sees, asks and can remove them."
    ]
    assert notes(fakes.FakeRag(), Owners()) == []


def test_what_is_removed_for_its_age_is_told_at_start(corpus: Path, index_dir: Path) -> None:
    rag = build(corpus, index_dir, SECRET, upload_days=3)
    folder = rag.settings.uploads_folder / "owners" / Owner.of("x").digest
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "a.md").write_text(SECRET)
    os.utime(folder, (0, 0))
    assert notes(rag, Owners()) == ["Own files of 1 browsers, unused for 3 days, were removed (RAG_UPLOAD_DAYS)."]
    assert not folder.exists()


@pytest.mark.parametrize(("given", "wanted"), [((), False), (("--share-uploads",), True)], ids=["own", "shared"])
def test_only_the_option_shares_files(
    rag: RAG, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], wanted: bool
) -> None:
    options: dict[str, Any] = {}
    opening = SimpleNamespace(cancel=lambda: None)
    monkeypatch.setattr("ui.launching.opening.open_early", lambda *_, **__: (rag, opening))
    monkeypatch.setattr("ui.launching.serving.launch", lambda _, **sent: options.update(sent))
    command = typer.Typer()
    command.command()(ui)
    result = CliRunner().invoke(command, given)
    assert result.exit_code == 0, result.output
    assert options["share_uploads"] is wanted


# ---- the key ----


def through(scope: dict[str, Any], owners: Owners | None = None) -> list[Any]:
    """Pass a request through the middleware; return what it sends."""
    messages: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        messages.append(message)

    whole = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], **scope}
    asyncio.run(KeyRing(app, owners=owners or Owners())(whole, None, send))  # type: ignore[arg-type]
    return messages


def cookie_of(messages: list[Any]) -> str:
    return next((value.decode() for name, value in messages[0]["headers"] if name == b"set-cookie"), "")


def header(**values: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in values.items()]


def test_a_key_is_random_out_of_scripts_reach_and_for_this_site_alone() -> None:
    given = [cookie_of(through({"headers": header(sec_fetch_site="none")})) for _ in range(2)]
    assert given[0] != given[1]
    name, *attributes = given[0].split("; ")
    assert len(name.removeprefix(f"{COOKIE}=")) == 43  # 256 bits
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes
    assert "Secure" in cookie_of(through({"scheme": "https", "headers": header(sec_fetch_site="none")}))


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_a_link_from_another_site_costs_nobody_his_key(site: str | None) -> None:
    # The browser does not send its key with such a request, so a new key here would replace it.
    headers = header(sec_fetch_site=site) if site else []
    assert cookie_of(through({"headers": headers})) == ""
    call = {"method": "POST", "path": "/gradio_api/component_server"}
    assert cookie_of(through({**call, "headers": [*headers, *header(cookie=ANNA)]})) == ""
    assert cookie_of(through({**call, "headers": headers})) != ""


def test_a_known_browser_keeps_its_key() -> None:
    headers = header(sec_fetch_site="same-origin", cookie=f"x=1; {ANNA}; y=2")
    assert cookie_of(through({"headers": headers})).startswith(f"{ANNA};")


@pytest.mark.parametrize(
    "cookies",
    ["", "x=1", f"{COOKIE}=", f"{COOKIE}={'a' * 42}", f"{COOKIE}={'a' * 44}", f"x{ANNA}", f"{COOKIE}={'ä' * 43}"],
)
def test_what_is_no_key_is_nobodys(cookies: str) -> None:
    assert owner_in(cookies) is None
    assert Owners(shared=True).of(SimpleNamespace(headers={"cookie": cookies})) == SHARED  # type: ignore[arg-type]


def test_a_key_is_known_by_its_digest_alone() -> None:
    owner = owner_in(f"x=1;{ANNA} ; y=2")
    assert owner == Owner.of("a" * 43)
    assert "aaa" not in repr(owner)


def test_sessions_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.server.owners.MOST_SESSIONS", 2)
    owners = Owners()
    assert owners.admit("one", ANNA)
    assert not owners.admit("one", BERT)
    assert not owners.admit("one", "")
    assert owners.is_foreign("one", BERT)
    assert not owners.is_foreign("two", BERT)
    for number in range(3):
        owners.admit(str(number), ANNA)
    assert len(owners._sessions) == 2


def test_a_question_in_anothers_session_is_not_asked() -> None:
    engine = fakes.FakeRag()
    handlers = Handlers(engine)
    anna: Any = SimpleNamespace(headers={"cookie": ANNA}, session_hash="s", client=None)
    bert: Any = SimpleNamespace(headers={"cookie": BERT, "accept-language": "de"}, session_hash="s", client=None)
    handlers.owners.check(anna)

    async def run(request: Any) -> str:
        context = json.dumps({"token": "t", "number": 1, "history": []})
        return str([drawn async for drawn in handlers.ask("Was plant Cambricon?", context, request)])

    assert fakes.MONEY not in asyncio.run(run(bert))
    assert engine.questions == []
    assert "4 Milliarden" in asyncio.run(run(anna))


def test_an_answer_is_stopped_by_its_own_browser_alone() -> None:
    handlers = Handlers(fakes.FakeRag())
    anna: Any = SimpleNamespace(headers={"cookie": ANNA}, session_hash="s", client=None)
    bert: Any = SimpleNamespace(headers={"cookie": BERT}, session_hash="s", client=None)
    handlers.owners.check(anna)
    draft = Draft(1, "Geheime Frage?", DE)
    assert "Geheime" not in str(handlers.stop(draft, bert))
    assert not draft.stopped
    assert "Geheime" in str(handlers.stop(draft, anna))
    with pytest.raises(RequestError):
        handlers.owners.check(bert)


# ---- feedback ----


def test_feedback_is_replaced_by_its_own_browser_alone(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    engine: Any = fakes.FakeRag()
    engine.settings = Settings(feedback_file=file)
    feedback = ReaderFeedback(engine)
    requests: list[Any] = [SimpleNamespace(headers={"accept-language": "de", "cookie": one}) for one in (ANNA, BERT)]
    for request in (*requests, requests[0]):
        assert feedback.feedback(said(1), request) == {"error": ""}
    assert len(load_native(file).questions) == 2
    assert "aaaa" not in file.read_text()
