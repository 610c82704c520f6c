from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from index.storage.store import Store
from rag.evaluation import check, evaluate, parse_bound
from rag.evaluation.corpora import prepare
from rag.evaluation.gates import Bound
from rag.evaluation.measuring.statistics import METRICS
from rag.evaluation.types import Dataset, DatasetError, KeyPoint, Passage, PointQuote, Question
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path


QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
RIGHT = "Cambricon will 4 Milliarden Yuan aufnehmen."
KNOWN = Question(
    "q1",
    QUESTION,
    answers=("4 Milliarden Yuan",),
    sources=("cambricon.md",),
    gold_quotes=("Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen.",),
)
UNKNOWN = Question("q2", "Wie lange ruht Hefeteig?", answerable=False)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))


def without_timings(data: dict[str, Any]) -> str:
    data["metrics"] = {name: value for name, value in data["metrics"].items() if "_ms_" not in name}
    data["confidence"] = {name: value for name, value in data["confidence"].items() if "_ms_" not in name}
    for question in data["questions"]:
        question.pop("timings")
    return json.dumps(data, allow_nan=False)


def test_two_fresh_runs_are_byte_identical_apart_from_timings(corpus: Path, index_dir: Path) -> None:
    made = synced(corpus, index_dir, ScriptedEngine(RIGHT, confirms=lambda page: "Hefeteig" not in page))
    first, second = (evaluate(made, [KNOWN, UNKNOWN], fresh=True) for _ in range(2))
    assert first.metrics["answer_contains"] == 1.0
    assert first.metrics["citation_precision"] == 1.0
    assert first.metrics["false_answer_rate"] == 0.0
    assert first.failures == ()
    assert without_timings(first.to_json()) == without_timings(second.to_json())


