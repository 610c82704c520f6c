"""Custom stages: given when a `RAG` is created, or provided by another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.errors import RagError
from rag import RAG, Settings
from rag.pipeline.gates import OpenGate
from rag.pipeline.stages import WholeQuestion
from rag.types import Filter
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.pipeline import View
    from rag.types import Hit, Query

QUESTION = "Wie viele Yuan will der Chiphersteller Cambricon aufnehmen?"


class Nothing:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Filter | None, int]] = []

    def retrieve(self, query: Query, view: View, *, restrict: Filter | None, k: int) -> Sequence[Hit]:
        assert view.index.documents
        self.asked.append((query.standalone, restrict, k))
        return ()


def test_a_retriever_of_ones_own_takes_the_place_of_the_built_in_one(corpus: Path, index_dir: Path) -> None:
    nothing = Nothing()
    made = synced(corpus, index_dir, ScriptedEngine("4 Milliarden Yuan"), stages={"retriever": nothing})
    answer = made.ask(QUESTION, filter={"source": "Heise"}, k=3)
    assert answer.abstained
    assert answer.evidence == ()
    assert nothing.asked == [(QUESTION, Filter(source="Heise"), 3)]


def test_one_over_other_articles_has_the_same_stages(corpus: Path, index_dir: Path, tmp_path: Path) -> None:
    nothing = Nothing()
    made = synced(corpus, index_dir, ScriptedEngine("4 Milliarden Yuan"), stages={"retriever": nothing})
    assert made.over(corpus, tmp_path / "other").ask(QUESTION).abstained
    assert len(nothing.asked) == 1


def test_an_open_gate_lets_an_answer_through_that_the_model_denies(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("4 Milliarden Yuan", confirms=False)
    assert synced(corpus, index_dir, engine).ask(QUESTION).abstained
    assert "4 Milliarden Yuan" in synced(corpus, index_dir, engine, stages={"gate": OpenGate()}).ask(QUESTION).text


def test_a_question_that_is_not_taken_apart_is_read_once(corpus: Path, index_dir: Path) -> None:
    question = "Wie viel will Cambricon aufnehmen, und wo sitzt Cambricon?"
    engine = ScriptedEngine("4 Milliarden Yuan")
    synced(corpus, index_dir, engine).ask(question)
    assert len(engine.asked) == 2
    engine.asked.clear()
    synced(corpus, index_dir, engine, stages={"splitter": WholeQuestion()}).ask(question)
    assert len(engine.asked) == 1


def test_a_stage_that_there_is_none_of_is_refused(corpus: Path, index_dir: Path) -> None:
    with pytest.raises(TypeError, match="retrieval"):
        RAG(Settings(corpus=corpus, index=index_dir), retrieval=Nothing())  # type: ignore[call-arg]


@pytest.mark.usefixtures("plugins")
def test_another_package_brings_a_retriever(corpus: Path, index_dir: Path) -> None:
    made = synced(corpus, index_dir, ScriptedEngine("4 Milliarden Yuan"), retriever="first")
    assert {one.path for one in made.ask("Wo fertigt SMIC?").evidence} == {"cambricon.md"}


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("last", "RAG_RETRIEVER=last: no installed package provides this retriever."),
        ("broken", "RAG_RETRIEVER=broken: the retriever cannot be loaded (ValueError: no licence)."),
        ("absent", "RAG_RETRIEVER=absent: the retriever cannot be loaded (AttributeError"),
    ],
)
def test_a_package_that_brings_none_or_a_broken_one_is_told_in_one_line(
    corpus: Path, index_dir: Path, name: str, said: str
) -> None:
    with pytest.raises(RagError) as caught:
        synced(corpus, index_dir, ScriptedEngine(), retriever=name)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    if name == "last":
        assert "available: absent, broken, first" in str(caught.value)


@pytest.mark.usefixtures("plugins")
def test_answers_are_the_same_whatever_keeps_the_vectors(corpus: Path, tmp_path: Path) -> None:
    found = []
    for store in ("faiss", "numpy"):
        made = synced(corpus, tmp_path / store, ScriptedEngine("4 Milliarden Yuan"), store=store)
        for restrict in (None, {"source": "Heise"}):
            answer = made.ask(QUESTION, filter=restrict).to_json()
            hits = [hit.to_json() for hit in made.search(QUESTION, filter=restrict)]
            found.append((store, restrict, {**answer, "timings": None}, hits))
    assert [one[1:] for one in found[:2]] == [one[1:] for one in found[2:]]
    assert (tmp_path / "numpy" / "derived-1" / "vectors.numpy").is_file()
