"""
Measure whether late interaction over the embedding model's token vectors would find more.

    python -m bench.search.late_interaction SET [SHARE ...]

MaxSim (Khattab and Zaharia, "ColBERT", 2020): each token of the question takes its nearest token of the passage; the
mean of these cosines is the score. The model was not trained for it. The best 50 passages of the product's own search
are reordered: by MaxSim alone, and with each SHARE of it in the score (both scaled to the same spread). p is how often
chance alone makes a difference as large as that to the product's order.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from index.syncing.preparation import _embedded_text
from rag import RAG
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring import metrics
from rag.evaluation.measuring.statistics import paired_test
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.retrieval.hybrid import retrieve

POOL = 50
NAMES = ("recall@1", "recall@5", "ndcg@10")


def token_vectors(embedder: OpenVinoEmbedder, text: str, kind: str) -> np.ndarray:
    """Return unit vectors of the tokens of a text, without those of the prompt and the end marks."""
    request = embedder._loaded()
    prompt = embedder._prompts[kind]
    own = len(embedder._tokenizer.encode(prompt).ids) - 1  # all but the end mark
    ids = embedder._tokenizer.encode(prompt + text).ids
    hidden = request.infer({0: np.array([ids]), 1: np.ones((1, len(ids)), dtype=np.int64)})[0][0, own:-1]
    return (hidden / np.linalg.norm(hidden, axis=1, keepdims=True)).astype(np.float16)


def spread(scores: np.ndarray) -> np.ndarray:
    return (scores - scores.mean()) / (scores.std() + 1e-9)


def main(file: str, shares: list[float]) -> None:
    prepared = prepare(RAG(), load(Path(file)))
    index, scale = prepared.rag._index()
    embedder = prepared.rag._the_embedder()
    if not isinstance(embedder, OpenVinoEmbedder):
        sys.exit("Only the default embedding model gives its token vectors.")
    kept: dict[int, np.ndarray] = {}
    found: dict[str, list[dict[str, float]]] = {}
    for question in (one for one in prepared.questions if one.sources):
        hits = retrieve(index, question.question, embedder.embed_query(question.question), k=POOL, scale=scale)
        asked = token_vectors(embedder, question.question, "query").astype(np.float32)
        late = []
        for hit in hits:
            if hit.chunk_id not in kept:
                text = _embedded_text(index.documents[hit.path], index.chunks[hit.chunk_id].chunk)
                kept[hit.chunk_id] = token_vectors(embedder, text, "document")
            late.append(float((asked @ kept[hit.chunk_id].astype(np.float32).T).max(axis=1).mean()))
        own = spread(np.array([hit.score for hit in hits]))
        other = spread(np.array(late))
        for share in (0.0, 1.0, *shares):
            order = np.argsort(-((1 - share) * own + share * other), kind="stable")
            ranked = tuple(dict.fromkeys(hits[i].path for i in order))
            found.setdefault(f"{share:.2f}", []).append(metrics.ranking(ranked, question.sources))
    size = sum(vectors.nbytes for vectors in kept.values()) / len(kept)
    print(f"{file}: {len(found['0.00'])} questions; token vectors take {size / 1e3:.0f} kB a passage (float16)")
    print(f"| share of MaxSim | {' | '.join(NAMES)} | p, recall@1 | p, ndcg@10 |\n|---|---|---|---|---|---|")
    for label, figures in found.items():
        means = " | ".join(f"{sum(one[name] for one in figures) / len(figures):.4f}" for name in NAMES)
        chances = " | ".join(
            f"{paired_test([(one[name], 1.0) for one in found['0.00']], [(one[name], 1.0) for one in figures]):.3f}"
            for name in ("recall@1", "ndcg@10")
        )
        print(f"| {label} | {means} | {chances} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [float(share) for share in sys.argv[2:]])
