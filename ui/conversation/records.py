"""
What the browser keeps of a conversation and sends to the server: plain JSON, checked when it arrives.

The server keeps nothing of a conversation. The browser sends the last answers with each question, and has the answers
it kept rendered again after a reload, so nothing that it sends is trusted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from index.limits import LONGEST_LABEL, LONGEST_TITLE
from rag.kinds.types import KINDS, Kind
from rag.limits import LONGEST_UNREAD, MOST_DOUBLES, MOST_UNREAD
from rag.types import Answer, AnswerSentence
from rag.types.answers import ANSWERS
from ui.limits import (
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_TEXT,
    MOST_CITATIONS,
    MOST_EVIDENCE,
    MOST_PER_SENTENCE,
    MOST_SENTENCES,
    MOST_SPANS,
    MOST_TURNS,
)
from ui.render.failures import RequestError
from ui.render.sentences import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document

REMEMBERED = 3
"""Number of earlier answers that are used to understand a follow-up question."""
_BUTTON, _EMPHASIS, _NUMBER = 400, 17, 80  # characters of markup for each
_ELLIPSIS = re.compile(r"^… | …$")
LONGEST = LONGEST_TEXT
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Path = Annotated[str, Field(max_length=LONGEST_PLACE)]
# Answers may have been kept before titles were cut on reading; cutting them here loses nothing that a reader needs.
_Title = Annotated[str, BeforeValidator(lambda title: title[:LONGEST_TITLE] if isinstance(title, str) else title)]
# The set of kinds may change; an answer of an unknown kind is shown as sentences.
_Kind = Annotated[Kind, BeforeValidator(lambda kind: kind if kind in KINDS else "fact")]
_Name = Annotated[str, Field(max_length=LONGEST_PLACE)]
_Read = TypeVar("_Read", bound=BaseModel)
State = Literal["done", "stopped", "failed"]


def _bare(text: str) -> str:
    """Return a text without the ellipses that mark a clause, and with single spaces."""
    return " ".join(_ELLIPSIS.sub("", text).split())


class Sent(BaseModel):
    """Something that a browser sends; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Place(Sent):
    path: _Path
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    title: _Title = ""


class _Cited(_Place):
    quote: _Text
    page: int | None = None
    page_label: Annotated[str | None, Field(max_length=LONGEST_LABEL)] = None
    document_sha256: str = Field("", max_length=LONGEST_NAME)
    also_in: tuple[_Path, ...] = Field((), max_length=MOST_DOUBLES)
    machine_read: bool = False


class _Unread(Sent):
    path: _Path
    what: str = Field(max_length=LONGEST_UNREAD)


class _Found(_Place):
    text: _Text
    score: float = 0.0


class _Sentence(Sent):
    text: _Text
    support: float = 0.0
    status: Literal["kept", "marked", "withdrawn"] = "kept"
    citations: tuple[int, ...] = Field((), max_length=MOST_PER_SENTENCE)
    wording: Literal["source", "model", "app"] | None = None
    emphasis: tuple[tuple[int, int], ...] = Field((), max_length=MOST_SPANS)
    role: Literal["answer", "context"] = "answer"
    listed: bool = False
    group: _Title = ""

    def restored(self, citations: Sequence[_Cited]) -> AnswerSentence:
        """Return the sentence; the status of one kept without a wording is derived from its words."""
        status = self.status
        if self.wording is None and status == "kept":
            words = _bare(self.text)
            quotes = (citations[number].quote for number in self.citations if 0 <= number < len(citations))
            status = "kept" if any(words in _bare(quote) for quote in quotes) else "marked"
        wording = self.wording or "source"
        cited = () if wording == "app" else self.citations
        return AnswerSentence(self.text, self.support, status, cited, wording, self.emphasis, self.role, self.group)


class _Timings(Sent):
    first_evidence_ms: float = 0.0
    first_token_ms: float | None = None
    total_ms: float = 0.0


class _Answer(Sent):
    question: _Text
    standalone_question: _Text
    answer: _Text
    abstained: bool
    generated: bool = True
    language: Literal["de", "en"] = "de"
    sentences: tuple[_Sentence, ...] = Field((), max_length=MOST_SENTENCES)
    citations: tuple[_Cited, ...] = Field((), max_length=MOST_CITATIONS)
    evidence: tuple[_Found, ...] = Field((), max_length=MOST_EVIDENCE)
    timings: _Timings = _Timings()
    models: dict[_Name, _Name] = Field({}, max_length=MOST_PER_SENTENCE)
    index: _Name = ""
    unanswered: tuple[_Text, ...] = Field((), max_length=MOST_PER_SENTENCE)
    unread: tuple[_Unread, ...] = Field((), max_length=MOST_UNREAD)
    kind: _Kind = "fact"
    searched: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    following: tuple[_Text, ...] = Field((), max_length=MOST_PER_SENTENCE)


