"""Answers: their sentences, the source characters that these cite, and the JSON form of both."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, TypeAdapter

from rag.kinds.types import Kind  # noqa: TC001 - the codec reads the types when the program runs
from rag.types.forms import in_contract, named, rounded
from rag.types.questions import EvidenceSentence  # noqa: TC001

Verdict = Literal["kept", "marked", "withdrawn"]
Wording = Literal["source", "model", "app"]
Role = Literal["answer", "context"]


@dataclass(frozen=True, slots=True)
class PageMark:
    """
    A rectangle on a page that covers cited words. Lengths are in points, 1/72 inch.

    Parameters
    ----------
    page
        Page number, from 1.
    left, top, right, bottom
        Edges of the rectangle, measured from the upper left corner of the page as it is displayed.
    page_width, page_height
        Size of the page.

    """

    page: int
    left: float
    top: float
    right: float
    bottom: float
    page_width: float
    page_height: float


@dataclass(frozen=True, slots=True)
class Citation:
    """
    The exact characters of a source that support a sentence of the answer.

    Parameters
    ----------
    path, start, end
        The document, and offsets into its text in code points.
    quote
        ``document.text[start:end]``, at most one sentence.
    title
        The document's title.
    document_sha256
        Digest of the file that the offsets refer to, so that a later edit is noticed.
    page
        Page number from 1, if the format has pages.
    page_label
        The file's own label of that page ("iv"); empty if it has none besides the number.
    rectangles
        Position of the quote on the pages of a PDF, from `rag.RAG.located`; None if it was not requested or is not
        known.
    also
        Paths of other documents that say the same in the same words, see `rag.retrieval.doubles.also_in`.
    machine_read
        Whether text recognition read the quote from a picture, so that it may contain errors.

    """

    path: str
    start: int
    end: int
    quote: str
    title: str
    document_sha256: str
    page: int | None = None
    page_label: Annotated[str, BeforeValidator(lambda label: label or "")] = ""
    rectangles: tuple[PageMark, ...] | None = None
    also: Annotated[tuple[str, ...], named("also_in", "also")] = ()
    machine_read: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return this citation in the form that `Answer.to_json` uses."""
        rectangles = self.rectangles
        return {
            "path": self.path,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "title": self.title,
            "page": self.page,
            "document_page": self.page,
            "page_label": self.page_label or None,
            "rectangles": None if rectangles is None else [asdict(one) for one in rectangles],
            "machine_read": self.machine_read,
            "document_sha256": self.document_sha256,
            "also_in": list(self.also),
        }


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A part of the document ``path`` that was not read; ``what`` is a line as `rag index` prints it ("page 3: …")."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """
    One sentence of the answer.

    Parameters
    ----------
    text
        The sentence.
    support
        How well the cited characters support it, from 0 to 1; 1 if the sentence is those characters.
    status
        ``kept`` (supported), ``marked`` (shown although not supported) or ``withdrawn`` (not shown).
    citations
        Indices into `Answer.citations`; in a `SentenceChecked` event, into that event's ``citations``.
    wording
        ``source``: the text is the cited characters, with an ellipsis for what was left out. ``model``: the words are
        the language model's, for example a translation; never ``kept``, and not a part of `Answer.text`. ``app``: the
        words are the program's own, about itself and the articles; only in answers of the kind "talk", and without
        citations.
    emphasis
        The words that answer the question, as half-open, ordered, disjoint ranges of code points of ``text``.
    role
        ``answer``, or ``context``: shown because the next sentence refers back to it ("er", "die Firma", "deshalb").
    group
        Heading of the sentence if the answer has several parts: a side of a comparison, the title of an article, a
        date. Sentences of one group follow each other.

    """

    text: str
    support: Annotated[float, rounded(4)]
    status: Verdict
    citations: tuple[int, ...] = ()
    wording: Wording = "source"
    emphasis: tuple[tuple[int, int], ...] = ()
    role: Role = "answer"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """
    Milliseconds from the arrival of the question to several events.

    Parameters
    ----------
    first_evidence_ms
        Time of the first event.
    first_token_ms
        Time of the first text that depends on the model's reading; None if the model produced no text.
    total_ms
        Time of the last event.
    first_useful_ms
        Time of the first text that may be the answer, even if only a likely one; None if there was none.

    """

    first_evidence_ms: Annotated[float, rounded(1)]
    first_token_ms: Annotated[float | None, rounded(1)]
    total_ms: Annotated[float, rounded(1)]
    first_useful_ms: Annotated[float | None, rounded(1)] = None


@dataclass(frozen=True, slots=True)
class Answer:
    """
    A checked answer.

    Parameters
    ----------
    question, standalone_question
        The question as typed, and as searched for.
    text
        The sentences in the sources' wording, joined; if ``abstained``, a sentence that says so.
    abstained
        True if the sources do not contain the answer.
    generated
        Whether the language model took part by choosing what is shown.
    language
        ``de`` or ``en``.
    sentences, citations, evidence
        The answer's sentences, the characters that support them, and all evidence that was found.
    timings
        See `Timings`.
    models
        Fingerprints of the models: ``embedding`` and ``llm``.
    index_fingerprint
        Identifies the documents and the way they were indexed.
    unanswered
        If the question asks several things, those parts of it that the sources do not answer. For a comparison, a
        sentence for each side that no article names, also if ``abstained``.
    unread
        Parts of the cited documents and of the nearest document that were not read and may matter; if ``abstained``,
        also files that could not be read at all and whose names share a word with the question. See
        `rag.retrieval.unread`.
    kind
        What was asked for, see `docs/kinds.md`.
    searched
        Number of articles that were searched, and the number that there are; None if only the nearest passages were
        considered.
    following
        Suggestions for further questions, which the articles answer.
    likely
        Citations of the sentence that was shown as likely before the model had read, see `rag.types.Likely`; also set
        if the answer is a refusal.
    confidence
        Probability that the answer is right, 0 to 1; None if there is no answer, or if it was composed of several
        sentences. See `docs/confidence.md` for how accurate this is, and for `rag calibrate`.

    """

    question: str
    standalone_question: str
    text: Annotated[str, named("answer", "text")]
    abstained: bool
    generated: bool
    language: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Annotated[Citation, in_contract(Citation.to_json)], ...]
    evidence: tuple[EvidenceSentence, ...]
    timings: Timings
    models: dict[str, str] = field(default_factory=dict)
    index_fingerprint: Annotated[str, named("index", "index_fingerprint")] = ""
    unanswered: tuple[str, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    kind: Kind = "fact"
    searched: tuple[int, int] | None = None
    following: tuple[str, ...] = ()
    likely: tuple[Annotated[Citation, in_contract(Citation.to_json)], ...] = ()
    confidence: Annotated[float | None, rounded(4)] = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag ask --json` prints; `ANSWERS` reads it."""
        titles = {"evidence": {"__all__": {"title"}}}
        data = ANSWERS.dump_python(self, mode="json", by_alias=True, exclude=titles)
        return {"question": data.pop("question"), "kind": data.pop("kind"), **data}


ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)
"""
Converts an answer to JSON and back. With ``by_alias`` it writes the public names and roundings; it reads both forms.
"""
