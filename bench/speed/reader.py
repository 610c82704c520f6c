"""
Time the small reader: loading, and a question with 15 and with 60 sentences (3 and 12 windows), medians of five.

    python -m bench.speed.reader
    python -m bench.machine bench.speed.reader      # as on a processor with AVX2 and no more
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import psutil

from bench.machine import described
from rag.grounding.reader.factory import create_reader
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence

TEXT = (
    "Die Firma Biren aus Shanghai will im nächsten Jahr einen neuen Chip für das Training großer Modelle vorstellen. "
)
QUESTION = "Wer will einen neuen Chip vorstellen?"


def main() -> None:
    print(described())
    model = resolve_embedding("multilingual-e5-small")
    embedder = OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)
    reader = create_reader(embedder)
    embedder.embed_query(QUESTION)
    before, began = psutil.Process().memory_info().rss, time.perf_counter()
    reader.load()
    print(f"loaded in {time.perf_counter() - began:.2f} s")
    evidence = [EvidenceSentence(f"{i // 5}.md", 0, len(TEXT), TEXT, "Chips aus China", 0.5) for i in range(60)]
    for count in (15, 60):
        reader.read(QUESTION, evidence[:count])
        times = []
        for _ in range(5):
            began = time.perf_counter()
            reader.read(QUESTION, evidence[:count])
            times.append(time.perf_counter() - began)
        print(f"{count} sentences, {count // 5} windows: {statistics.median(times) * 1000:.0f} ms")
    print(f"memory: {(psutil.Process().memory_info().rss - before) / 1e6:.0f} MB more")


if __name__ == "__main__":
    main()
