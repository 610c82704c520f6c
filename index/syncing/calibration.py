"""Measure what "nothing in common" looks like in the cosines of an embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.protocols import Embedder

# Everyday questions from far-apart corners of life. Few corpora answer more than a couple of them, and the
# median takes no notice of those.
_PROBES = (
    "Wie lange muss ein Hefeteig gehen?",
    "Welche Blumen blühen im Schatten?",
    "Wann beginnt die Schonzeit für Rehe?",
    "Wie stimmt man eine Geige?",
    "Was kostet eine Fahrkarte für die Fähre?",
    "Wer gewann das Finale im Tischtennis?",
    "Wie entfernt man Rotweinflecken?",
    "Welche Impfungen braucht ein Hund?",
    "Wie viele Saiten hat eine Harfe?",
)


def cosine_floor(embedder: Embedder, sentence_vectors: NDArray[np.float32]) -> float:
    """
    Return the cosine that a question has with a passage that has nothing to do with it.

    Models differ widely here (about 0.1 for some, 0.75 for E5, which was trained at a low temperature),
    which is why bare cosines can be neither compared nor thresholded.

    Parameters
    ----------
    embedder
        The model.
    sentence_vectors
        Unit vectors of the corpus's sentences, shape ``(n, dimension)``.

    Returns
    -------
    The median over unrelated questions and all sentences; 0 where there are no sentences.

    """
    if not len(sentence_vectors):
        return 0.0
    probes = np.stack([embedder.embed_query(probe) for probe in _PROBES])
    # A sample is enough for a median, and keeps large corpora quick.
    step = max(1, len(sentence_vectors) // 5000)
    return float(np.median(sentence_vectors[::step] @ probes.T))
