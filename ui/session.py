"""One question on its way through the app: events come in from a worker thread, HTML goes out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from index.errors import RagError
from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    EvidenceReady,
    EvidenceSentence,
    Finished,
    SentenceChecked,
)
from ui import panels

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from index.types import Document
    from ui.texts import Texts

REMEMBERED = 3
_LOG = logging.getLogger(__name__)


class UnexpectedError(Exception):
    """Answering failed in a way nobody foresaw; the log has the details, the page must not."""


class Engine(Protocol):
    """What the app needs of `rag.RAG`."""

    def stream(self, question: str, *, history: Sequence[tuple[str, str]] = ()) -> Iterator[Event]:
        """Answer a question event by event; closing the iterator cancels."""

    def document(self, path: str) -> Document:
        """Return a document with its full text."""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    A question that is over, as it stays on the page.

    Parameters
    ----------
    question
        As typed.
    answer
        The answer's text, None where there was none (stopped, failed): such a turn is no history.
    chat, evidence, articles
        HTML: the conversation, the list of evidence, and the articles its citations open. They are kept as
        they were, so that an old citation still shows what it showed, whatever happens to the file.

    """

    question: str
    answer: str | None
    chat: str
    evidence: str
    articles: str


@dataclass(slots=True)
class Step:
    """An event, and the documents that are mentioned in it for the first time."""

    event: Event
    documents: tuple[Document, ...] = ()


