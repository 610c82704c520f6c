"""Feedback becomes cases that `rag eval` reads; none is lost if several writers write at the same time."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import QuestionError
from rag.evaluation.datasets.native import load_native
from rag.evaluation.feedback import (
    Feedback,
    FeedbackError,
    FeedbackFile,
    NarrowedFeedbackError,
    PrivateFeedbackError,
    UntestableFeedbackError,
    as_case,
    check_case,
)
from rag.evaluation.measuring.outcomes import Case, is_correct, judge
from rag.settings import Settings
from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, Timings

ANSWER = Answer(
    "Wie viel Geld?",
    "Wie viel Geld?",
    "Vier Milliarden Yuan.",
    abstained=False,
    generated=True,
    language="de",
    sentences=(AnswerSentence("Vier Milliarden Yuan.", 1.0, "kept", (0,)),),
    citations=(Citation("a.md", 0, 20, "Vier Milliarden Yuan", "A", ""), Citation("own/b.md", 0, 1, "x", "B", "")),
    evidence=(),
    timings=Timings(1.0, 2.0, 3.0),
)
ABSTAINED = replace(ANSWER, text="Dazu steht nichts in den Quellen.", abstained=True, citations=(), sentences=())
KNOWN = {"a.md": "Es sind Vier Milliarden Yuan.", "c.md": "Fünf."}
NAMED = (Citation(".collections/news/a.md", 0, 7, "bekannt", "N", ""),)
PRIVATE = (Citation(".uploads/geheim.pdf", 0, 7, "geheim", "G", ""),)


def case(verdict: Any = "bad", answer: Answer = ANSWER, **more: Any) -> dict[str, Any]:
    return as_case(Feedback("feedback-1", verdict, answer, **more), KNOWN)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (case("good"), {"answerable": True, "gold_quotes": ["Vier Milliarden Yuan"], "sources": ["a.md"]}),
        (case("good", ABSTAINED), {"answerable": False}),
        (case(reason="citation", expected="Fünf"), {"answers": ["Fünf"]}),
        (case("good", ABSTAINED, filter={"since": "2025-01-01", "until": ""}), {"filter": {"since": "2025-01-01"}}),
        (case("good", ABSTAINED, filter={"until": "2025-01-01"}), {"filter": {"until": "2025-01-01"}}),
        (case(), {"answerable": True, "forbidden": ["Vier Milliarden Yuan."]}),
        (case(expected=" Fünf ", sources=("c.md", "own/b.md", "c.md")), {"answers": ["Fünf"], "sources": ["c.md"]}),
        (case(reason="should_abstain"), {"answerable": False}),
        (case(answer=ABSTAINED, reason="should_answer"), {"answerable": True, "forbidden": [ABSTAINED.text]}),
        (case(history=(("Wer?", "Cambricon."),)), {"history": [["Wer?", "Cambricon."]]}),
        (case(filter={"source": "S"}), {"filter": {"source": "S"}}),
    ],
)
def test_each_kind_becomes_a_case_that_can_be_read(
    given: dict[str, Any], wanted: dict[str, Any], tmp_path: Path
) -> None:
    assert {key: given[key] for key in wanted} == wanted
    assert given["feedback"]["given"]
    assert not {"answers", "forbidden"} <= set(given)
    file = tmp_path / "feedback.jsonl"
    FeedbackFile(file, most_bytes=100_000).add(given)
    (question,) = load_native(file).questions
    assert question.question == "Wie viel Geld?"


def evidence(path: str) -> tuple[EvidenceSentence, ...]:
    return (EvidenceSentence(path, 0, 7, "geheim", "G", 1.0),)


@pytest.mark.parametrize(
    ("verdict", "answer", "more", "error"),
    [
        ("good", replace(ANSWER, citations=PRIVATE), {}, PrivateFeedbackError),
        ("good", replace(ANSWER, citations=ANSWER.citations + PRIVATE), {}, PrivateFeedbackError),
        ("bad", replace(ABSTAINED, evidence=evidence(".uploads/geheim.pdf")), {}, PrivateFeedbackError),
        ("bad", ANSWER, {"sources": (".uploads/geheim.pdf",), "expected": "Fünf"}, PrivateFeedbackError),
        ("good", ABSTAINED, {"own": True}, PrivateFeedbackError),
        ("good", ABSTAINED, {"filter": {"path": "a.md", "source": "S"}}, NarrowedFeedbackError),
        ("bad", ABSTAINED, {"filter": {"collection": "news"}}, NarrowedFeedbackError),
        ("bad", replace(ANSWER, citations=NAMED), {"reason": "wrong"}, NarrowedFeedbackError),
        ("good", replace(ANSWER, citations=ANSWER.citations[1:]), {}, UntestableFeedbackError),
        (
            "good",
            replace(ANSWER, citations=(replace(ANSWER.citations[0], quote="gefälscht"),)),
            {},
            UntestableFeedbackError,
        ),
        ("bad", ANSWER, {"reason": "citation"}, UntestableFeedbackError),
        ("bad", ANSWER, {"reason": "incomplete", "expected": " "}, UntestableFeedbackError),
    ],
)
def test_no_case_is_made_of_what_it_would_label_wrongly(
    verdict: Any, answer: Answer, more: dict[str, Any], error: type[FeedbackError]
) -> None:
    with pytest.raises(error):
        case(verdict, answer, **more)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (case(answer=replace(ANSWER, text=" ")), FeedbackError),
        (case(filter={"since": "2025-02-31"}), FeedbackError),
        (case(answer=replace(ANSWER, question=" ")), FeedbackError),
        (case(answer=replace(ANSWER, question="?!")), QuestionError),
        (case(answer=replace(ANSWER, question="Wie " * 300)), QuestionError),
        (case(answer=replace(ANSWER, question="寒武纪要筹集多少资金？")), QuestionError),
    ],
)
def test_what_would_spoil_the_set_is_noticed(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_case(given, longest=1000)
    check_case(case(), longest=1000)


def test_a_wrong_answer_must_not_be_given_again(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    FeedbackFile(file, most_bytes=100_000).add(case())
    (question,) = load_native(file).questions
    assert not is_correct(question, "Es sind vier Milliarden Yuan.")
    assert is_correct(question, "Fünf Milliarden Yuan.")
    wrong = judge(Case(question, ("a.md",), ANSWER))
    assert (wrong.cause, wrong.shares["answer_contains"]) == ("wrong_answer", (0.0, 1.0))
    assert "answer_f1" not in wrong.shares
    right = judge(Case(question, ("a.md",), replace(ANSWER, text="Fünf Milliarden Yuan.")))
    assert (right.cause, right.shares["answer_contains"]) == (None, (1.0, 1.0))


def test_what_comes_later_under_the_same_id_replaces_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "feedback.jsonl"
    kept = FeedbackFile(file, most_bytes=100_000)
    kept.add({"id": "a", "n": 1})
    kept.add({"id": "b", "n": 2})
    kept.add({"id": "a", "n": 3})
    assert [json.loads(line) for line in file.read_text().splitlines()] == [{"id": "b", "n": 2}, {"id": "a", "n": 3}]


def test_an_unfinished_line_and_strange_lines_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(b'not json\n[1]\n{"id": "a"')
    FeedbackFile(file, most_bytes=100_000).add({"id": "b"})
    assert file.read_bytes() == b'not json\n[1]\n{"id": "a"\n{"id": "b"}\n'


def test_an_unfinished_last_line_is_not_glued_to_what_replaces_another(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(b'{"id": "a"}\n{"id": "b"}')
    FeedbackFile(file, most_bytes=100_000).add({"id": "a", "n": 1})
    assert file.read_bytes() == b'{"id": "b"}\n{"id": "a", "n": 1}\n'


def test_a_full_file_takes_no_more_and_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    kept = FeedbackFile(file, most_bytes=100)
    kept.add({"id": "a"})
    before = file.read_bytes()
    with pytest.raises(FeedbackError, match="full.* RAG_FEEDBACK_BYTES") as caught:
        kept.add({"id": "b", "note": "x" * 100})
    assert "\n" not in str(caught.value)
    assert file.read_bytes() == before
    with pytest.raises(FeedbackError, match="RAG_FEEDBACK_FILE"):
        FeedbackFile(file / "below.jsonl", most_bytes=100).add({"id": "a"})


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"

    def write(writer: int) -> None:
        kept = FeedbackFile(file, most_bytes=1_000_000)
        for number in range(10):
            kept.add({"id": f"{writer}-{number % 5}", "n": number, "pad": "ä" * 500})

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert sorted(row["id"] for row in rows) == sorted(f"{w}-{n}" for w in range(6) for n in range(5))
    assert all(row["n"] >= 5 for row in rows)


def test_the_settings_say_where_and_whether(tmp_path: Path) -> None:
    assert Settings(index=tmp_path / ".rag").feedback_path == (tmp_path / "rag-feedback.jsonl").resolve()
    assert Settings(feedback_file=tmp_path / "f.jsonl").feedback_path == tmp_path / "f.jsonl"
    assert FeedbackFile.of(Settings(feedback=False)) is None
    assert Settings(feedback=False).fingerprint() == Settings().fingerprint()


def test_what_is_kept_after_a_kill_is_read_with_all_that_was_kept_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "feedback.jsonl"
    kept = FeedbackFile(file, most_bytes=1_000_000)
    kept.add(case() | {"id": "a"})
    kept.add(case() | {"id": "b"})
    file.write_bytes(file.read_bytes()[:-20])  # as if killed while writing the second case
    kept.add(case() | {"id": "c"})
    assert [question.id for question in load_native(file).questions] == ["a", "c"]
    assert caplog.messages == [f"{file}:2: half a line, left out; whoever wrote it was interrupted."]
