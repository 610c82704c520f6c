"""
Compare our embedder with plain `SentenceTransformer.encode`.

    python -m bench.search.embedding TEXTS [--passages 200] [--rounds 3] [--set SQUAD_FILE]

TEXTS is a JSONL file with "text", or a folder of articles; it is cut into passages as the index does it. The plain path
is `SentenceTransformer.encode` in float32 with its default settings, on the same texts in the same process; the rounds
alternate. With --set, prints recall@1 of dense search over the paragraphs of that set for both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.reading.documents import iter_files
from index.reading.documents import load as load_document
from index.segmenting.chunking import chunk
from rag.evaluation.datasets import load
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.weights import resolve_embedding

if TYPE_CHECKING:
    from collections.abc import Callable


def passages(source: Path, count: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        if source.is_file():
            for number, line in enumerate(source.read_text(encoding="utf-8").splitlines()[:count]):
                (Path(folder) / f"{number:05}.txt").write_text(json.loads(line)["text"], encoding="utf-8")
            source = Path(folder)
        documents = [load_document(file, source) for file in iter_files(source)]
    return [document.text[one.start : one.end] for document in documents for one in chunk(document)][:count]


def plain(location: str) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(location, device="cpu", local_files_only=True)

    class Plain:
        def embed_passages(self, texts: list[str]) -> Any:
            return model.encode([f"passage: {text}" for text in texts])

        def embed_query(self, text: str) -> Any:
            return model.encode(f"query: {text}")

    return Plain()


def recall(embedder: Any, file: Path) -> float:
    dataset = load(file)
    texts = [document.text for document in dataset.documents]
    ids = [document.id for document in dataset.documents]
    vectors = np.asarray(embedder.embed_passages(texts))
    right = [
        ids[int((vectors @ np.asarray(embedder.embed_query(one.question))).argmax())] in one.sources
        for one in dataset.questions
        if one.sources
    ]
    return float(np.mean(right))


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(source: Path, count: int, rounds: int, dataset: Path | None) -> None:
    location = resolve_embedding("multilingual-e5-small").location
    texts = passages(source, count)
    embedders = {"plain": plain(location), "ours": OpenVinoEmbedder(Path(location), fingerprint="ours")}
    rates: dict[str, list[float]] = {name: [] for name in embedders}
    queries: dict[str, list[float]] = {name: [] for name in embedders}
    vectors = {name: np.asarray(embedder.embed_passages(texts[:16])) for name, embedder in embedders.items()}
    for _ in range(rounds):
        for name, embedder in embedders.items():
            rates[name].append(len(texts) / timed(lambda one=embedder: one.embed_passages(texts)))  # type: ignore[misc]
            for number in range(10):
                question = f"Wie viel Geld will Cambricon im Jahr {2000 + number} aufnehmen?"
                queries[name].append(timed(lambda one=embedder, q=question: one.embed_query(q)))  # type: ignore[misc]
    print(f"{source.name}: {len(texts)} passages; load of the machine {os.getloadavg()[0]:.1f}")
    for name, embedder in embedders.items():
        nearness = float((vectors[name] * vectors["plain"]).sum(axis=1).min())
        line = (
            f"{name:6} {statistics.median(rates[name]):6.1f} passages/s "
            f"({statistics.median(a / b for a, b in zip(rates[name], rates['plain'], strict=True)):.2f} x plain)   "
            f"query {1000 * statistics.median(queries[name]):5.1f} ms   least cosine to plain {nearness:.5f}"
        )
        print(line + (f"   recall@1 {recall(embedder, dataset):.4f}" if dataset else ""), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", type=Path)
    given = parser.parse_args()
    main(given.texts, given.passages, given.rounds, given.set)
