"""Tokens that are guessed from the prompt: the reply stays the model's own and takes fewer runs."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rag.inference.generation.guessing import guessed
from rag.inference.generation.openvino import OpenVinoEngine, _OpenVinoReading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

END = 99


class Model:
    """A fake model whose next token is a function of the tokens that it has read and not dropped."""

    def __init__(self, follows: Callable[[Sequence[int]], int]) -> None:
        self._follows = follows
        self.read: list[int] = []
        self.runs: list[int] = []

    def reset(self) -> None:
        self.read = []

    def mark(self) -> int:
        return len(self.read)

    def back(self, mark: int) -> None:
        del self.read[mark:]

    def drop(self, count: int) -> None:
        del self.read[len(self.read) - count :]

    def feed(self, tokens: Sequence[int]) -> Any:
        return self.feed_each(tokens)[-1]

    def feed_each(self, tokens: Sequence[int]) -> Any:
        self.runs.append(len(tokens))
        rows = np.zeros((len(tokens), END + 1))
        for row, token in zip(rows, tokens, strict=True):
            self.read.append(token)
            row[self._follows(self.read)] = 1.0
        return rows


class Tokenizer:
    def encode(self, text: str, **_: object) -> Any:
        raise AssertionError(text)

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(f"<{token}>" for token in tokens)

    def get_eos_token_id(self) -> int:
        return END


class Engine(OpenVinoEngine):
    def __init__(self, model: Model) -> None:
        super().__init__("", fingerprint="x")
        self._model, self._tokenizer = model, Tokenizer()

    def tokens(self, text: str) -> list[int]:
        return [70 + len(text)]


def _said(prompt: list[int], reply: list[int], *, most: int = 50) -> tuple[str, Model]:
    """Let a model write a given reply to a prompt; return the text and the model."""
    begun = len(prompt) + 2  # the ending and the end of the turn

    def follows(read: Sequence[int]) -> int:
        done = list(read[begun:])
        return [*reply, END][len(done)] if done == reply[: len(done)] else 1

    model = Model(follows)
    with closing(_OpenVinoReading(Engine(model), prompt, [80]).stream("?", max_tokens=most)) as pieces:
        return "".join(pieces), model


@pytest.mark.parametrize(
    "reply",
    [
        [],
        [60],
        [12, 13, 14, 15, 16, 17, 18, 19, 20],  # copied to the last word
        [12, 13, 14, 60, 61, 16, 17, 18],  # with other words in between
        [12, 40, 12, 41, 12, 13],  # never the guessed token
        [19, 20, 21, 21, 21],  # copied up to the prompt's end
    ],
)
@pytest.mark.parametrize("most", [0, 1, 2, 5, 50])
def test_the_reply_is_what_the_model_says_token_by_token(reply: list[int], most: int) -> None:
    said, _ = _said(list(range(10, 22)), reply, most=most)
    assert said == "".join(f"<{token}>" for token in reply[:most])


def test_words_of_the_text_take_fewer_runs() -> None:
    copied = list(range(12, 32))
    _, model = _said(list(range(10, 40)), copied)
    assert model.runs[:2] == [30, 2]
    assert len(model.runs) - 2 <= 5
    _, model = _said(list(range(10, 40)), [60, 61, 62, 63])
    assert model.runs[2:] == [1, 1, 1, 1]


def test_no_token_is_read_that_may_not_be_written() -> None:
    _, model = _said(list(range(10, 40)), list(range(12, 32)), most=4)
    assert sum(model.runs[2:]) <= 3


def test_what_is_guessed_wrong_is_not_kept() -> None:
    prompt, reply = list(range(10, 40)), [12, 13, 14, 60, 61]
    _, model = _said(prompt, reply)
    assert model.read == [*prompt, 71, 80, *reply]


def test_the_first_place_of_the_last_two_tokens_counts() -> None:
    read = [1, 2, 3, 9, 2, 4, 9, 1, 2, 5]
    assert guessed(read, [1, 2], 2) == [3, 9]
    assert guessed(read, [9, 2], 1) == [4]


def test_one_token_is_looked_for_where_two_stand_nowhere() -> None:
    read = [1, 2, 3, 4, 5, 6, 7]
    assert guessed(read, [8, 2], 50) == [3, 4, 5]
    assert guessed(read, [2], 50) == [3, 4, 5]
    assert guessed(read, [8], 50) == []
    assert guessed(read, [2, 7], 50) == []  # nothing follows it
    assert guessed(read, [1, 2], 0) == []
    assert guessed([], [1, 2], 9) == []
