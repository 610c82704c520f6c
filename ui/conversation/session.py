"""One question on its way through the app: a thread of its own runs the engine and hands its events over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from rag.types import Citation, Event, EvidenceReady, EvidenceSentence, Finished, SentenceChecked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from index.collections.owners import Owner
    from index.types import Document
    from ui.conversation.engine import Engine
    from ui.conversation.extension import Asked

_LOG = logging.getLogger(__name__)


class UnexpectedError(Exception):
    """Answering failed in a way nobody foresaw; the log has the details, the page must not."""


def document_of(engine: Engine, path: str, owner: Owner | None) -> Document:
    """
    Return an article, or a document among an owner's own files.

    Parameters
    ----------
    engine
        Has both.
    path
        Of the document.
    owner
        Who asks; None where that is not known: he has no files.

    Raises
    ------
    CorpusError
        There is none under this path.

    """
    if not path.startswith(PREFIX):
        return engine.document(path)
    if owner is None:
        raise CorpusError("There is no such document.", hint="Own files belong to the browser that added them.")
    return engine.document(path, owner=owner)


@dataclass(slots=True)
class Step:
    """An event, and the documents that are mentioned in it for the first time."""

    event: Event
    documents: tuple[Document, ...] = ()


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


def _steps(engine: Engine, events: Iterator[Event], owner: Owner | None) -> Iterator[Step]:
    """Add to each event the documents it is the first to mention."""
    known: set[str] = set()
    for event in events:
        documents = []
        for path in _mentioned(event):
            if path not in known:
                known.add(path)
                # A document can vanish between search and display; its evidence is then shown without it.
                with contextlib.suppress(RagError):
                    documents.append(document_of(engine, path, owner))
        yield Step(event, tuple(documents))


def _work(
    asked: Asked,
    question: str,
    history: Sequence[tuple[str, str]],
    put: Callable[[Step | Exception | None], None],
    stopped: threading.Event,
    running: list[Iterator[Event]],
) -> None:
    """Run the engine from beginning to end, or until stopped; ends with None, after the error if any."""
    try:
        events = asked.engine.stream(question, history=history, **asked.options)
        running.append(events)
        try:
            if stopped.is_set():
                return
            for step in _steps(asked.engine, events, asked.options.get("owner")):
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


async def follow(asked: Asked, question: str, history: Sequence[tuple[str, str]]) -> AsyncGenerator[list[Step]]:
    """
    Answer a question in a thread of its own and pass its events on as they come.

    The whole generator runs in one thread, because a database connection and a tokenizer belong to their
    thread, while Gradio would call each step from another. Closing this iterator returns at once; the thread
    closes the generator, and with it the language model's run: at once where the generator can be stopped from
    here, else at the next event.

    Parameters
    ----------
    asked
        Who answers, and with which options.
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
    running: list[Iterator[Event]] = []

    def put(item: Step | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:  # the server has shut down and with it the loop
            stopped.set()

    arguments = (asked, question, history, put, stopped, running)
    threading.Thread(target=_work, args=arguments, name="ui-answer", daemon=True).start()
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
        for events in running:
            getattr(events, "stop", lambda: None)()
