"""Create the network that tells kinds of questions, for an embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.inference.asking.kinds import KindNetwork
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.reading.packaged import WORDS
from rag.kinds import fits

if TYPE_CHECKING:
    from index.protocols import Embedder


def create_kind_network(embedder: Embedder, *, threads: int = 0) -> KindNetwork | None:
    """
    Return the network, not yet loaded.

    Parameters
    ----------
    embedder
        The network uses its word vectors and its tokenizer.
    threads
        Processor threads, 0 takes all cores.

    Returns
    -------
    The network; None if it was made for another embedding model.

    """
    known = with_words(embedder)
    return None if known is None else KindNetwork(known.folder / WORDS, known.tokenize, threads=threads)


def with_words(embedder: Embedder) -> OpenVinoEmbedder | None:
    """Return the embedder if it is the one whose word vectors the package's networks share, and their file is there."""
    if not isinstance(embedder, OpenVinoEmbedder) or not fits(embedder.fingerprint):
        return None
    return embedder if (embedder.folder / WORDS).is_file() else None
