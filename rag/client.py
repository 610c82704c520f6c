"""`RAG`: the interface of the whole program for Python."""

from __future__ import annotations

import functools
import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from index.collections.owners import SHARED, Owner
from index.collections.registry import ALL, UPLOADS
from index.collections.uploads import PREFIX
from index.errors import RagError
from index.progress import told
from rag import prompts
from rag.calibrating.facade import Calibrated
from rag.calibrating.keeping import forget, place_of
from rag.exploring.facade import Exploring
from rag.inference.run import Run
from rag.pages.facade import Pages
from rag.pipeline import Pipeline
from rag.pipeline.values import Options
from rag.query.condense import condense, longest_standalone
from rag.query.filters import collections_of, read_filter
from rag.query.options import check_options
from rag.receipts.facade import Receipts
from rag.retrieval.doubles import doubles_of, named
from rag.retrieval.hybrid import Scale, retrieve
from rag.runtime.answer_cache import AnswerMemory
from rag.runtime.asynchronous import AsyncTwins
from rag.runtime.listed import Listed
from rag.runtime.model_pool import Models
from rag.runtime.named_collections import NamedCollections, settings_of
from rag.runtime.owned_collections import OwnedUploads
from rag.runtime.streaming import AnswerStream
from rag.runtime.syncing import Syncing
from rag.runtime.unions import Unions
from rag.settings import Settings, load_settings
from rag.talk import prepare
from rag.types import Answer, Filter, Finished, Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
    from pathlib import Path
    from typing import Unpack

    from index.progress import Progress
    from index.protocols import Embedder
    from index.storage.reader import Index
    from index.types import Document
    from rag.inference import Engine
    from rag.pipeline import Stages
    from rag.pipeline.protocols import Gate, Reader, SecondReader
    from rag.runtime.model_pool import ModelState
    from rag.types import AskOptions, Event

_LOG = logging.getLogger(__name__)


