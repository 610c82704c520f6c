"""
Make the vectors of the sentences by which talk (greetings, thanks) is recognised: ``python -m training.talk``.

Needs the embedding model. Run it after a sentence in ``talk.toml`` was changed; the same sentences and the same model
give the same file.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from rag.inference.embedding.factory import create_embedder
from rag.inference.weights.resolve import resolve_embedding
from rag.settings import load_settings
from rag.talk.occasions import VECTORS, save, sentences


def main() -> None:
    """Write the vectors."""
    settings = load_settings()
    embedder = create_embedder(resolve_embedding(settings.embedding.model), settings)
    file = Path(str(resources.files("rag.talk").joinpath(VECTORS)))
    save({line: embedder.embed_query(line) for line in sentences()}, embedder.fingerprint.partition("@")[0], file)
    print(f"{file.name}: {len(sentences())} sentences, {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
