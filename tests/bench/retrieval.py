"""
Compare the weighing of dense and lexical search on a set, with a paired test against each side alone.

    python tests/bench/retrieval.py SET [WEIGHT ...]

SET is a SQuAD file, a BEIR folder or a native set with passages. Prints a line for each weight of the dense
side; 1 is dense search alone, 0 lexical search alone. p is how often chance alone makes as large a difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rag import RAG
from rag.evaluation import metrics
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.statistics import paired_test
from rag.retrieval import DENSE_WEIGHT, retrieve

NAMES = ("recall@1", "recall@5", "ndcg@10")


def main(file: str, weights: list[float]) -> None:
    ground = prepare(RAG(), load(Path(file)))
    index, scale = ground.rag._index()
    embedder = ground.rag._the_embedder()
    questions = [question for question in ground.questions if question.sources]
    vectors = [embedder.embed_query(question.question) for question in questions]
    found: dict[float, list[dict[str, float]]] = {}
    for weight in dict.fromkeys((1.0, 0.0, DENSE_WEIGHT, *weights)):
        found[weight] = []
        for question, vector in zip(questions, vectors, strict=True):
            hits = retrieve(index, question.question, vector, k=100, scale=scale, dense_weight=weight)
            ranked = tuple(dict.fromkeys(hit.path for hit in hits))
            found[weight].append(metrics.ranking(ranked, question.sources))
    print(f"{file}: {len(questions)} questions, {len(index.documents)} documents")
    for weight, figures in found.items():
        line = "  ".join(f"{name} {sum(one[name] for one in figures) / len(figures):.4f}" for name in NAMES)
        tests = "  ".join(
            f"p({name} vs {'dense' if alone else 'lexical'}) "
            f"{paired_test([(one[name], 1.0) for one in found[alone]], [(one[name], 1.0) for one in figures]):.4f}"
            for alone in (1.0, 0.0)
            if alone != weight
            for name in ("recall@1", "ndcg@10")
        )
        print(f"dense {weight:.2f}  {line}  {tests}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [float(weight) for weight in sys.argv[2:]])
