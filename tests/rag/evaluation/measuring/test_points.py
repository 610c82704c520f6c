"""Key points of open questions: when a point is covered, the metrics that follow, and invalid sets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.syncing.sync import sync
from rag.evaluation import evaluate, parse_bound
from rag.evaluation.comparing import compare, record
from rag.evaluation.datasets import load_native
from rag.evaluation.measuring.outcomes import Case, judge
from rag.evaluation.measuring.points import alone_covers, covers
from rag.evaluation.measuring.statistics import LOWER_IS_BETTER, METRICS, confidence, measure
from rag.evaluation.report.html import render_html
from rag.evaluation.report.markdown import render_markdown
from rag.evaluation.types import Evaluation, KeyPoint, PointQuote, Question
from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, Timings
from tests.rag.building import build
from tests.rag.evaluation.sets import complaint, write
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from rag.client import RAG

QUOTE = "Das Moor speichert Wasser, Kohlenstoff, Torf und Wärme."
POINT = KeyPoint(("Torf und Wärme",), (PointQuote("moor.md", QUOTE),))
OTHER = KeyPoint(("achtzig Hektar",), ())
SPANS = (("moor.md", 100, 200),)
LIST = Question("o1", "Was speichert das Moor?", kind="list", key_points=(POINT, OTHER), sources=("moor.md",))


def shown(text: str, *cited: tuple[str, int, int], status: str = "kept") -> Answer:
    citations = tuple(Citation(path, start, end, "…", "T", "x") for path, start, end in cited)
    sentence = AnswerSentence(text, 1.0, status, tuple(range(len(cited))))  # type: ignore[arg-type]
    return Answer("q", "q", text, False, True, "de", (sentence,), citations, (), Timings(1, 2, 3))


def joined(*answers: Answer) -> Answer:
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    for one in answers:
        sentences += [replace(s, citations=tuple(n + len(citations) for n in s.citations)) for s in one.sentences]
        citations += one.citations
    return replace(answers[0], sentences=tuple(sentences), citations=tuple(citations))


def is_covered(answer: Answer) -> bool:
    return covers(answer.sentences[0], answer, POINT, SPANS)


@given(st.integers(0, 300), st.integers(1, 200), st.sampled_from(["Nichts davon.", "Torf und Wärme.", QUOTE]))
def test_a_sentence_alone_covers_what_it_would_cover_were_it_shown(start: int, length: int, text: str) -> None:
    alone = EvidenceSentence("moor.md", start, start + length, text, "T", 0.5)
    assert alone_covers(alone, POINT, SPANS) == is_covered(shown(text, ("moor.md", start, start + length)))


@pytest.mark.parametrize(
    ("cited", "expected"),
    [
        ([("moor.md", 100, 200)], True),
        ([("moor.md", 0, 300)], True),
        ([("moor.md", 100, 150)], True),
        ([("moor.md", 50, 149)], False),
        ([("moor.md", 151, 250)], False),
        ([("wald.md", 100, 200)], False),
        ([("moor.md", 100, 125), ("moor.md", 170, 195)], True),
        ([("moor.md", 100, 130), ("moor.md", 110, 140)], False),
        ([], False),
    ],
)
def test_a_citation_covers_where_it_overlaps_half_of_a_quote(cited: list[tuple[str, int, int]], expected: bool) -> None:
    assert is_covered(shown("Ganz anders.", *cited)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dort liegen torf und Wärme.", True),
        ("Dort liegen Torf und Wärmeinseln.", False),
        ("Wärme und Torf.", False),
    ],
)
def test_an_answer_covers_as_whole_tokens_in_a_row(text: str, expected: bool) -> None:
    assert is_covered(shown(text)) is expected


def test_six_tenths_of_the_content_stems_cover() -> None:
    five = replace(POINT, answers=(), quotes=(PointQuote("moor.md", "Die Wiesen, Wälder, Moore, Seen und Felder."),))
    for text, expected in (
        ("Wiese, Wald, Felder", True),
        ("Wälder und ein Moor mit Feldern", True),
        ("Wiesen und Wälder", False),
        ("die und", False),
    ):
        answer = shown(text)
        assert covers(answer.sentences[0], answer, five, ()) is expected


def test_a_quote_of_function_words_is_not_covered_by_everything() -> None:
    empty = KeyPoint((), (PointQuote("moor.md", "Das und die."),))
    answer = shown("Das und die.")
    assert not covers(answer.sentences[0], answer, empty, ())


def test_recall_counts_points_and_precision_counts_sentences() -> None:
    answer = joined(shown("Torf und Wärme."), shown("Nichts davon."), shown("Es sind achtzig Hektar."))
    outcome = judge(Case(LIST, ("moor.md",), answer, points=(SPANS, ())))
    for suffix in ("", "/list"):
        assert outcome.shares[f"key_point_recall{suffix}"] == (2.0, 2.0)
        assert outcome.shares[f"sentence_precision{suffix}"] == (2.0, 3.0)
    assert outcome.key_points == (("Torf und Wärme", True), ("achtzig Hektar", True))
    assert outcome.correct
    assert outcome.kind == "list"


def test_a_sentence_that_was_withdrawn_is_not_shown() -> None:
    answer = joined(shown("Torf und Wärme.", status="withdrawn"), shown("Nichts davon."))
    shares = judge(Case(LIST, ("moor.md",), answer, points=(SPANS, ()))).shares
    assert shares["key_point_recall"] == (0.0, 2.0)
    assert shares["sentence_precision"] == (0.0, 1.0)


def test_an_abstention_covers_nothing_and_has_no_sentence_to_be_precise() -> None:
    refused = replace(shown("Torf und Wärme."), abstained=True)
    outcome = judge(Case(LIST, ("moor.md",), refused, points=(SPANS, ())))
    assert outcome.shares["key_point_recall"] == (0.0, 2.0)
    assert "sentence_precision" not in outcome.shares
    assert outcome.shares["false_abstention_rate"] == (1.0, 1.0)
    assert not outcome.correct


def test_the_metrics_of_a_set_are_over_points_with_intervals() -> None:
    why = replace(LIST, id="o2", kind="explanation", key_points=(POINT,))
    outcomes = [
        judge(Case(LIST, ("moor.md",), shown("Torf und Wärme."), points=(SPANS, ()))),
        judge(Case(why, ("moor.md",), shown("Nichts davon.", ("moor.md", 0, 9)), points=(SPANS,))),
    ]
    values = measure(outcomes)
    assert values["key_point_recall"] == pytest.approx(1 / 3)
    assert values["key_point_recall/list"] == 0.5
    assert values["key_point_recall/explanation"] == 0.0
    assert values["sentence_precision"] == 0.5
    assert "key_point_recall/summary" not in values
    assert set(values) <= METRICS
    intervals = confidence(outcomes, values)
    low, high = intervals["key_point_recall"]
    assert low <= 1 / 3 <= high
    assert [outcome.cause for outcome in outcomes] == ["wrong_citation", "wrong_answer"]


def test_sets_without_key_points_have_the_metrics_they_had() -> None:
    values = measure([judge(Case(Question("1", "Wer?", answers=("a",)), (), shown("a")))])
    assert not any("key_point" in name or "sentence_precision" in name or "talk" in name for name in values)


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (shown("Guten Tag!"), 0.0),
        (replace(shown("Keine Antwort."), abstained=True), 1.0),
        (shown("Hallo", ("moor.md", 0, 5)), 1.0),
    ],
)
def test_talk_is_answered_without_a_citation(answer: Answer, failed: float) -> None:
    outcome = judge(Case(Question("t", "Hallo!", kind="talk"), (), answer))
    assert outcome.shares == {"talk_failure_rate": (failed, 1.0)}
    assert (outcome.cause is None) is (failed == 0.0)
    assert "talk_failure_rate" in LOWER_IS_BETTER


def test_what_the_app_does_not_do_counts_neither_as_answered_nor_as_refused() -> None:
    question = Question("x", "Schreib ein Gedicht.", kind="other", answerable=False)
    for answer in (shown("Das mache ich nicht."), replace(shown("–"), abstained=True)):
        outcome = judge(Case(question, (), answer))
        assert outcome.shares == {}
        assert outcome.cause is None


def test_an_open_question_that_the_documents_do_not_answer_counts_as_before() -> None:
    question = Question("u", "Warum?", kind="explanation", answerable=False)
    assert judge(Case(question, (), shown("Darum."))).shares["false_answer_rate"] == (1.0, 1.0)


@given(st.integers(0, 300), st.integers(1, 100), st.integers(0, 300), st.integers(1, 100))
def test_half_an_overlap_is_half_of_the_quotes_characters(start: int, length: int, begin: int, size: int) -> None:
    answer = shown("Ganz anders.", ("a.md", begin, begin + size))
    inside = len(set(range(start, start + length)) & set(range(begin, begin + size)))
    point = KeyPoint((), (PointQuote("a.md", "Unbekanntes"),))
    covered = covers(answer.sentences[0], answer, point, (("a.md", start, start + length),))
    assert covered is (2 * inside >= length)


# reading


def line(**fields: Any) -> dict[str, Any]:
    point = {"answers": ["4 Milliarden Yuan"], "quotes": [{"path": "cambricon.md", "quote": "4 Milliarden Yuan"}]}
    return {"id": "1", "question": "Was will Cambricon?", "kind": "summary", "key_points": [point], **fields}


def test_a_native_set_has_kinds_and_key_points(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a",
        line(),
        line(id="2", kind="talk", key_points=[]),
        line(id="3", kind="own", answers=["x"], key_points=None),
    )
    first, second, third = load_native(file).questions
    assert first.kind == "summary"
    assert first.key_points == (KeyPoint(("4 Milliarden Yuan",), (PointQuote("cambricon.md", "4 Milliarden Yuan"),)),)
    assert second.seeks_nothing
    assert (third.kind, third.seeks_nothing) == ("", False)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "essay"}, "'kind' is 'essay'"),
        ({"kind": "talk"}, "'kind' is 'talk'"),
        ({"kind": None}, "'kind' is ''"),
        ({"kind": 3}, "'kind' must be a text"),
        ({"key_points": "x"}, "'key_points' is missing or no list"),
        ({"key_points": ["x"]}, "'key_points[0]' is not a JSON object"),
        ({"key_points": [{"answers": []}]}, "'key_points[0].answers' is empty"),
        ({"key_points": [{"answers": [" "]}]}, "'key_points[0].answers' must be a list of texts, none of them blank"),
        ({"key_points": [{"quotes": [{"path": "a.md"}]}]}, "'key_points[0].quotes[0].quote' is missing"),
        ({"key_points": [{"quotes": [{"quote": "a"}]}]}, "'key_points[0].quotes[0].path' is missing"),
        ({"answerable": False}, "'key_points' belong to answerable questions only"),
        ({"key_points": []}, "needs 'answers'"),
        (
            {
                "passages": [{"id": "p", "text": "Anderes."}],
                "key_points": [{"quotes": [{"path": "p", "quote": "Eines."}]}],
            },
            "'key_points[0].quotes[0]' does not occur in the passage 'p'",
        ),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    file = write(tmp_path / "set.jsonl", line(), line(id="2", **fields))
    text = complaint(lambda: load_native(file))
    assert f"{file}:2: " in text
    assert reason in text


# from the set to the report


@pytest.fixture
def made(corpus: Path, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RAG:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    embedder = HashingEmbedder()
    sync(corpus, index_dir, embedder)
    engine = ScriptedEngine("Cambricon will 4 Milliarden Yuan aufnehmen.")
    return build(corpus, index_dir, engine, embedder=embedder)


ASKED = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
MISSED = {"answers": ["achtzig Hektar"], "quotes": [{"path": "huawei.md", "quote": "Im Mai waren es 800.000 Stück."}]}


def run(made: RAG, tmp_path: Path, *more: dict[str, Any]) -> Evaluation:
    points = [*line()["key_points"], *more]
    return evaluate(made, write(tmp_path / "open.jsonl", line(question=ASKED, key_points=points)))


def test_an_open_question_goes_all_the_way(made: RAG, tmp_path: Path) -> None:
    result = run(made, tmp_path, MISSED)
    data = json.loads(json.dumps(result.to_json()))
    assert data["metrics"]["key_point_recall"] == 0.5
    assert data["metrics"]["key_point_recall/summary"] == 0.5
    assert data["metrics"]["sentence_precision"] == 1.0
    assert data["confidence"]["key_point_recall/summary"] == [0.5, 0.5]
    assert data["questions"][0]["kind"] == "summary"
    assert data["questions"][0]["key_points"] == [
        {"point": "4 Milliarden Yuan", "covered": True},
        {"point": "achtzig Hektar", "covered": False},
    ]
    assert "| `key_point_recall/summary` | 0.500 | 0.500 to 0.500 |" in render_markdown(result)
    page = render_html(result)
    assert "✓ covered" in page
    assert "✗ missed" in page


def test_two_runs_are_compared_by_kind(made: RAG, tmp_path: Path) -> None:
    before, after = run(made, tmp_path, MISSED).to_json(), run(made, tmp_path).to_json()
    found = {
        one.metric: (one.before, one.after) for one in compare(record(before, "a"), record(after, "b")).differences
    }
    assert found["key_point_recall"] == (0.5, 1.0)
    assert found["key_point_recall/summary"] == (0.5, 1.0)


def test_bounds_take_the_new_metrics() -> None:
    for name in ("key_point_recall", "key_point_recall/list", "sentence_precision/yes_no", "talk_failure_rate"):
        assert parse_bound(f"{name}=0.5", "min", METRICS).metric == name


@pytest.mark.parametrize(
    ("path", "quote", "reason"),
    [
        ("cambricon.md", "steht nirgends", "does not stand in 'cambricon.md': 'steht nirgends'"),
        ("none.md", "4 Milliarden Yuan", "'none.md', which is not in the index"),
    ],
)
def test_a_quote_that_is_not_in_its_file_is_named_with_its_line(
    made: RAG, tmp_path: Path, path: str, quote: str, reason: str
) -> None:
    file = write(tmp_path / "open.jsonl", line(id="0"), line(key_points=[{"quotes": [{"path": path, "quote": quote}]}]))
    text = complaint(lambda: evaluate(made, file))
    assert f"{file}:2: " in text
    assert reason in text


def test_key_points_may_lie_in_passages_of_the_question(made: RAG, tmp_path: Path) -> None:
    passage = {
        "id": "p",
        "title": "Cambricon",
        "text": "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen.",
    }
    points = [{"quotes": [{"path": "p", "quote": passage["text"]}]}]
    result = evaluate(made, write(tmp_path / "own.jsonl", line(question=ASKED, passages=[passage], key_points=points)))
    assert result.metrics["key_point_recall"] == 1.0
