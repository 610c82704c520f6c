"""What an answer has shown so far, and when it came."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.retrieval.doubles import also_in
from rag.retrieval.hybrid import admits
from rag.types import AnswerSentence, Citation, Delta, Filter, SentenceChecked, Timings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.types import Document
    from rag.grounding.quotation import Quotation
    from rag.retrieval.view import View


class Shown:
    """
    The sentences and citations of an answer in progress; its clock starts when it is created.

    Parameters
    ----------
    view, restrict
        What is searched, and which documents count.

    Attributes
    ----------
    sentences, citations
        Those shown so far.

    """

    def __init__(self, view: View, restrict: Filter | None) -> None:
        self._view = view
        self._restrict = restrict
        self._began = time.perf_counter()
        self._first_evidence = 0.0
        self._first_token: float | None = None
        self._first_useful: float | None = None
        self._answers: set[tuple[str, int, int]] = set()
        self._contexts: set[tuple[str, tuple[str, int, int]]] = set()
        self.sentences: list[AnswerSentence] = []
        self.citations: list[Citation] = []

    def delta(self, quotations: Sequence[Quotation]) -> Delta:
        """Return a place as provisional text."""
        self.note_text()
        return Delta(" ".join(one.sentence.text for one in quotations))

    def say(self, quotations: Sequence[Quotation]) -> Iterator[SentenceChecked]:
        """Show a quotation with those before it, unless it is shown already: two parts may have one answer."""
        place, group = _place(quotations[-1].citation), quotations[-1].sentence.group
        # It is shown again if so far it is only the context of a sentence in another group.
        if place in self._answers or (group, place) in self._contexts:
            return
        self._answers.add(place)
        self._contexts |= {(group, _place(one.citation)) for one in quotations[:-1]}
        quotations = [replace(one, citation=self._with_doubles(one.citation)) for one in quotations]
        self.note_text()
        before = self.sentences[-1] if self.sentences else None
        beside = before is not None and before.group == quotations[-1].sentence.group
        last = self.citations[before.citations[0]] if before is not None and beside else None
        known = [i for i, one in enumerate(quotations) if one.citation == last]
        for one in quotations[known[-1] + 1 if known else 0 :]:  # what was shown last need not be shown again
            self.sentences.append(replace(one.sentence, citations=(self._number(one.citation),)))
            yield SentenceChecked(one.sentence, one.sentence.status, (one.citation,))

    def answering(self) -> list[Citation]:
        """Return the citations of the sentences that answer, without those of their contexts."""
        return [self.citations[one.citations[0]] for one in self.sentences if one.role == "answer" and one.citations]

    def note_evidence(self) -> None:
        """Record when the evidence was found."""
        self._first_evidence = self._elapsed()

    def note_useful(self) -> None:
        """Record when the first words came that may be the answer."""
        self._first_useful = self._first_useful or self._elapsed()

    def note_text(self) -> None:
        """Record when the first text came."""
        self._first_token = self._first_token or self._elapsed()
        self._first_useful = self._first_useful or self._first_token

    def timings(self) -> Timings:
        """Return the times recorded, and the time since the start, in milliseconds."""
        return Timings(self._first_evidence, self._first_token, self._elapsed(), self._first_useful)

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def _with_doubles(self, citation: Citation) -> Citation:
        return replace(citation, also=also_in(self._view.index, citation, self._admits))

    def _admits(self, document: Document) -> bool:
        return self._restrict is None or admits(self._restrict, document)

    def _number(self, citation: Citation) -> int:
        if citation not in self.citations:
            self.citations.append(citation)
        return self.citations.index(citation)


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.path, citation.start, citation.end
