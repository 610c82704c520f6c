"""Users of one app: what belongs to whom, in every browser, and who may change what belongs to everybody."""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rag.settings import Settings
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine
from tests.ui import fakes
from tests.ui.api.serving import served
from tests.ui.features.test_feedback import sent as said
from tests.ui.people.making import PASSWORDS, People, basic, quick_hashes
from tests.ui.visitor import Visitor
from ui.features.feedback import ReaderFeedback
from ui.features.uploads import OwnFiles
from ui.limits import FREE_GUESSES
from ui.people.person import HEADER, Person
from ui.server import braking
from ui.server.owners import COOKIE, USER_COOKIE
from ui.server.rates import QuestionLimit, TooManyQuestionsError
from ui.server.signing_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.client import RAG

SECRET = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        pass

    quick_hashes(monkeypatch)
    monkeypatch.setattr(braking, "_sleep", at_once)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People.at(tmp_path / "users.json")


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    return build(corpus, index_dir, ScriptedEngine(SECRET, confirms=lambda page: "412 Euro" in page))


@pytest.fixture
def serve(rag: RAG, people: People) -> Iterator[Callable[..., str]]:
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(served(rag, credentials=SignIn(people.file.path), **options))


def visiting(url: str, name: str, **more: Any) -> Visitor:
    return Visitor(f"{url}/", headers={"authorization": basic(name, PASSWORDS[name])}, **more)


def audit(people: People) -> list[dict[str, str]]:
    file = people.file.path.with_name("users.json.audit.jsonl")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def test_files_and_sessions_are_the_users_whatever_the_browser(serve: Callable[..., str], people: People) -> None:
    url = serve()
    token = people.token("annas", user="anna")
    other = people.token("alone")
    with visiting(url, "anna") as anna, visiting(url, "anna") as elsewhere, visiting(url, "bert") as bert:
        added = anna.add("Protokoll.md", SECRET)["added"]
        assert elsewhere.files() == ["Protokoll.md"]
        assert bert.files() == []
        span = {"path": added["document"], "spans": []}
        assert SECRET in elsewhere.call("article", span)["html"]
        assert SECRET not in bert.call("article", span)["html"]
        assert SECRET in anna.ask(QUESTION)
        assert SECRET not in bert.ask(QUESTION)
        for path in (f"queue/data?session_hash={anna.session}", f"heartbeat/{anna.session}"):
            assert bert.client.get(f"gradio_api/{path}").status_code == 404
        bert.call("own_files_clear", {"key": bert.key})
        assert anna.files() == ["Protokoll.md"]
    # A user's key in a cookie, or a user's name in a header, does not make a browser that user.
    key = people.file.read().the_user("anna").key
    for more in ({COOKIE: key}, None):
        headers = {"authorization": basic("bert", PASSWORDS["bert"]), HEADER: Person("anna", "editor", key).header}
        with Visitor(f"{url}/", headers=headers, cookies=more) as bert:
            assert bert.files() == []
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
        document = f"/api/documents/{added['document']}"
        for secret, status in ((token, 200), (other, 404)):
            answer = http.get(document, headers={"authorization": f"Bearer {secret}"})
            assert (answer.status_code, SECRET in answer.text) == (status, status == 200)
    people.file.change(lambda book: book.without_user("anna"))
    hashed = people.file.read().the_user("bert").hash
    people.file.change(lambda book: book.with_user("anna", "reader", hashed))
    with Visitor(f"{url}/", headers={"authorization": basic("anna", PASSWORDS["bert"])}) as again:
        assert again.files() == []


def test_only_editors_change_what_is_everybodys(serve: Callable[..., str], people: People) -> None:
    url = serve(share_uploads=True)
    with visiting(url, "edit") as editor, visiting(url, "anna") as reader:
        assert editor.add("neu.md", SECRET)["added"]
        assert reader.files() == ["neu.md"]
        assert (editor.call("own_files")["fixed"], reader.call("own_files")["fixed"]) == (False, True)
        assert SECRET in reader.ask(QUESTION)
        server = next(one for one in reader.components.values() if one["props"].get("elem_id") == "q-server")
        for name in sorted(OwnFiles.changing):
            data = {"key": reader.key, "name": "neu.md", "size": 3, "token": "x", "data": "eA=="}
            body = {"data": data, "component_id": server["id"], "session_hash": reader.session, "fn_name": name}
            answer = reader.client.post("gradio_api/component_server", json=body)
            assert answer.status_code == 403
            assert len(answer.text.splitlines()) == 1
        assert editor.files() == ["neu.md"]
        editor.call("own_file_remove", {"key": editor.key, "name": "neu.md"})
        editor.call("own_files_clear", {"key": editor.key})
    lines = [(line["event"], line["by"], line["file"]) for line in audit(people)]
    assert lines == [
        ("file shared", "edit", "neu.md"),
        ("file removed", "edit", "neu.md"),
        ("files removed", "edit", "*"),
    ]


