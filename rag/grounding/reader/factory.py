"""The reader for an embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.grounding.reader.scoring import EvidenceReader
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import OPEN_IR_FILE, Network
from rag.inference.reading.packaged import WORDS
from rag.kinds import fits

if TYPE_CHECKING:
    from index.protocols import Embedder


def create_reader(embedder: Embedder, *, threads: int = 0) -> EvidenceReader | None:
    """
    Return the reader, not yet loaded.

    Parameters
    ----------
    embedder
        Its words and its tokenizer are the reader's too.
    threads
        Processor threads, 0 takes all cores.

    Returns
    -------
    None where the reader was made for another embedding model.

    """
    if not isinstance(embedder, OpenVinoEmbedder) or not fits(embedder.fingerprint):
        return None
    words = embedder.folder / WORDS
    if not words.is_file():
        return None
    networks = Network(words, threads=threads), Network(words, threads=threads, file=OPEN_IR_FILE)
    return EvidenceReader(Encoder(embedder.tokenize), *networks)
