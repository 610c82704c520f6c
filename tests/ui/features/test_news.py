"""The app follows the folder: what comes is in the next answer, and a question under way is not disturbed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from index.syncing.sync import sync
from index.watching import changes, following
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