def test_of_the_corpus_only_what_a_set_names_is_read_before_it_is_asked(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        (corpus / f"beside-{number}.md").write_text(f"# Notiz {number}\n\nHier steht nichts.\n", encoding="utf-8")
    made = synced(corpus, index_dir, ScriptedEngine(RIGHT))
    read: list[int] = []
    record = Store.record
    monkeypatch.setattr(Store, "record", lambda self, id_: (read.append(id_), record(self, id_))[1])
    point = KeyPoint((), (PointQuote("cambricon.md", KNOWN.gold_quotes[0]),))
    set_ = Dataset("own", "native", (replace(KNOWN, key_points=(point,)), UNKNOWN))
    assert prepare(made, set_).gold["q1"]
    assert len(read) == 1
    assert len(made.documents()) == 43
    assert len(made.unread()) == 0
    assert made.documents()[0].path == "beside-0.md"
    assert [one.path for one in made.documents()[-3:]] == ["cambricon.md", "huawei.md", "nvidia.txt"]
    assert len(read) < 6


def test_a_second_run_goes_on_from_the_answers_of_the_first(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT)
    made = synced(corpus, index_dir, engine)
    first = evaluate(made, [KNOWN])
    asked = len(engine.asked)
    assert evaluate(made, [KNOWN]).to_json() == first.to_json()
    assert len(engine.asked) == asked
    evaluate(made, [KNOWN], fresh=True)
    assert len(engine.asked) > asked
    other = synced(corpus, index_dir, engine, strictness=0.6)
    asked = len(engine.asked)
    evaluate(other, [KNOWN])
    assert len(engine.asked) > asked


def test_a_damaged_answer_cache_is_as_good_as_none(corpus: Path, index_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "evaluation"
    folder.mkdir(parents=True)
    (folder / "answers.sqlite").write_bytes(b"no database" * 100)
    assert evaluate(synced(corpus, index_dir, ScriptedEngine(RIGHT)), [KNOWN]).metrics["answer_contains"] == 1.0


def test_a_set_of_its_own_documents_is_embedded_once(corpus: Path, index_dir: Path) -> None:
    text = "---\nNeben dem Teich steht eine Bank. Der Teich ist vier Meter tief. Er friert selten zu."
    documents = (Passage("Garten/1", "Der Garten", text), Passage("Wald/1", "Der Wald", "Im Wald wachsen Pilze."))
    start = text.index("Der Teich ist")
    question = Question(
        "g1",
        "Wie viele Meter ist der Teich im Garten tief?",
        answers=("vier Meter",),
        sources=("Garten/1",),
        gold_spans=(("Garten/1", start, start + len("Der Teich ist vier Meter tief.")),),
    )
    made = synced(corpus, index_dir, ScriptedEngine("Der Teich ist vier Meter tief."))
    dataset = Dataset("garten", "squad", (question,), documents)
    result = evaluate(made, dataset)
    assert result.metrics["recall@1"] == 1.0
    assert result.metrics["answer_contains"] == 1.0
    assert result.metrics["citation_precision"] == 1.0
    embedded = len(made._the_embedder().passages)  # type: ignore[attr-defined]
    evaluate(made, dataset, fresh=True, retrieval_only=True)
    assert len(made._the_embedder().passages) == embedded  # type: ignore[attr-defined]
    assert {document.path for document in made.documents()} == {"cambricon.md", "huawei.md", "nvidia.txt"}


def test_questions_with_passages_are_answered_from_those_alone(corpus: Path, index_dir: Path) -> None:
    one = Passage("1", "", "Im Wald wachsen Pilze und Beeren.")
    two = Passage("2", "", "Der Turm in Köln ist 157 Meter hoch.")
    asked = "Wie hoch ist der Turm in Köln?"
    engine = ScriptedEngine("Der Turm in Köln ist 157 Meter hoch.", confirms=lambda page: "157" in page)
    dataset = Dataset(
        "türme",
        "native",
        (
            Question("a", asked, answers=("157 Meter",), sources=("2",), passages=(one, two)),
            Question("b", asked, answerable=False, passages=(one,)),
        ),
    )
    result = evaluate(synced(corpus, index_dir, engine), dataset)
    assert result.metrics["answer_contains"] == 1.0
    assert result.metrics["false_answer_rate"] == 0.0
    assert set(result.outcomes[1].evidence) <= {one.text}


def test_a_set_that_mixes_passages_and_corpus_is_refused(corpus: Path, index_dir: Path) -> None:
    own = Question("a", "Wie hoch?", answers=("1",), sources=("1",), passages=(Passage("1", "", "Ein Turm."),))
    with pytest.raises(DatasetError, match="'q1' has no passages"):
        evaluate(synced(corpus, index_dir, ScriptedEngine(RIGHT)), [own, KNOWN])


@pytest.mark.parametrize("asked", ["?!", "x" * 1001, "寒武纪想筹集多少资金?"])
def test_a_question_that_cannot_be_asked_is_named_before_any_is(corpus: Path, index_dir: Path, asked: str) -> None:
    engine = ScriptedEngine(RIGHT)
    with pytest.raises(DatasetError, match="'bad' cannot be asked"):
        evaluate(synced(corpus, index_dir, engine), [KNOWN, Question("bad", asked, answerable=False)])
    assert engine.asked == []


def test_a_follow_up_to_a_long_question_can_be_asked(corpus: Path, index_dir: Path) -> None:
    history = (("Was will Cambricon mit " + "sehr " * 150 + "viel Geld?", "Chips bauen."),)
    question = Question("f", "Und wie " + "ganz " * 60 + "genau?", answerable=False, history=history)
    assert evaluate(synced(corpus, index_dir, ScriptedEngine(RIGHT)), [question], retrieval_only=True).n == 1


def test_limit_draws_questions_and_leaves_documents_alone(corpus: Path, index_dir: Path) -> None:
    made = synced(corpus, index_dir, ScriptedEngine(RIGHT))
    questions = [Question(f"q{number}", QUESTION, answers=("4",), sources=("cambricon.md",)) for number in range(30)]
    drawn = [
        [one.id for one in evaluate(made, questions, limit=4, seed=seed, retrieval_only=True).outcomes]
        for seed in (1, 1, 2)
    ]
    assert len(drawn[0]) == 4
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (Question("x", "Wer?", answers=("a",), sources=("none.md",)), "none.md"),
        (Question("x", "Wer?", answers=("a",), sources=("huawei.md",), gold_quotes=("steht nirgends",)), "gold quote"),
    ],
)
def test_gold_that_does_not_exist_is_named(corpus: Path, index_dir: Path, question: Question, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        evaluate(synced(corpus, index_dir, ScriptedEngine(RIGHT)), [question])


def test_gates() -> None:
    assert parse_bound("recall@5=0.9", "min", METRICS) == Bound("recall@5", "min", 0.9)
    for text in ("recall@5", "recall@5=x", "nonsense=1", "recall@5=nan", "recall@5=inf"):
        with pytest.raises(RagError):
            parse_bound(text, "min", METRICS)
    values: dict[str, float | None] = {"a": 0.5, "b": None}
    assert check(values, [Bound("a", "min", 0.5), Bound("a", "max", 0.5)]) == []
    broken = [Bound("a", "min", 0.6), Bound("a", "max", 0.4), Bound("b", "min", 0.0), Bound("not measured", "max", 1.0)]
    assert len(check(values, broken)) == 4
