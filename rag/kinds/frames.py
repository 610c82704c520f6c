"""The questions that the classifier is trained on: written ones, and frames filled with words from many subjects."""

from __future__ import annotations

import functools
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from rag.kinds.types import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.kinds.types import Kind

DRAWS = 6  # questions made from each frame
USUAL = 3  # a word is usual in a kind if at least this many written questions of that kind have it
SEED = 0
_SINGLE = ("given", "years")
_PAIRS = ("nouns", "things", "names", "numbers")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and what it asks for."""

    question: str
    kind: Kind


def written() -> tuple[Labelled, ...]:
    """Return the questions that were written one by one."""
    return tuple(labelled(_lines("questions.jsonl")))


@functools.cache
def usual_words(kind: Kind) -> frozenset[str]:
    """Return the casefolded words that questions of a kind often have, whatever they are about."""
    asked = [one for one in written() if one.kind == kind]
    counts = Counter(word for one in asked for word in set(re.findall(r"\w+", one.question.casefold())))
    return frozenset(word for word, count in counts.items() if count >= USUAL)


def labelled(lines: Iterable[dict[str, Any]]) -> list[Labelled]:
    """Return questions from JSON objects with ``question`` and ``kind``."""
    return [Labelled(str(line["question"]), KINDS[KINDS.index(line["kind"])]) for line in lines]


def filled(draws: int = DRAWS, seed: int = SEED) -> tuple[Labelled, ...]:
    """
    Return distinct questions made from frames.

    The same frame about a bridge and about a wine teaches that the subject says nothing about the kind.

    Parameters
    ----------
    draws
        How often each frame is filled.
    seed
        Seed of the random choice of words.

    """
    words = json.loads(resources.files("rag.kinds").joinpath("words.json").read_text(encoding="utf-8"))
    found: dict[str, Labelled] = {}
    for line in _lines("frames.jsonl"):
        frame = str(line["frame"])
        # Each frame has its own random source, so that a new frame does not change the questions of the others.
        source = random.Random(f"{seed} {frame}")  # noqa: S311 - a sample
        for _ in range(draws):
            question = frame.format(**_drawn(words, source))
            found.setdefault(question, Labelled(question, KINDS[KINDS.index(line["kind"])]))
    return tuple(found.values())


def _drawn(words: dict[str, list[dict[str, str]]], source: random.Random) -> dict[str, str]:
    values: dict[str, str] = {}
    for group in _PAIRS:
        one, two = source.sample(words[group], 2)
        values |= one | {f"{name}2": word for name, word in two.items()}
    for group in _SINGLE:
        values |= source.choice(words[group])
    return values


def _lines(name: str) -> list[dict[str, Any]]:
    text = resources.files("rag.kinds").joinpath(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
