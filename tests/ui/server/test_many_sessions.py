"""Twenty sessions at once: each gets its own answer, and nothing from another session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.ui.talking import ask_over_http
from ui.launching import serving

if TYPE_CHECKING:
    import gradio as gr
    import pytest

    from tests.ui.fakes import FakeRag

SESSIONS = 20


def test_each_of_twenty_sessions_gets_its_own_answer(app: gr.Blocks, fake: FakeRag) -> None:
    fake.pause = 0.02
    asked = [f"Frage Nummer {number}?" for number in range(SESSIONS)]
    histories = [[[f"Früher {number}", f"Antwort {number}"]] for number in range(SESSIONS)]
    with ThreadPoolExecutor(SESSIONS) as pool:
        records = list(pool.map(lambda pair: ask_over_http(app.local_url, *pair), zip(asked, histories, strict=True)))
    for number, record in enumerate(records):
        assert record["question"] == asked[number]
        assert record["answer"]["question"] == asked[number]
        assert record["answer"]["standalone_question"] == f"{asked[number]} (Cambricon)"
    # Each question went with its own history, and each session is a client of its own.
    assert sorted((question, history) for question, history, _ in fake.asked) == sorted(
        (asked[number], [(f"Früher {number}", f"Antwort {number}")]) for number in range(SESSIONS)
    )
    assert len({client for _, _, client in fake.asked}) == SESSIONS


def test_of_many_sessions_only_the_last_are_remembered(app: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.state_holder.capacity == serving.SESSIONS
    monkeypatch.setattr(app.state_holder, "capacity", 3)
    for number in range(8):
        assert ask_over_http(app.local_url, f"Frage {number}?")["question"] == f"Frage {number}?"
    assert len(app.state_holder.session_data) == len(app.state_holder.time_last_used) == 3
