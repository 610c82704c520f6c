"""
What is sent to programs, for the description: the JSON itself is made by the same code as the shell's.

A test compares the two, so that the description stays true.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag.kinds import Kind  # noqa: TC001 - pydantic reads the types when the program runs
from rag.types import Role, Verdict, Wording  # noqa: TC001 - as above

Offset = Annotated[int, Field(ge=0, description="Position in the document's text, in Unicode code points.")]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Rectangle(_Sent):
    """Position of cited words on a page, in points from its upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    page_width: float
    page_height: float


class CitationSent(_Sent):
    """The characters that support a sentence."""

    path: str
    start: Offset
    end: Offset
    quote: str
    title: str
    page: int | None
    document_page: int | None
    page_label: str | None
    rectangles: list[Rectangle] | None
    machine_read: bool
    document_sha256: str
    also_in: list[str]


class SentenceSent(_Sent):
    """A sentence of an answer."""

    text: str
    support: float
    status: Verdict
    citations: list[int]
    wording: Wording
    emphasis: list[tuple[int, int]]
    role: Role
    group: str


class EvidenceSent(_Sent):
    """A sentence that an answer may be based on."""

    path: str
    start: Offset
    end: Offset
    text: str
    score: float


class TimingsSent(_Sent):
    """Milliseconds since the question was received."""

    first_evidence_ms: float
    first_token_ms: float | None
    total_ms: float
    first_useful_ms: float | None


class UnreadSent(_Sent):
    """A part of a document that was not read."""

    path: str
    what: str


class AnswerSent(_Sent):
    """A checked answer, as `rag ask --json` prints it."""

    question: str
    kind: Kind
    standalone_question: str
    answer: str
    abstained: bool
    generated: bool
    language: str
    sentences: list[SentenceSent]
    citations: list[CitationSent]
    evidence: list[EvidenceSent]
    timings: TimingsSent
    models: dict[str, str]
    index: str
    unanswered: list[str]
    unread: list[UnreadSent]
    searched: tuple[int, int] | None
    following: list[str]
    likely: list[CitationSent]
    confidence: float | None


class HitSent(_Sent):
    """A passage, as `rag search --json` prints it."""

    path: str
    start: Offset
    end: Offset
    text: str
    title: str
    score: float
    also_in: list[str]


class DocumentSent(_Sent):
    """The metadata of a document."""

    path: str
    title: str
    source: str
    date: str
    language: str


class ListSent(_Sent):
    """A part of the list of documents of a collection."""

    total: Annotated[int, Field(description="Number of matching documents.")]
    next: Annotated[int | None, Field(description="The `offset` for the next part of the list; null at the end.")]
    documents: list[DocumentSent]
    collections: Annotated[list[str], Field(description="The named collections.")]


class TextSent(DocumentSent):
    """A document with its text, or with a range of it."""

    authors: list[str]
    url: str
    pages: int | None
    sha256: Annotated[str, Field(description="SHA-256 of the file's bytes.")]
    characters: Annotated[int, Field(description="Number of characters of the whole text.")]
    start: Offset
    end: Offset
    text: Annotated[str, Field(description="The characters from `start` to `end`.")]
