"""The conversations to learn from, as the language model reads them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.query.written_out import prompt
from training.adapting.default_model import halved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.generation.openvino import OpenVinoEngine

_END = "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    A follow-up and what a person would have asked in its place.

    Parameters
    ----------
    history
        What was asked and answered before, oldest first.
    question
        The follow-up.
    rewriting
        One question that stands alone; the follow-up itself if it does already.

    """

    history: tuple[tuple[str, str], ...]
    question: str
    rewriting: str


def read(file: Path) -> list[Conversation]:
    """Read conversations, one per line with ``history``, ``question`` and ``rewriting``."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Conversation(tuple((asked, answer) for asked, answer in row["history"]), row["question"], row["rewriting"])
        for row in rows
    ]


def drawn(conversations: Sequence[Conversation], most: int, seed: int = 0) -> list[list[Conversation]]:
    """
    Return at most ``most``, those of one history together, in an order that the seed decides.

    A history with too many is passed over.
    """
    together: dict[tuple[tuple[str, str], ...], list[Conversation]] = {}
    for one in conversations:
        together.setdefault(one.history, []).append(one)
    groups = list(together.values())
    random.Random(seed).shuffle(groups)
    found: list[list[Conversation]] = []
    for group in groups:
        if sum(map(len, found)) + len(group) <= most:
            found.append(group)
    return found


def gather(groups: Sequence[Sequence[Conversation]], folder: Path, engine: OpenVinoEngine) -> None:
    """
    Write the states that the lower layers compute for conversations and their rewritings.

    Conversations of the same history begin with the same tokens. These are kept, and learnt from, once: after them come
    the other tokens of each conversation, a branch of its own.

    Parameters
    ----------
    groups
        Conversations, those of one history together.
    folder
        Receives one file per group, ``NUMBER.npz``: the states that the layers below those adapted to read put out, in
        half precision; the tokens; the branch of each, counted from 1, and 0 for those in common; and whether it
        belongs to a rewriting. Existing files are left as they are.
    engine
        The language model.

    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, group in enumerate(groups):
        file = folder / f"{number:05d}.npz"
        if file.exists():
            continue
        read_ = [_read_by(engine, one) for one in group]
        common = _in_common([tokens[:begin] for tokens, begin, _ in read_])
        parts = [(0, *read_[0], slice(0, common))]
        parts += [(branch, *one, slice(common, None)) for branch, one in enumerate(read_, 1)]
        unfinished = file.with_suffix(".tmp")
        with unfinished.open("wb") as stream:
            np.savez(
                stream,
                states=halved(np.concatenate([states[taken] for _, _, _, states, taken in parts])),
                tokens=np.concatenate([tokens[taken] for _, tokens, _, _, taken in parts]),
                branches=np.concatenate([np.full(len(tokens[taken]), of) for of, tokens, _, _, taken in parts]),
                is_written=np.concatenate(
                    [(np.arange(len(tokens)) >= begin)[taken] for _, tokens, begin, _, taken in parts]
                ),
            )
        unfinished.rename(file)


def _read_by(engine: OpenVinoEngine, one: Conversation) -> tuple[NDArray[np.int64], int, NDArray[np.float32]]:
    """Return the tokens of a conversation, where its rewriting begins, and the states below the adapted layers."""
    with engine.lock:
        model = engine._loaded()
        given, written = engine.tokens(prompt(one.question, one.history)), engine.tokens(one.rewriting + _END)
        states = model.states_below([*given, *written])
        model.reset()
        engine.forget()
    return np.array([*given, *written]), len(given), states


def _in_common(texts: Sequence[NDArray[np.int64]]) -> int:
    """Return how many tokens all texts begin with; the last of each is never among them."""
    shortest = min(map(len, texts)) - 1
    same = np.all([text[:shortest] == texts[0][:shortest] for text in texts], axis=0)
    return int(np.argmin(same)) if not same.all() else shortest
