"""The models of a `RAG`, shared by all clients: loaded when needed; clients take turns with the language model."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from index.errors import RagError
from rag import prompts
from rag.grounding.reader.factory import create_reader
from rag.inference import create_engine
from rag.inference.asking.factory import create_kind_network
from rag.inference.choosing.runtimes import language_model
from rag.inference.embedding.factory import create_embedder
from rag.inference.queued import QueuedEngine
from rag.inference.run import Run
from rag.inference.turns import FairQueue
from rag.inference.weights import resolve_embedding
from rag.types import Query

if TYPE_CHECKING:
    from index.protocols import Embedder
    from rag.grounding.reader import EvidenceReader
    from rag.inference import Engine
    from rag.inference.asking.kinds import KindNetwork
    from rag.settings import Settings

# A model server handles several requests at a time; a model in this process uses all cores for one.
SERVER_SLOTS = 8
ModelState = Literal["cold", "loading", "ready", "failed"]
"""State of the language model: not requested yet, being loaded, loaded, or impossible to load."""


class Models:
    """
    Finds or fetches each model at first use, and loads none before that.

    Each model has its own lock: while one is fetched or loaded, the others can be used.

    Parameters
    ----------
    settings
        Name the models.
    embedder, engine
        If given, used instead of the models that the settings name.

    """

    def __init__(self, settings: Settings, *, embedder: Embedder | None = None, engine: Engine | None = None) -> None:
        self._settings = settings
        self._embedder = embedder
        self._engine = engine
        self._embedder_lock = threading.Lock()
        self._engine_lock = threading.Lock()
        # The reader was made for one embedding model; an embedder that is passed in may be any model.
        self._may_read = embedder is None and settings.answering.reader != "off"
        self._reader: EvidenceReader | None = None
        self._kind_network: KindNetwork | None = None
        self._reader_lock = threading.Lock()
        self._loading: threading.Thread | None = None
        self._loading_lock = threading.Lock()
        self._warm = False
        self._state: ModelState = "cold"
        self._served = settings.generation.is_served
        self.queue = FairQueue(slots=SERVER_SLOTS if self._served else 1, bound=settings.serving.max_waiting)

    def embedder(self) -> Embedder:
        """Return the embedding model."""
        with self._embedder_lock:
            if self._embedder is None:
                model = resolve_embedding(self._settings.embedding.model)
                self._embedder = create_embedder(model, self._settings)
            return self._embedder

    def reader(self) -> EvidenceReader | None:
        """Return the small reader; None if it is switched off or was made for another embedding model."""
        with self._reader_lock:
            if self._may_read and self._reader is None:
                self._reader = create_reader(self.embedder(), threads=self._settings.machine.threads)
                self._may_read = self._reader is not None
            return self._reader

    def kind_network(self) -> KindNetwork | None:
        """Return the network that tells what a question asks for; None if there is no reader."""
        if self.reader() is None:
            return None
        with self._reader_lock:
            if self._kind_network is None:
                self._kind_network = create_kind_network(self.embedder(), threads=self._settings.machine.threads)
            return self._kind_network

    def engine(self) -> Engine:
        """Return the language model."""
        with self._engine_lock:
            if self._engine is None:
                model = language_model(self._settings.generation.model, self._settings.machine)
                self._engine = create_engine(model, self._settings)
            return self._engine

    @property
    def known_engine(self) -> Engine | None:
        """The language model if it has been found already; never waits."""
        return self._engine

    @property
    def state(self) -> ModelState:
        """Whether the language model is loaded; never waits."""
        return self._state

    @property
    def shared_engine(self) -> Engine:
        """The language model for runs that take turns with it; not looked up before it is needed."""
        return QueuedEngine(self.engine, self.queue)

    def warm_up_engine(self) -> None:
        """Load the language model and let it read a few words, if that has not been done."""
        self.engine().load()
        if self._warm:
            return
        # The first use allocates memory and compiles kernels.
        query = Query("Warm?", "Warm?", "de")
        with Run("warm-up").current(), self.shared_engine.read(prompts.prefix(query, ())) as reading:
            reading.preferences(prompts.confirm(query), prompts.YES_OR_NO["de"])
        self._warm = True
        self._state = "ready"

    def warm_up_search(self) -> None:
        """Load the models that find evidence and that read it first."""
        self.embedder().embed_query("Warm?")
        self._load_reading()

    def _load_reading(self) -> bool:
        """Load the kind network and the reader, in the order of their use; tell whether there is a reader."""
        reader, kinds = self.reader(), self.kind_network()
        if kinds is not None:
            kinds.load()
        if reader is not None:
            reader.load()
        return reader is not None

    def load_in_background(self, *, warm_up: bool = False) -> None:
        """
        Start loading what reads first, the small reader or else the language model, while evidence is being found.

        Parameters
        ----------
        warm_up
            Load all models, and let them read a few words.

        """
        with self._loading_lock:
            if self._loading is None:
                # A process that exits while native code reads weights would crash, so it waits for this thread; but
                # not if a server runs the model.
                self._loading = threading.Thread(
                    target=self._load, args=(warm_up,), name="load-models", daemon=self._served
                )
                self._loading.start()

    def _load(self, warm_up: bool) -> None:  # noqa: FBT001 - a thread's target
        try:
            if not warm_up and self._load_reading():
                return  # the language model is loaded by the first question that needs it
            if self._state != "ready":
                self._state = "loading"
            if warm_up:
                self.warm_up_engine()
                self.warm_up_search()
            else:
                self.engine().load()
            self._state = "ready"
        except RagError:
            self._state = "failed"
            return  # whoever needs the model gets the error then
        except BaseException:
            self._state = "failed"
            raise
