"""Rehearsal: read examples of the earlier training beside each pair, so that the reader does not forget them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.batches import losses
from training.batches import read as read_pairs
from training.facts.learning import Drawn
from training.facts.learning import draw as draw_pair
from training.facts.learning import loss as loss_of_pair

if TYPE_CHECKING:
    from random import Random

    from torch import Tensor

    from rag.inference.reading.encoding import Encoder
    from training.drawing.data import Sampler
    from training.drawing.examples import Example as Known
    from training.facts.gathering import Example
    from training.model import Reader

# Earlier examples that are read beside each pair, and the share of them that are groups of passages.
BESIDE = 3
_GROUPS = 0.1


@dataclass(frozen=True, slots=True)
class Mixed:
    """
    What is read at once.

    Parameters
    ----------
    pair
        The windows of a pair.
    known
        Questions with passages, drawn as in the earlier training.

    """

    pair: Drawn
    known: tuple[Known, ...]


def draw(example: Example, rng: Random, *, sampler: Sampler) -> Mixed:
    """
    Return a pair's windows and `BESIDE` earlier examples.

    Parameters
    ----------
    example
        The pair with its evidence.
    rng
        Makes all choices.
    sampler
        Source of the earlier examples; only questions with passages are drawn.

    """
    known: list[Known] = []
    while len(known) < BESIDE:
        found = sampler.group(rng) if rng.random() < _GROUPS else sampler.question(rng)
        if found is not None:
            known.append(found)
    return Mixed(draw_pair(example, rng), tuple(known))


def loss(reader: Reader, encoder: Encoder, mixed: Mixed, *, frozen: int) -> Tensor:
    """
    Return the pair's loss plus the mean loss of the earlier examples.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    mixed
        What is read.
    frozen
        As for `training.model.Reader.forward`.

    """
    encoded = encoder.encode([pair for one in mixed.known for pair in one.pairs])
    found = losses(mixed.known, encoded, read_pairs(reader, encoded, frozen=frozen, tokens=1024)).total
    return loss_of_pair(reader, encoder, mixed.pair, frozen=frozen) + found / max(len(mixed.known), 1)
