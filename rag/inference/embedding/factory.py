"""Create the embedder that runs an embedding model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.protocols import Embedder
    from rag.inference.weights import ResolvedModel
    from rag.settings import Settings


def create_embedder(model: ResolvedModel, settings: Settings) -> Embedder:
    """Return the embedder for a model, its weights not yet loaded; sentence-transformers runs any other folder."""
    # Each module imports a heavy runtime: only the one that is needed is imported.
    if model.engine == "openvino":
        from rag.inference.embedding.openvino import OpenVinoEmbedder  # noqa: PLC0415

        return OpenVinoEmbedder(
            Path(model.location),
            fingerprint=model.fingerprint,
            threads=settings.machine.threads,
            device=settings.machine.device,
        )
    if model.engine == "openai":
        from rag.inference.embedding.server import ServerEmbedder  # noqa: PLC0415

        return ServerEmbedder(
            model.location,
            fingerprint=model.fingerprint,
            api_key=settings.embedding.api_key,
            model=settings.embedding.api_model,
            query_prefix=settings.embedding.query_prefix,
            passage_prefix=settings.embedding.passage_prefix,
        )
    from rag.inference.embedding.sentence_transformers import SentenceTransformerEmbedder  # noqa: PLC0415

    return SentenceTransformerEmbedder(model.location, fingerprint=model.fingerprint, device=settings.machine.device)
