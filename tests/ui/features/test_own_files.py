"""The panel of the user's own files, without a browser."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from index.collections.owners import Owner
from index.collections.uploads import Upload, UploadLimits
from index.errors import CorpusError, RagError
from rag.client import RAG
from rag.settings import Settings
from rag.types import Filter
from tests.rag.building import build
from tests.ui.fakes import FakeRag
from ui.app import PANELS
from ui.conversation.extension import Asked, Panel
from ui.conversation.handlers import Handlers
from ui.features import inbox, uploads
from ui.features.inbox import Inbox
from ui.features.library import Library
from ui.features.uploads import OwnFiles
from ui.render.failures import GoneCollectionError
from ui.render.texts import DE, EN
from ui.server.owners import Owners

if TYPE_CHECKING:
    from pathlib import Path

COOKIE = f"quellentreu={'k' * 43}"
GERMAN: Any = SimpleNamespace(headers={"accept-language": "de-DE", "cookie": COOKIE})
ENGLISH: Any = SimpleNamespace(headers={"accept-language": "en-GB", "cookie": COOKIE})
NOTE = b"# Protokoll\n\nDer Kuchenbasar brachte 412 Euro ein.\n"


class SlowCollection:
    """Adds a file only when the test allows it."""

    limits = UploadLimits(10_000, 5, 50_000)

    def __init__(self) -> None:
        self.may = threading.Event()
        self.names: list[str] = []

    def add(self, name: str, data: bytes, *, progress: Any = None) -> Upload:
        progress("embedding", 1, 4)
        if not name.startswith("rasch"):
            self.may.wait(20)
        if name == "kaputt.md":
            raise ZeroDivisionError("secret detail")
        self.names.append(name)
        return Upload(f".uploads/{name}", name, name, len(data), len(data))

    def list(self) -> list[Upload]:
        return []

    def remove(self, name: str) -> None:
        raise CorpusError(name)

    def clear(self) -> int:
        return 0


def until(check: Any) -> None:
    for _ in range(500):
        if check():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def sent(box: Inbox, name: str, data: bytes, *, size: int = 400) -> str:
    token = box.begin(name, len(data))
    for at in range(0, len(data), size):
        box.part(token, base64.b64encode(data[at : at + size]).decode())
    return token


def test_a_file_comes_in_parts_and_is_added() -> None:
    collection = SlowCollection()
    box = Inbox(lambda _: collection)
    token = sent(box, "0.md", b"x" * 1000)
    until(lambda: box.look(token).total == 4)
    collection.may.set()
    until(lambda: box.look(token).state == "added")
    with pytest.raises(CorpusError):  # once reported, it is forgotten
        box.look(token)
    assert collection.names == ["0.md"]


def test_a_file_that_takes_long_holds_up_no_other() -> None:
    collection = SlowCollection()
    box = Inbox(lambda _: collection)
    slow = [sent(box, f"{n}.md", b"x" * 1000) for n in range(5)]
    token = sent(box, "rasch.md", b"x")
    until(lambda: box.look(token).state == "added")
    assert {box.look(one).state for one in slow} == {"working"}
    collection.may.set()
    for one in slow:
        until(lambda one=one: box.look(one).state == "added")


def test_an_unforeseen_failure_is_told_without_its_details() -> None:
    collection = SlowCollection()
    collection.may.set()
    box = Inbox(lambda _: collection)
    token = sent(box, "kaputt.md", b"x")
    seen: list[Any] = []
    until(lambda: seen.append(box.look(token)) or seen[-1].state == "refused")
    assert seen[-1].error.kind == "failed"
    assert "secret" not in str(seen[-1].error)
    token = sent(box, "gut.md", b"x")
    until(lambda: box.look(token).state == "added")


@pytest.mark.parametrize(
    "part", ["kein base64!", base64.b64encode(b"x" * 11).decode(), ""], ids=["no-base64", "too-long", "empty"]
)
def test_parts_that_do_not_fit_end_a_file(part: str) -> None:
    collection = SlowCollection()
    box = Inbox(lambda _: collection)
    token = box.begin("a.md", 10)
    with pytest.raises(CorpusError, match=r"^a\.md: ") as caught:
        box.part(token, part)
    assert caught.value.kind == "broken_off"
    with pytest.raises(CorpusError):
        box.part(token, base64.b64encode(b"x").decode())


def test_what_is_on_its_way_is_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    collection = SlowCollection()
    box = Inbox(lambda _: collection)
    with pytest.raises(CorpusError) as caught:
        box.begin("a.md", 10_001)
    assert caught.value.kind == "too_large"
    tokens = [box.begin("a.md", 10) for _ in range(16)]
    with pytest.raises(CorpusError) as caught:
        box.begin("a.md", 10)
    assert caught.value.kind == "busy"
    came = box._transfers[tokens[0]].touched
    assert box.look(tokens[0]).touched == came  # asking about an upload does not keep it alive
    monkeypatch.setattr(inbox, "_IDLE_SECONDS", -1.0)
    box.begin("a.md", 10)
    with pytest.raises(CorpusError):
        box.part(tokens[0], "")


@pytest.fixture
def panel(corpus: Path, index_dir: Path) -> OwnFiles:
    return OwnFiles(build(corpus, index_dir, upload_file_megabytes=1))


def key(panel: OwnFiles) -> str:
    return str(panel.own_files(None, GERMAN)["key"])


def send(panel: OwnFiles, name: str, data: bytes, request: Any = GERMAN) -> dict[str, Any]:
    begun = panel.own_file_begin({"key": key(panel), "name": name, "size": len(data)}, request)
    if "refused" in begun:
        return begun
    part = {"key": key(panel), "token": begun["token"], "data": base64.b64encode(data).decode()}
    assert panel.own_file_part(part, request) == {"come": len(data)}
    ends: list[dict[str, Any]] = []
    look = {"key": key(panel), "token": begun["token"]}
    until(lambda: ends.append(panel.own_file_look(look, request)) or ends[-1].get("added") or "refused" in ends[-1])
    return ends[-1]


def test_a_file_is_added_listed_and_removed(panel: OwnFiles) -> None:
    assert panel.own_files(None, GERMAN)["files"] == []
    added = send(panel, "Protokoll.md", NOTE)["added"]
    assert (added["document"], added["name"], added["title"]) == (".uploads/Protokoll.md", "Protokoll.md", "Protokoll")
    assert panel.own_files(None, GERMAN)["files"] == [added]
    assert "path" not in added  # Gradio would take it for a file to serve
    assert panel.own_file_remove({"key": key(panel), "name": "Protokoll.md"}, GERMAN) == {}
    assert panel.own_file_remove({"key": key(panel), "name": "Protokoll.md"}, GERMAN) == {}
    send(panel, "Protokoll.md", NOTE)
    assert panel.own_files_clear({"key": key(panel)}, GERMAN) == {}
    assert panel.own_files(None, GERMAN)["files"] == []


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.exe", b"MZ", "unknown_type"),
        ("a.md", b"", "no_text"),
        ("a.txt", b"%PDF-1.4\n%\xe2", "wrong_type"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted"),
        ("a.md", b"x" * 1_000_001, "too_large"),
    ],
)
def test_a_refusal_is_one_line_in_the_language_of_the_page(panel: OwnFiles, name: str, data: bytes, kind: str) -> None:
    assert send(panel, name, data)["refused"] == getattr(DE, f"refused_{kind}")
    assert send(panel, name, data, ENGLISH)["refused"] == getattr(EN, f"refused_{kind}")


def test_only_this_page_can_change_anything(panel: OwnFiles) -> None:
    send(panel, "a.md", NOTE)
    for data in (None, {}, {"key": "x" * 22}, {"key": None}, {"key": ["a"]}, "text", 3):
        named = {**data, "name": "a.md", "size": 3, "token": "x", "data": ""} if isinstance(data, dict) else data
        assert "error" in panel.own_files_clear(data, GERMAN)
        assert "error" in panel.own_file_remove(named, GERMAN)
        for function in (panel.own_file_begin, panel.own_file_part, panel.own_file_look):
            assert "refused" in function(named, GERMAN)
    assert [file["name"] for file in panel.own_files(None, GERMAN)["files"]] == ["a.md"]


def test_names_from_outside_cannot_leave_the_folder(panel: OwnFiles, tmp_path: Path) -> None:
    assert send(panel, "../../../fort.md", NOTE)["added"]["name"] == "fort.md"
    assert not list(tmp_path.glob("fort.md"))
    (tmp_path / "opfer.md").write_bytes(NOTE)
    panel.own_file_remove({"key": key(panel), "name": "../../opfer.md"}, GERMAN)
    assert (tmp_path / "opfer.md").exists()


def test_the_choice_narrows_a_question_and_leaves_other_filters(panel: OwnFiles) -> None:
    asked = Asked(panel.engine, {"filter": Filter(source="Heise")})
    for choice in ("all", "articles", "", "<quatsch>"):
        assert panel.narrow(asked, choice, request=GERMAN) is asked
    send(panel, "a.md", NOTE)
    assert panel.narrow(asked, "articles", request=GERMAN) is asked
    for choice in ("uploads", "all"):
        narrowed = panel.narrow(asked, choice, request=GERMAN).options["filter"]
        assert narrowed == Filter(source="Heise", collection=choice)
    assert panel.narrow(Asked(panel.engine), "all", request=GERMAN).options["filter"] == Filter(collection="all")
    plain = Asked(panel.engine, {"filter": {"since": "2025-01-01"}})
    assert panel.narrow(plain, "uploads", request=GERMAN).options["filter"].since == "2025-01-01"


def test_named_collections_are_offered_and_asked(panel: OwnFiles, tmp_path: Path) -> None:
    engine: Any = panel.engine
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.md").write_text("# A\n\nDer Hafen kostet 7 Euro.\n", encoding="utf-8")
    engine.sync(collection="news", corpus=tmp_path / "news")
    assert panel.own_files(None, GERMAN)["collections"] == ["news"]
    asked = Asked(engine, {"filter": Filter(source="Heise")})

    def narrowed(choice: str) -> tuple[str, bool]:
        options = panel.narrow(asked, choice, request=GERMAN).options
        assert options["filter"].source == "Heise"
        return options["filter"].collection, "owner" in options

    assert narrowed("articles") == ("articles", False)
    # There are no own files yet, so none are asked.
    for choice in ("all", "", "articles,news", "news,articles,uploads"):
        assert narrowed(choice) == ("articles,news", False)
    assert narrowed("news") == narrowed("news,uploads") == ("news", False)
    send(panel, "b.md", NOTE)
    assert narrowed("all") == ("all", True)
    assert narrowed("uploads,news") == ("news,uploads", True)
    assert narrowed("news") == ("news", False)
    engine.remove_collection("news")
    with pytest.raises(GoneCollectionError):
        panel.narrow(asked, "news", request=GERMAN)
    assert panel.own_files(None, GERMAN)["collections"] == []


def test_an_article_alone_is_asked_whatever_collection_was_chosen(panel: OwnFiles) -> None:
    send(panel, "a.md", NOTE)
    library = Library(panel.engine)
    path = panel.engine.documents()[0].path
    for choice in ("uploads", "all"):
        asked = library.narrow(Asked(panel.engine), json.dumps({"path": path}), request=GERMAN)
        narrowed = panel.narrow(asked, choice, request=GERMAN).options["filter"]
        assert narrowed == Filter(paths=frozenset({path}), collection="articles")
        wider = library.narrow(Asked(panel.engine), json.dumps({"source": "Heise"}), request=GERMAN)
        assert panel.narrow(wider, choice, request=GERMAN).options["filter"].collection == choice


def test_opening_the_files_keeps_no_other_page_waiting() -> None:
    threads: list[threading.Thread] = []

    class Slow(Panel):
        def narrow(self, asked: Asked, *values: Any, request: Any) -> Asked:
            threads.append(threading.current_thread())
            return asked

    handlers = Handlers(FakeRag())
    handlers.extensions.append((Slow(handlers.engine), 0))
    request: Any = SimpleNamespace(headers={}, session_hash="a", client=None)

    async def run() -> None:
        context = json.dumps({"token": "t", "number": 1, "history": []})
        async for _ in handlers.ask("Was plant Cambricon?", context, request):
            pass

    asyncio.run(run())
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_the_panel_is_there_only_where_files_are_taken(corpus: Path, index_dir: Path) -> None:
    assert OwnFiles in PANELS
    assert not OwnFiles.suits(FakeRag())
    for files in (0, 3):
        assert OwnFiles.suits(RAG(Settings(corpus=corpus, index=index_dir, upload_files=files))) == bool(files)
    build(corpus, index_dir).sync(collection="news", corpus=corpus)
    assert OwnFiles.suits(RAG(Settings(corpus=corpus, index=index_dir, upload_files=0)))


def test_a_broken_collection_is_told_in_words(panel: OwnFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RagError("The disk is gone.")

    monkeypatch.setattr(panel._owned.get(Owner.of("k" * 43)), "list", broken)
    answer = panel.own_files(None, GERMAN)
    assert DE.error in answer["error"]
    assert (answer["files"], answer["part"], answer["key"]) == ([], inbox.PART_BYTES, panel._key)


def test_every_reason_has_words_in_both_languages() -> None:
    kinds = (
        "wrong_type unknown_type damaged encrypted scanned no_recognition no_text too_large too_long bomb missing_extra known full "
        "busy broken_off stale failed crowded no_key"
    ).split()
    for texts in (DE, EN):
        for kind in kinds:
            assert uploads._reason(CorpusError("x", kind=kind), texts) == getattr(texts, f"refused_{kind}") != ""


def test_the_page_is_told_of_the_bounds_for_all(corpus: Path, index_dir: Path) -> None:
    panel = OwnFiles(build(corpus, index_dir, upload_owners=1, upload_days=30))
    assert panel.own_files(None, GERMAN)["days"] == 30
    assert "added" in send(panel, "a.md", NOTE)
    other: Any = SimpleNamespace(headers={"accept-language": "de", "cookie": f"quellentreu={'z' * 43}"})
    assert send(panel, "a.md", NOTE, other) == {"refused": DE.refused_crowded}
    panel.owners = Owners(shared=True)  # shared files are not removed because of their age
    assert panel.own_files(None, GERMAN)["days"] == 0


def test_a_file_on_its_way_is_its_owners_alone(panel: OwnFiles) -> None:
    other: Any = SimpleNamespace(headers={"accept-language": "de", "cookie": f"quellentreu={'z' * 43}"})
    begun = panel.own_file_begin({"key": key(panel), "name": "a.md", "size": len(NOTE)}, GERMAN)
    part = {"key": key(panel), "token": begun["token"], "data": base64.b64encode(NOTE).decode()}
    for function in (panel.own_file_part, panel.own_file_look):
        assert function(part, other) == {"refused": DE.refused_broken_off}
    assert panel.own_file_part(part, GERMAN) == {"come": len(NOTE)}
