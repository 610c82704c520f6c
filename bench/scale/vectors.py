"""
Measure search among very many vectors: recall against exact search, time, memory, opening.

    python -m bench.scale.vectors --count 1000000 --folder /tmp/vectors

The vectors are made up: topics within fields, all of them in one narrow cone, as embeddings of texts are. Questions lie
between passages of one topic. The file is made once and left in the folder.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np

from index.storage.vectors.exact import FaissStore

DIMENSION = 384
_BATCH = 50_000


def main(count: int, folder: Path, asked: int, k: int) -> None:
    """Make what is missing, ask, and print the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"vectors-{count}"
    source = Space(count)
    if not place.exists():
        vectors = source.passages()
        began = time.perf_counter()
        part = folder / "unfinished"
        part.unlink(missing_ok=True)
        FaissStore().write(part, range(1, count + 1), vectors)
        part.rename(place)
        print(f"written in {time.perf_counter() - began:.0f} s, {place.stat().st_size / 1e9:.2f} GB")
        del vectors
    began = time.perf_counter()
    index = FaissStore().open(place)
    print(f"opened in {1000 * (time.perf_counter() - began):.1f} ms, resident {_resident():.2f} GB")
    questions = source.questions(asked)
    index.search(questions[0], k)
    for name, clock in (("elapsed", time.perf_counter), ("processor time", time.process_time)):
        times, found = [], []
        for question in questions:
            began = clock()
            found.append(index.search(question, k))
            times.append(1000 * (clock() - began))
        print(f"search, k={k}, {name}: p50 {np.percentile(times, 50):.1f} ms, p95 {np.percentile(times, 95):.1f} ms")
    print(f"resident {_resident():.2f} GB, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    best = _exact(index, questions, count, 10)
    hits = sum(len({id_ for id_, _ in of[:10]} & set(wanted)) for of, wanted in zip(found, best, strict=True))
    print(f"recall@10 {hits / (10 * len(questions)):.4f}")


class Space:
    """Vectors of topics within fields."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._chance = np.random.default_rng(7)
        self._common = self._normal(1)[0]
        self._fields = self._normal(60)
        self._topics = self._fields[np.arange(3000) % 60] * 0.7 + self._normal(3000)

    def passages(self) -> np.ndarray:
        """Return the passages, shape ``(count, DIMENSION)``."""
        made = np.empty((self._count, DIMENSION), np.float32)
        for first in range(0, self._count, _BATCH):
            size = min(_BATCH, self._count - first)
            made[first : first + size] = self._near(self._chance.integers(0, 3000, size))
        return made

    def questions(self, count: int) -> np.ndarray:
        """Return questions, shape ``(count, DIMENSION)``."""
        self._chance = np.random.default_rng(8)
        return self._near(self._chance.integers(0, 3000, count))

    def _near(self, topics: np.ndarray) -> np.ndarray:
        vectors = 1.2 * self._common + self._topics[topics] + 1.6 * self._normal(len(topics))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def _normal(self, count: int) -> np.ndarray:
        return self._chance.standard_normal((count, DIMENSION), np.float32) / np.float32(np.sqrt(DIMENSION))


def _exact(index: object, questions: np.ndarray, count: int, k: int) -> list[list[int]]:
    best: list[list[tuple[float, int]]] = [[] for _ in questions]
    for first in range(0, count, _BATCH):
        ids = range(first + 1, min(first + _BATCH, count) + 1)
        cosines = index.rows(ids) @ questions.T  # type: ignore[attr-defined]
        for number, of in enumerate(cosines.T):
            top = np.argpartition(-of, k)[:k]
            best[number] = sorted([*best[number], *((float(of[i]), ids[i]) for i in top)], reverse=True)[:k]
    return [[id_ for _, id_ in one] for one in best]


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--k", type=int, default=10)
    given = parser.parse_args()
    main(given.count, given.folder, given.asked, given.k)
