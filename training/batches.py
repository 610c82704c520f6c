"""Encoded pairs as tensors, in buckets of similar length, and the losses on what the reader says about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from rag.inference.reading.encoding import PAD
from training.model import Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from rag.inference.reading.encoding import Encoded, Encoder
    from training.drawing.examples import Example
    from training.model import Reader


@dataclass(frozen=True)
class Bucket:
    """Examples of similar length, and their pairs as tokens, in the same order."""

    examples: list[Example]
    encoded: list[Encoded]


@dataclass
class Losses:
    """The loss summed over a batch, and the values of its parts by name, for the log."""

    total: Tensor
    parts: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: Tensor | float) -> None:
        """Keep a figure for the log."""
        self.parts.setdefault(name, []).append(float(value))


def collate(encoded: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """
    Pad pairs to one length.

    Parameters
    ----------
    encoded
        At least one.

    Returns
    -------
    tuple[Tensor, Tensor, Tensor, Tensor]
        Token numbers; which text each token is from; how far it is shared; where an answer may stand.

    """
    length = max(len(one.ids) for one in encoded)
    ids = np.full((len(encoded), length), PAD, dtype=np.int64)
    second, shared = np.zeros_like(ids), np.zeros_like(ids)
    body = np.zeros(ids.shape, dtype=bool)
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = one.ids
        second[row, : len(one.ids)] = one.second
        shared[row, : len(one.ids)] = one.shared
        body[row, one.body[0] : one.body[1]] = True
    return torch.from_numpy(ids), torch.from_numpy(second), torch.from_numpy(shared), torch.from_numpy(body)


def read(reader: Reader, encoded: Sequence[Encoded], *, frozen: int = 0, tokens: int = 2048) -> list[Seen]:
    """
    Read pairs in buckets of similar length.

    Parameters
    ----------
    reader
        The network; the caller decides whether gradients are computed.
    encoded
        Any number.
    frozen
        As for `Reader.forward`.
    tokens
        Most tokens of a bucket, padding included.

    Returns
    -------
    list[Seen]
        One per pair, in their order; token scores are as long as the bucket's longest pair.

    """
    found: list[Seen | None] = [None] * len(encoded)
    order = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
    while order:
        longest = len(encoded[order[0]].ids)
        count = max(1, tokens // longest)
        bucket, order = order[:count], order[count:]
        with torch.autocast("cpu", torch.bfloat16):
            seen = reader(*collate([encoded[i] for i in bucket]), frozen=frozen)
        for row, i in enumerate(bucket):
            found[i] = Seen(*(part[row] for part in seen))
    return [one for one in found if one is not None]


def losses(examples: Sequence[Example], encoded: Sequence[Encoded], seen: Sequence[Seen]) -> Losses:
    """
    Compute the losses of what was read against the labels.

    Parameters
    ----------
    examples
        In the order in which their pairs were encoded.
    encoded, seen
        One for each pair.

    Returns
    -------
    Losses
        The sum over the examples.

    """
    result = Losses(torch.zeros(()))
    place = 0
    for example in examples:
        count = len(example.pairs)
        own, ours = seen[place : place + count], encoded[place : place + count]
        place += count
        part = {"question": _question, "group": _group, "carry": _carry}[example.kind](example, ours, own, result)
        result.total = result.total + part
    return result


def buckets(examples: Sequence[Example], encoder: Encoder, *, tokens: int = 1024) -> list[Bucket]:
    """
    Group examples of similar length; the pairs of an example stay together.

    Parameters
    ----------
    examples
        The examples of a step.
    encoder
        The tokenizer.
    tokens
        Most tokens of a bucket, padding included; a longer example has a bucket of its own.

    Returns
    -------
    list[Bucket]
        The longest first.

    """
    encoded = encoder.encode([pair for example in examples for pair in example.pairs])
    place, own = 0, []
    for example in examples:
        own.append((example, encoded[place : place + len(example.pairs)]))
        place += len(example.pairs)
    own.sort(key=lambda item: -max(len(one.ids) for one in item[1]))
    found: list[Bucket] = []
    longest = 0
    for example, pairs in own:
        if not found or (len(found[-1].encoded) + len(pairs)) * longest > tokens:
            found.append(Bucket([], []))
            longest = max(len(one.ids) for one in pairs)
        found[-1].examples.append(example)
        found[-1].encoded.extend(pairs)
    return found


def _question(example: Example, encoded: Sequence[Encoded], seen: Sequence[Seen], noted: Losses) -> Tensor:
    odds = torch.stack([one.answers for one in seen])
    wanted = torch.tensor([float(pair.label) for pair in example.pairs])
    answers = functional.binary_cross_entropy_with_logits(odds, wanted)
    ranked = functional.softplus(odds[1] - odds[0])
    noted.note("answers", answers.detach())
    noted.note("order", float(odds[0] > odds[1]))
    total = answers + 0.25 * ranked
    spans = [encoded[0].place(*span) for span in example.pairs[0].spans]
    if spans and spans[0] is not None:
        start, end = spans[0]
        ends = seen[0].ends
        pointing = functional.cross_entropy(ends.T, torch.tensor([start, end]))
        noted.note("span", pointing.detach())
        target = torch.zeros(len(seen[0].inside))
        for item in spans[1:]:
            if item is not None:
                target[item[0] : item[1] + 1] = 1.0
        total = total + 0.4 * pointing + 0.3 * _tagged(seen[0].inside, target, encoded[0])
    empty = torch.zeros(len(seen[1].inside))
    return total + 0.1 * _tagged(seen[1].inside, empty, encoded[1])


def _tagged(inside: Tensor, target: Tensor, one: Encoded) -> Tensor:
    left, right = one.body
    losses_ = functional.binary_cross_entropy_with_logits(inside[left:right], target[left:right], reduction="none")
    # An answer has few tokens, so they count as much together as all others.
    own = target[left:right] > 0
    rest = losses_[~own].mean() if bool((~own).any()) else losses_.new_zeros(())
    return (losses_[own].mean() + rest) / 2 if bool(own.any()) else rest


def _group(example: Example, _: Sequence[Encoded], seen: Sequence[Seen], noted: Losses) -> Tensor:
    odds = torch.stack([one.answers for one in seen])
    none = functional.logsigmoid(-odds).sum()
    if example.pairs[0].label:
        # At least one answers: one minus the probability that none does.
        loss = -torch.log(-torch.expm1(none.clamp(max=-1e-4)))
        noted.note("group_yes", odds.max().detach())
    else:
        loss = -none / len(odds)
        noted.note("group_no", odds.max().detach())
    return loss


def _carry(example: Example, _: Sequence[Encoded], seen: Sequence[Seen], noted: Losses) -> Tensor:
    odds = torch.stack([one.carries for one in seen])
    wanted = torch.tensor([float(pair.label) for pair in example.pairs])
    loss = functional.binary_cross_entropy_with_logits(odds, wanted)
    noted.note("carries", loss.detach())
    noted.note("carries_order", float(odds[0] > odds[1]))
    return loss + 0.25 * functional.softplus(odds[1] - odds[0])
