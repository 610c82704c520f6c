"""
What the browser keeps of a conversation, and what it sends: plain JSON, checked on its way in.

The server keeps nothing of a conversation. The browser sends the last answers with each question, and has its
kept answers rendered again after a reload; so nothing of what it sends is taken on trust.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, Timings
from ui.failures import RequestError
from ui.sentences import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document

REMEMBERED = 3
"""Earlier answers that a follow-up question is understood from."""
LONGEST = 20_000
MOST_TURNS = 200
_ELLIPSIS = re.compile(r"^… | …$")
_Text = Annotated[str, Field(max_length=LONGEST)]
_Read = TypeVar("_Read", bound=BaseModel)
State = Literal["done", "stopped", "failed"]


def _bare(text: str) -> str:
    """Return a text without what a clause is marked by, and with single spaces."""
    return " ".join(_ELLIPSIS.sub("", text).split())


class Sent(BaseModel):
    """Something that a browser sends; what the page does not know is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Place(Sent):
    path: str = Field(max_length=LONGEST)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    title: str = Field("", max_length=LONGEST)


class _Cited(_Place):
    quote: str = Field(max_length=LONGEST)
    page: int | None = None
    document_sha256: str = ""


class _Found(_Place):
    text: str = Field(max_length=LONGEST)
    score: float = 0.0


class _Sentence(Sent):
    text: str = Field(max_length=LONGEST)
    support: float = 0.0
    status: Literal["kept", "marked", "withdrawn"] = "kept"
    citations: tuple[int, ...] = ()
    wording: Literal["source", "model"] | None = None
    emphasis: tuple[tuple[int, int], ...] = Field((), max_length=1000)
    role: Literal["answer", "context"] = "answer"
    listed: bool = False

    def restored(self, citations: Sequence[_Cited]) -> AnswerSentence:
        """Return the sentence; one kept before wordings were told apart counts as what its words show it to be."""
        status = self.status
        if self.wording is None and status == "kept":
            words = _bare(self.text)
            cited = (citations[number].quote for number in self.citations if 0 <= number < len(citations))
            status = "kept" if any(words in _bare(quote) for quote in cited) else "marked"
        wording = self.wording or "source"
        return AnswerSentence(self.text, self.support, status, self.citations, wording, self.emphasis, self.role)


class _Timings(Sent):
    first_evidence_ms: float = 0.0
    first_token_ms: float | None = None
    total_ms: float = 0.0


class _Answer(Sent):
    question: str = Field(max_length=LONGEST)
    standalone_question: str = Field(max_length=LONGEST)
    answer: str = Field(max_length=LONGEST)
    abstained: bool
    generated: bool = True
    language: Literal["de", "en"] = "de"
    sentences: tuple[_Sentence, ...] = ()
    citations: tuple[_Cited, ...] = ()
    evidence: tuple[_Found, ...] = ()
    timings: _Timings = _Timings()
    models: dict[str, str] = {}
    index: str = ""
    unanswered: tuple[str, ...] = ()


class Record(Sent):
    """
    A question that is over, as the browser keeps it.

    Parameters
    ----------
    question
        As typed.
    state
        Answered (``done``), ``stopped`` or ``failed``.
    error
        What went wrong, in words.
    answer
        As `rag.types.Answer.to_json` writes it, with titles; None where there is none.

    """

    question: str = Field(max_length=LONGEST)
    state: State = "done"
    error: str = Field("", max_length=LONGEST)
    answer: _Answer | None = None

    def restored(self) -> Answer | None:
        """Return the answer, as far as it was kept."""
        kept = self.answer
        if kept is None:
            return None
        return Answer(
            kept.question,
            kept.standalone_question,
            kept.answer,
            abstained=kept.abstained,
            generated=kept.generated,
            language=kept.language,
            sentences=tuple(item.restored(kept.citations) for item in kept.sentences),
            citations=tuple(
                Citation(item.path, item.start, item.end, item.quote, item.title, item.document_sha256, item.page)
                for item in kept.citations
            ),
            evidence=tuple(
                EvidenceSentence(item.path, item.start, item.end, item.text, item.title, item.score)
                for item in kept.evidence
            ),
            timings=Timings(kept.timings.first_evidence_ms, kept.timings.first_token_ms, kept.timings.total_ms),
            models=kept.models,
            index_fingerprint=kept.index,
            unanswered=kept.unanswered,
        )


class Context(Sent):
    """
    What the browser sends along with a question.

    Parameters
    ----------
    number
        Number of the question in its conversation, from 1.
    token
        Tells this asking from an earlier one of the same number.
    history
        The last questions and answers, oldest first.
    fresh
        It was asked before, and is to be answered anew.

    """

    number: int = Field(1, ge=1, le=10_000)
    token: str = Field("", max_length=40)
    history: tuple[tuple[_Text, _Text], ...] = Field((), max_length=REMEMBERED)
    fresh: bool = False


class _Span(Sent):
    key: str = Field(pattern=r"^[a-z]\d{1,4}$")
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field("", max_length=LONGEST)


class ArticleRequest(Sent):
    """An article that is to be opened, and what is to be marked in it."""

    path: str = Field(max_length=LONGEST)
    spans: tuple[_Span, ...] = Field((), max_length=500)
    page: int | None = None


class RestoreRequest(Sent):
    """A kept conversation that is to be shown again."""

    records: tuple[Record, ...] = Field(max_length=MOST_TURNS)


class SuggestionsRequest(Sent):
    """Which articles questions to click should be about, nearest first, which were asked already, and the page's language."""

    paths: tuple[str, ...] = Field((), max_length=500)
    asked: tuple[str, ...] = Field((), max_length=MOST_TURNS)
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
        Articles by path, to tell which sentences were items of a list.

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
