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


def drawn(conversations: Sequence[Conversation], most: int, seed: int = 0) -> list[Conversation]:
    """Return at most ``most`` of them, in an order that the seed decides."""
    order = list(range(len(conversations)))
    random.Random(seed).shuffle(order)
    return [conversations[number] for number in order[:most]]


def gather(conversations: Sequence[Conversation], folder: Path, engine: OpenVinoEngine) -> None:
    """
    Write the states that the lower layers compute for each conversation and its rewriting.

    Parameters
    ----------
    conversations
        The conversations.
    folder
        Receives one file per conversation, ``NUMBER.npz``: the states that the layers below those adapted to read put
        out, in half precision; the tokens; and where the rewriting begins. Existing files are left as they are.
    engine
        The language model.

    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(conversations):
        file = folder / f"{number:05d}.npz"
        if file.exists():
            continue
        with engine.lock:
            model = engine._loaded()
            given, written = engine.tokens(prompt(one.question, one.history)), engine.tokens(one.rewriting + _END)
            states = model.states_below([*given, *written])
            model.reset()
            engine.forget()
        unfinished = file.with_suffix(".tmp")
        with unfinished.open("wb") as stream:
            np.savez(
                stream,
                states=halved(states),
                tokens=np.array([*given, *written]),
                begin=len(given),
            )
        unfinished.rename(file)
