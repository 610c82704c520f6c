"""Feedback from a browser is kept or refused, in the page's language and without paths of this machine."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from rag.evaluation.datasets.native import load_native
from rag.settings import Settings
from tests.ui import fakes
from ui.features.feedback import ReaderFeedback
from ui.render.texts import DE

if TYPE_CHECKING:
    from pathlib import Path


class Request:
    headers = MappingProxyType({"accept-language": "de"})


class Engine(fakes.FakeRag):
    def __init__(self, file: Path, size: int = 100_000) -> None:
        super().__init__()
        self.settings = Settings(feedback_file=file, feedback_bytes=size)


REQUEST: Any = Request()
CITED: dict[str, Any] = {"path": "cambricon.md", "start": 0, "end": 1, "quote": fakes.MONEY}


def sent(
    number: int = 1, *, text: str = "Vier.", citations: Any = (CITED,), asked: str = "Wie viel?", **more: Any
) -> Any:
    answer = {"question": asked, "standalone_question": asked, "answer": text, "abstained": False}
    record = {"question": asked, "answer": answer | {"citations": list(citations)}}
    return {"id": f"feedback-{number:032x}", "verdict": "good", "record": record, **more}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (sent(text="", verdict="bad"), DE.feedback_error),
        (sent(filter={"since": "2025-02-31"}), DE.feedback_error),
        (sent(asked=" "), DE.feedback_error),
        (sent(asked="a" * 1001), DE.question_error),
        (sent(asked="寒武纪要筹集多少资金？"), DE.question_error),
        (sent(citations=[CITED | {"path": ".uploads/geheim.md"}]), DE.feedback_private_error),
        (sent(own=True), DE.feedback_private_error),
        (sent(filter={"path": "cambricon.md"}), DE.feedback_narrowed_error),
        (sent(verdict="bad", reason="citation"), DE.feedback_untestable_error),
    ],
)
def test_one_reader_cannot_spoil_the_set(data: Any, wanted: str, tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    feedback = ReaderFeedback(Engine(file))
    assert feedback.feedback(sent(2), REQUEST) == {"error": ""}
    before = file.read_bytes()
    assert feedback.feedback(data, REQUEST)["error"].startswith(wanted)
    assert file.read_bytes() == before
    assert load_native(file).questions[0].gold_quotes == (fakes.MONEY,)


def test_a_reader_is_told_no_place_of_this_machine(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    full = ReaderFeedback(Engine(tmp_path / "full.jsonl", 1000)).feedback(sent(asked="Wie viel? " * 90), REQUEST)
    (tmp_path / "file").touch()
    blocked = ReaderFeedback(Engine(tmp_path / "file" / "f.jsonl")).feedback(sent(), REQUEST)
    assert full["error"] == blocked["error"] == f"{DE.feedback_error} {DE.feedback_remedy}"
    assert caplog.text.count(str(tmp_path)) == 2