def test_own_files_of_a_reader_are_the_readers_to_change(serve: Callable[..., str], people: People) -> None:
    with visiting(serve(), "anna") as anna:
        assert anna.add("neu.md", SECRET)["added"]
        anna.call("own_file_remove", {"key": anna.key, "name": "neu.md"})
        assert anna.files() == []
    assert audit(people) == []  # changes to own files are not audited


def test_the_page_tells_one_user_from_another_and_no_more(serve: Callable[..., str], people: People) -> None:
    url, told = serve(), {}
    for name in ("anna", "bert"):
        with visiting(url, name) as visitor:
            told[name] = visitor.client.cookies[USER_COOKIE]
            assert COOKIE not in visitor.client.cookies
            key = people.file.read().the_user(name).key
            assert key not in visitor.opened.text + str(visitor.opened.headers)
    assert told["anna"] != told["bert"]
    with visiting(url, "anna") as again:
        assert again.client.cookies[USER_COOKIE] == told["anna"]
    with served(fakes.FakeRag()) as without, Visitor(f"{without}/", cookies={USER_COOKIE: told["anna"]}) as visitor:
        assert 'quellentreu-user=""; Max-Age=0' in visitor.opened.headers["set-cookie"]


def test_guesses_beyond_the_brake_are_written_down_once(
    serve: Callable[..., str], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(braking, "HELD_PER_ADDRESS", 0)
    url = serve()
    statuses = [
        httpx.get(url, headers={"authorization": basic("anna", f"geraten {number}")}, trust_env=False).status_code
        for number in range(8)
    ]
    assert statuses == [401] * 3 + [429] * 5
    [line] = audit(people)
    assert (line["event"], line["user"], line["by"]) == ("sign-in refused", "anna", "127.0.0.1")
    assert "geraten" not in json.dumps(line)
    right = {"authorization": basic("anna", PASSWORDS["anna"])}
    assert httpx.get(url, headers=right, trust_env=False).status_code == 200


def test_a_flood_of_guesses_does_not_fill_the_disk(people: People) -> None:
    sign_in = SignIn(people.file.path)
    for number in range(2_000):
        sign_in.refused("anna", f"10.0.{number // 250}.{number % 250}")
    assert 0 < len(audit(people)) <= 70


def test_guesses_are_slowed_by_name_from_whatever_address(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(braking, "_sleep", note)
    brake = braking.Brake(clock=lambda: 0.0)
    for number in range(10):
        asyncio.run(brake.wrong(f"10.0.0.{number}", "anna"))
    assert len(waited) == 10 - FREE_GUESSES
    assert waited == sorted(waited)
    asyncio.run(brake.wrong("10.0.1.1", "bert"))
    assert len(waited) == 10 - FREE_GUESSES


def test_questions_are_bounded_for_each_user(serve: Callable[..., str], people: People) -> None:
    url = serve(questions_per_minute=1)
    token, other = people.token("annas", user="anna"), people.token("alone")

    def ask(secret: str) -> int:
        headers = {"authorization": f"Bearer {secret}"}
        answer = httpx.post(f"{url}/api/ask", json={"question": QUESTION}, headers=headers, trust_env=False)
        return answer.status_code

    assert [ask(token) for _ in range(3)] == [200, 200, 429]
    with visiting(url, "anna") as anna:
        assert "Too many" in anna.ask(QUESTION) or "zu viele" in anna.ask(QUESTION).lower()
    assert ask(other) == 200  # from the same address


def test_a_user_has_one_bound_in_all_sessions() -> None:
    limit = QuestionLimit(1, clock=lambda: 0.0)

    def request(name: str) -> Any:
        person = Person(name, "reader", name[0] * 43)
        return SimpleNamespace(headers={HEADER: person.header}, session_hash=secrets.token_hex(4), client=None)

    limit.admit(request("anna"))
    limit.admit_sender(request("anna"))
    for admit in (limit.admit, limit.admit_sender):
        with pytest.raises(TooManyQuestionsError):
            admit(request("anna"))
    limit.admit(request("bert"))


def test_feedback_is_the_users(tmp_path: Path) -> None:
    engine: Any = fakes.FakeRag()
    engine.settings = Settings(feedback_file=tmp_path / "feedback.jsonl")
    feedback = ReaderFeedback(engine)
    for key in ("a", "b", "a"):
        request: Any = SimpleNamespace(headers={"accept-language": "de", "cookie": f"{COOKIE}={key * 43}"})
        assert feedback.feedback(said(1), request) == {"error": ""}
    assert len((tmp_path / "feedback.jsonl").read_text("utf-8").splitlines()) == 2