class RAG(AsyncTwins, Exploring, Pages, Receipts, Syncing, Calibrated):
    """
    Answers questions from a folder of articles.

    Safe to share between threads: the open index never changes, each model handles one request at a time, and
    requests for the language model take turns. `aask`, `astream` and `asearch` are the asyncio versions.

    Parameters
    ----------
    settings
        Locations of the articles and the index, models, budgets.
    embedder, engine
        The two models; by default those named in the settings, found or fetched at first use.
    **stages
        Replacements for built-in stages of an answer, such as ``retriever``; see `rag.pipeline.protocols`.

    Attributes
    ----------
    uploads
        The user's own files, a collection beside the corpus; see `index.collections.uploads.Uploads`.
    owned_uploads
        The files of each owner, if several users share this object; see `rag.runtime.owned_collections.OwnedUploads`.
    named_collections
        Other folders, each with its own index; see `sync`, `collections` and `remove_collection`.

    Examples
    --------
    >>> rag = RAG.open("corpus/")  # doctest: +SKIP
    >>> answer = rag.ask("Wie viel Geld will Cambricon aufnehmen?")  # doctest: +SKIP

    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        engine: Engine | None = None,
        **stages: Unpack[Stages],
    ) -> None:
        self.settings = settings or load_settings()
        self._models = Models(self.settings, embedder=embedder, engine=engine)
        self._stages = stages
        self._pipeline = Pipeline.of(
            self.settings,
            self._models.shared_engine,
            stages,
            reader=self._models.reader,
            kind_network=self._models.kind_network,
        )
        self._memory = AnswerMemory(self.settings.serving.remembered_answers)
        self._opened: tuple[Index, Scale] | None = None
        self._unions = Unions()
        self.named_collections = NamedCollections(self.settings, self._the_embedder)
        self.owned_uploads = OwnedUploads.of(self.settings, self._the_embedder, removed=self._forget)
        self.uploads = self.owned_uploads.get(SHARED)
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        corpus: str | Path | None = None,
        *,
        index: str | Path | None = None,
        progress: Progress | None = None,
        warm_up: bool = False,
        **options: Any,
    ) -> RAG:
        """
        Open a folder of articles; build its index or bring it up to date.

        If the folder no longer holds any article, or the folder of the index is not writable, the index stays as it
        is and a warning is logged.

        Parameters
        ----------
        corpus
            Folder of files, see `index.formats`; by default ``corpus/`` or RAG_CORPUS.
        index
            Folder of the index; by default ``.rag/`` or RAG_INDEX.
        progress
            Called with the progress of fetching models and of indexing.
        warm_up
            Meanwhile load both models in the background, so that the first question does not wait for them.
        **options
            Other settings, see `Settings`.

        Raises
        ------
        RagError
            The corpus, the index or a model cannot be used; the error says what to do.

        """
        rag = cls(load_settings(corpus=corpus, index=index, **options))
        if warm_up:
            rag._models.load_in_background(warm_up=True)
        rag._sync_where_it_can(progress)
        return rag

    def ask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """
        Answer a question.

        Parameters
        ----------
        question
            The question, in German or English.
        **options
            ``history``, ``filter``, ``strictness``, ``k``, ``kind``, ``fresh``, ``client`` and ``owner``; see
            `rag.types.AskOptions`.

        Returns
        -------
        The answer: the sources' own sentences and clauses, each with its exact characters in the source;
        ``abstained`` if there are none.

        Raises
        ------
        BusyError
            Too many questions are waiting for the language model; try again in a moment.
        RagError
            The question, the index or a model cannot be used.

        """
        for event in self.stream(question, **options):
            if isinstance(event, Finished):
                return event.answer
        raise RagError("The answer broke off.", hint="Ask again.")

    def stream(self, question: str, **options: Unpack[AskOptions]) -> AnswerStream:
        """
        Answer a question, event by event; see `ask` for the parameters.

        Yields
        ------
        `EvidenceReady`, `Likely`, `Delta` and `SentenceChecked` as evidence is found and read, and `Finished` last.
        Closing the stream, from any thread, stops the model, whether it is reading or writing.

        """
        query = condense(question, options.get("history", ()), max_chars=self.settings.answering.max_question_chars)
        check_options(options)
        query = replace(query, kind=options.get("kind"))
        restrict, strictness = read_filter(options.get("filter")), options.get("strictness")
        k = options.get("k") or self.settings.retrieval.passages
        owner = options.get("owner", SHARED)

        def make() -> Generator[Event]:
            names = collections_of(restrict)
            view = self._view(names, owner)
            self._models.load_in_background()
            default, scale = self._in_force(names, view.index.fingerprint)
            how = Options(restrict, default if strictness is None else strictness, k, scale)
            events = functools.partial(self._pipeline.stream, query, view, how)
            if options.get("fresh"):
                return events()
            whose = owner if {ALL, UPLOADS} & {*names} else None
            return self._memory.through(lambda: self._key(view.index, (query, how), whose), events)

        return AnswerStream(make, Run(options.get("client")))

    def search(
        self,
        query: str,
        *,
        k: int = 5,
        filter: Filter | Mapping[str, str] | None = None,  # noqa: A002 - the contract's name
        owner: Owner = SHARED,
    ) -> list[Hit]:
        """
        Find passages.

        Parameters
        ----------
        query
            Words or a question.
        k
            Number of passages.
        filter, owner
            Which documents are searched; see `ask`.

        Returns
        -------
        At most ``k`` hits, best first.

        """
        if k < 1:
            raise RagError(f"k cannot be {k}.", hint="Give 1 or more.")
        # The query may be a follow-up made to stand alone, which also holds earlier questions, so it may be longer.
        text = condense(query, (), max_chars=longest_standalone(self.settings.answering.max_question_chars)).standalone
        restrict = read_filter(filter)
        view = self._view(collections_of(restrict), owner)
        return retrieve(view.index, text, view.vector(text), k=k, scale=view.scale, restrict=restrict)

    def standalone(self, question: str, *, history: Sequence[tuple[str, str]] = ()) -> str:
        """Return a question in the form that is searched for: a follow-up is made understandable on its own."""
        query = condense(question, history, max_chars=self.settings.answering.max_question_chars)
        if query.standalone == query.question:
            return query.standalone
        return self._pipeline.rewriter.rewrite(query, self._view()).searched

    def document(self, path: str, *, owner: Owner = SHARED) -> Document:
        """
        Return a document of the corpus, a named collection or an owner's files, with the text that offsets refer to.

        Raises
        ------
        CorpusError
            There is no document with this path.

        """
        return named(path, self._beside(path, owner).documents)

    def doubles(self, path: str, *, owner: Owner = SHARED) -> tuple[str, ...]:
        """Return the paths of other documents with the same text as this one; an answer cites only one of them."""
        return doubles_of(self.document(path, owner=owner), self._beside(path, owner))

    def _beside(self, path: str, owner: Owner) -> Index:
        found = self.named_collections.registry.find(path)
        if found is not None:
            return self.named_collections.index(found[0].name)
        own = self.owned_uploads.get(owner).index() if path.startswith(PREFIX) else None
        return own or self._index()[0]

    def mentions(self, words: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return, by document path, which of the words occur in the text of each corpus document, ignoring case."""
        return dict(self._index()[0].mentions([word.casefold() for word in words]))

    def documents(self) -> Sequence[Document]:
        """
        Return all documents of the corpus, by path, each read on access; for the user's own files see `uploads`.

        If paths and metadata are enough, use `listed`, which reads no text.
        """
        return Listed(self._index()[0].documents)

    def over(self, corpus: Path, index: Path) -> RAG:
        """Return a `RAG` over other documents that shares this one's models and settings."""
        return self._beside_it(corpus=corpus, index=index)

    def of_collection(self, name: str) -> RAG:
        """
        Return a `RAG` over a named collection alone that shares this one's models and settings.

        Raises
        ------
        CorpusError
            There is no collection of this name.

        """
        of = settings_of(self.settings, name)
        return self._beside_it(corpus=of.corpus, index=of.index)

    def remove_collection(self, name: str) -> None:
        """See `Syncing.remove_collection`; what `rag calibrate` has kept for it is removed too."""
        calibration = place_of(settings_of(self.settings, name))
        super().remove_collection(name)
        forget(calibration)

    def at(self, strictness: float) -> RAG:
        """Return a `RAG` over the same articles with another strictness that shares this one's models and settings."""
        return self._beside_it(strictness=strictness)

    def _beside_it(self, **changed: Any) -> RAG:
        made = RAG(self.settings.model_copy(update=changed), **self._stages)
        made._models = self._models
        made._pipeline = self._pipeline
        return made

    def through(
        self,
        engine: Callable[[Callable[[], Engine]], Engine],
        gate: Callable[[Gate], Gate],
        reader: Callable[[Reader], Reader],
        second_reader: Callable[[SecondReader], SecondReader],
    ) -> RAG:
        """Return a `RAG` over the same articles whose models and gate are wrapped, so that calls can be observed."""
        asked = engine(self._the_engine)
        own: Any = {"gate": gate(self._pipeline.gate), "reader": reader(self._pipeline.reader)}
        stages = {**self._stages, **own, "second_reader": second_reader(self._pipeline.second_reader)}
        made: RAG = type(self)(self.settings, embedder=self._the_embedder(), engine=asked, **stages)
        made._opened = self._opened
        made._pipeline = replace(made._pipeline, kinds=self._pipeline.kinds)
        return made

    def warm_up(self, *, progress: Progress | None = None) -> None:
        """Load both models and the index, so that the first question is as quick as the next."""
        prepare(self._index()[0])
        with told(progress):
            self._models.warm_up_search()
            self._models.warm_up_engine()

    @property
    def fingerprints(self) -> dict[str, str]:
        """What answers depend on: models, index and settings, and the calibration if one is used."""
        return {
            **self.retrieval_fingerprints,
            "llm": self._the_engine().fingerprint,
            "prompt": prompts.fingerprint(),
            "settings": self.settings.fingerprint(),
            **self._calibrated_by(),
        }

    @property
    def retrieval_fingerprints(self) -> dict[str, str]:
        """What search results depend on: the embedding model and the index."""
        return {"embedding": self.embedding_fingerprint, "index": self._index()[0].fingerprint}

    @property
    def model_state(self) -> ModelState:
        """Whether the language model is loaded, for server monitoring; never blocks."""
        return self._models.state

    @property
    def waiting(self) -> int:
        """Number of questions waiting for the language model."""
        return self._models.queue.waiting

    @property
    def embedding_fingerprint(self) -> str:
        """Identifies the embedding model."""
        return self._the_embedder().fingerprint

    def _key(self, index: Index, asked: tuple[Hashable, ...], owner: Owner | None) -> Hashable | None:
        """Return what an answer depends on; None until the language model is known, as nothing was answered before."""
        engine = self._models.known_engine
        if engine is None:
            return None
        depends_on = index.fingerprint, index.generation, self.embedding_fingerprint, engine.fingerprint
        # Without the owner, a quick answer would reveal that another user has the same file and asked the same.
        return owner, *depends_on, prompts.fingerprint(), self.settings.fingerprint(), asked

    def _the_embedder(self) -> Embedder:
        return self._models.embedder()

    def _the_engine(self) -> Engine:
        return self._models.engine()
