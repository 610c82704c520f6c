from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from index.sync import sync
from rag.answering import ABSTENTION
from rag.facade import RAG
from rag.settings import Settings
from rag.types import Delta, EvidenceReady, Finished, SentenceChecked
from tests.files import lines, make_pdf, needs_files
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
RIGHT = "Cambricon will 4 Milliarden Yuan aufnehmen."
WRONG = "Cambricon will 9 Milliarden Dollar verschenken."


def rag(corpus: Path, index_dir: Path, engine: ScriptedEngine, **options: Any) -> RAG:
    embedder = HashingEmbedder()
    sync(corpus, index_dir, embedder)
    return RAG(Settings(corpus=corpus, index=index_dir, **options), embedder=embedder, engine=engine)


def test_events_come_in_order_and_end_with_the_answer(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("Cambricon will 4 ", "Milliarden Yuan", " aufnehmen.")
    events = list(rag(corpus, index_dir, engine).stream(QUESTION))
    kinds = [type(event) for event in events]
    assert kinds == [EvidenceReady, Delta, Delta, Delta, SentenceChecked, Finished]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == RIGHT
    answer = events[-1].answer
    assert (answer.text, answer.abstained, answer.generated) == (RIGHT, False, True)
    assert [sentence.status for sentence in answer.sentences] == ["kept"]
    assert answer.timings.first_token_ms is not None


def test_each_quote_is_the_files_own_characters(corpus: Path, index_dir: Path) -> None:
    made = rag(corpus, index_dir, ScriptedEngine(RIGHT))
    answer = made.ask(QUESTION)
    assert answer.citations
    for citation in answer.citations:
        file = (corpus / citation.path).read_bytes().decode("utf-8")
        assert file[citation.start : citation.end] == citation.quote
        assert made.document(citation.path).sha256 == citation.document_sha256
    assert answer.citations[0].path == "cambricon.md"


@needs_files
def test_a_citation_into_a_pdf_names_its_page(corpus: Path, index_dir: Path) -> None:
    pages = [lines("Der Verein wählte im Mai einen Vorstand."), lines("Der Kuchenbasar brachte 412 Euro ein.")]
    (corpus / "verein.pdf").write_bytes(make_pdf(pages))
    made = rag(corpus, index_dir, ScriptedEngine("Der Kuchenbasar brachte 412 Euro ein."))
    citation = made.ask("Wie viel brachte der Kuchenbasar ein?").citations[0]
    assert (citation.path, citation.page) == ("verein.pdf", 2)
    assert made.document("verein.pdf").text[citation.start : citation.end] == citation.quote
    assert made.ask(QUESTION).citations[0].page is None


def test_where_the_model_finds_no_answer_it_is_not_asked_to_write_one(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT, confirms=False)
    events = list(rag(corpus, index_dir, engine).stream(QUESTION))
    assert [type(event) for event in events] == [EvidenceReady, Finished]
    assert len(engine.asked) == 1
    assert events[-1].answer.abstained
    assert events[-1].answer.text == ABSTENTION["de"]
    assert events[-1].answer.citations == ()


def test_the_loosest_strictness_does_not_ask_whether_there_is_an_answer(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT, confirms=False)
    assert not rag(corpus, index_dir, engine).ask(QUESTION, strictness=0.0).abstained


def test_both_parts_of_a_question_are_answered_and_the_silent_one_is_named(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT)
    answer = rag(corpus, index_dir, engine).ask(f"{QUESTION[:-1]}, und wann ruht Hefeteig?")
    assert answer.text == RIGHT
    assert answer.unanswered == ("Wann ruht Hefeteig?",)
    assert answer.to_json()["unanswered"] == ["Wann ruht Hefeteig?"]


def test_two_parts_with_one_answer_say_it_once(corpus: Path, index_dir: Path) -> None:
    asked = f"{QUESTION[:-1]}, und wie viele Yuan will Cambricon aufnehmen?"
    answer = rag(corpus, index_dir, ScriptedEngine(RIGHT)).ask(asked)
    assert answer.text == RIGHT
    assert answer.unanswered == ()
    places = [(sentence.path, sentence.start) for sentence in answer.evidence]
    assert len(places) == len(set(places))


def test_a_question_turned_into_a_statement_is_no_answer(corpus: Path, index_dir: Path) -> None:
    events = list(
        rag(corpus, index_dir, ScriptedEngine("Der Chiphersteller Cambricon will aufnehmen.")).stream(
            "Was will der Chiphersteller Cambricon aufnehmen?"
        )
    )
    assert next(event.verdict for event in events if isinstance(event, SentenceChecked)) == "withdrawn"


def test_an_unsupported_sentence_is_withdrawn(corpus: Path, index_dir: Path) -> None:
    events = list(rag(corpus, index_dir, ScriptedEngine(f"{RIGHT} {WRONG}")).stream(QUESTION))
    checked = [event.verdict for event in events if isinstance(event, SentenceChecked)]
    assert checked == ["kept", "withdrawn"]
    assert events[-1].answer.text == RIGHT


def test_an_unsupported_sentence_is_marked_where_so_set(corpus: Path, index_dir: Path) -> None:
    answer = rag(corpus, index_dir, ScriptedEngine(f"{RIGHT} {WRONG}"), unsupported="mark").ask(QUESTION)
    assert [sentence.status for sentence in answer.sentences] == ["kept", "marked"]
    assert answer.text == f"{RIGHT} {WRONG}"


def test_nothing_near_the_question_does_not_ask_the_model(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT)
    answer = rag(corpus, index_dir, engine).ask("Wie lange ruht Hefeteig?")
    assert answer.abstained
    assert engine.asked == []


def test_closing_the_stream_closes_the_engines_iterator(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(*["Cambricon will "] * 500)
    engine.before_piece = lambda: time.sleep(0.01)
    stream = rag(corpus, index_dir, engine).stream(QUESTION)
    assert isinstance(next(stream), EvidenceReady)
    assert isinstance(next(stream), Delta)
    stream.close()
    assert engine.closed.is_set()
    assert engine.yielded < 500


def test_an_error_of_the_engine_reaches_the_caller(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("Cambricon", error=RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        rag(corpus, index_dir, engine).ask(QUESTION)
    assert engine.closed.is_set()
