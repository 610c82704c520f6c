"""An answer as a chat completion, whole or in chunks."""

from __future__ import annotations

import secrets
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from index.errors import RagError
from rag.types import EvidenceReady, Finished, SentenceChecked
from ui.api.openai.forms import (
    Annotation,
    AssistantMessage,
    Choice,
    Chunk,
    ChunkChoice,
    Cited,
    Completion,
    Delta,
    Usage,
)
from ui.api.openai.usage import tokens
from ui.api.openai.writing import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from rag.types import Answer, Event
    from ui.api.openai.writing import Mark


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What all chunks of an answer repeat.

    Parameters
    ----------
    model
        The collection.
    base
        Address of the app, with a slash at its end.
    prompt_tokens
        Tokens of the messages.

    """

    model: str
    base: str
    prompt_tokens: int
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def usage(self, text: str) -> Usage:
        """Return the token counts of an answer with this text."""
        completion = tokens(text)
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=completion,
            total_tokens=self.prompt_tokens + completion,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """The new part of the text; the last one has the ``answer``."""

    text: str
    writer: Writer
    answer: Answer | None = None


async def pieces(events: AsyncGenerator[Event]) -> AsyncGenerator[Piece]:
    """Write an answer as its sentences are checked; provisional text is not written."""
    writer = Writer(None, "de")
    async with aclosing(events):
        async for event in events:
            match event:
                case EvidenceReady(evidence):
                    writer = Writer(evidence.query.kind, evidence.query.language)
                case SentenceChecked(sentence, _, citations):
                    if text := writer.add(sentence, citations):
                        yield Piece(text, writer)
                case Finished(answer):
                    yield Piece(writer.end(answer), writer, answer)


async def completion(asked: Asked, events: AsyncGenerator[Event]) -> Completion:
    """Return the whole answer; raises `RagError` if the events end without one."""
    async with aclosing(pieces(events)) as written:
        async for piece in written:
            if piece.answer is not None:
                text = piece.writer.text
                message = AssistantMessage(
                    content=text, refusal=_refusal(piece.answer), annotations=_annotations(asked, piece.writer)
                )
                return Completion(
                    id=asked.id,
                    created=asked.created,
                    model=asked.model,
                    choices=[Choice(message=message)],
                    usage=asked.usage(text),
                )
    raise RagError("The answer broke off.", hint="Ask again.")


async def chunks(asked: Asked, events: AsyncGenerator[Event], *, usage: bool) -> AsyncGenerator[Chunk]:
    """
    Yield the answer in parts, each of them final.

    Parameters
    ----------
    asked
        What each chunk repeats.
    events
        Events of the answer.
    usage
        Add a separate chunk with the token counts at the end.

    """
    begun = False
    async with aclosing(pieces(events)) as written:
        async for piece in written:
            # Not before there is something to send: until then an error can still be reported by its HTTP status.
            if not begun:
                yield _chunk(asked, Delta(role="assistant", content=""))
                begun = True
            if piece.text:
                yield _chunk(asked, Delta(content=piece.text))
            if piece.answer is not None:
                ending = Delta(refusal=_refusal(piece.answer), annotations=_annotations(asked, piece.writer))
                yield _chunk(asked, ending, last=True)
                if usage:
                    figures = asked.usage(piece.writer.text)
                    yield Chunk(id=asked.id, created=asked.created, model=asked.model, choices=[], usage=figures)


def _chunk(asked: Asked, delta: Delta, *, last: bool = False) -> Chunk:
    choice = ChunkChoice(delta=delta, finish_reason="stop" if last else None)
    return Chunk(id=asked.id, created=asked.created, model=asked.model, choices=[choice])


def _refusal(answer: Answer) -> str | None:
    return answer.text if answer.abstained else None


def _annotations(asked: Asked, writer: Writer) -> list[Annotation]:
    return [Annotation(url_citation=_cited(asked, mark)) for mark in writer.marks]


def _cited(asked: Asked, mark: Mark) -> Cited:
    citation = mark.citation
    place = urlencode({"start": citation.start, "end": citation.end})
    return Cited(
        start_index=mark.start,
        end_index=mark.end,
        url=f"{asked.base}api/documents/{quote(citation.path)}?{place}",
        title=citation.title,
        number=mark.number,
        file=citation.path,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        page=citation.page,
        document_sha256=citation.document_sha256,
    )
