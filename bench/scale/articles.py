"""Many articles and a cheap stand-in for the embedding model, for benchmarks of large corpora."""

from __future__ import annotations

import json
import random
import re
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DIMENSION = 384
_WORD = re.compile(r"\w{4,}")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-ZÄÖÜ])")


class WordEmbedder:
    """Adds up random vectors, one for each word of a text, so that similar texts lie near each other."""

    fingerprint = "bench-words-384"

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape ``(len(texts), DIMENSION)``."""
        return np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, DIMENSION), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a unit vector."""
        vector = np.full(DIMENSION, 1e-6, np.float32)
        for word in _WORD.findall(text.casefold()):
            vector += _of_word(word[:7])
        return vector / np.float32(np.linalg.norm(vector))


@lru_cache(maxsize=400_000)
def _of_word(word: str) -> NDArray[np.float32]:
    chance = np.random.default_rng(zlib.crc32(word.encode()))
    return chance.standard_normal(DIMENSION, np.float32) * np.float32(0.2 + chance.random())


def write(corpus: Path, count: int, source: Path) -> None:
    """
    Write articles, 500 to a folder; there must be none before.

    Parameters
    ----------
    corpus, count
        The folder to write to, and the number of articles.
    source
        Lines of JSON with ``text``, such as those of 10kGNAD. If there are fewer than ``count``, further articles are
        put together from their sentences, with other numbers and names.

    """
    for number, text in enumerate(_texts(count, source)):
        file = corpus / f"{number // 500:04}" / f"{number:06}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        title, _, rest = text.partition(". ")
        day = f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}"
        file.write_text(
            f"---\ndate: {day}\nsource: Quelle {number % 7}\n---\n# {title[:120]}\n\n{rest}\n", encoding="utf-8"
        )


def _texts(count: int, source: Path) -> Iterator[str]:
    with source.open(encoding="utf-8") as lines:
        known = [json.loads(line)["text"] for line in lines]
    chance = random.Random(1)
    sentences = [_SENTENCE.split(text) for text in known]
    for number in range(count):
        if number < len(known):
            yield known[number]
            continue
        own = list(sentences[number % len(known)])
        other = sentences[chance.randrange(len(known))]
        places = range(1, len(own), 3)[: len(other)]
        for place, sentence in zip(places, chance.sample(other, len(places)), strict=True):
            own[place] = sentence
        yield re.sub(r"\d+", lambda match: str(int(match.group()) + chance.randrange(99)), " ".join(own))
