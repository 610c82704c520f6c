"""
Place the passages of an index as points on a map, close together if they are about the same subject.

Topics are found first, by k-means over the passages' vectors; the map's two directions are those in which the topics
differ most. Plain principal components of all passages mix the topics up, because most differences between passages
have nothing to do with their subjects; methods such as t-SNE separate them better, but take seconds to minutes and
make distances mean little. Everything is deterministic.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.storage.lexical import stem, stop_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.storage.reader import Index

MOST_POINTS = 1500
MOST_TOPICS = 8
_ROUNDS = 30
_TERMS = 3
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Point:
    """A passage (``path``, ``start``, ``end``, ``title`` of its article), place from -1 to 1 and topic number."""

    path: str
    start: int
    end: int
    title: str
    x: float
    y: float
    topic: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that passages share: the words that distinguish them from the others, and the number of passages."""

    terms: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Overview:
    """
    A map of the passages.

    Parameters
    ----------
    points
        The passages, at most `MOST_POINTS`, evenly sampled from all.
    topics
        Largest first; `Point.topic` is an index into them.
    passages
        Number of passages in all.

    """

    points: tuple[Point, ...]
    topics: tuple[Topic, ...]
    passages: int


def overview(index: Index, *, most: int = MOST_POINTS) -> Overview:
    """Return the map of an index; of a large one, it shows an evenly spaced sample of the passages."""
    everything = index.chosen(lambda _source, _date: True).ids()
    count = min(most, len(everything))
    if not count:
        return Overview((), (), 0)
    ids = everything[np.arange(count) * len(everything) // count].tolist()
    vectors = index.vectors.rows(ids).astype(np.float64)
    vectors -= vectors.mean(axis=0)
    topics = _largest_first(_cluster(_normalized(vectors), _topic_count(count)))
    places = _places(vectors, topics)
    chunks = [index.chunks[id_].chunk for id_ in ids]
    points = tuple(
        Point(
            chunk.path,
            chunk.start,
            chunk.end,
            index.documents[chunk.path].metadata.title,
            round(float(x), 4),
            round(float(y), 4),
            int(topic),
        )
        for chunk, (x, y), topic in zip(chunks, places, topics, strict=True)
    )
    return Overview(points, _topics([chunk.text for chunk in chunks], topics), len(everything))


def _topic_count(points: int) -> int:
    return max(1, min(MOST_TOPICS, round(math.sqrt(points / 3))))


def _normalized(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def _cluster(vectors: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the number of each vector's cluster, by spherical k-means that starts from vectors far from each other."""
    centres = [int(np.argmax(vectors @ vectors.sum(axis=0)))]
    nearest = vectors @ vectors[centres[0]]
    while len(centres) < count:
        centres.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[centres[-1]])
    means = vectors[centres]
    labels = np.full(len(vectors), -1)
    for _ in range(_ROUNDS):
        new = np.argmax(vectors @ means.T, axis=1)
        if np.array_equal(new, labels):
            break
        labels = new
        sums = np.stack([vectors[labels == number].sum(axis=0) for number in range(count)])
        means = _normalized(np.where(np.any(sums != 0, axis=1, keepdims=True), sums, means))
    return labels.astype(np.int64)


def _largest_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = Counter(labels.tolist())
    order = sorted(sizes, key=lambda label: (-sizes[label], label))
    numbers = {label: number for number, label in enumerate(order)}
    return np.array([numbers[label] for label in labels.tolist()], dtype=np.int64)


def _places(vectors: NDArray[np.float64], topics: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return two coordinates of each vector, from -1 to 1."""
    means = np.stack([vectors[topics == topic].mean(axis=0) for topic in range(int(topics.max()) + 1)])
    weights = np.sqrt(np.bincount(topics))[:, None]
    # Two topics differ in one direction only; the passages themselves, with little weight, give the second.
    spread = np.vstack([means * weights, vectors * 0.1])
    _, _, axes = np.linalg.svd(spread, full_matrices=False)
    axes = axes[:2]
    signs = np.sign(axes[np.arange(len(axes)), np.argmax(np.abs(axes), axis=1)])
    flat = vectors @ (axes * signs[:, None]).T
    if flat.shape[1] < 2:
        flat = np.hstack([flat, np.zeros((len(flat), 2 - flat.shape[1]))])
    reach = np.max(np.abs(flat), axis=0)
    return np.asarray(flat / np.where(reach > 0, reach, 1), dtype=np.float64)


def _topics(texts: Sequence[str], topics: NDArray[np.int64]) -> tuple[Topic, ...]:
    """Name each topic by the words that occur in many of its passages and in few others."""
    ignored = stop_words()
    spelled: dict[str, Counter[str]] = {}
    holding: list[set[str]] = []
    for text in texts:
        stems = set()
        for word in _WORD.findall(text):
            folded = word.casefold()
            if folded in ignored or not word[0].isupper():  # German nouns, and names, say most
                continue
            stems.add(stem(folded))
            spelled.setdefault(stem(folded), Counter())[word] += 1
        holding.append(stems)
    everywhere = Counter(term for stems in holding for term in stems)
    made = []
    for topic in range(int(topics.max()) + 1):
        members = [holding[position] for position in np.flatnonzero(topics == topic)]
        inside = Counter(term for stems in members for term in stems)
        # How often the topic's passages have the term, weighted by how rare it is overall.
        weigh = {
            term: number / len(members) * math.log(1 + len(texts) / everywhere[term]) for term, number in inside.items()
        }
        best = sorted(weigh, key=lambda term: (-weigh[term], term))[:_TERMS]
        terms = tuple(_usual_spelling(spelled[term]) for term in best)
        made.append(Topic(terms, len(members)))
    return tuple(made)


def _usual_spelling(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda word: (-spellings[word], word))
