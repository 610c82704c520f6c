"""`rag index --collection`, `rag collections`, and commands with `--collection`."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from index.errors import ModelError
from index.storage.manifest import MANIFEST
from index.watching import changes
from rag.cli import console, doctor, evaluation
from rag.cli import main as cli
from rag.cli.folder import collections, keeping
from rag.client import RAG
from rag.runtime import following
from rag.settings import load_settings
from tests.index.synced import state
from tests.rag.building import build
from tests.rag.evaluation.sets import write
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

PORT = "Der Hafen von Auheim kostet 12 Millionen Euro."
QUESTION = "Wie viel kostet der Hafen von Auheim?"


@pytest.fixture(autouse=True)
def fakes(embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    collections.register(cli.app)
    if not any(one.name == "backup" for one in cli.app.registered_commands):
        keeping.register(cli.app)
    init = RAG.__init__

    def with_fakes(self: RAG, settings: Any = None, **options: Any) -> None:
        init(self, settings, **{"embedder": embedder, "engine": ScriptedEngine(PORT), **options})

    monkeypatch.setattr(RAG, "__init__", with_fakes)


@pytest.fixture
def news(tmp_path: Path, corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_CORPUS", str(corpus))
    monkeypatch.setenv("RAG_INDEX", str(index_dir))
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "hafen.md").write_text(f"# Hafen\n\n{PORT}\n", encoding="utf-8")
    return folder


def shell(*words: object) -> int:
    return cli.run([str(word) for word in words])


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_folder_becomes_a_collection_and_is_brought_up_to_date_by_its_name(
    news: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("index", news, "--collection", "news") == 0
    assert "1 article, " in capsys.readouterr().out
    (news / "kran.md").write_text("# Kran\n\nDer Kran von Auheim ist 40 Meter hoch.\n", encoding="utf-8")
    assert shell("index", "--collection", "news", "--json") == 0
    assert (report := printed(capsys))["added"] == 1
    assert report["documents"] == 2
    assert shell("collections", "--json") == 0
    listed = {one["name"]: one for one in printed(capsys)}
    assert (listed["articles"]["standing"], listed["articles"]["folder"]) == ("not ready", str(corpus))
    assert (listed["news"]["documents"], listed["news"]["generation"]) == (2, 2)
    assert shell("collections") == 0
    lines = " ".join(capsys.readouterr().out.split())
    assert f"news {news} 2 articles, 2 passages, generation 2" in lines


def test_one_or_several_are_asked(news: Path, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell("index", news, "--collection", "news")
    capsys.readouterr()

    def paths(*words: str) -> set[str]:
        assert shell("search", "Hafen Nvidia", "-k", 50, "--json", *words) == 0
        return {hit["path"] for hit in printed(capsys)}

    articles, named = {file.name for file in corpus.iterdir()}, {".collections/news/hafen.md"}
    assert paths() == paths("--collection", "articles") == articles
    assert paths("--collection", "news") == paths("--where", "collection=news") == named
    assert paths("--collection", "news", "--collection", "articles") == articles | named
    assert paths("--where", "collection=articles", "--collection", "news") == articles | named
    assert paths("--collection", "all") == articles | named
    assert shell("ask", QUESTION, "--collection", "news", "--strictness", 0, "--json") == 0
    assert {one["path"] for one in printed(capsys)["citations"]} == named


def test_several_workers_embed_the_shares_of_one(
    news: Path, capsys: pytest.CaptureFixture[str], embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        (news / f"kran-{number}.md").write_text(f"# Kran {number}\n\nDer Kran ist rot.\n", encoding="utf-8")
    prepared = []
    for share, folder in (("1/2", [news]), ("2/2", [])):
        assert shell("index", *folder, "--collection", "news", "--share", share, "--json") == 0
        prepared.append(printed(capsys)["prepared"])
    assert sum(prepared) == 10
    assert min(prepared) > 0
    assert shell("search", "Kran", "--collection", "news") == 2
    assert "run `rag index --collection news`" in " ".join(capsys.readouterr().err.split()).replace("Run", "run")
    monkeypatch.setattr(type(embedder), "embed_passages", None)
    assert shell("index", "--collection", "news", "--json") == 0
    assert printed(capsys)["documents"] == 10


def test_one_is_kept_in_a_file_and_comes_back_under_its_name(
    news: Path, tmp_path: Path, index_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("index", news, "--collection", "news")
    file, of_news = tmp_path / "news.backup", index_dir / "collections" / "news"
    before = state(of_news)
    assert shell("backup", file, "--collection", "news") == 0
    assert shell("collections", "remove", "news", "--yes") == 0
    capsys.readouterr()
    said = {
        ("restore", file, "--collection", "news"): "There is no collection news yet. Name the folder",
        ("restore", file, "--folder", news): "--folder names the articles of a collection.",
        ("restore", file, "--collection", "all", "--folder", news): "has a meaning of its own",
        ("restore", tmp_path / "none", "--collection", "news", "--folder", news): "cannot be read",
        ("backup", file, "--collection", "news"): "There is no collection news.",
    }
    for words, what in said.items():
        assert shell(*words) == 2
        assert what in " ".join(capsys.readouterr().err.split())
        assert RAG(load_settings()).collection_names() == ()
        assert len(RAG(load_settings()).collections()) == 1
    assert shell("restore", file, "--collection", "news", "--folder", news) == 0
    assert state(of_news) == before
    assert shell("search", "Hafen", "--collection", "news", "--json") == 0
    capsys.readouterr()
    assert shell("restore", file, "--collection", "news") == 2
    assert "--force" in capsys.readouterr().err
    assert shell("restore", file, "--collection", "news", "--force") == 0
    assert shell("restore", file, "--collection", "news", "--folder", news, "--force") == 2
    assert "has a folder" in capsys.readouterr().err
    # The list of names is removed, as its error message advises. The index is still there.
    (index_dir / "collections.json").unlink()
    assert shell("restore", file, "--collection", "news", "--folder", news) == 2
    assert "stays as it was" in " ".join(capsys.readouterr().err.split())
    assert state(of_news) == before


def test_a_worker_that_fails_leaves_what_others_have_prepared(
    news: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        (news / f"kran-{number}.md").write_text(f"# Kran {number}\n\nDer Kran ist rot.\n", encoding="utf-8")

    def gone(*_: object) -> None:
        raise ModelError("The server is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(type(embedder), "embed_passages", gone)
        assert shell("index", news, "--collection", "news", "--share", "1/2") == 2
    of_news = index_dir / "collections" / "news"
    assert shell("index", news, "--collection", "news", "--share", "2/2") == 0
    before = sorted(of_news.glob("store-*.sqlite"))
    with monkeypatch.context() as patched:
        patched.setattr(type(embedder), "embed_passages", gone)
        shell("index", "--collection", "news", "--share", "1/2")
    assert before
    assert set(before) <= set(of_news.glob("store-*.sqlite"))


def test_a_set_asks_one_and_the_doctor_looks_at_one(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation.register(cli.app)
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor, "resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(doctor, "_models", lambda _: [])
    one = {"id": "1", "question": QUESTION, "answers": ["12 Millionen Euro"], "sources": ["hafen.md"]}
    file = write(tmp_path / "set.jsonl", one)
    shell("index", news, "--collection", "news")
    capsys.readouterr()
    assert shell("eval", file, "--collection", "news", "--json") == 0
    assert printed(capsys)["metrics"]["recall@1"] == 1
    write(file, {**one, "sources": ["none.md"]})
    assert shell("eval", file, "--collection", "news") == 2
    assert "with `rag index --collection news`" in " ".join(capsys.readouterr().err.split())
    shell("doctor", "--collection", "news", "--deep", "--json")
    found = {one["subject"]: one["message"] for one in printed(capsys)}
    assert found["corpus"] == str(news)
    assert found["index"].startswith("1 article, 1 passage")
    assert "as it was written" in found["index, all of it"]
    shutil.rmtree(news)
    assert shell("doctor", "--collection", "news") == 1
    assert "`rag index FOLDER --collection news`" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "x", "--collection", "nes"), "There is no collection nes. It is one of articles, uploads, all, news."),
        (("search", "x", "--where", "collection="), "cannot be read"),
        (("index", "--collection", "laws"), "There is no collection laws."),
        (("index", "NEWS", "--collection", "all"), "has a meaning of its own"),
        (("index", "NEWS", "--collection", "A b"), "Use a to z, 0 to 9"),
        (("index", "NEWS/none", "--collection", "laws"), "There is no folder"),
        (("index", "INDEX/collections", "--collection", "laws"), "part of the index"),
        (("collections", "remove", "laws", "--yes"), "There is no collection laws."),
        (("collections", "remove", "articles", "--yes"), "has a meaning of its own"),
        (("collections", "remove", "news"), "Confirm it with --yes."),
        (("collections", "none"), "No such command"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    news: Path, index_dir: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("index", news, "--collection", "news")
    capsys.readouterr()
    given = [word.replace("NEWS", str(news)).replace("INDEX", str(index_dir)) for word in words]
    assert shell(*given) == 2
    told = capsys.readouterr()
    assert said in " ".join(told.err.split())
    assert not told.out
    assert [one.name for one in RAG(load_settings()).collections()] == ["articles", "news"]


def test_removing_asks_and_leaves_the_articles(
    news: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("index", news, "--collection", "news")
    monkeypatch.setattr(console, "is_attended", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert shell("collections", "remove", "news") == 1
    assert shell("search", "Hafen", "--collection", "news") == 0
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    assert shell("collections", "remove", "news") == 0
    capsys.readouterr()
    assert shell("collections", "--json") == 0
    assert [one["name"] for one in printed(capsys)] == ["articles"]
    assert (news / "hafen.md").is_file()


def test_the_doctor_names_them_and_repair_mends_them(
    news: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_embedder", lambda *_: embedder)
    monkeypatch.setattr(doctor, "_models", lambda _: [])
    settings = load_settings()
    RAG(settings).sync()
    shell("index", news, "--collection", "news")
    RAG(settings).named_collections.registry.put("new", news)

    def levels() -> dict[str, str]:
        found = [one for one in doctor.examine(settings, deep=True) if one.subject.startswith("collection")]
        assert all("\n" not in one.message for one in found)
        return {one.subject: one.level for one in found}

    whole = {"collection news": "fine", "collection new": "note", "collection news, all of it": "fine"}
    assert levels() == whole
    (index_dir / "collections" / "news" / MANIFEST).write_text("{")
    assert levels() == whole | {"collection news": "broken", "collection news, all of it": "broken"}
    assert keeping.repair(settings)
    assert levels() == whole
    (index_dir / "collections.json").write_text("{")
    assert levels() == {"collections": "broken"}


def test_all_are_followed_also_those_that_come_later(
    corpus: Path, index_dir: Path, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("watchfiles")
    monkeypatch.setattr(changes, "STEP_MS", 100)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.1)
    rag = build(corpus, index_dir)
    rag.sync(collection="news", corpus=news)
    done: list[tuple[str, int, int]] = []
    told: list[str] = []
    came, stop = threading.Semaphore(0), threading.Event()

    def synced(name: str, report: Any) -> None:
        done.append((name, report.added, report.documents))
        came.release()

    thread = threading.Thread(target=following.FollowingNamed(rag, synced, told.append, stop).run)
    thread.start()
    try:
        (news / "kran.md").write_text("# Kran\n\nDer Kran ist hoch.\n", encoding="utf-8")
        assert came.acquire(timeout=60)
        later = tmp_path / "later"
        later.mkdir()
        (later / "a.md").write_text("# Turm\n\nDer Turm ist hoch.\n", encoding="utf-8")
        build(corpus, index_dir).sync(collection="later", corpus=later)
        (later / "b.md").write_text("# Tor\n\nDas Tor ist hoch.\n", encoding="utf-8")
        assert came.acquire(timeout=60)
        rag.remove_collection("news")
        (news / "neu.md").write_text("# Neu\n\nNichts davon zählt.\n", encoding="utf-8")
        (later / "c.md").write_text("# Tal\n\nDas Tal ist tief.\n", encoding="utf-8")
        assert came.acquire(timeout=60)
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    assert ("news", 1, 2) in done
    assert done[-1] == ("later", 1, 3)
    assert [one.name for one in rag.collections()] == ["articles", "later"]
    assert told == []
