"""
Guess what a question asks for, from its vector and its form.

Multinomial logistic regression over two groups of inputs: the vector that the search makes of the question anyway, and
hashed words, endings and word order. Both are learnt from the same questions, see `training.kinds`; there are no
patterns written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from rag.kinds.features import columns
from rag.kinds.types import KINDS, KindGuess

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

WEIGHTS = "weights.npz"


@dataclass(frozen=True, slots=True)
class Weights:
    """
    The weights of the regression; rows are kinds, in the order of `KINDS`.

    Parameters
    ----------
    model
        Name of the embedding model whose vectors they were trained on.
    frequent
        Casefolded words that count as themselves.
    mean
        Mean of the vectors, shape ``(dimension,)``.
    vector, form, bias
        Weights of the vector and of the form, and the bias. Shapes ``(kinds, dimension)``, ``(kinds, columns)`` and
        ``(kinds,)``.
    form_alone, bias_alone
        The same if there is no vector of that model.
    sharpness, sharpness_alone
        Factors of the scores that calibrate the probabilities on questions that were left out of the training.

    """

    model: str
    frequent: frozenset[str]
    mean: Array
    vector: Array
    form: Array
    bias: Array
    form_alone: Array
    bias_alone: Array
    sharpness: float
    sharpness_alone: float

    def save(self, file: Path) -> None:
        """Write the weights; half precision changes no guess that is not a toss-up."""
        np.savez_compressed(
            file,
            model=np.array(self.model),
            frequent=np.array(sorted(self.frequent)),
            mean=self.mean.astype(np.float32),
            vector=self.vector.astype(np.float16),
            form=self.form.astype(np.float16),
            bias=self.bias.astype(np.float32),
            form_alone=self.form_alone.astype(np.float16),
            bias_alone=self.bias_alone.astype(np.float32),
            sharpness=np.array([self.sharpness, self.sharpness_alone]),
        )


def classify(question: str, embedding: Array | None = None, *, weights: Weights | None = None) -> KindGuess:
    """
    Guess what a question asks for.

    Parameters
    ----------
    question
        The question as it was typed, or made understandable without the conversation.
    embedding
        Its query vector, as `rag.inference.embedding.sentence_transformers.Embedder.embed_query` gives it, of a model
        that `fits`. If it is None or of another dimension, the form alone decides, which is right less often.
    weights
        By default those that come with the package.

    Returns
    -------
    KindGuess
        The likeliest kind, its probability, and the next likeliest.

    Examples
    --------
    >>> classify("Vergleiche die beiden Verträge.").kind
    'comparison'

    """
    return likeliest(chances(question, embedding, weights=weights))


def chances(question: str, embedding: Array | None = None, *, weights: Weights | None = None) -> Array:
    """Return the probability of each kind, shape ``(kinds,)``, in the order of `KINDS`; as for `classify`."""
    known = weights or installed()
    place = columns(question, known.frequent)
    value = np.float32(1 / np.sqrt(max(1, len(place))))
    if embedding is None or embedding.shape != known.mean.shape:
        scores = (known.form_alone[:, place].sum(axis=1) * value + known.bias_alone) * known.sharpness_alone
    else:
        vector = centred(embedding[None], known.mean)[0]
        scores = (known.vector @ vector + known.form[:, place].sum(axis=1) * value + known.bias) * known.sharpness
    shares = np.exp(scores - scores.max())
    result: Array = shares / shares.sum()
    return result


def likeliest(shares: Array) -> KindGuess:
    """Return the guess that follows from the probabilities of the kinds, in the order of `KINDS`."""
    best, second = np.argsort(-shares, kind="stable")[:2]
    return KindGuess(KINDS[best], float(shares[best]), KINDS[second])


def fits(fingerprint: str) -> bool:
    """Tell whether the weights were trained on vectors of the embedding model with this fingerprint."""
    return fingerprint.partition("@")[0] == installed().model


def centred(vectors: Array, mean: Array) -> Array:
    """Return vectors minus their mean, scaled to length 1: what all questions share says nothing."""
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    result: Array = (moved / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return result


@cache
def installed() -> Weights:
    """Return the weights that come with the package."""
    with resources.files("rag.kinds").joinpath(WEIGHTS).open("rb") as stream, np.load(stream) as stored:
        arrays = {
            name: stored[name].astype(np.float32)
            for name in ("mean", "vector", "form", "bias", "form_alone", "bias_alone")
        }
        with_vector, alone = (float(value) for value in stored["sharpness"])
        return Weights(
            model=str(stored["model"]),
            frequent=frozenset(str(word) for word in stored["frequent"]),
            **arrays,
            sharpness=with_vector,
            sharpness_alone=alone,
        )
