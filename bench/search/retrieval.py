"""
Compare weights of dense and lexical search on a set, with a paired test against each of the two alone.

    python -m bench.search.retrieval SET [WEIGHT ...]

SET is a SQuAD file, a BEIR folder or a native set with passages. "dense" is the plain nearness of question and
passage, "lexical" is BM25; a line follows for each weight of the dense side in our score. p is how often chance alone
makes as large a difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from rag import RAG
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring import metrics
from rag.evaluation.measuring.statistics import paired_test
from rag.retrieval.hybrid import DENSE_WEIGHT, retrieve

NAMES = ("recall@1", "recall@5", "ndcg@10")


def main(file: str, weights: list[float]) -> None:
    prepared = prepare(RAG(), load(Path(file)))
    index, scale = prepared.rag._index()
    embedder = prepared.rag._the_embedder()
    questions = [question for question in prepared.questions if question.sources]
    vectors = [embedder.embed_query(question.question) for question in questions]
    found: dict[str, list[dict[str, float]]] = {"dense": [], "lexical": []}
    for question, vector in zip(questions, vectors, strict=True):
        rows = list(index.chunks)
        dense = [id_ for id_, _ in index.vectors.search(vector, 100)]
        lexical = [rows[row] for row in np.argsort(-index.lexical.scores(question.question), kind="stable")[:100]]
        for name, ids in (("dense", dense), ("lexical", lexical)):
            ranked = tuple(dict.fromkeys(index.chunks[id_].chunk.path for id_ in ids))
            found[name].append(metrics.ranking(ranked, question.sources))
    for weight in dict.fromkeys((DENSE_WEIGHT, *weights)):
        ours = found.setdefault(f"{weight:.2f}", [])
        for question, vector in zip(questions, vectors, strict=True):
            hits = retrieve(index, question.question, vector, k=100, scale=scale, dense_weight=weight)
            ranked = tuple(dict.fromkeys(hit.path for hit in hits))
            ours.append(metrics.ranking(ranked, question.sources))
    print(f"{file}: {len(questions)} questions, {len(index.documents)} documents")
    for label, figures in found.items():
        line = "  ".join(f"{name} {sum(one[name] for one in figures) / len(figures):.4f}" for name in NAMES)
        tests = "  ".join(
            f"p({name} vs {alone}) "
            f"{paired_test([(one[name], 1.0) for one in found[alone]], [(one[name], 1.0) for one in figures]):.4f}"
            for alone in ("dense", "lexical")
            if alone != label
            for name in ("recall@1", "ndcg@10")
        )
        print(f"{label:7}  {line}  {tests}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [float(weight) for weight in sys.argv[2:]])
