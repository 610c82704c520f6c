"""The answer in the making: applies events and renders HTML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    EvidenceReady,
    EvidenceSentence,
    Finished,
    Likely,
    SentenceChecked,
)
from rag.types.arrangement import is_talk
from ui.conversation.records import record_of
from ui.render import panels
from ui.render.sentences import Struck, on_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.types import Document
    from rag.kinds.types import Kind
    from ui.conversation.records import State
    from ui.conversation.session import Step
    from ui.render.failures import Failure
    from ui.render.texts import Texts


_ELLIPSIS = "…"
# Length in characters from which a part of a sentence identifies it.
_TELLING = 12


def _is_same(before: AnswerSentence, sentence: AnswerSentence) -> bool:
    """Tell whether a sentence is already on the page: the same words in the same part."""
    return (before.text, before.group, before.role, before.wording) == (
        sentence.text,
        sentence.group,
        sentence.role,
        sentence.wording,
    )


def _is_of(sentence: AnswerSentence, place: str) -> bool:
    """Tell whether a sentence is the one shown provisionally, perhaps with more or less of it left out."""
    shown = [part.strip() for part in sentence.text.split(_ELLIPSIS)]
    before = [part.strip() for part in place.split(_ELLIPSIS)]
    return any(
        one == other or (min(len(one), len(other)) >= _TELLING and (one in other or other in one))
        for one in shown
        for other in before
        if one
    )


def _struck(sentence: AnswerSentence) -> AnswerSentence:
    """Return a withdrawn sentence as the page will show it: struck through, but a machine's translation not at all."""
    return replace(sentence, status="withdrawn") if sentence.wording == "model" else Struck.of(sentence)


@dataclass(slots=True)
class Draft:
    """
    The question being answered, with everything known about it so far.

    Parameters
    ----------
    number
        Number of the question on the page, from 1.
    question
        As typed.
    texts
        Language of the page.
    token
        Token that came with the question; each piece of HTML returns it.
    kind
        What is asked for, if known: chosen by the reader, or determined by the engine.

    """

    number: int
    question: str
    texts: Texts
    token: str = ""
    evidence: tuple[EvidenceSentence, ...] = ()
    documents: dict[str, Document] = field(default_factory=dict)
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    provisional: list[str] = field(default_factory=list)
    withdrawn: tuple[str, ...] = ()
    likely: list[str] = field(default_factory=list)
    found: bool = False
    answer: Answer | None = None
    failure: Failure | None = None
    standalone: str = ""
    language: str = ""
    stopped: bool = False
    kind: Kind | None = None

    def apply(self, step: Step) -> None:
        """Apply one event."""
        self.documents.update((document.path, document) for document in step.documents)
        match step.event:
            case EvidenceReady(evidence):
                self.found, self.evidence = True, evidence.sentences
                self.standalone, self.language = evidence.query.standalone, evidence.query.language
                self.kind = evidence.query.kind or self.kind
            case Likely(sentence):
                self.likely.append(sentence.text)
            case Delta(text):
                # A better guess replaces the first one.
                self.likely.clear()
                self.provisional.append(text)
            case SentenceChecked(sentence, _, citations):
                # A checked sentence replaces its provisional text; text still to be checked stays.
                self.likely.clear()
                if sentence.status != "withdrawn":
                    self._confirm([sentence])
                self._take(self._renumbered(sentence, citations))
            case Finished(answer):
                self.answer, self.evidence = answer, answer.evidence or self.evidence
                self._confirm(answer.sentences)
                self.withdrawn, self.provisional = tuple(self.provisional), []
                self.citations = list(answer.citations)
                self._settle(answer)

    def _confirm(self, sentences: Iterable[AnswerSentence]) -> None:
        """Drop the provisional texts that these sentences confirm."""
        shown = list(sentences)
        self.provisional = [place for place in self.provisional if not any(_is_of(one, place) for one in shown)]

    def _take(self, sentence: AnswerSentence) -> None:
        """Put a sentence in its existing place, confirmed or struck; a new one goes behind the others."""
        for place, before in enumerate(self.sentences):
            if not on_page(before) or not _is_same(before, sentence):
                continue
            if sentence.status == "withdrawn":
                self.sentences[place] = _struck(before)
                return
            # The same words from two articles are two sentences.
            if not before.citations or not sentence.citations or {*before.citations} & {*sentence.citations}:
                self.sentences[place] = sentence
                return
        self.sentences.append(sentence)

    def _settle(self, answer: Answer) -> None:
        """Take over the sentences of the answer; sentences on the page that are not among them are struck."""
        drawn, at = list(answer.sentences), 0
        for before in self.sentences:
            if not on_page(before):
                continue
            place = next((n for n, one in enumerate(drawn) if on_page(one) and _is_same(one, before)), None)
            if place is None:
                drawn.insert(at, _struck(replace(before, citations=())))
            at = at + 1 if place is None else place + 1
        self.sentences = drawn

    def _renumbered(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> AnswerSentence:
        """Translate indices into an event's citations to indices into those of the whole answer."""
        numbers = []
        for index in sentence.citations:
            if not 0 <= index < len(citations):
                continue
            if citations[index] not in self.citations and sentence.status != "withdrawn":
                self.citations.append(citations[index])
            if citations[index] in self.citations:
                numbers.append(self.citations.index(citations[index]))
        return replace(sentence, citations=tuple(numbers))

    @property
    def state(self) -> State:
        """How answering ended; only valid once it has."""
        if self.failure is not None:
            return "failed"
        return "done" if self.answer is not None else "stopped"

    def chat(self, *, over: bool = False) -> str:
        """Render question and answer."""
        texts = self.texts
        if self.failure is not None:
            body = panels.error_html(self.failure, texts)
        elif self.answer is not None:
            body = panels.answer_html(
                self.answer, texts, documents=self.documents, drawn=self.sentences, withdrawn=self.withdrawn
            )
        else:
            state = texts.choosing if self.found else texts.searching
            body = panels.provisional_html(
                self.sentences,
                self.citations,
                () if self.stopped else self.provisional,
                likely=() if self.stopped else self.likely,
                texts=texts,
                state=texts.stopped if self.stopped else state,
                busy=not over,
                documents=self.documents,
                understood=panels.understood_html(self.question, self.standalone, texts),
                language=self.language,
                kind=self.kind,
            )
        if not over:
            return panels.turn_html(self.question, body, self.number, texts, token=self.token)
        error = "" if self.failure is None else f"{self.failure.state} {self.failure.remedy}".strip()
        record = record_of(self.question, self.state, self.answer, error, documents=self.documents)
        return panels.turn_html(
            self.question,
            body,
            self.number,
            texts,
            state=self.state,
            token=self.token,
            record=record,
            answer=self.answer if self.failure is None else None,
        )

    def evidence_list(self) -> str:
        """Render the evidence; nothing while there is none, or if the answer does not come from the articles."""
        if not self.evidence or (self.answer is not None and is_talk(self.answer)):
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
