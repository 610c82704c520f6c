"""The whole pipeline with real weights."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rag import RAG, Answer, Delta, Event, EvidenceReady, Finished, SentenceChecked
from rag.evaluation import evaluate, load
from tests.files import lines, make_pdf, needs_files

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "corpus"
# The small reader is unsure about this question (0.15), so the language model reads the sources.
DOUBTFUL = "Wie viel Geld will Cambricon aufnehmen?"
# The small reader is sure about this one.
CERTAIN = "Wer ist der CEO von Enflame?"
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def rag(articles: RAG) -> RAG:
    return articles


@pytest.fixture(scope="module")
def first(rag: RAG) -> list[Event]:
    """Return the events of a question that the language model reads."""
    return list(rag.stream(DOUBTFUL))


def answer_of(events: list[Event]) -> Answer:
    assert isinstance(events[-1], Finished)
    return events[-1].answer


def assert_own_characters(rag: RAG, answer: Answer) -> None:
    for citation in answer.citations:
        text = (CORPUS / citation.path).read_bytes().decode("utf-8")
        assert text[citation.start : citation.end] == citation.quote
    for sentence in answer.evidence:
        assert rag.document(sentence.path).text[sentence.start : sentence.end] == sentence.text


def test_the_example_of_the_readme(rag: RAG, first: list[Event]) -> None:
    answer = answer_of(first)
    assert not answer.abstained
    assert answer.generated
    assert "560 Millionen" in answer.text or "4 Milliarden" in answer.text
    assert all(sentence.citations for sentence in answer.sentences)
    assert {citation.path for citation in answer.citations} == {"cambricon-sammelt-geld-fuer-ki-chips.md"}
    assert_own_characters(rag, answer)


def test_events_come_in_order_and_evidence_first(first: list[Event]) -> None:
    kinds = [type(event) for event in first]
    assert kinds[0] is EvidenceReady
    assert kinds[-1] is Finished
    assert SentenceChecked in kinds
    # If the reader singles out one sentence, the model writes nothing that could be shown early.
    assert Delta not in kinds or kinds.index(Delta) < kinds.index(SentenceChecked)


def test_every_quote_is_the_files_own_characters(rag: RAG) -> None:
    for case in load(CORPUS / "questions.jsonl").questions[:2]:
        assert_own_characters(rag, rag.ask(case.question))


def test_a_list_has_the_sentences_that_name_its_items_with_these_in_bold(rag: RAG) -> None:
    answer = rag.ask("Nenne alle Produkte von Huawei, die in den Artikeln vorkommen.", kind="list")
    assert sum("Ascend" in one.text or "CloudMatrix" in one.text for one in answer.sentences) >= 2
    bold = [one.text[begin:end] for one in answer.sentences for begin, end in one.emphasis]
    assert bold
    assert all("Ascend" in words for words in bold)
    assert_own_characters(rag, answer)


@needs_files
def test_a_question_to_a_pdf_of_ones_own_beside_the_corpus(rag: RAG) -> None:
    pages = [
        lines("Die Stadtwerke Talheim haben im Jahr 2024 rund 3,1 Millionen", "Kubikmeter Trinkwasser abgegeben."),
        lines("Im Netz gab es 41 Rohrbrüche. Der Preis bleibt bei 1,95 Euro je", "Kubikmeter."),
    ]
    upload = rag.uploads.add("Wasserbericht.pdf", make_pdf(pages))
    try:
        answer = rag.ask("Wie viele Rohrbrüche gab es in Talheim?", filter={"collection": "all"})
        assert "41" in answer.text
        assert (answer.citations[0].path, answer.citations[0].page) == (upload.path, 2)
        both = rag.ask(CERTAIN, filter={"collection": "all"})
        assert [one.path for one in both.citations] == [one.path for one in rag.ask(CERTAIN).citations]
        assert rag.ask("Wie viele Rohrbrüche gab es in Talheim?").abstained
    finally:
        rag.uploads.clear()


def test_an_answer_does_not_depend_on_what_was_asked_stopped_or_is_asked_beside_it(
    rag: RAG, first: list[Event]
) -> None:
    certain = rag.ask(CERTAIN)
    assert not rag.ask("Which Huawei product competes with the NVL72?").abstained
    stream = rag.stream(DOUBTFUL, fresh=True)
    assert isinstance(next(stream), EvidenceReady)
    fetched: list[object] = []
    thread = threading.Thread(target=lambda: fetched.extend(stream))
    thread.start()
    time.sleep(0.3)  # reading takes seconds
    stream.close()
    thread.join(10)
    assert not thread.is_alive()
    assert not any(isinstance(event, Finished) for event in fetched)

    answers: dict[str, Answer] = {}
    streams = [rag.stream(CERTAIN, fresh=True), rag.stream(DOUBTFUL, fresh=True)]
    while streams:
        for stream in list(streams):
            if (event := next(stream, None)) is None:
                streams.remove(stream)
            elif isinstance(event, Finished):
                answers[event.answer.question] = event.answer
    for before in (answer_of(first), certain):
        after = answers[before.question]
        assert (after.text, after.citations) == (before.text, before.citations)


def test_what_the_sources_do_not_know_is_not_answered(rag: RAG) -> None:
    for question in ("Was kostet ein Nvidia H300?", "Warum hat Tencent seine KI-Abteilung nach Berlin verlegt?"):
        answer = rag.ask(question)
        assert answer.abstained, question
        assert answer.sentences == ()
        assert answer.evidence


def test_retrieval_of_the_projects_own_questions(rag: RAG) -> None:
    result = evaluate(rag, CORPUS / "questions.jsonl", retrieval_only=True)
    assert result.n >= 40
    assert (result.metrics["recall@5"] or 0) >= 0.95
    assert result.metrics["answer_contains"] is None


def test_ask_from_the_shell_prints_one_json_object(rag: RAG) -> None:
    command = [sys.executable, "-m", "rag.cli.main", "ask", CERTAIN, "--json"]
    options = ["--corpus", str(CORPUS), "--index", str(rag.settings.index)]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert "Zhao Lidong" in answer["answer"]
    wanted = {"question", "standalone_question", "answer", "abstained", "generated", "language", "sentences"}
    assert wanted | {"citations", "evidence", "timings", "models"} <= set(answer)
    text = (CORPUS / answer["citations"][0]["path"]).read_text(encoding="utf-8")
    cited = answer["citations"][0]
    assert text[cited["start"] : cited["end"]] == cited["quote"]
