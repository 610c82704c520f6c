"""The answer that is being made: takes in events, gives out HTML."""

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
    SentenceChecked,
)
from ui.conversation.records import record_of
from ui.render import panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.types import Document
    from ui.conversation.records import State
    from ui.conversation.session import Step
    from ui.render.failures import Failure
    from ui.render.texts import Texts


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
    token
        Came with the question, and goes back with each piece of HTML.

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
    found: bool = False
    answer: Answer | None = None
    failure: Failure | None = None
    standalone: str = ""
    language: str = ""
    stopped: bool = False

    def apply(self, step: Step) -> None:
        """Take in one event."""
        self.documents.update((document.path, document) for document in step.documents)
        match step.event:
            case EvidenceReady(evidence):
                self.found, self.evidence = True, evidence.sentences
                self.standalone, self.language = evidence.query.standalone, evidence.query.language
            case Delta(text):
                self.provisional.append(text)
            case SentenceChecked(sentence, _, citations):
                # What has been checked takes the place of all that was provisional.
                self.provisional.clear()
                self.sentences.append(self._renumbered(sentence, citations))
            case Finished(answer):
                self.answer, self.evidence = answer, answer.evidence or self.evidence
                self.provisional.clear()
                self.citations = list(answer.citations)

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
        return replace(sentence, citations=tuple(numbers))

    @property
    def state(self) -> State:
        """How it ended; only to be asked once it is over."""
        if self.failure is not None:
            return "failed"
        return "done" if self.answer is not None else "stopped"

    def chat(self, *, over: bool = False) -> str:
        """Render question and answer."""
        texts = self.texts
        if self.failure is not None:
            body = panels.error_html(self.failure, texts)
        elif self.answer is not None:
            body = panels.answer_html(self.answer, texts, documents=self.documents)
        else:
            state = texts.choosing if self.found else texts.searching
            body = panels.provisional_html(
                self.sentences,
                self.citations,
                () if self.stopped else self.provisional,
                texts=texts,
                state=texts.stopped if self.stopped else state,
                busy=not over,
                documents=self.documents,
                understood=panels.understood_html(self.question, self.standalone, texts),
                language=self.language,
            )
        if not over:
            return panels.turn_html(self.question, body, self.number, texts, token=self.token)
        error = "" if self.failure is None else f"{self.failure.state} {self.failure.remedy}".strip()
        record = record_of(self.question, self.state, self.answer, error, documents=self.documents)
        return panels.turn_html(
            self.question, body, self.number, texts, state=self.state, token=self.token, record=record
        )

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
