"""
Let the reader say about an English question what it said about the German one before.

The reader as it was is the teacher: what it says of the German question and a window is what the learning reader should
say of the English one and the same window, as in Reimers and Gurevych, "Making Monolingual Sentence Embeddings
Multilingual using Knowledge Distillation" (arXiv:2004.09813). Beside that it should say about German questions, and
about examples of the earlier training, what it said before. No labels are used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from training.batches import read
from training.facts.learning import split

if TYPE_CHECKING:
    from random import Random

    from torch import Tensor

    from rag.inference.reading.encoding import Encoded, Encoder, TwoTexts
    from training.drawing.data import Sampler
    from training.english.questions import Example
    from training.model import Reader, Seen

# Windows that are read in English, and those of them that are read in German as well.
_WINDOWS, _GERMAN = 2, 1
_TOKENS = 1024  # of a bucket
_ENDS_WEIGHT, _INSIDE_WEIGHT, _LEVEL_WEIGHT = 1.0, 0.5, 0.3
# Log odds and scores beyond this say nothing more.
_MOST = 8.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    What is read at once.

    Parameters
    ----------
    taught
        What the teacher reads.
    learnt
        What the learning reader reads in its place; the passage is the same.

    """

    taught: tuple[TwoTexts, ...]
    learnt: tuple[TwoTexts, ...]


def draw(example: Example, rng: Random, *, sampler: Sampler) -> Drawn:
    """
    Return two windows in both languages, one of them in German for both readers, and an earlier example.

    Parameters
    ----------
    example
        The question in both languages with its evidence.
    rng
        Makes all choices.
    sampler
        Source of the earlier examples.

    """
    reads = split(example.english, rng)
    # The window that holds the answer first: it has the most to teach.
    order = sorted(range(len(reads)), key=lambda number: (not any(reads[number].is_key), rng.random()))
    english = [reads[number].window for number in order[:_WINDOWS]]
    german = [replace(one, first=example.german) for one in english]
    known = None
    while known is None:
        known = sampler.question(rng)
    same: list[TwoTexts] = [*german[:_GERMAN], *known.pairs]
    return Drawn((*german, *same), (*english, *same))


def loss(reader: Reader, teacher: Reader, encoder: Encoder, drawn: Drawn, *, frozen: int) -> Tensor:
    """
    Return how much the learning reader differs from its teacher.

    For each window it is the sum of the distances of the log odds that it answers, of the distribution of the answer's
    ends, of how high these are at all, and of the tokens that belong to the answer.

    Parameters
    ----------
    reader, teacher
        The network that learns, and the one that is copied.
    encoder
        Their tokenizer.
    drawn
        What is read.
    frozen
        As for `training.model.Reader.forward`.

    """
    taught, learnt = encoder.encode(drawn.taught), encoder.encode(drawn.learnt)
    with torch.no_grad():
        wanted = read(teacher, taught, frozen=frozen, tokens=_TOKENS)
    found = read(reader, learnt, frozen=frozen, tokens=_TOKENS)
    return torch.stack(
        [
            _distance(_of_body(*one), _of_body(*other))
            for one, other in zip(zip(found, learnt, strict=True), zip(wanted, taught, strict=True), strict=True)
        ]
    ).mean()


@dataclass(frozen=True, slots=True)
class _Said:
    """Log odds of a window, and the scores of its tokens: as ends, shape (tokens, 2), and as part of the answer."""

    answers: Tensor
    ends: Tensor
    inside: Tensor


def _of_body(seen: Seen, encoded: Encoded) -> _Said:
    body = slice(*encoded.body)
    return _Said(seen.answers.clamp(-_MOST, _MOST), seen.ends[body], seen.inside[body].clamp(-_MOST, _MOST))


def _distance(one: _Said, other: _Said) -> Tensor:
    # A longer question leaves less room for the passage.
    tokens = min(len(one.ends), len(other.ends))
    ends, wanted = one.ends[:tokens], other.ends[:tokens]
    places = functional.kl_div(
        functional.log_softmax(ends, 0), functional.log_softmax(wanted, 0), reduction="sum", log_target=True
    )
    level = functional.smooth_l1_loss(ends.logsumexp(0), wanted.logsumexp(0))
    inside = functional.binary_cross_entropy_with_logits(one.inside[:tokens], other.inside[:tokens].sigmoid())
    answers = functional.smooth_l1_loss(one.answers, other.answers)
    # Where nothing answers, it does not matter where the answer would be.
    share = torch.sigmoid(other.answers)
    return answers + share * (_ENDS_WEIGHT * places / 2 + _INSIDE_WEIGHT * inside) + _LEVEL_WEIGHT * level
