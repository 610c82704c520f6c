"""Measure a reader: where it points, and how well its odds separate yes from no."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import torch

from index.text.sentences import split
from rag.evaluation.measuring.metrics import f1
from rag.inference.reading.encoding import MAX_TOKENS
from training.batches import read
from training.drawing.carried import carried_and_not
from training.drawing.examples import Pair
from training.texts.neighbours import Neighbours
from training.texts.passages import Window, part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from rag.inference.reading.encoding import Encoded, Encoder
    from training.model import Reader, Seen
    from training.texts.sources import Question

_LONGEST = 40  # tokens of an answer


@dataclass(frozen=True)
class Read:
    """What a reader says about a pair: the answer's words, and the log odds of both questions."""

    answer: str
    answers: float
    carries: float


def read_pairs(reader: Reader, encoder: Encoder, pairs: Sequence[Pair]) -> list[Read]:
    """
    Let a reader read pairs, without gradients.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    pairs
        Any number.

    Returns
    -------
    list[Read]
        In the order of the pairs. A passage too long for one pass is read in pieces: the answer is that of the piece
        with the highest odds.

    """
    pieces = [(number, piece) for number, pair in enumerate(pairs) for piece in _pieces(encoder, pair)]
    found: list[Read | None] = [None] * len(pairs)
    for place in range(0, len(pieces), 128):
        some = pieces[place : place + 128]
        encoded = encoder.encode([pair for _, pair in some])
        with torch.no_grad():
            seen = read(reader, encoded)
        for (number, pair), one, said in zip(some, encoded, seen, strict=True):
            start, end = best_span(one, said)
            here = Read(pair.second[start:end].strip(), float(said.answers), float(said.carries))
            before = found[number]
            if before is None:
                found[number] = here
            else:
                answer = before.answer if before.answers >= here.answers else here.answer
                found[number] = Read(answer, max(before.answers, here.answers), max(before.carries, here.carries))
    return [one for one in found if one is not None]


def _pieces(encoder: Encoder, pair: Pair) -> list[Pair]:
    """Halve a passage at a sentence until each piece fits one pass; the halves share the middle sentence."""
    spans = split(pair.second)
    if len(spans) < 3 or len(encoder.encode([pair])[0].ids) < MAX_TOKENS:
        return [pair]
    middle = next(i for i, span in enumerate(spans) if span.end * 2 >= len(pair.second))
    middle = min(max(middle, 1), len(spans) - 2)
    halves = (pair.second[: spans[middle].end], pair.second[spans[middle].start :])
    return [piece for half in halves for piece in _pieces(encoder, replace(pair, second=half, spans=()))]


def best_span(encoded: Encoded, seen: Seen) -> tuple[int, int]:
    """
    Find the most likely answer.

    Parameters
    ----------
    encoded, seen
        A pair and what the heads say about it.

    Returns
    -------
    tuple[int, int]
        Start and end in the passage, in characters; (0, 0) if it has no token.

    """
    left, right = encoded.body
    if left >= right:
        return 0, 0
    ends = seen.ends[left:right].float().numpy()
    total = ends[:, None, 0] + ends[None, :, 1]
    size = len(ends)
    total = np.where(np.triu(np.tri(size, size, _LONGEST, dtype=bool)), total, -np.inf)
    first, last = divmod(int(total.argmax()), size)
    return encoded.offsets[first][0], encoded.offsets[last][1]


def area(positive: ArrayLike, negative: ArrayLike) -> float:
    """
    Return the area under the ROC curve.

    Parameters
    ----------
    positive, negative
        Scores of positive and of negative examples.

    Returns
    -------
    float
        How often a positive score is above a negative one; a tie counts half.

    """
    above, below = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    if not above.size or not below.size:
        return float("nan")
    difference = above[:, None] - below[None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def development(
    reader: Reader, encoder: Encoder, questions: Sequence[Question], *, count: int = 60
) -> dict[str, float]:
    """
    Measure on passages used neither for training nor for the evaluation of the product.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    questions
        German questions with their answers.
    count
        How many of them.

    Returns
    -------
    dict[str, float]
        ``f1``: words pointed at in the whole passage. ``removed``: area under the curve of passages against copies
        without the answering sentence. ``pairs``: how often the right one of the two copies has the higher odds.
        ``near``: area under the curve against the nearest other passage. ``carries`` and ``carries_area``: balanced
        accuracy at even odds, and the area under the curve, on sentences made from the passages.

    """
    rng = Random(7)
    asked = rng.sample(list(questions), min(count, len(questions)))
    nearby = Neighbours(sorted({q.passage for q in questions}))
    whole = read_pairs(reader, encoder, [_pair(q.text, q.passage) for q in asked])
    golds = [q.passage[slice(*q.answer)] if q.answer else "" for q in asked]
    near = []
    for question, gold in zip(asked, golds, strict=True):
        texts = [t for t in nearby.nearest(question.text, 5) if gold.casefold() not in t.casefold()]
        near += [_pair(question.text, t) for t in texts[:1]]
    copies = [(q, parts) for q in asked if (parts := part(Window(q.passage, q.answer), rng))]
    kept = read_pairs(reader, encoder, [_pair(q.text, parts[0].text) for q, parts in copies])
    gone = read_pairs(reader, encoder, [_pair(q.text, parts[1].text) for q, parts in copies])
    made = [example for q in asked for _ in range(2) if (example := carried_and_not(q.passage, rng))]
    sentences = read_pairs(reader, encoder, [pair for example in made for pair in example.pairs])
    right, wrong = [s.carries for s in sentences[::2]], [s.carries for s in sentences[1::2]]
    return {
        "f1": float(np.mean([f1(one.answer, gold) for one, gold in zip(whole, golds, strict=True)])),
        "removed": area([one.answers for one in kept], [one.answers for one in gone]),
        "pairs": float(np.mean([a.answers > b.answers for a, b in zip(kept, gone, strict=True)])),
        "near": area([one.answers for one in whole], [one.answers for one in read_pairs(reader, encoder, near)]),
        "carries": float((np.mean(np.array(right) > 0) + np.mean(np.array(wrong) <= 0)) / 2),
        "carries_area": area(right, wrong),
    }


def _pair(first: str, second: str) -> Pair:
    return Pair(first, "", second, label=True)
