"""Readers rate answers on the page, and `rag eval` computes its figures from their feedback."""

from __future__ import annotations

import json
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from rag import client as facade
from rag.cli import main as cli
from rag.evaluation.datasets.native import load_native
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine
from tests.ui.conftest import free_port
from tests.ui.talking import ask_over_http
from ui import launch
from ui.features.feedback import ReaderFeedback

if TYPE_CHECKING:
    from pathlib import Path

RIGHT, WRONG, NONE = (
    "Wie viel will der Chiphersteller Cambricon aufnehmen?",
    "Wie viele Milliarden Yuan will Cambricon aufnehmen?",
    "Will der Chiphersteller Cambricon 4 Milliarden aufnehmen?",
)


class Request:
    headers = MappingProxyType({"accept-language": "de"})


REQUEST: Any = Request()


def said(number: int, verdict: str, record: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"feedback-{number:032x}", "verdict": verdict, "record": record, **more}


def evaluate(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any]]:
    monkeypatch.setattr(sys, "argv", ["rag", "eval", str(file), "--json", "--fresh", *more])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), json.loads(capsys.readouterr().out)


def test_what_readers_say_is_run_and_scored(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    settings = Settings(corpus=corpus, index=tmp_path / "index", feedback_file=tmp_path / "feedback.jsonl")
    real = facade.RAG

    def made(_: object = None, *, answer: str = "Cambricon will 4 Milliarden Yuan aufnehmen.") -> facade.RAG:
        return real(settings, embedder=HashingEmbedder(), engine=ScriptedEngine(answer))

    engine = made()
    app = launch(engine, port=free_port(), block=False)
    try:
        records = [ask_over_http(app.local_url, question) for question in (RIGHT, WRONG, NONE)]
    finally:
        app.close(verbose=False)
    assert all(record["answer"]["citations"] for record in records)
    feedback = ReaderFeedback(engine)
    for sent in (
        said(1, "good", records[0]),
        said(2, "bad", records[1], reason="wrong", expected="5 Milliarden", sources=["cambricon.md"]),
        said(3, "bad", records[2], reason="should_abstain"),
    ):
        assert feedback.feedback(sent, REQUEST) == {"error": ""}

    file = settings.feedback_path
    assert [question.answerable for question in load_native(file).questions] == [True, True, False]
    monkeypatch.setattr(facade, "RAG", made)
    code, figures = evaluate(file, monkeypatch, capsys, "--min", "citation_precision=0.5")
    assert (code, figures["n"]) == (0, 3)
    metrics = figures["metrics"]
    assert metrics["recall@1"] == 1.0
    assert metrics["citation_recall"] == 1.0
    assert metrics["answer_contains"] == 0.0  # for the one question with a known right answer
    assert metrics["false_answer_rate"] == 1.0
    assert {failure["id"][-1]: failure["cause"] for failure in figures["failures"]} == {
        "2": "wrong_answer",
        "3": "wrongly_answered",
    }

    # When the answers get better, so do the figures.
    sentence = "Cambricon will nun 5 Milliarden Yuan aufnehmen."
    with (corpus / "cambricon.md").open("a", encoding="utf-8") as article:
        article.write(f"\n{sentence}\n")
    engine.sync()
    monkeypatch.setattr(facade, "RAG", lambda settings: made(settings, answer=sentence))
    code, figures = evaluate(file, monkeypatch, capsys, "--min", "answer_contains=1")
    assert figures["metrics"]["answer_contains"] == 1.0
    assert code == 0
