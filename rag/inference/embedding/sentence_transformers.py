"""Turn texts into unit vectors with a sentence-transformers model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.extras import require
from index.progress import EMBEDDING, tell
from rag.inference.devices import torch_device
from rag.inference.yielding_lock import YieldingLock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rag.inference.devices import Device

    Vectors = NDArray[np.float32]

BATCH_SIZE = 16  # on the processor; too few to keep a graphics card busy
BATCH_SIZE_OF_A_CARD = 128


class SentenceTransformerEmbedder:
    """
    A sentence-transformers model, loaded at first use.

    Fast tokenizers keep truncation state and fail when two threads share one, so a lock makes this
    the single embedding worker of the process.

    Parameters
    ----------
    location
        A folder with the model, or a hub id that is in the local cache.
    fingerprint
        Identifies the weights.
    device
        See `rag.inference.devices`.

    """

    def __init__(self, location: str, *, fingerprint: str, device: Device = "auto") -> None:
        self._location = location
        self._fingerprint = fingerprint
        self._device = device
        self._lock = YieldingLock()
        self._model: Any = None

    @property
    def fingerprint(self) -> str:
        """Identifies the weights."""
        return self._fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """
        Embed texts as passages.

        Parameters
        ----------
        texts
            Passages; what exceeds the model's token limit is cut off.

        Returns
        -------
        Unit vectors, shape ``(len(texts), dimension)``, float32.

        """
        with self._lock:
            model = self._loaded()
        # Batches of similar length waste little on padding; the order is restored below.
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        vectors = np.empty((len(texts), model.get_embedding_dimension()), dtype=np.float32)
        size = BATCH_SIZE if model.device.type == "cpu" else BATCH_SIZE_OF_A_CARD
        for begin in range(0, len(order), size):
            rows = order[begin : begin + size]
            # The lock is held for one batch only, so that a question does not wait until a whole corpus is embedded.
            with self._lock:
                vectors[rows] = model.encode_document(
                    [texts[i] for i in rows], batch_size=size, normalize_embeddings=True, show_progress_bar=False
                )
            tell(EMBEDDING, begin + len(rows), len(texts))
            self._lock.give_way()
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Return the unit vector of a question, shape ``(dimension,)``, float32."""
        with self._lock:
            vector = self._loaded().encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, dtype=np.float32)

    def _loaded(self) -> Any:
        if self._model is None:
            require("sentence_transformers", extra="torch", purpose="An embedding model that OpenVINO cannot run")
            os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            import torch  # noqa: PLC0415
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to import
            from transformers.utils import logging  # noqa: PLC0415

            # The report on unused pooler weights and the progress bars would only distract the user.
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            try:
                self._model = SentenceTransformer(
                    self._location, device=torch_device(torch, self._device), local_files_only=True
                )
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                reason = str(error).strip().split("\n", maxsplit=1)[0]
                raise ModelError(
                    f"The embedding model at {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`, or name another in RAG_EMBEDDING_MODEL.",
                ) from error
        return self._model
