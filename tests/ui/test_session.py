"""A question in progress: numbering, provisional text, history, and the thread that answers it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

import pytest

from index.errors import CorpusError, QuestionError
from rag.types import Answer, AnswerSentence, Delta, EvidenceReady, Finished, Likely, SentenceChecked, Timings
from tests.ui import fakes
from ui.conversation.draft import Draft
from ui.conversation.extension import Asked
from ui.conversation.session import Step, UnexpectedError, follow
from ui.render.texts import DE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.types import Event


def collect(fake: fakes.FakeRag, question: str) -> list[Step]:
    async def run() -> list[Step]:
        return [step async for steps in follow(Asked(fake), question, []) for step in steps]

    return asyncio.run(run())


def checked(text: str, *citations: object, status: str = "kept") -> Step:
    sentence = AnswerSentence(text, 1.0, status, tuple(range(len(citations))))  # type: ignore[arg-type]
    return Step(SentenceChecked(sentence, status, citations))  # type: ignore[arg-type]


def test_documents_come_with_the_event_that_first_mentions_them() -> None:
    steps = collect(fakes.FakeRag(), "Frage")
    assert isinstance(steps[0].event, EvidenceReady)
    assert [document.path for document in steps[0].documents] == ["cambricon.md", "allianz.md"]
    assert all(not step.documents for step in steps[1:])
    assert isinstance(steps[-1].event, Finished)


def test_a_document_that_vanished_is_left_out() -> None:
    class Forgetful(fakes.FakeRag):
        def document(self, path: str) -> object:  # type: ignore[override]
            raise CorpusError("gone")

    draft = Draft(1, "Frage", DE)
    for step in collect(Forgetful(), "Frage"):
        draft.apply(step)
    assert draft.answer is not None
    assert fakes.FIRMS in draft.evidence_list()


def test_errors_cross_the_thread() -> None:
    with pytest.raises(QuestionError, match="2000"):
        collect(fakes.FakeRag(), "x" * 3000)
    with pytest.raises(UnexpectedError):
        collect(fakes.FakeRag(), "kaputt")


def test_closing_closes_the_generator_in_its_own_thread() -> None:
    fake = fakes.FakeRag(pause=0.05)
    threads: set[str] = set()
    original = fake._answer

    def answer(question: str, history: Sequence[tuple[str, str]]) -> Iterator[Event]:
        for event in original(question, history):
            threads.add(threading.current_thread().name)
            yield event

    fake._answer = answer  # type: ignore[method-assign]

    async def run() -> None:
        async with contextlib.aclosing(follow(Asked(fake), "Frage", [])) as batches:
            async for steps in batches:
                if isinstance(steps[-1].event, Delta):
                    return

    asyncio.run(run())
    assert fake.closed.wait(10)
    assert not fake.finished.is_set()
    assert threads == {"answer"}


def test_checked_sentences_take_the_place_of_provisional_text() -> None:
    draft = Draft(1, "Frage", DE, found=True)
    draft.apply(Step(Delta("Erster Satz.")))
    draft.apply(Step(Delta("Zweiter Satz.")))
    html = draft.chat()
    assert html.index("Erster Satz.") < html.index("Zweiter Satz.")
    assert html.count(DE.provisional) == 2
    draft.apply(checked("Erster Satz."))
    html = draft.chat()
    assert html.count("Erster Satz.") == 1
    assert html.index("Erster Satz.") < html.index("Zweiter Satz.")  # the second keeps its place
    assert html.count(DE.provisional) == 1


def ended(*sentences: AnswerSentence) -> Finished:
    text = " ".join(one.text for one in sentences)
    timings = Timings(1.0, 2.0, 3.0)
    return Finished(
        Answer("Frage", "Frage", text or "Nichts.", not sentences, True, "de", sentences, (), (), timings, {}, "")
    )


def test_what_was_provisional_and_does_not_hold_is_struck() -> None:
    draft = Draft(1, "Frage", DE, found=True)
    draft.apply(Step(Delta("Es kam anders. Der erste Satz, der lang ist.")))
    draft.apply(Step(Delta("Zweiter Satz.")))
    kept = AnswerSentence("Der erste Satz …", 1.0, "kept")
    draft.apply(Step(SentenceChecked(kept, "kept")))
    draft.apply(Step(ended(kept)))
    html = draft.chat(over=True)
    struck = (
        f'<del class="q-sentence q-struck"><span class="q-unseen">{DE.withdrawn}: </span><bdi>Zweiter Satz.</bdi></del>'
    )
    assert html.count("<del") == 1
    assert html.index("Der erste Satz") < html.index(struck)
    assert DE.provisional not in html


def test_where_there_is_no_answer_all_that_was_provisional_is_struck() -> None:
    draft = Draft(1, "Frage", DE, found=True)
    draft.apply(Step(Delta("Erster Satz.")))
    draft.apply(Step(Delta("Zweiter Satz.")))
    draft.apply(Step(ended()))
    html = draft.chat(over=True)
    assert html.count("<del") == 2
    assert html.index("Erster Satz.") < html.index("Zweiter Satz.") < html.index(DE.abstained)


def test_what_is_likely_stands_there_until_something_better_comes() -> None:
    draft = Draft(1, "Frage", DE, found=True)
    sentence, citation = fakes.stated(fakes.cite("cambricon.md", fakes.MONEY))
    draft.apply(Step(Likely(sentence, (citation,))))
    html = draft.chat()
    assert fakes.MONEY in html
    assert DE.likely in html
    assert draft.citations == []  # it is not an answer yet
    draft.apply(Step(Delta("Die Stelle, auf die das Modell zeigt.")))
    html = draft.chat()
    assert DE.likely not in html
    assert DE.provisional in html
    draft.apply(Step(Likely(sentence, (citation,))))
    draft.apply(Step(SentenceChecked(sentence, "kept", (citation,))))
    html = draft.chat()
    assert DE.likely not in html
    assert fakes.MONEY in html
    stopped = Draft(1, "Frage", DE, found=True, stopped=True)
    stopped.apply(Step(Likely(sentence, (citation,))))
    assert fakes.MONEY not in stopped.chat(over=True)


def test_a_checked_sentence_keeps_its_wording_and_the_words_that_answer() -> None:
    draft = Draft(1, "Frage", DE)
    sentence, citation = fakes.stated(fakes.cite("cambricon.md", fakes.MONEY), bold="4 Milliarden Yuan")
    draft.apply(Step(SentenceChecked(sentence, "kept", (citation,))))
    draft.apply(Step(SentenceChecked(AnswerSentence("Four billion.", 0.0, "marked", (), "model"), "marked")))
    assert draft.sentences[0] == sentence
    assert draft.sentences[1].wording == "model"
    html = draft.chat(over=True)
    assert "<strong>4 Milliarden Yuan</strong>" in html
    assert html.index(DE.translation) < html.index("Four billion.")


def test_citations_are_numbered_through_the_answer() -> None:
    money, use = fakes.cite("cambricon.md", fakes.MONEY), fakes.cite("cambricon.md", fakes.USE)
    draft = Draft(1, "Frage", DE)
    draft.apply(checked("Eins.", money))
    draft.apply(checked("Nichts.", use, status="withdrawn"))
    draft.apply(checked("Zwei.", use, money))
    assert draft.citations == [money, use]
    assert [sentence.citations for sentence in draft.sentences] == [(0,), (), (1, 0)]


def test_what_is_stopped_keeps_only_what_was_checked() -> None:
    draft = Draft(1, "Frage", DE)
    draft.apply(Step(Delta("Geprüft. Ungeprüft")))
    draft.apply(checked("Geprüft."))
    draft.stopped = True
    html = draft.chat(over=True)
    assert "Geprüft." in html
    assert "Ungeprüft" not in html
    assert DE.stopped in html
    assert draft.state == "stopped"
