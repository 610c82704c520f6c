"""Questions to click: only answered ones are offered; they are found while nobody asks, and remembered."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from index.errors import ModelError
from rag.exploring.suggestions import Suggestion
from tests.ui import fakes
from ui import suggesting
from ui.suggesting import Suggesting, choose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.types import Event

GOOD = Suggestion("Wie viele Yuan will Cambricon aufnehmen?", "cambricon.md", *fakes.find("cambricon.md", fakes.MONEY))
ABSENT = Suggestion("Was ist abwesend?", "cambricon.md", *fakes.find("cambricon.md", fakes.MONEY))
ELSEWHERE = Suggestion("Wie viele Firmen?", "hostile.md", 0, 10)


class Source(fakes.FakeRag):
    fingerprints = {"index": "1"}  # noqa: RUF012 - a fake

    def suggestions(self) -> list[Suggestion]:
        return [ABSENT, GOOD, ELSEWHERE]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "PAUSE_SECONDS", 0.0)


def found(finder: Suggesting) -> list[str]:
    finder.begin()
    assert finder._thread is not None
    finder._thread.join(30)
    assert not finder._thread.is_alive()
    return [item.question for item in finder.found]


def test_only_what_is_answered_from_its_sentence_is_offered(tmp_path: Path) -> None:
    source = Source()
    assert found(Suggesting(source)) == [GOOD.question]
    assert source.questions == [ABSENT.question, GOOD.question, ELSEWHERE.question]
    assert set(source.clients) == {suggesting.CLIENT}


def test_what_was_found_is_remembered_until_something_changes(tmp_path: Path) -> None:
    file = tmp_path / "suggestions.json"
    assert found(Suggesting(Source(), file)) == [GOOD.question]
    again = Source()
    assert found(Suggesting(again, file)) == [GOOD.question]
    assert again.questions == []
    changed = Source()
    changed.fingerprints = {"index": "2"}
    assert found(Suggesting(changed, file)) == [GOOD.question]
    assert len(changed.questions) == 3
    for damaged in ("", "[]", json.dumps({"state": {"index": "2"}, "suggestions": [{"x": 1}]})):
        file.write_text(damaged)
        assert found(Suggesting(changed, file)) == [GOOD.question]


def test_it_gives_way_to_who_asks() -> None:
    began, go = threading.Event(), threading.Event()

    class Slow(Source):
        def suggestions(self) -> list[Suggestion]:
            return [GOOD]

        def _answer(self, *arguments: object) -> Iterator[Event]:
            events = super()._answer(*arguments)  # type: ignore[arg-type]
            yield next(events)
            began.set()
            go.wait(30)
            yield from events

    source = Slow()
    finder = Suggesting(source)
    finder.begin()
    assert finder._thread is not None
    assert began.wait(30)
    with finder:
        go.set()
        assert source.closed.wait(30)
        assert finder.found == []
        assert source.questions == [GOOD.question]
    finder._thread.join(30)
    assert [item.question for item in finder.found] == [GOOD.question]
    assert source.questions == [GOOD.question] * 2


def test_without_a_model_there_are_none() -> None:
    class Missing(Source):
        @property
        def fingerprints(self) -> dict[str, str]:  # type: ignore[override]
            raise ModelError("No weights.", hint="Fetch them.")

    assert found(Suggesting(Missing())) == []


def test_those_about_the_nearest_articles_come_first() -> None:
    items = [Suggestion(f"F{n}?", f"{n}.md", 0, 1) for n in range(8)]
    assert choose(items, paths=["5.md", "2.md", "5.md"], asked=["F0?"], language="de") == [
        "F5?",
        "F2?",
        "F1?",
        "F3?",
        "F4?",
    ]
    assert choose([], paths=["5.md"], language="de") == []


def test_none_is_offered_in_another_language() -> None:
    items = [Suggestion("Wer?", "a.md", 0, 1), Suggestion("Who?", "a.md", 0, 1, "en")]
    assert choose(items, language="de") == ["Wer?"]
    assert choose(items, language="en") == ["Who?"]
    assert choose(items[:1], paths=["a.md"], language="en") == []


def test_those_kept_without_their_language_are_found_anew(tmp_path: Path) -> None:
    file = tmp_path / "suggestions.json"
    assert found(Suggesting(Source(), file)) == [GOOD.question]
    kept = json.loads(file.read_text())
    for item in kept["suggestions"]:
        del item["language"]
    file.write_text(json.dumps(kept))
    again = Source()
    assert found(Suggesting(again, file)) == [GOOD.question]
    assert len(again.questions) == 3
