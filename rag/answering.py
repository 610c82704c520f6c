"""From a question to a checked answer, as a stream of events."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.sentences import split
from rag import prompts
from rag.anchoring import adds, anchor, clause_text
from rag.answerability import SURE, judge, needed, probability, signals
from rag.attribution import attribute
from rag.contradiction import LEAD, disagreeing
from rag.dates import asks_for_newest, date_note, prefer_recent
from rag.decomposition import decompose
from rag.evidence import READ, is_relevant, nearest, select, similarity
from rag.question_type import fits, is_open
from rag.retrieval import retrieve
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

    from index.embedding import Embedder
    from index.reader import Index
    from rag.generation import Engine, Reading
    from rag.retrieval import Scale
    from rag.settings import Settings
    from rag.types import EvidenceSentence, Filter, Query, Verdict

ABSTENTION = {
    "de": "Die Quellen enthalten darauf keine Antwort.",
    "en": "The sources do not answer this question.",
}


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

    def similarity(self, text: str, sentences: Sequence[EvidenceSentence]) -> list[float]:
        """Return the nearness in meaning of a text to sentences, 0 to 1, see `rag.attribution.attribute`."""
        return similarity(self.embedder, self.scale, text, sentences)

    def stream(
        self, query: Query, *, restrict: Filter | None = None, strictness: float | None = None, k: int | None = None
    ) -> Generator[Event]:
        """
        Answer a question.

        Yields
        ------
        `EvidenceReady`, then `Delta` and `SentenceChecked` as the model writes, last `Finished`.
        Closing the iterator stops the model.

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
    """One of the things a question asks, and what was found for it."""

    query: Query
    evidence: tuple[EvidenceSentence, ...]


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
        self._generated = False
        self._answered = False  # the part in hand
        self._evidence: tuple[EvidenceSentence, ...] = ()
        self._sentences: list[AnswerSentence] = []
        self._citations: list[Citation] = []
        self._unanswered: list[str] = []

    def events(self) -> Generator[Event]:
        parts = [
            _Part(query, find(self._pipeline, query, restrict=self._restrict, k=self._k))
            for query in decompose(self._query)
        ]
        self._evidence = parts[0].evidence if len(parts) == 1 else _merged([part.evidence for part in parts])
        self._first_evidence = self._elapsed()
        yield EvidenceReady(Evidence(self._evidence, self._query))
        for part in parts:
            self._answered = False
            yield from self._answer(part)
            if not self._answered:
                self._unanswered.append(part.query.question)
        yield self._finish()

    def _answer(self, part: _Part) -> Iterator[Event]:
        pipeline, query = self._pipeline, part.query
        if not judge(query, part.evidence, pipeline.index, strictness=self._strictness).answerable:
            return
        messages = prompts.page(query, nearest(part.evidence, READ))
        with pipeline.engine.read(messages) as reading:
            yes, no = reading.preferences(prompts.confirm(query), prompts.YES_OR_NO[query.language])
            likely = probability(signals(query.standalone, part.evidence, confirmation=(yes, no)))
            if self._strictness > 0 and likely < needed(self._strictness):
                return
            with closing(self._draft(part, reading)) as drafted:
                yield from drafted
        if self._answered:
            self._generated = True
        elif likely >= SURE and (quotation := self._quote(part)) is not None:
            yield quotation

    def _draft(self, part: _Part, reading: Reading) -> Generator[Event]:
        """Let the model write, and check each sentence as soon as it ends."""
        written, shown, checked = "", 0, 0
        ending = prompts.answer(part.query)
        with closing(reading.stream(ending, max_tokens=self._pipeline.settings.max_answer_tokens)) as pieces:
            for piece in pieces:
                if self._first_token is None:
                    self._first_token = self._elapsed()
                written += piece
                yield Delta(written[shown:])
                shown = len(written)
                spans = split(written)
                for span in spans[checked:-1]:
                    yield from self._check(written[span.start : span.end], part)
                    checked += 1
        for span in split(written)[checked:]:
            yield from self._check(written[span.start : span.end], part)

    def _check(self, text: str, part: _Part) -> Iterator[Event]:
        pipeline = self._pipeline
        found = attribute(text, part.evidence, question=part.query.standalone, similarity=pipeline.similarity)
        verdict: Verdict = "kept"
        carried = found.support >= self._strictness and bool(found.sources)
        asked = part.query.question
        # A small model that finds nothing likes to turn the question into a statement.
        fitting = fits(text, asked) and (found.telling or not is_open(asked))
        if not (carried and fitting and is_relevant(found.sources[0], part.evidence)):
            verdict = "marked" if pipeline.settings.unsupported == "mark" else "withdrawn"
        if verdict != "withdrawn":
            self._answered = True
            if self._is_said(text):
                verdict = "withdrawn"
        if verdict == "withdrawn":
            yield SentenceChecked(AnswerSentence(text, found.support, verdict), verdict)
            return
        sources = [part.evidence[i] for i in found.sources]
        yield self._say(text, [self._citation(source) for source in sources], support=found.support, verdict=verdict)
        if verdict == "kept":
            yield from self._add(text, sources, part)

    def _add(self, text: str, sources: Sequence[EvidenceSentence], part: _Part) -> Iterator[Event]:
        """Add the wording of the source, a source that disagrees, and the date of the source where it matters."""
        clause = anchor(text, sources, question=part.query.standalone)
        if clause is not None:
            source = sources[clause.sentence]
            quoted = clause_text(source, clause)
            if adds(text, source, clause) and not self._is_said(quoted):
                yield self._say(quoted, [self._citation(source)])
        language = part.query.language
        other = disagreeing(text, sources[0], part.evidence)
        if other is not None:
            yield self._say(f"{LEAD[language]} {_quoted(other)}", [self._citation(other)])
        note = date_note(part.query.question, language, self._pipeline.index.documents[sources[0].path])
        if note is not None and not self._is_said(note[0]):
            yield self._say(note[0], [note[1]])

    def _quote(self, part: _Part) -> SentenceChecked | None:
        """Return the best sentence itself, None where none is of the kind that is asked for."""
        fitting = [sentence for sentence in part.evidence if fits(sentence.text, part.query.question)]
        best = max(fitting, key=lambda sentence: sentence.score, default=None)
        if best is None:
            return None
        self._answered = True
        if self._is_said(_quoted(best)):
            return None
        return self._say(_quoted(best), [self._citation(best)])

    def _say(
        self, text: str, citations: Sequence[Citation], *, support: float = 1.0, verdict: Verdict = "kept"
    ) -> SentenceChecked:
        numbers = tuple(self._number(citation) for citation in citations)
        self._sentences.append(AnswerSentence(text, support, verdict, numbers))
        shown = AnswerSentence(text, support, verdict, tuple(range(len(citations))))
        return SentenceChecked(shown, verdict, tuple(citations))

    def _is_said(self, text: str) -> bool:
        # Two parts of a question may have one answer.
        return any(text == sentence.text for sentence in self._sentences)

    def _citation(self, sentence: EvidenceSentence) -> Citation:
        document = self._pipeline.index.documents[sentence.path]
        return Citation(
            sentence.path,
            sentence.start,
            sentence.end,
            sentence.text,
            sentence.title,
            document.sha256,
            document.page(sentence.start),
        )

    def _number(self, citation: Citation) -> int:
        if citation not in self._citations:
            self._citations.append(citation)
        return self._citations.index(citation)

    def _finish(self) -> Finished:
        pipeline, query = self._pipeline, self._query
        abstained = not self._sentences
        text = ABSTENTION[query.language] if abstained else _joined([sentence.text for sentence in self._sentences])
        return Finished(
            Answer(
                query.question,
                query.standalone,
                text,
                abstained,
                self._generated,
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


def _joined(sentences: Sequence[str]) -> str:
    """Return sentences as one text: a few words that answer are followed by a colon before their quotation."""
    text = ""
    for sentence in sentences:
        if text:
            text += ": " if text[-1].isalnum() and sentence.startswith("„") else " "
        text += sentence
    return text


def _quoted(sentence: EvidenceSentence) -> str:
    return f"„{' '.join(sentence.text.split())}“"


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
    documents = list(dict.fromkeys(one.path for one in sorted(best.values(), key=lambda one: (-one.score, one.path))))
    return tuple(sorted(best.values(), key=lambda one: (documents.index(one.path), one.start)))
