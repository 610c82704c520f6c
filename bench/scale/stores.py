"""
Compare the same vectors in FAISS, in Milvus, and in the index's own store that answers while Milvus is unreachable.

    python -m bench.scale.stores --count 20000 --milvus milvus://127.0.0.1:19530

Vectors and questions are those of `bench.scale.vectors`. A filter leaves a random share of the passages. This is the
hardest case, since the passages of a document usually lie together.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.scale.vectors import Space
from index.storage.vectors.backed import StoredVectors
from index.storage.vectors.exact import FaissStore
from index.storage.vectors.milvus import MilvusStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.protocols import Vectors


def main(count: int, setting: str, asked: int) -> None:
    """Write, ask, and print the figures."""
    source = Space(count)
    vectors, questions = source.passages(), source.questions(asked)
    ids = np.arange(1, count + 1)
    chance = np.random.default_rng(5)
    filters = {
        share: np.sort(chance.choice(ids, max(1, int(share * count)), replace=False)) for share in (0.01, 0.1, 0.5)
    }
    best = [set((ids[np.argpartition(-(vectors @ one), 10)[:10]]).tolist()) for one in questions]
    with tempfile.TemporaryDirectory() as folder:
        stores: list[tuple[str, FaissStore | MilvusStore]] = [("FAISS", FaissStore())]
        if setting:
            stores.append(("Milvus", MilvusStore(setting)))
        for name, store in stores:
            place = Path(folder) / name
            began = time.perf_counter()
            store.write(place, ids.tolist(), vectors)
            print(f"{name}: written in {time.perf_counter() - began:.1f} s")
            try:
                began = time.perf_counter()
                opened = store.open(place)
                print(f"{name}: opened in {1000 * (time.perf_counter() - began):.1f} ms")
                _ask(name, opened, questions, filters, best)
            finally:
                store.remove(place)
        with sqlite3.connect(Path(folder) / "own") as database:
            database.execute("CREATE TABLE chunks (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)")
            rows = ((int(id_), vector.tobytes()) for id_, vector in zip(ids, vectors, strict=True))
            database.executemany("INSERT INTO chunks VALUES (?, ?)", rows)
            query = "SELECT id, vector FROM chunks WHERE id BETWEEN ? AND ? ORDER BY id"
            own = StoredVectors(ids, lambda first, last: database.execute(query, (first, last)).fetchall())
            _ask("own store", own, questions, filters, best)


def _ask(
    name: str, opened: Vectors, questions: np.ndarray, filters: dict[float, np.ndarray], best: Sequence[set[int]]
) -> None:
    opened.search(questions[0], 10)
    found = [opened.search(question, 10) for question in questions]
    hits = sum(len({id_ for id_, _ in one} & wanted) for one, wanted in zip(found, best, strict=True))
    print(f"{name}: recall@10 {hits / (10 * len(questions)):.4f}")
    for what, among in (("all", None), *((f"{share:.0%} left", ids) for share, ids in filters.items())):
        times = []
        for question in questions:
            began = time.perf_counter()
            opened.search(question, 200, among=among)
            times.append(1000 * (time.perf_counter() - began))
        print(
            f"{name}: 200 nearest, {what}: p50 {np.percentile(times, 50):.1f} ms, p95 {np.percentile(times, 95):.1f} ms"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--milvus", default="")
    parser.add_argument("--asked", type=int, default=30)
    given = parser.parse_args()
    main(given.count, given.milvus, given.asked)
