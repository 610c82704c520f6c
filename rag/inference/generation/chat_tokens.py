"""What the engines that work on tokens share: the chat template, tokens, the probabilities of a reply's first word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from index.text.spelling import seen
from rag.inference.replies import begins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rag.inference.protocol import Message

# Stands for the user's words in the model's chat template, to find what comes before and after them.
_PLACE = "\u241f"
# A reply's first word is looked for among this many tokens: the rest have no share worth counting.
_CANDIDATES = 50
_UNFINISHED = "\ufffd"


def flat(text: str) -> str:
    """Return a text in one line, without tokens of a chat template: a source must not be able to end its turn."""
    return " ".join(seen(text).replace("<|", "< |").split())


def template(tokenizer: Any, messages: Sequence[Message]) -> tuple[str, str]:
    """Return what a model's chat template puts before and after the last message's text (``openvino_genai.Tokenizer``)."""
    turns = [{"role": message.role, "content": message.content} for message in messages[:-1]]
    turns.append({"role": messages[-1].role, "content": _PLACE})
    head, _, tail = tokenizer.apply_chat_template(turns, add_generation_prompt=True).partition(_PLACE)
    return head, tail


def encoded(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a text, without special tokens for its beginning or end."""
    return [int(token) for token in tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]


def first_word_shares(
    logits: NDArray[np.floating[Any]], options: Sequence[str], text: Callable[[list[int]], str]
) -> tuple[float, ...]:
    """
    Return the probability of each option being the first word of a reply.

    Parameters
    ----------
    logits
        Logits of the reply's first token, shape ``(vocabulary,)``.
    options
        The words.
    text
        Returns the text of tokens.

    """
    exact = logits.astype(np.float64)
    weights = np.exp(exact - exact.max())
    likeliest = np.argsort(-weights, kind="stable")[:_CANDIDATES]
    pieces = [(text([int(token)]), float(weights[token])) for token in likeliest]
    total = float(weights.sum())
    return tuple(sum(weight for piece, weight in pieces if begins(option, piece)) / total for option in options)


def log_chance(logits: NDArray[np.floating[Any]], token: int) -> float:
    """Return the logarithm of a token's probability; ``logits`` of shape ``(vocabulary,)``."""
    exact = logits.astype(np.float64)
    most = float(exact.max())
    return float(exact[token]) - most - float(np.log(np.exp(exact - most).sum()))


class Writing:
    """
    The text of a reply, token by token.

    Parameters
    ----------
    text
        Returns the text of tokens.

    """

    def __init__(self, text: Callable[[list[int]], str]) -> None:
        self._text = text
        self._tokens: list[int] = []
        self._shown = ""

    def add(self, token: int) -> str:
        """Return what a further token adds; nothing while a character of several bytes is incomplete."""
        self._tokens.append(token)
        whole = self._text(self._tokens)
        if whole.endswith(_UNFINISHED) or len(whole) <= len(self._shown):
            return ""
        piece, self._shown = whole[len(self._shown) :], whole
        return piece
