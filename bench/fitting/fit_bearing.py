"""
Fit how likely a sentence bears on an open question (`rag.composing.bearing`).

    python -m bench.fitting.fit_bearing gather SET ROWS.npz
    python -m bench.fitting.fit_bearing fit ROWS.npz [MORE.npz ...]

SET has open questions with key points on the articles of the corpus (RAG_CORPUS, RAG_INDEX). ``gather`` keeps what the
search and the small reader say about every candidate sentence, and which key points it covers. ``fit`` prints the
weights, with and without the reader, and measures them, each question with weights that were fitted without it: the
area under the curve within a question, and recall of the key points / precision of the sentences for at most six
sentences above some bounds. It also prints the reader's log odds from which on the articles answer; for this,
unanswerable questions count as much as answerable ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.fitting.steps import run
from index.text.language import detect
from rag import RAG
from rag.composing.bearing import MOST_WEIGHED, signals
from rag.composing.pieces import near
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring.points import alone_covers
from rag.pipeline.stages import bearings_of
from rag.types import Query

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("explanation", "list", "comparison", "timeline")
OF_SEARCH = 4
BOUNDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
MOST = 6


def gather(file: Path, rows: Path) -> None:
    prepared = prepare(RAG(), load(file))
    rag = prepared.rag
    kept: dict[str, Any] = {}
    for question in prepared.questions:
        if question.kind not in KINDS or bool(question.key_points) != question.answerable:
            continue
        query = Query(question.question, question.question, detect(question.question))
        view = rag._view()
        some = near(view, query, restrict=None, retriever=rag._pipeline.retriever)[:MOST_WEIGHED]
        order = sorted(range(len(some)), key=lambda number: (some[number].sentence.path, some[number].sentence.start))
        scores = bearings_of(rag._pipeline.reader, query, [some[number].sentence for number in order])
        spans = prepared.points.get(question.id, ())
        points = [
            [
                alone_covers(one.sentence, point, places)
                for point, places in zip(question.key_points, spans, strict=True)
            ]
            for one in some
        ]
        name = f"{question.kind}:{question.id}"
        kept[f"{name}:values"] = signals(some, order, scores)
        kept[f"{name}:points"] = np.array(points).reshape(len(some), len(spans))
        kept[f"{name}:answers"] = max(score.answers for score in scores or ())
    np.savez(rows, **kept)


def fit(files: list[Path]) -> None:
    asked, odds, there = [], [], []
    for file in files:
        with np.load(file) as rows:
            for name in (name.removesuffix(":values") for name in rows.files if name.endswith(":values")):
                points = rows[f"{name}:points"]
                odds.append(float(rows[f"{name}:answers"]))
                there.append(points.shape[1] > 0)
                if points.any():
                    asked.append((name.split(":")[0], rows[f"{name}:values"], points))
    _print_gate(np.array(odds), np.array(there))
    for columns in (slice(None), slice(OF_SEARCH)):
        intercept, weights = _fitted([(values[:, columns], points.any(1)) for _, values, points in asked])
        print(f"intercept {intercept:.3f}, weights ({', '.join(f'{weight:.3f}' for weight in weights)})")
        found = []
        for number, (kind, values, points) in enumerate(asked):
            others = [(v[:, columns], p.any(1)) for other, (_, v, p) in enumerate(asked) if other != number]
            intercept, weights = _fitted(others)
            found.append((kind, 1 / (1 + np.exp(-(intercept + values[:, columns] @ weights))), points))
        for kind in (*KINDS, "all"):
            of_kind = [(chances, points) for which, chances, points in found if kind in {which, "all"}]
            if not of_kind:
                continue
            areas = [
                roc_auc_score(points.any(1), chances) for chances, points in of_kind if 0 < points.any(1).mean() < 1
            ]
            print(f"{kind} ({len(of_kind)}): {np.mean(areas):.3f}", *(_share(of_kind, bound) for bound in BOUNDS))


def _print_gate(odds: NDArray[np.float64], there: NDArray[np.bool_]) -> None:
    model = LogisticRegression(class_weight="balanced", max_iter=5000).fit(odds[:, None], there)
    steepness = float(model.coef_[0, 0])
    print(f"area of the gate {roc_auc_score(there, odds):.3f}")
    print(f"answered at {-float(model.intercept_[0]) / steepness:.3f}, steepness {steepness:.3f}")
    for bound in np.quantile(odds, np.linspace(0.1, 0.6, 11)):
        refused, let_through = np.mean(odds[there] < bound), np.mean(odds[~there] >= bound)
        print(f"from {bound:.2f} on: {refused:.2f} refused, {let_through:.2f} answered though they are not")


def _fitted(rows: list[tuple[Any, Any]]) -> tuple[float, Any]:
    values, bears = np.concatenate([one for one, _ in rows]), np.concatenate([one for _, one in rows])
    middle, spread = values.mean(0), values.std(0) + 1e-9
    model = LogisticRegression(C=0.3, max_iter=5000).fit((values - middle) / spread, bears)
    weights = model.coef_[0] / spread
    return float(model.intercept_[0] - weights @ middle), weights


def _share(of_kind: list[tuple[Any, Any]], bound: float) -> str:
    found = wanted = good = shown = 0
    for chances, points in of_kind:
        best = np.argsort(-chances, kind="stable")[:MOST]
        chosen = points[[row for place, row in enumerate(best) if place == 0 or chances[row] >= bound]]
        found, wanted = found + chosen.any(0).sum(), wanted + chosen.shape[1]
        good, shown = good + chosen.any(1).sum(), shown + len(chosen)
    return f"{bound}: {found / wanted:.2f}/{good / shown:.2f}"


if __name__ == "__main__":
    run(__doc__, gather, fit)
