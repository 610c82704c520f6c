"""Twenty sessions at once: each gets its own answer, and nothing of another's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.ui.talking import ask_over_http

if TYPE_CHECKING:
    import gradio as gr

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
