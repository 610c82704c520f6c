"""The windows that are read for a pair, and the loss on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from rag.grounding.reader.windows import windows
from training.batches import collate

if TYPE_CHECKING:
    from random import Random

    from torch import Tensor

    from rag.grounding.reader.windows import Window
    from rag.inference.reading.encoding import Encoded, Encoder
    from training.facts.gathering import Asked, Example
    from training.model import Reader, Seen

# Share of the other sentences that is left out each time, so that windows differ.
_LEFT_OUT = 0.35
# Share of the pairs for which the first question is also read without the sentence that answers.
_WITHOUT_ANSWER = 0.3
_RANKING_WEIGHT = 0.5
_PLACE_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Read:
    """
    A window that is read with a question.

    Parameters
    ----------
    window
        The question and some sentences.
    is_key
        For each sentence of the window, whether it answers the pair's first question.

    """

    window: Window
    is_key: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    The windows of a pair.

    Parameters
    ----------
    reads
        The window that answers first, then windows that do not.
    misled
        Index of the near miss's window that holds the sentence which answers the other question; None if there is none.

    """

    reads: tuple[Read, ...]
    misled: int | None


def split(asked: Asked, rng: Random | None = None, *, without_key: bool = False) -> list[Read]:
    """
    Return the windows of a question.

    Parameters
    ----------
    asked
        The question and its evidence.
    rng
        Leaves some of the other sentences out; None to keep all.
    without_key
        Whether the sentence that answers is left out.

    """
    kept = [
        number
        for number, is_key in enumerate(asked.is_key)
        if (not without_key if is_key else rng is None or rng.random() >= _LEFT_OUT)
    ]
    found = windows(asked.question, [asked.sentences[number] for number in kept])
    return [Read(one, tuple(asked.is_key[kept[number]] for number, _, _ in one.members)) for one in found]


def draw(example: Example, rng: Random) -> Drawn:
    """Return the window that answers, up to two others of its evidence, and two of the near miss."""
    holding, others = _parted(split(example.answered, rng), rng)
    reads = [holding[0], *others[:2]]
    if rng.random() < _WITHOUT_ANSWER:
        _, without = _parted(split(example.answered, rng, without_key=True), rng)
        reads += without[:1]
    misled = None
    if example.near_miss is not None:
        misleading, others = _parted(split(example.near_miss, rng), rng)
        misled = len(reads) if misleading else None
        reads += [*misleading[:1], *others[:1]]
    return Drawn(tuple(reads), misled)


def read(reader: Reader, encoder: Encoder, reads: tuple[Read, ...], *, frozen: int) -> tuple[list[Encoded], Seen]:
    """Return the windows as tokens, and what the reader says about them."""
    encoded = encoder.encode([one.window for one in reads])
    with torch.autocast("cpu", torch.bfloat16):
        return encoded, reader(*collate(encoded), frozen=frozen)


def loss(reader: Reader, encoder: Encoder, drawn: Drawn, *, frozen: int) -> Tensor:
    """
    Return the loss of one pair.

    It is the sum of three losses: on each window's log odds of answering; on how far the window that answers ranks
    above the one that misleads; on the share of the ends' probability that falls into the sentence that answers. The
    words that answer are not known.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    drawn
        What is read.
    frozen
        As for `training.model.Reader.forward`.

    """
    encoded, seen = read(reader, encoder, drawn.reads, frozen=frozen)
    wanted = torch.tensor([1.0] + [0.0] * (len(drawn.reads) - 1))
    result = functional.binary_cross_entropy_with_logits(seen.answers, wanted)
    if drawn.misled is not None:
        result = result + _RANKING_WEIGHT * functional.softplus(seen.answers[drawn.misled] - seen.answers[0])
    first = drawn.reads[0]
    places = [
        encoded[0].body[0] + token
        for (_, start, end), is_key in zip(first.window.members, first.is_key, strict=True)
        if is_key
        for token in encoded[0].within(start, end)
    ]
    if places:  # none if the window was cut before the sentence
        shares = functional.log_softmax(seen.ends[0], 0)[places].logsumexp(0)
        result = result - _PLACE_WEIGHT * shares.mean()
    return result


def _parted(reads: list[Read], rng: Random) -> tuple[list[Read], list[Read]]:
    """Return the windows that hold the key, and the others in random order."""
    others = [one for one in reads if not any(one.is_key)]
    rng.shuffle(others)
    return [one for one in reads if any(one.is_key)], others
