"""Measure the cosine that an embedding model gives to texts which have nothing in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.storage.segments.picture import Picture

# Everyday questions on widely different subjects. Few corpora answer more than a couple of them, and the
# median ignores those.
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

_ENOUGH = 5000  # number of sentences that is enough for a median


def cosine_floor(embedder: Embedder, sentence_vectors: NDArray[np.float32]) -> float:
    """
    Return the typical cosine of a question with a passage that has nothing to do with it.

    Models differ widely here (about 0.1 for some, 0.75 for E5, which was trained at a low temperature),
    which is why bare cosines can be neither compared nor thresholded.

    Parameters
    ----------
    embedder
        The model.
    sentence_vectors
        Unit vectors of sentences of the corpus, shape ``(n, dimension)``, see `sample`.

    Returns
    -------
    The median over unrelated questions and all sentences; 0 if there are no sentences.

    """
    if not len(sentence_vectors):
        return 0.0
    probes = np.stack([embedder.embed_query(probe) for probe in _PROBES])
    return float(np.median(sentence_vectors @ probes.T))


def sample(picture: Picture) -> NDArray[np.float32]:
    """Return the sentences' vectors, shape ``(n, dimension)``; if many, some `_ENOUGH` of them at equal distances."""
    parts = list(zip(picture.segments, picture.alive, strict=True))
    lengths = [np.diff(segment.first_sentences)[slice(None) if alive is None else alive] for segment, alive in parts]
    step = max(1, sum(int(of.sum()) for of in lengths) // _ENOUGH)
    found, start = [], 0
    for (segment, alive), of in zip(parts, lengths, strict=True):
        count = int(of.sum())
        rows = np.arange(start, count, step)
        if alive is not None:
            rows = np.flatnonzero(np.repeat(alive, np.diff(segment.first_sentences)))[rows]
        found.append(segment.some_sentences(rows))
        start = (start - count) % step
    wide = [one for one in found if len(one)]
    return np.concatenate(wide) if wide else np.zeros((0, 0), np.float32)