class Record(Sent):
    """
    A question that has been dealt with, as the browser keeps it.

    Parameters
    ----------
    question
        As typed.
    state
        Answered (``done``), ``stopped`` or ``failed``.
    error
        What went wrong, in words.
    answer
        As `rag.types.Answer.to_json` writes it, with titles; None if there is none.

    """

    question: _Text
    state: State = "done"
    error: _Text = ""
    answer: _Answer | None = None

    def drawn_length(self) -> int:
        """Return roughly how many characters of HTML it takes to draw the record, without drawing it."""
        kept = self.answer
        if kept is None:
            return len(self.question) + len(self.error)
        buttons = [
            len(item.quote) + len(item.path) + 2 * len(item.title) + sum(map(len, item.also_in)) + _BUTTON
            for item in kept.citations
        ]
        numbers = (number for item in kept.sentences for number in item.citations if 0 <= number < len(buttons))
        return (
            len(self.model_dump_json())
            + sum(buttons[number] for number in numbers)
            + sum(len(item.text) + 2 * len(item.group) + len(item.emphasis) * _EMPHASIS for item in kept.sentences)
            + sum(len(question) + _BUTTON for question in kept.following)
            + sum(len(item.text) + len(item.path) + len(item.title) + _BUTTON for item in kept.evidence)
            # A piece of evidence shows the numbers of all citations that it overlaps.
            + len(kept.evidence) * len(kept.citations) * _NUMBER
        )

    def restored(self) -> Answer | None:
        """Return the answer, as far as it was kept."""
        kept = self.answer
        if kept is None:
            return None
        sentences = [item.restored(kept.citations) for item in kept.sentences]
        return ANSWERS.validate_python({**kept.model_dump(), "sentences": sentences})


class Context(Sent):
    """
    What the browser sends along with a question.

    Parameters
    ----------
    number
        Number of the question in its conversation, from 1.
    token
        Distinguishes this request from an earlier one with the same number.
    history
        The last questions and answers, oldest first.
    fresh
        The question was asked before and is to be answered again.
    kind
        The form that the reader has chosen for the answer; None if the question is to decide.

    """

    number: int = Field(1, ge=1, le=10_000)
    token: str = Field("", max_length=40)
    history: tuple[tuple[_Text, _Text], ...] = Field((), max_length=REMEMBERED)
    fresh: bool = False
    kind: Kind | None = None


class _Span(Sent):
    key: str = Field(pattern=r"^[a-z]\d{1,4}$")
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: _Text = ""


class ArticleRequest(Sent):
    """An article to open, and what to mark in it."""

    path: _Path
    spans: tuple[_Span, ...] = Field((), max_length=MOST_SPANS)
    page: int | None = None


class PageRequest(ArticleRequest):
    """
    A page to show, and what to mark on it.

    Parameters
    ----------
    first
        The key of the mark to show; unless `turned` is set, the page with this mark is shown.
    turned
        Show ``page``, whatever is marked on it.

    """

    first: str = Field("", max_length=LONGEST_NAME)
    turned: bool = False


class RestoreRequest(Sent):
    """A kept conversation to show again."""

    records: tuple[Record, ...] = Field(max_length=MOST_TURNS)


class SuggestionsRequest(Sent):
    """The articles to suggest questions about, nearest first, the questions asked already, and the page's language."""

    paths: tuple[_Path, ...] = Field((), max_length=MOST_SPANS)
    asked: tuple[_Text, ...] = Field((), max_length=MOST_TURNS)
    language: Literal["de", "en"] | None = None


class NewsRequest(Sent):
    """A request for what has been added to the folder; it has no fields."""


class FirstScreenRequest(Sent):
    """The language of the page that is to describe the articles."""

    language: Literal["de", "en"] | None = None


def record_of(
    question: str,
    state: State,
    answer: Answer | None,
    error: str = "",
    *,
    documents: Mapping[str, Document] | None = None,
) -> dict[str, Any]:
    """
    Return what the browser keeps of a question, as JSON; `Record` reads it.

    Parameters
    ----------
    question, state, answer, error
        See `Record`.
    documents
        Articles by path, used to find out which sentences were items of a list.

    """
    kept = None
    if answer is not None:
        kept = answer.to_json()
        for item, found in zip(kept["evidence"], answer.evidence, strict=True):
            item["title"] = found.title
        for item, sentence in zip(kept["sentences"], answer.sentences, strict=True):
            item["listed"] = listed(sentence, answer.citations, documents)
    return {"question": question, "state": state, "error": error, "answer": kept}


def read(model: type[_Read], data: str | Mapping[str, Any]) -> _Read:
    """
    Read what a browser sent.

    Raises
    ------
    RequestError
        It is not what the page sends.

    """
    try:
        return model.model_validate_json(data) if isinstance(data, str) else model.model_validate(data)
    except ValidationError as error:
        raise RequestError("The page sent something that cannot be read.", hint="Reload it.") from error
