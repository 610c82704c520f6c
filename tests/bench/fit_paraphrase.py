"""
Fit where two sentences stop meaning the same (`rag.paraphrase`), on pairs that people judged.

    python tests/bench/fit_paraphrase.py ../shared/eval/covid_faq_de/question_similarity_de.csv

The file has the columns question_1, question_2 and similar (0 or 1). Nearness is on the scale of retrieval, with the
floor of the project's corpus. MEMERAG, on which support is measured, has no part in it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag import RAG


def main(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rag = RAG()
    _, scale = rag._index()
    embedder = rag._the_embedder()
    first = embedder.embed_passages([row["question_1"] for row in rows])
    second = embedder.embed_passages([row["question_2"] for row in rows])
    nearness = np.array([scale(float(one @ other)) for one, other in zip(first, second, strict=True)])
    same = np.array([float(row["similar"]) > 0.5 for row in rows])
    model = LogisticRegression(C=1e6).fit(nearness[:, None], same)
    slope = float(model.coef_[0][0])
    print(
        f"{len(rows)} pairs, {same.mean():.2f} the same; floor {scale.floor:.3f}, AUC {roc_auc_score(same, nearness):.3f}"
    )
    print(f"_MIDDLE = {-float(model.intercept_[0]) / slope:.3f}\n_SLOPE = {slope:.1f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
