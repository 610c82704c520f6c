"""
From a question to an answer, as a stream of events.

The language model says whether the sources answer and, in a few words, what; shown is the place in the sources where
these words stand. None of its own words is shown as if a source carried it.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.text.language import detect
from rag import prompts
from rag.grounding.anchoring import Anchor, anchor, foreseen, second_place, telling_words
from rag.grounding.answerability import needed, probability, signals
from rag.grounding.other_values import other_value
from rag.grounding.quotation import context_of, quote
from rag.limits import LONGEST_DRAFT
from rag.query.decompose import decompose
from rag.retrieval.evidence import READ, distinct, nearest, select
from rag.retrieval.hybrid import retrieve
from rag.retrieval.recency import asks_for_newest, prefer_recent
from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Evidence,
    EvidenceReady,
    Finished,
    SentenceChecked,
    Timings,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from index.protocols import Embedder
    from index.storage.reader import Index
    from rag.grounding.quotation import Quotation
    from rag.inference import Engine, Reading
    from rag.retrieval.hybrid import Scale
    from rag.settings import Settings
    from rag.types import EvidenceSentence, Filter, Query

ABSTENTION = {
    "de": "Die Quellen enthalten darauf keine Antwort.",
    "en": "The sources do not answer this question.",
}


# The model points with its first words: of 340 drafts cut after 80 characters, as many lead to the right sentence as of
# whole ones.
_MOST_POINTING_TOKENS = 32
# A sentence is too short to tell its language by, a title in another one misleads.
_LANGUAGE_SAMPLE = 4000


@dataclass(frozen=True, slots=True)
class Pipeline:
    """
    Everything an answer is made with.

    Parameters
    ----------
    index, scale
        Where to look, and what its cosines mean.
    embedder, engine
        The two models.
    settings
        Budgets and strictness.

    """

    index: Index
    scale: Scale
    embedder: Embedder
    engine: Engine
    settings: Settings

    def stream(
        self, query: Query, *, restrict: Filter | None = None, strictness: float | None = None, k: int | None = None
    ) -> Generator[Event]:
        """
        Answer a question.

        Yields
        ------
        `EvidenceReady`, then, for each thing asked, `Delta` as soon as a place seems found and `SentenceChecked` when
        it is; last `Finished`. Closing the iterator stops the model.

        """
        return _Run(self, query, restrict, self.settings.strictness if strictness is None else strictness, k).events()


def find(
    pipeline: Pipeline, query: Query, *, restrict: Filter | None = None, k: int | None = None
) -> tuple[EvidenceSentence, ...]:
    """Return the evidence for a question: sentences of the passages that are nearest to it."""
    vector = pipeline.embedder.embed_query(query.standalone)
    k = k or pipeline.settings.passages
    hits = retrieve(pipeline.index, query.standalone, vector, k=k, scale=pipeline.scale, restrict=restrict)
    if asks_for_newest(query.question):
        hits = prefer_recent(hits, pipeline.index.documents)
    return select(
        pipeline.index,
        hits,
        query.standalone,
        vector,
        scale=pipeline.scale,
        count_tokens=_estimate_tokens,
        budget=pipeline.settings.evidence_tokens,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """
    One of the things a question asks, and what was found for it.

    Parameters
    ----------
    query
        The question.
    evidence
        All that was found.
    read
        What of it the model reads.
    contexts
        For each sentence read those that it needs before it, see `rag.grounding.context`.

    """

    query: Query
    evidence: tuple[EvidenceSentence, ...]
    read: tuple[EvidenceSentence, ...]
    contexts: tuple[tuple[EvidenceSentence, ...], ...] = ()

    def place(self, draft: str) -> Anchor | None:
        """Return where a draft, or the beginning of one, stands in what was read."""
        return anchor(draft, self.read, question=self.query.standalone, contexts=self.contexts)


class _Run:
    """The state of one answer in the making."""

    def __init__(
        self, pipeline: Pipeline, query: Query, restrict: Filter | None, strictness: float, k: int | None
    ) -> None:
        self._pipeline = pipeline
        self._query = query
        self._restrict = restrict
        self._strictness = strictness
        self._k = k
        self._began = time.perf_counter()
        self._first_evidence: float = 0.0
        self._first_token: float | None = None
        self._evidence: tuple[EvidenceSentence, ...] = ()
        self._sentences: list[AnswerSentence] = []
        self._citations: list[Citation] = []
        self._unanswered: list[str] = []

    def events(self) -> Generator[Event]:
        parts = [self._part(query) for query in decompose(self._query)]
        self._evidence = parts[0].evidence if len(parts) == 1 else _merged([part.evidence for part in parts])
        self._first_evidence = self._elapsed()
        yield EvidenceReady(Evidence(self._evidence, self._query))
        for part in parts:
            with closing(self._answer(part)) as answered:
                found = yield from answered
            if not found:
                self._unanswered.append(part.query.question)
        with closing(self._translation()) as translated:
            yield from translated
        yield self._finish()

    def _part(self, query: Query) -> _Part:
        evidence = find(self._pipeline, query, restrict=self._restrict, k=self._k)
        return _Part(query, evidence, nearest(evidence, READ))

    def _answer(self, part: _Part) -> Generator[Event, None, bool]:
        """Answer one thing; returns whether the sources do."""
        if not part.read:
            return False
        index, query = self._pipeline.index, part.query
        part = replace(part, contexts=tuple(context_of(index, one, query.standalone) for one in part.read))
        with self._pipeline.engine.read(prompts.page(query, part.read)) as reading:
            confirmation = reading.preferences(prompts.confirm(query), prompts.YES_OR_NO[query.language])
            # No draft can make it likelier than one that stands in the sources to the last word.
            if not self._is_likely(part, confirmation, share=1.0):
                return False
            with closing(self._pointed_at(part, reading)) as pointing:
                draft = yield from pointing
        place = part.place(draft)
        if place is None or not self._is_likely(part, confirmation, share=place.share):
            return False
        yield from self._show(part, place, draft)
        return True

    def _is_likely(self, part: _Part, confirmation: tuple[float, ...], *, share: float) -> bool:
        """Tell whether an answer is as likely as the strictness wants it, if so much of the draft is in the sources."""
        yes, no = confirmation
        found = signals(part.query.standalone, part.evidence, confirmation=(yes, no), share=share)
        return self._strictness <= 0 or probability(found) >= needed(self._strictness)

    def _pointed_at(self, part: _Part, reading: Reading) -> Generator[Event, None, str]:
        """Let the model write, show the place as soon as it is hardly in doubt, and return all that was written."""
        draft, place = "", foreseen(part.read, part.contexts)
        if told := place is not None:
            yield self._provisional(part, place, draft)
        ending = prompts.answer(part.query)
        most = min(_MOST_POINTING_TOKENS, self._pipeline.settings.max_answer_tokens)
        with closing(reading.stream(ending, max_tokens=most)) as pieces:
            for piece in pieces:
                draft = (draft + piece)[:LONGEST_DRAFT]
                if len(draft) == LONGEST_DRAFT:
                    break
                if told or not (begun := telling_words(draft, part.query.standalone)):
                    continue
                place = part.place(begun)
                if place is not None and place.share > 0:
                    told = True
                    yield self._provisional(part, place, begun)
        return draft

    def _provisional(self, part: _Part, place: Anchor, draft: str) -> Delta:
        self._first_token = self._first_token or self._elapsed()
        return Delta(" ".join(one.sentence.text for one in self._quoted(part, place, draft)))

    def _show(self, part: _Part, place: Anchor, draft: str) -> Iterator[Event]:
        yield from self._say(self._quoted(part, place, draft))
        asked = part.query.standalone
        second = second_place(draft, place, part.read, question=asked, contexts=part.contexts)
        if second is not None:
            yield from self._say(self._quoted(part, second, draft))
        index = self._pipeline.index
        texts = {one.path: index.documents[one.path].text for one in part.evidence}
        other = other_value(part.read[place.sentence], place.words, part.evidence, question=asked, texts=texts)
        if other is not None:
            whole = Anchor(0, 0, len(other.sentence.text), 1.0, other.words)
            yield from self._say(quote(index, other.sentence, whole, context_of(index, other.sentence, asked)))

    def _quoted(self, part: _Part, place: Anchor, draft: str) -> tuple[Quotation, ...]:
        return quote(
            self._pipeline.index,
            part.read[place.sentence],
            place,
            part.contexts[place.sentence],
            draft=draft,
            question=part.query.standalone,
        )

    def _say(self, quotations: Sequence[Quotation]) -> Iterator[SentenceChecked]:
        """Show a clause with what stands before it, unless it is shown already: two parts may have one answer."""
        if quotations[-1].citation in self._citations:
            return
        self._first_token = self._first_token or self._elapsed()
        last = self._citations[self._sentences[-1].citations[0]] if self._sentences else None
        known = [i for i, one in enumerate(quotations) if one.citation == last]
        for one in quotations[known[-1] + 1 if known else 0 :]:  # what was shown last need not be shown again
            self._sentences.append(replace(one.sentence, citations=(self._number(one.citation),)))
            yield SentenceChecked(one.sentence, one.sentence.status, (one.citation,))

    def _number(self, citation: Citation) -> int:
        if citation not in self._citations:
            self._citations.append(citation)
        return self._citations.index(citation)

    def _translation(self) -> Generator[Event]:
        """Translate what is shown where the question is in another language."""
        language, documents = self._query.language, self._pipeline.index.documents
        foreign = [
            one.quote for one in self._citations if detect(documents[one.path].text[:_LANGUAGE_SAMPLE]) != language
        ]
        if not foreign:
            return
        with self._pipeline.engine.read(prompts.translation(foreign, language)) as reading:
            most = self._pipeline.settings.max_answer_tokens * len(foreign)
            with closing(reading.stream("", max_tokens=most)) as pieces:
                text = " ".join("".join(pieces).split())
        if text:
            translated = AnswerSentence(text, 0.0, "marked", wording="model")
            self._sentences.append(translated)
            yield SentenceChecked(translated, "marked")

    def _finish(self) -> Finished:
        pipeline, query = self._pipeline, self._query
        abstained = not self._sentences
        said = " ".join(sentence.text for sentence in self._sentences if sentence.wording == "source")
        text = ABSTENTION[query.language] if abstained else said
        return Finished(
            Answer(
                query.question,
                query.standalone,
                text,
                abstained,
                not abstained,
                query.language,
                tuple(self._sentences),
                tuple(self._citations),
                self._evidence,
                Timings(self._first_evidence, self._first_token, self._elapsed()),
                {"embedding": pipeline.embedder.fingerprint, "llm": pipeline.engine.fingerprint},
                pipeline.index.fingerprint,
                () if abstained else tuple(self._unanswered),
            )
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000


def _estimate_tokens(text: str) -> int:
    # The evidence must be on screen before the language model has loaded, so its tokenizer is not asked.
    # German runs at 2.9 to 3.5 characters a token in the vocabularies of today's models.
    return len(text) // 3 + 1


def _merged(found: Sequence[Sequence[EvidenceSentence]]) -> tuple[EvidenceSentence, ...]:
    """Return the sentences found for several questions, each once, in the order of `Evidence`."""
    best: dict[tuple[str, int], EvidenceSentence] = {}
    for sentence in (one for evidence in found for one in evidence):
        known = best.get((sentence.path, sentence.start))
        if known is None or sentence.score > known.score:
            best[sentence.path, sentence.start] = sentence
    once = distinct(best.values())
    documents = list(dict.fromkeys(one.path for one in sorted(once, key=lambda one: (-one.score, one.path))))
    return tuple(sorted(once, key=lambda one: (documents.index(one.path), one.start)))
