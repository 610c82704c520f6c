"""
Fit how likely a closed question is answered (`rag.grounding.answerability.probability_of_closed`).

    python -m bench.fitting.fit_closed gather SET ROWS.json
    python -m bench.fitting.fit_closed fit ROWS.json MORE.json

SET has closed questions on the articles of the corpus (RAG_CORPUS, RAG_INDEX), some of which have no answer. ``gather``
asks each question and, if the small reader is not sure, keeps what the language model and the reader say. ``fit``
prints the weights fitted on all files, and for each file the area under the curve and both errors at some bounds, with
weights fitted on the other files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.fitting.steps import run
from rag import RAG
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.grounding.answerability import signals
from rag.pipeline.gates import LogisticGate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rag.pipeline.values import Asked

BOUNDS = (0.36, 0.4, 0.45, 0.5, 0.55)


class Noting(LogisticGate):
    """The product's gate, which keeps the values that its decision is based on."""

    def __init__(self) -> None:
        self.noted: list[float] | None = None

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        found = signals(asked.query.standalone, asked.evidence, confirmation=confirmation, share=share)
        if asked.judgement is not None:
            self.noted = [found.confirmation, asked.judgement.answers]
        return super().admits(asked, confirmation, share=share, strictness=strictness)


def gather(file: Path, rows: Path) -> None:
    plain = RAG()
    gate = Noting()
    rag = RAG(plain.settings, gate=gate, reader=plain._pipeline.reader)
    prepared = prepare(rag, load(file))
    kept: list[dict[str, Any]] = []
    for question in prepared.questions:
        gate.noted = None
        prepared.rag.ask(question.question, kind="yes_no", fresh=True)
        if gate.noted is not None:
            kept.append({"id": question.id, "answerable": question.answerable, "values": gate.noted})
    rows.write_text(json.dumps(kept), encoding="utf-8")


def fit(files: list[Path]) -> None:
    sets = {file: _read(file) for file in files}
    for file, (values, there) in sets.items():
        others = [one for other, one in sets.items() if other != file]
        if not others:
            continue
        model = _fitted(np.concatenate([one for one, _ in others]), np.concatenate([one for _, one in others]))
        chances = model.predict_proba(values)[:, 1]
        print(f"{file.name}: {len(there)} questions, area {roc_auc_score(there, chances):.3f}")
        for bound in BOUNDS:
            refused, let_through = np.mean(chances[there] < bound), np.mean(chances[~there] >= bound)
            print(f"  from {bound} on: {refused:.2f} refused, {let_through:.2f} answered though they are not")
    model = _fitted(
        np.concatenate([one for one, _ in sets.values()]), np.concatenate([one for _, one in sets.values()])
    )
    weights = ", ".join(f"{weight:.3f}" for weight in model.coef_[0])
    print(f"intercept {model.intercept_[0]:.3f}, weights ({weights})")


def _read(file: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rows = json.loads(file.read_text(encoding="utf-8"))
    return np.array([row["values"] for row in rows]), np.array([row["answerable"] for row in rows])


def _fitted(values: NDArray[np.float64], there: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=1, class_weight="balanced").fit(values, there)


if __name__ == "__main__":
    run(__doc__, gather, fit)
