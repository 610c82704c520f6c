"""One question on its way through the app: a separate thread runs the engine and passes its events on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from rag.runtime.streaming import AnswerStream
from rag.types import Citation, Event, EvidenceReady, EvidenceSentence, Finished, SentenceChecked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from index.collections.owners import Owner
    from index.types import Document
    from ui.conversation.engine import Engine
    from ui.conversation.extension import Asked

_LOG = logging.getLogger(__name__)


class UnexpectedError(Exception):
    """Answering failed in an unforeseen way; the details are in the log and must not be on the page."""


def document_of(engine: Engine, path: str, owner: Owner | None) -> Document:
    """
    Return an article, or a document among an owner's own files.

    Parameters
    ----------
    engine
        Holds both.
    path
        Path of the document.
    owner
        Who asks; None if unknown, which means no own files.

    Raises
    ------
    CorpusError
        There is no document under this path.

    """
    if not path.startswith(PREFIX):
        return engine.document(path)
    if owner is None:
        raise CorpusError("There is no such document.", hint="Own files belong to the browser that added them.")
    return engine.document(path, owner=owner)


@dataclass(slots=True)
class Step:
    """An event, and the documents that it is the first to mention."""

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


def _steps(engine: Engine, events: Sequence[Event], owner: Owner | None, known: set[str]) -> list[Step]:
    """Add to each event the documents it is the first to mention."""
    steps: list[Step] = []
    for event in events:
        documents = []
        for path in _mentioned(event):
            if path not in known:
                known.add(path)
                # A document can disappear between search and display; its evidence is then shown without it.
                with contextlib.suppress(RagError):
                    documents.append(document_of(engine, path, owner))
        steps.append(Step(event, tuple(documents)))
    return steps


async def follow(asked: Asked, question: str, history: Sequence[tuple[str, str]]) -> AsyncGenerator[list[Step]]:
    """
    Answer a question and pass its events on as they come.

    The events come from a separate thread, see `rag.runtime.streaming.AnswerStream`. Closing this iterator returns at
    once and stops the language model.

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
        The events since the last time, in order: a slow consumer misses none.

    Raises
    ------
    RagError
        As raised by the engine.
    UnexpectedError
        For any other error.

    """
    known: set[str] = set()
    owner = asked.options.get("owner")
    try:
        events = asked.engine.stream(question, history=history, **asked.options)
        stream = events if isinstance(events, AnswerStream) else AnswerStream(lambda: events)
        async with contextlib.aclosing(stream.batches()) as batches:
            async for batch in batches:
                # In a thread, because own files may have to be opened.
                yield await asyncio.to_thread(_steps, asked.engine, batch, owner, known)
    except RagError:
        raise
    except Exception as error:  # whatever the error, the page must not wait for ever
        _LOG.error("answering failed", exc_info=error)
        raise UnexpectedError from error
