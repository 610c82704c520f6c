"""The stages of an answer as fields, each of which can be replaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from rag.grounding.state_reader import StateReader
from rag.pipeline.answer import AnswerRun
from rag.pipeline.gates import LogisticGate
from rag.pipeline.kind import KindGuesser
from rag.pipeline.plugins import plugged_in
from rag.pipeline.rewriting import SearchingRewriter, WritingRewriter
from rag.pipeline.stages import (
    AnchoringVerifier,
    ConjunctionSplitter,
    EvidenceJudge,
    HybridRetriever,
    ModelTranslator,
    NoReader,
    NoSecondReader,
    NoTranslator,
    PointingGenerator,
    QuotingPresenter,
    SentenceSelector,
)
from rag.query.condense import longest_standalone

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rag.grounding.reader import EvidenceReader
    from rag.inference.asking.kinds import KindNetwork
    from rag.inference.protocol import Engine
    from rag.pipeline.protocols import (
        Gate,
        Presenter,
        Reader,
        Retriever,
        Rewriter,
        SecondReader,
        Selector,
        Splitter,
        Translator,
        Verifier,
    )
    from rag.pipeline.protocols import (
        Generator as GeneratorStage,
    )
    from rag.pipeline.values import Options
    from rag.retrieval.view import View
    from rag.settings import Settings
    from rag.types import Event, EvidenceSentence, Filter, Query


class Stages(TypedDict, total=False):
    """Stages that replace the built-in ones, by name; see `rag.pipeline.protocols`."""

    rewriter: Rewriter
    splitter: Splitter
    retriever: Retriever
    selector: Selector
    reader: Reader
    second_reader: SecondReader
    gate: Gate
    generator: GeneratorStage
    verifier: Verifier
    presenter: Presenter
    translator: Translator


@dataclass(frozen=True, slots=True)
class Pipeline:
    """
    Everything that an answer is made with, except what is searched.

    Parameters
    ----------
    rewriter
        Turns a follow-up into one sentence that stands alone.
    splitter
        Splits a question that asks several things.
    retriever, selector
        Find passages, and sentences in them.
    reader
        Points at the answer if the language model is not needed for that.
    gate
        Decides whether there is an answer.
    generator
        Lets the language model read the evidence and point at the answer.
    verifier
        Finds the place in the sources that the language model points at.
    presenter
        Turns the place into the quotations that are shown.
    translator
        Translates the quotations into the language of the question.
    second_reader
        Reads again the sentences that the reader finds likeliest, for answers of several sentences.
    kinds
        Guesses what a question asks for.

    """

    rewriter: Rewriter
    splitter: Splitter
    retriever: Retriever
    selector: Selector
    reader: Reader
    gate: Gate
    generator: GeneratorStage
    verifier: Verifier
    presenter: Presenter
    translator: Translator
    second_reader: SecondReader
    kinds: KindGuesser = field(default_factory=KindGuesser)

    @classmethod
    def of(
        cls,
        settings: Settings,
        engine: Engine,
        stages: Stages | None = None,
        *,
        reader: Callable[[], EvidenceReader | None] = lambda: None,
        kind_network: Callable[[], KindNetwork | None] = lambda: None,
    ) -> Pipeline:
        """
        Return a pipeline of the stages that the settings name, or of those given instead.

        Parameters
        ----------
        settings
            Name the stages.
        engine
            The language model.
        stages
            Used instead of those that the settings name.
        reader
            Returns the small reader, or None if there is none.
        kind_network
            Returns the network that guesses what a question asks for, or None if there is none.

        Raises
        ------
        RagError
            The settings name a stage that no installed package provides.

        """
        most, longest = settings.answering.max_answer_tokens, longest_standalone(settings.answering.max_question_chars)
        reads, rules = settings.answering.reader == "auto", SearchingRewriter(most=longest)
        built_in: Stages = {
            "rewriter": WritingRewriter(engine, most=longest, otherwise=rules) if reads else rules,
            "splitter": ConjunctionSplitter(),
            "retriever": HybridRetriever(),
            "selector": SentenceSelector(budget=settings.retrieval.evidence_tokens),
            "reader": EvidenceJudge(reader),
            "second_reader": StateReader(engine) if reads else NoSecondReader(),
            "gate": LogisticGate(),
            "generator": PointingGenerator(engine, max_tokens=most),
            "verifier": AnchoringVerifier(),
            "presenter": QuotingPresenter(),
            "translator": (
                ModelTranslator(engine, max_tokens=most) if settings.answering.translate else NoTranslator()
            ),
        }
        others: dict[str, Any] = {**plugged_in(settings), **(stages or {})}
        if others.keys() & {"gate", "generator", "verifier"}:  # a replacement for one of these is meant to be used
            built_in["reader"] = NoReader()
        return cls(**{**built_in, **others}, kinds=KindGuesser(kind_network))

    def stream(self, query: Query, view: View, options: Options) -> Generator[Event]:
        """
        Answer a question.

        Yields
        ------
        `EvidenceReady`; then, for each part of the question, `Likely` if a sentence probably answers it, `Delta` as
        soon as a place seems to be found, and `SentenceChecked` once it is found; last `Finished`. Closing the iterator
        stops the model.

        """
        return AnswerRun(self, view, query, options).events()

    def find(self, query: Query, view: View, *, restrict: Filter | None = None, k: int) -> tuple[EvidenceSentence, ...]:
        """Return the evidence for a question: sentences of the passages that are nearest to it."""
        return self.selector.select(query, self.retriever.retrieve(query, view, restrict=restrict, k=k), view)
