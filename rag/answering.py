"""From a question to a checked answer, as a stream of events."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.sentences import split
from rag import prompts
from rag.answerability import judge
from rag.attribution import attribute
from rag.evidence import select
from rag.question_type import expected, satisfies
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
    from rag.generation import Engine
    from rag.retrieval import Scale
    from rag.settings import Settings
    from rag.types import EvidenceSentence, Filter, Query, Verdict

# An answer rests on one of this many sentences nearest to the question, whatever else it cites.
NEAREST = 3

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

    def stream(
        self, query: Query, *, restrict: Filter | None = None, strictness: float | None = None, k: int | None = None
    ) -> Iterator[Event]:
        """
        Answer a question.

        Yields
        ------
        `EvidenceReady`, then `Delta` and `SentenceChecked` as the model writes, last `Finished`.
        Closing the iterator stops the model.

        """
        return _Run(self, query, restrict, self.settings.strictness if strictness is None else strictness, k).events()


class _Run:
    """The state of one answer in the making."""

    def __init__(
        self, pipeline: Pipeline, query: Query, restrict: Filter | None, strictness: float, k: int | None
    ) -> None:
        self._pipeline = pipeline
        self._query = query
        self._restrict = restrict
        self._strictness = strictness
        self._k = k or pipeline.settings.passages
        self._wanted = expected(query.question)
        self._began = time.perf_counter()
        self._first_evidence: float = 0.0
        self._first_token: float | None = None
        self._evidence: tuple[EvidenceSentence, ...] = ()
        self._sentences: list[AnswerSentence] = []
        self._citations: list[Citation] = []

    def events(self) -> Iterator[Event]:
        pipeline = self._pipeline
        vector = pipeline.embedder.embed_query(self._query.standalone)
        hits = retrieve(
            pipeline.index,
            self._query.standalone,
            vector,
            k=self._k,
            scale=pipeline.scale,
            restrict=self._restrict,
        )
        self._evidence = select(
            pipeline.index,
            hits,
            self._query.standalone,
            vector,
            scale=pipeline.scale,
            count_tokens=_estimate_tokens,
            budget=pipeline.settings.evidence_tokens,
        )
        self._first_evidence = self._elapsed()
        yield EvidenceReady(Evidence(self._evidence, self._query))

        judgement = judge(self._query, self._evidence, pipeline.index, strictness=self._strictness)
        if not judgement.answerable:
            yield self._finish(generated=False)
            return
        declined = False
        with closing(self._draft()) as drafted:
            for event in drafted:
                if event is None:
                    declined = True
                else:
                    yield event
        if self._sentences:
            yield self._finish(generated=True)
            return
        if not declined and judgement.quotable:
            checked = self._quote()
            self._sentences.append(checked.sentence)
            yield checked
        yield self._finish(generated=False)

    def _draft(self) -> Generator[Event | None]:
        """Let the model write, and check each sentence as soon as it ends; None says that it declined."""
        messages = prompts.build(self._query, self._evidence)
        refusal = prompts.NO_ANSWER[self._query.language]
        written, shown, checked = "", 0, 0
        stream = self._pipeline.engine.stream(messages, max_tokens=self._pipeline.settings.max_answer_tokens)
        with closing(stream) as pieces:
            for piece in pieces:
                if self._first_token is None:
                    self._first_token = self._elapsed()
                written += piece
                if _could_become(written, refusal):
                    continue  # a refusal is shown as such, not letter by letter
                yield Delta(written[shown:])
                shown = len(written)
                spans = split(written)
                for span in spans[checked:-1]:
                    yield from self._check(written[span.start : span.end])
                    checked += 1
        if _is_refusal(written, refusal):
            yield None
            return
        for span in split(written)[checked:]:
            yield from self._check(written[span.start : span.end])

    def _check(self, text: str) -> Iterator[Event]:
        pipeline = self._pipeline
        found = attribute(text, self._evidence, question=self._query.standalone, similarity=self._similarity)
        verdict: Verdict = "kept"
        carried = found.support >= self._strictness and bool(found.sources)
        if not (carried and self._is_relevant(found.sources[0]) and satisfies(text, self._wanted)):
            verdict = "marked" if pipeline.settings.unsupported == "mark" else "withdrawn"
        citations = [self._citation(self._evidence[i]) for i in found.sources]
        if verdict == "withdrawn":
            yield SentenceChecked(AnswerSentence(text, found.support, verdict), verdict)
            return
        numbers = tuple(self._number(citation) for citation in citations)
        sentence = AnswerSentence(text, found.support, verdict, numbers)
        self._sentences.append(sentence)
        yield SentenceChecked(
            AnswerSentence(text, found.support, verdict, tuple(range(len(citations)))), verdict, tuple(citations)
        )

    def _is_relevant(self, source: int) -> bool:
        # A sentence may be carried to the last word and still not be about the question: then what carries it
        # is not among what lies nearest to the question.
        score = self._evidence[source].score
        return sum(other.score > score for other in self._evidence) < NEAREST

    def _quote(self) -> SentenceChecked:
        fitting = [sentence for sentence in self._evidence if satisfies(sentence.text, self._wanted)]
        best = max(fitting or self._evidence, key=lambda sentence: sentence.score)
        citation = self._citation(best)
        sentence = AnswerSentence(f"„{' '.join(best.text.split())}“", 1.0, "kept", (self._number(citation),))
        return SentenceChecked(sentence, "kept", (citation,))

    def _similarity(self, text: str, evidence: Sequence[EvidenceSentence]) -> list[float]:
        pipeline = self._pipeline
        vectors = pipeline.embedder.embed_passages([text, *(sentence.text for sentence in evidence)])
        return [pipeline.scale(float(vectors[0] @ vector)) for vector in vectors[1:]]

    def _citation(self, sentence: EvidenceSentence) -> Citation:
        document = self._pipeline.index.documents[sentence.path]
        return Citation(sentence.path, sentence.start, sentence.end, sentence.text, sentence.title, document.sha256)

    def _number(self, citation: Citation) -> int:
        if citation not in self._citations:
            self._citations.append(citation)
        return self._citations.index(citation)

    def _finish(self, *, generated: bool) -> Finished:
        pipeline, query = self._pipeline, self._query
        abstained = not self._sentences
        text = ABSTENTION[query.language] if abstained else " ".join(s.text for s in self._sentences)
        return Finished(
            Answer(
                query.question,
                query.standalone,
                text,
                abstained,
                generated,
                query.language,
                tuple(self._sentences),
                tuple(self._citations),
                self._evidence,
                Timings(self._first_evidence, self._first_token, self._elapsed()),
                {"embedding": pipeline.embedder.fingerprint, "llm": pipeline.engine.fingerprint},
                pipeline.index.fingerprint,
            )
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000


def _estimate_tokens(text: str) -> int:
    # The evidence must be on screen before the language model has loaded, so its tokenizer is not asked.
    # German runs at 2.9 to 3.5 characters a token in the vocabularies of today's models.
    return len(text) // 3 + 1


def _could_become(written: str, refusal: str) -> bool:
    start = written.strip(" \n\"'*„“.").upper()
    return refusal.startswith(start[: len(refusal)])


def _is_refusal(written: str, refusal: str) -> bool:
    return refusal in written.upper() or not written.strip()
