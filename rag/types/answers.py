"""What is answered: sentences, the characters they stand at, and the one JSON form of both."""

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
        From 1.
    left, top, right, bottom
        From the upper left corner of the page as it is seen.
    page_width, page_height
        Of the page.

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
    The exact characters of a source that carry a sentence of the answer.

    Parameters
    ----------
    path, start, end
        Where: offsets in code points of the document's text.
    quote
        ``document.text[start:end]``, at most one sentence.
    title
        The document's title.
    document_sha256
        Digest of the file the offsets point into, so that a later edit is noticed.
    page
        Page number where the format has pages, from 1.
    page_label
        What the file itself calls that page ("iv"), empty where it says nothing but its number.
    rectangles
        Where the quote stands on the pages of a PDF, from `rag.RAG.located`; None where that was not asked or is not
        known.
    also
        Paths of other documents that say the same in the same words, see `rag.retrieval.doubles.also_in`.
    machine_read
        Whether text recognition read it off a picture: it may be wrong.

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
        """Return this citation as `Answer.to_json` has it."""
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
    """What of a document was not read: ``path``, and in ``what`` one line as `rag index` prints it ("page 3: …")."""

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
        How far the cited characters support it, from 0 to 1: 1 where it is those characters.
    status
        ``kept`` (supported), ``marked`` (shown, and not supported) or ``withdrawn`` (not shown).
    citations
        Indices into `Answer.citations`; in a `SentenceChecked` event, of that event's ``citations``.
    wording
        ``source``: the text is the cited characters, an ellipsis standing for what was left out. ``model``: the words
        are the language model's, as those of a translation; never ``kept``, and not a part of `Answer.text`. ``app``:
        the words are the program's own, about itself and the articles; only in a talk, without citations.
    emphasis
        The words that answer, as half-open ranges of code points of ``text``, in order and without overlap.
    role
        ``answer``, or ``context``: shown because the next sentence points back to it ("er", "die Firma", "deshalb").
    group
        What the sentence stands under, where an answer has several parts: a side of a comparison, the title of an
        article, a date. Sentences of one group follow each other.

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
    Milliseconds since the question came in.

    Parameters
    ----------
    first_evidence_ms
        The first event.
    first_token_ms
        The first text that rests on the model's reading; None where no model wrote.
    total_ms
        The last event.
    first_useful_ms
        The first text that may be the answer, likely or better; None where there was none.

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
        As typed, and as searched for.
    text
        The sentences in the sources' wording, joined; where ``abstained``, a sentence that says so.
    abstained
        True where the sources do not hold the answer.
    generated
        Whether the language model had a part in it: it chose what is shown.
    language
        ``de`` or ``en``.
    sentences, citations, evidence
        The answer's sentences, the characters that carry them, and all the evidence there was.
    timings
        See `Timings`.
    models
        Fingerprints: ``embedding`` and ``llm``.
    index_fingerprint
        Identifies the documents and the way they were indexed.
    unanswered
        Parts of a question that asks several things which the sources do not answer; the rest they do. Of a comparison,
        a sentence for each side that no article names, also where ``abstained``.
    unread
        What was not read of the documents cited and the nearest one, and may matter; where ``abstained``, also files
        that could not be read at all and are called like something in the question. See `rag.retrieval.unread`.
    kind
        What was asked for, see `docs/kinds.md`.
    searched
        In how many articles was looked, and of how many; None where only the nearest passages were.
    following
        Questions to go on with, which the articles answer.
    likely
        What was shown as likely before the model had read, see `rag.types.Likely`; in a refusal too.
    confidence
        How likely the answer is right, 0 to 1; None where there is none, and of an answer that was put together of
        several sentences. See `docs/confidence.md` for how well that is met, and for `rag calibrate`.

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
An answer as JSON and back: whole, or with ``by_alias`` in the names and roundings that others rely on. Both are read.
"""
