"""The app follows the folder: new articles are in the next answer, and a question in progress is not disturbed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from index.errors import RagError
from index.syncing.sync import sync
from index.watching import changes, following
from index.watching.following import Following
from rag.types import EvidenceReady, Finished
from tests.rag.building import synced
from tests.rag.fakes import HashingEmbedder
from ui.features import news as news_module
from ui.features.news import News, NewsView, Totals
from ui.server.owners import Owners

pytest.importorskip("watchfiles")
QUESTION = "Wie viel will Cambricon aufnehmen?"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "STEP_MS", 100)
    monkeypatch.setattr(news_module, "REFRESH_SECONDS", 0.05)


def until(what: Callable[[], bool]) -> None:
    never = threading.Event()
    for _ in range(600):
        if what():
            return
        never.wait(0.1)
    raise AssertionError("it did not come")


def write(corpus: Path, name: str = "new.txt") -> None:
    (corpus / name).write_text("Neues\n\nDer Artikel handelt von Äpfeln.\n", encoding="utf-8")


def test_a_question_under_way_keeps_its_articles_and_the_next_one_has_the_new_ones(
    corpus: Path, index_dir: Path
) -> None:
    rag = synced(corpus, index_dir, "4 Milliarden Yuan")
    wanted = rag.ask(QUESTION, fresh=True)
    lines: list[str] = []
    news = News(rag, lines.append)
    news.begin()
    try:
        events = iter(rag.stream(QUESTION, fresh=True))
        first = next(event for event in events if isinstance(event, EvidenceReady))
        assert first.evidence.sentences
        write(corpus)
        (corpus / "nvidia.txt").unlink()
        until(lambda: news.totals == Totals(added=1, removed=1))
        (answer,) = [event.answer for event in events if isinstance(event, Finished)]
        assert answer.text == wanted.text
        assert answer.citations == wanted.citations
        assert [one.path for one in rag.listed()] == ["cambricon.md", "huawei.md", "new.txt"]
        assert rag.search("Äpfel")[0].path == "new.txt"
    finally:
        news.end()
    assert lines == []


def test_where_another_process_follows_its_generations_are_opened(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir)
    assert len(rag.listed()) == 3
    with FileLock(index_dir / following.LOCK):
        news = News(rag, pytest.fail)
        news.begin()
        write(corpus)
        sync(corpus, index_dir, HashingEmbedder())
        until(lambda: len(rag.listed()) == 4)
        news.end()
    assert news.totals == Totals()


def test_named_collections_are_followed_too(corpus: Path, index_dir: Path, tmp_path: Path) -> None:
    rag = synced(corpus, index_dir)
    (tmp_path / "named").mkdir()
    write(tmp_path / "named", "old.txt")
    rag.sync(collection="named", corpus=tmp_path / "named")
    news = News(rag, pytest.fail)
    news.begin()
    (tmp_path / "named" / "new.txt").write_text("Neues\n\nDer Artikel handelt von Birnen.\n", encoding="utf-8")
    until(lambda: news.totals == Totals(added=1))
    news.end()
    assert rag.search("Birnen", filter={"collection": "named"})[0].path == ".collections/named/new.txt"


def test_the_page_is_told_what_has_come(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir)
    news = News(rag, pytest.fail)
    view = NewsView(news, Owners(shared=True))
    request = SimpleNamespace(headers={}, request=SimpleNamespace(scope={}), cookies={})
    news.begin()
    write(corpus)
    until(lambda: view.news({}, request)["added"] == 1)  # type: ignore[arg-type]
    news.end()
    assert view.news({}, request) == {"added": 1, "changed": 0, "removed": 0}  # type: ignore[arg-type]


def test_where_the_other_process_ends_the_folder_is_followed_here(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir)
    news = News(rag, pytest.fail)
    looks = threading.Semaphore(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rag, "refresh", looks.release)
        with FileLock(index_dir / following.LOCK):
            news.begin()
            assert looks.acquire(timeout=60)
    write(corpus)
    until(lambda: news.totals == Totals(added=1))
    news.end()


def test_a_look_that_fails_is_not_the_last(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rag = synced(corpus, index_dir)
    looks = threading.Semaphore(0)

    def fail() -> None:
        looks.release()
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(rag, "refresh", fail)
    with FileLock(index_dir / following.LOCK):
        news = News(rag, pytest.fail)
        news.begin()
        assert all(looks.acquire(timeout=60) for _ in range(3))
        news.end()
    assert "cannot be opened" in caplog.text
    assert news.totals == Totals()


def test_a_folder_that_could_not_be_followed_is_tried_again(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag = synced(corpus, index_dir)
    failures = iter([RuntimeError("odd"), RagError("It cannot be written."), RagError("It cannot be written.")])
    run = Following.run

    def tried(self: Following) -> None:
        for failure in failures:
            raise failure
        run(self)

    monkeypatch.setattr(Following, "run", tried)
    monkeypatch.setattr(news_module, "FAILED_ROUNDS", 2)
    lines: list[str] = []
    news = News(rag, lines.append)
    news.begin()
    write(corpus)
    until(lambda: news.totals == Totals(added=1))
    news.end()
    assert lines == ["The folder is not followed: It cannot be written."]
