"""
Encode pairs as token numbers: a question or sentence, then a passage, with marks on the tokens that both share.

Training and use encode in the same way, because both call this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MAX_TOKENS = 256  # of both texts together, special tokens included
MAX_FIRST = 96
START, PAD, END = 0, 1, 2  # <s>, <pad>, </s> of the tokenizer's vocabulary


class TwoTexts(Protocol):
    """Two texts that are read together: a question or sentence, and a passage with its title, which may be empty."""

    @property
    def first(self) -> str:
        """The question, or the sentence."""

    @property
    def title(self) -> str:
        """The passage's title."""

    @property
    def second(self) -> str:
        """The passage."""


@dataclass(frozen=True)
class Encoded:
    """
    One encoded pair.

    Attributes
    ----------
    ids
        Token numbers.
    second
        1 if a token belongs to the passage, else 0; the title belongs to the passage.
    shared
        Whether a token also occurs in the other text: 0 no, 1 by itself, 2 together with its neighbour.
    body
        The first token of the passage's text and the last plus one: the range in which an answer may stand.
    offsets
        For each token of `body`, its start and end in the passage, in characters.

    """

    ids: NDArray[np.int64]
    second: NDArray[np.int64]
    shared: NDArray[np.int64]
    body: tuple[int, int]
    offsets: tuple[tuple[int, int], ...]

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """
        Find the tokens of a range of characters.

        Parameters
        ----------
        start, end
            Range of characters in the passage.

        Returns
        -------
        tuple[int, int] | None
            First and last token; None if the range lies beyond what was read.

        """
        inside = [i for i, (left, right) in enumerate(self.offsets) if left < end and start < right]
        if not inside or self.offsets[inside[-1]][1] < end:
            return None
        return self.body[0] + inside[0], self.body[0] + inside[-1]

    def within(self, start: int, end: int) -> range:
        """Return the tokens of `body`, counted from its first, that overlap this range of the passage's characters."""
        found = [place for place, (left, right) in enumerate(self.offsets) if left < end and start < right]
        return range(found[0], found[-1] + 1) if found else range(0)


class Tokens(NamedTuple):
    """A text as token numbers, each with its offsets in the text; special tokens at both ends have empty offsets."""

    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]


class Encoder:
    """
    Encodes pairs as token numbers.

    Parameters
    ----------
    tokenize
        The embedding model's tokenizer; it must not cut texts before 256 tokens.

    """

    def __init__(self, tokenize: Callable[[Sequence[str]], Sequence[Tokens]]) -> None:
        self._tokenize = tokenize

    @classmethod
    def of(cls, file: Path) -> Encoder:
        """Return an encoder with its own tokenizer, from ``tokenizer.json`` of the embedding model."""
        from tokenizers import Tokenizer  # noqa: PLC0415 - a heavy library

        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(lambda texts: [Tokens(one.ids, one.offsets) for one in tokenizer.encode_batch(list(texts))])

    def encode(self, pairs: Sequence[TwoTexts]) -> list[Encoded]:
        """
        Encode pairs.

        Parameters
        ----------
        pairs
            Any number of pairs.

        Returns
        -------
        list[Encoded]
            The encoded pairs in the same order, each of at most 256 tokens; longer ones are cut at the end.

        """
        firsts = self._tokenize([f"query: {pair.first}" for pair in pairs])
        leads = [f"passage: {pair.title}. " if pair.title else "passage: " for pair in pairs]
        seconds = self._tokenize([lead + pair.second for lead, pair in zip(leads, pairs, strict=True)])
        return [
            _joined(list(first.ids), list(second.ids), list(second.offsets), len(lead))
            for first, second, lead in zip(firsts, seconds, leads, strict=True)
        ]


def _joined(first: list[int], second: list[int], offsets: list[tuple[int, int]], lead: int) -> Encoded:
    if len(first) > MAX_FIRST:
        first = [*first[: MAX_FIRST - 1], END]
    room = MAX_TOKENS - len(first) - 1
    head = next((i for i, (_, right) in enumerate(offsets) if right > lead), len(offsets) - 1)
    content = second[:-1][:room]
    ids = np.array([*first, *content, END], dtype=np.int64)
    kind = np.zeros(len(ids), dtype=np.int64)
    kind[len(first) :] = 1
    body = (len(first) + min(head, len(content)), len(first) + len(content))
    places = tuple((max(0, left - lead), right - lead) for left, right in offsets[head : len(content)])
    # The prefixes "query:" and "passage:" and the special tokens at the ends carry no meaning.
    own = _shared(np.array(first[:-1], dtype=np.int64), np.array(content[1:], dtype=np.int64))
    other = _shared(np.array(content[1:], dtype=np.int64), np.array(first[1:-1], dtype=np.int64))
    shared = np.zeros(len(ids), dtype=np.int64)
    shared[: len(own)] = own
    shared[len(first) + 1 : len(first) + 1 + len(other)] = other
    shared[0] = 0
    return Encoded(ids, kind, shared, body, places)


def _shared(ids: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    level = np.isin(ids, others).astype(np.int64)
    pairs = set(zip(others[:-1].tolist(), others[1:].tolist(), strict=True))
    both = np.array([pair in pairs for pair in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)], dtype=bool)
    level[:-1][both] = 2
    level[1:][both] = 2
    return level
