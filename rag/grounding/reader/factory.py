"""The reader for an embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.grounding.reader.scoring import EvidenceReader
from rag.inference.asking.factory import with_words
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import OPEN_IR_FILE, Network
from rag.inference.reading.packaged import WORDS

if TYPE_CHECKING:
    from index.protocols import Embedder


def create_reader(embedder: Embedder, *, threads: int = 0) -> EvidenceReader | None:
    """
    Return the reader, not yet loaded.

    Parameters
    ----------
    embedder
        The reader uses its word vectors and its tokenizer.
    threads
        Processor threads, 0 takes all cores.

    Returns
    -------
    The reader; None if it was made for another embedding model.

    """
    known = with_words(embedder)
    if known is None:
        return None
    words = known.folder / WORDS
    networks = Network(words, threads=threads), Network(words, threads=threads, file=OPEN_IR_FILE)
    return EvidenceReader(Encoder(known.tokenize), *networks)