@dataclass(slots=True)
class Draft:
    """
    The question being answered, and everything known about it so far.

    Parameters
    ----------
    number
        Number of the question on the page, from 1.
    question
        As typed.
    texts
        Language of the page.

    """

    number: int
    question: str
    texts: Texts
    evidence: tuple[EvidenceSentence, ...] = ()
    documents: dict[str, Document] = field(default_factory=dict)
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    provisional: str = ""
    found: bool = False
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False

    def apply(self, step: Step) -> None:
        """Take in one event."""
        self.documents.update((document.path, document) for document in step.documents)
        match step.event:
            case EvidenceReady(evidence):
                self.found, self.evidence = True, evidence.sentences
            case Delta(text):
                self.provisional += text
            case SentenceChecked(sentence, _, citations):
                self._take_out(sentence.text)
                self.sentences.append(self._renumbered(sentence, citations))
            case Finished(answer):
                self.answer, self.evidence, self.provisional = answer, answer.evidence or self.evidence, ""
                self.citations = list(answer.citations)

    def _take_out(self, sentence: str) -> None:
        """Remove a checked sentence from the provisional text, so that it does not stand there twice."""
        at = self.provisional.find(sentence)
        # Where the check changed the wording, the sentence still took the place of about as many characters.
        end = at + len(sentence) if at >= 0 else min(len(sentence), len(self.provisional))
        self.provisional = self.provisional[end:]

    def _renumbered(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> AnswerSentence:
        """Turn indices into an event's citations into indices into those of the whole answer."""
        numbers = []
        for index in sentence.citations:
            if not 0 <= index < len(citations):
                continue
            if citations[index] not in self.citations and sentence.status != "withdrawn":
                self.citations.append(citations[index])
            if citations[index] in self.citations:
                numbers.append(self.citations.index(citations[index]))
        return AnswerSentence(sentence.text, sentence.support, sentence.status, tuple(numbers))

    def chat(self) -> str:
        """Render question and answer."""
        texts = self.texts
        if self.error:
            body = panels.error_html(self.error, texts)
        elif self.answer is not None:
            body = panels.answer_html(self.answer, self.number, texts)
        else:
            state = texts.writing if self.found else texts.searching
            body = panels.provisional_html(
                self.sentences,
                self.citations,
                "" if self.stopped else self.provisional,
                turn=self.number,
                texts=texts,
                state=texts.stopped if self.stopped else state,
                busy=not self.stopped,
            )
        return panels.turn_html(self.question, body, self.number)

    def evidence_list(self) -> str:
        """Render the evidence, nothing as long as there is none."""
        if not self.evidence:
            return ""
        return panels.evidence_html(
            self.question,
            self.evidence,
            self.citations,
            documents=self.documents,
            turn=self.number,
            texts=self.texts,
            nearest=self.answer is not None and self.answer.abstained,
        )

    def articles(self) -> str:
        """Render the articles that citations and evidence point into."""
        marks: dict[str, dict[str, tuple[int, int]]] = {path: {} for path in self.documents}
        for index, citation in enumerate(self.citations):
            if citation.path in marks:
                marks[citation.path][f"c{index}"] = (citation.start, citation.end)
        for index, sentence in enumerate(self.evidence):
            if sentence.path in marks:
                marks[sentence.path][f"e{index}"] = (sentence.start, sentence.end)
        return "".join(
            panels.article_html(document, self.number, marks[path], self.texts)
            for path, document in self.documents.items()
        )

    def finish(self) -> Turn:
        """Return what stays of the question."""
        answer = None if self.answer is None else self.answer.text
        return Turn(self.question, answer, self.chat(), self.evidence_list(), self.articles())


def history_of(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return the last answered questions and their answers, oldest first."""
    pairs = [(turn.question, turn.answer) for turn in turns if turn.answer is not None]
    return pairs[-REMEMBERED:]


def _mentioned(event: Event) -> list[str]:
    """Return the paths of the documents an event mentions, each once."""
    match event:
        case EvidenceReady(evidence):
            items: Sequence[EvidenceSentence | Citation] = evidence.sentences
        case SentenceChecked(_, _, citations):
            items = citations
        case Finished(answer):
            items = (*answer.citations, *answer.evidence)
        case _:
            items = ()
    return list(dict.fromkeys(item.path for item in items))


def _steps(engine: Engine, events: Iterator[Event]) -> Iterator[Step]:
    """Add to each event the documents it is the first to mention."""
    known: set[str] = set()
    for event in events:
        documents = []
        for path in _mentioned(event):
            if path not in known:
                known.add(path)
                # A document can vanish between search and display; its evidence is then shown without it.
                with contextlib.suppress(RagError):
                    documents.append(engine.document(path))
        yield Step(event, tuple(documents))


def _work(
    engine: Engine,
    question: str,
    history: Sequence[tuple[str, str]],
    put: Callable[[Step | Exception | None], None],
    stopped: threading.Event,
) -> None:
    """Run the engine from beginning to end, or until stopped; ends with None, after the error if any."""
    try:
        events = engine.stream(question, history=history)
        try:
            for step in _steps(engine, events):
                if not stopped.is_set():
                    put(step)
                if stopped.is_set():
                    break
        finally:
            # Iterators need not have it; generators do, and only this ends the language model's run.
            getattr(events, "close", lambda: None)()
    except RagError as error:
        put(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page must not wait for ever
        _LOG.error("answering failed", exc_info=error)
        put(UnexpectedError())
    finally:
        put(None)


async def follow(engine: Engine, question: str, history: Sequence[tuple[str, str]]) -> AsyncGenerator[list[Step]]:
    """
    Answer a question in a thread of its own and pass its events on as they come.

    The whole generator runs in one thread, because a database connection and a tokenizer belong to their
    thread, while Gradio would call each step from another. Closing this iterator returns at once; the thread
    closes the generator, and with it the language model's run, at the next event.

    Parameters
    ----------
    engine
        Answers.
    question
        As typed.
    history
        Earlier questions and answers, oldest first.

    Yields
    ------
    list[Step]
        Events in order, as many as have come since the last time: who takes his time misses none.

    Raises
    ------
    RagError
        As the engine raised it.
    UnexpectedError
        For everything else.

    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Step | Exception | None] = asyncio.Queue()
    stopped = threading.Event()

    def put(item: Step | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:  # the server has shut down and with it the loop
            stopped.set()

    threading.Thread(
        target=_work, args=(engine, question, history, put, stopped), name="ui-answer", daemon=True
    ).start()
    try:
        while True:
            items = [await queue.get()]
            while not queue.empty():
                items.append(queue.get_nowait())
            if steps := [item for item in items if isinstance(item, Step)]:
                yield steps
            for item in items:
                if isinstance(item, Exception):
                    raise item
            if items[-1] is None:
                return
    finally:
        stopped.set()
