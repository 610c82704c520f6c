"""Fit how much each reader counts, and measure both, on questions that neither has learnt from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.composing.bearing import odds_of
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring.points import alone_covers
from rag.grounding.state_reader import StateReader, fingerprint
from training.open.gathering import indexed, is_at
from training.states.gathering import found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag import RAG
    from rag.grounding.state_reader import StateReading
    from rag.inference.generation.openvino import OpenVinoEngine
    from rag.kinds import Kind
    from training.open.bundles import Bundle
    from training.states.gathering import Found

    Array = NDArray[np.float64]

FOLDS = 5
KINDS_OF_SETS = ("explanation", "list", "comparison", "timeline")
QUESTIONS_IN_A_GROUP = 8
BOUNDS = (0.05, 0.1, 0.15, 0.25, 0.4)


@dataclass(frozen=True, slots=True)
class Row:
    """
    What both readers say about a question.

    Parameters
    ----------
    group
        The bundle, or the part of a set, that the question is from.
    is_of_set
        Whether the question is from a set.
    answerable
        Whether the articles answer.
    odds, answers
        The small reader's log odds, of each sentence and that there is an answer.
    read
        Numbers of the sentences that the language model read.
    bears
        Whether each sentence belongs in the answer; empty if that is not known.
    states, whole
        Log odds from the language model's states: of each sentence that it read, and that there is an answer.
    made_with
        The digest of layers and probes, see `rag.grounding.state_reader.fingerprint`.

    """

    group: str
    is_of_set: bool
    answerable: bool
    odds: list[float]
    answers: float
    read: list[int]
    bears: list[bool]
    states: list[float]
    whole: float
    made_with: str

    @property
    def bears_read(self) -> NDArray[np.bool_]:
        """``bears`` of the sentences that the language model read."""
        return np.array(self.bears, dtype=bool)[self.read]


def rows_of_bundle(bundle: Bundle, folder: Path, models: RAG, engine: OpenVinoEngine) -> Iterator[Row]:
    """
    Ask both readers about the open questions of a bundle.

    Parameters
    ----------
    bundle
        One that neither learnt from.
    folder
        Where articles and indexes are kept.
    models
        The program with the default models.
    engine
        Its language model.

    """
    rag = indexed(bundle, folder / "bundles", models._the_embedder())
    for asked in bundle.questions:
        if asked.article is not None:
            continue
        said = _said(rag, models, engine, asked.question, asked.kind)
        if said is None:
            continue
        bears = [
            any(is_at(bundle, key, one) for point in asked.points for key in point) for one in said.found.sentences
        ]
        yield said.row(bundle.name, answerable=bool(asked.points), bears=bears)


def rows_of_set(file: Path, rag: RAG, engine: OpenVinoEngine) -> Iterator[Row]:
    """
    Ask both readers about the open questions of a set.

    Parameters
    ----------
    file
        A set for tuning, in the native form, on the articles of ``rag``. Its unanswerable questions lie further from
        its articles than those of the bundles.
    rag
        The program with the default models.
    engine
        Its language model.

    """
    prepared = prepare(rag, load(file))
    asked = [one for one in prepared.questions if one.kind in KINDS_OF_SETS and not one.history]
    for number, one in enumerate(asked):
        said = _said(prepared.rag, rag, engine, one.question, cast("Kind", one.kind))
        if said is None:
            continue
        points = list(zip(one.key_points, prepared.points.get(one.id, ()), strict=True))
        bears = [any(alone_covers(sentence, *point) for point in points) for sentence in said.found.sentences]
        group = f"{file.stem}-{number // QUESTIONS_IN_A_GROUP}"
        is_known = bool(points) == one.answerable
        yield said.row(group, answerable=one.answerable, is_of_set=True, bears=bears if is_known else ())


@dataclass(frozen=True, slots=True)
class _Said:
    found: Found
    reading: StateReading

    def row(self, group: str, *, answerable: bool, is_of_set: bool = False, bears: Sequence[bool] = ()) -> Row:
        return Row(
            group,
            is_of_set,
            answerable,
            [odds_of(one) for one in self.found.chances],
            odds_of(self.found.answers),
            list(self.found.read),
            list(bears),
            list(self.reading.bears),
            self.reading.answers,
            fingerprint(),
        )


def _said(rag: RAG, models: RAG, engine: OpenVinoEngine, question: str, kind: Kind) -> _Said | None:
    """Return what both readers say; None if there is no candidate sentence."""
    some = found(rag, models, question)
    if not some.read:
        return None
    reading = StateReader(engine).read(some.question, kind, [some.sentences[one] for one in some.read])
    if reading is None:
        raise RuntimeError("The default language model is wanted.")
    return _Said(some, reading)


def keep(rows: Sequence[Row], file: Path) -> None:
    """Write rows, one per line."""
    file.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), encoding="utf-8")


def kept(file: Path) -> list[Row]:
    """Read rows."""
    return [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def of_others(rows: Sequence[Row]) -> float:
    """Return the mean of the states' log odds over sentences that do not belong in the answer."""
    return float(
        np.mean([said for row in rows for said, bears in zip(row.states, row.bears_read, strict=True) if not bears])
    )


def spread(row: Row, others: float) -> Array:
    """Return both readers' log odds of every sentence; those not read get ``others`` or the lowest that was read."""
    full = np.full(len(row.odds), min([others, *row.states]))
    full[row.read] = row.states
    return np.column_stack([row.odds, full])


def fit_both(rows: Sequence[Row], others: float) -> LogisticRegression:
    """Fit how much each reader counts for a sentence; all sets together count as much as all bundles."""
    values, bears = np.concatenate([spread(row, others) for row in rows]), np.concatenate([row.bears for row in rows])
    of_sets = np.concatenate([np.full(len(row.bears), row.is_of_set) for row in rows])
    counts = np.where(of_sets, of_sets.sum(), (~of_sets).sum())
    return LogisticRegression(C=1e4).fit(values, bears, sample_weight=len(bears) / counts)


def fit_answered(rows: Sequence[Row]) -> LogisticRegression:
    """
    Fit how much each reader counts for whether there is an answer.

    All sets together count as much as all bundles, and in each, unanswerable questions as much as answerable ones.
    """
    groups = Counter((row.is_of_set, row.answerable) for row in rows)
    weights = [len(rows) / groups[row.is_of_set, row.answerable] for row in rows]
    return LogisticRegression(C=1e4).fit(
        [[row.answers, row.whole] for row in rows], [row.answerable for row in rows], sample_weight=weights
    )


def held_out(rows: Sequence[Row]) -> tuple[list[Array], Array]:
    """
    Combine both readers by cross-validation: each fifth of the groups with weights fitted on the others.

    Returns
    -------
    Log odds of every sentence, empty for rows whose ``bears`` is not known; log odds that there is an answer.

    """
    sentences: list[Array] = [np.zeros(0)] * len(rows)
    answered = np.zeros(len(rows))
    names = sorted({row.group for row in rows})
    for fold in range(FOLDS):
        out = set(names[fold::FOLDS])
        inside = [row for row in rows if row.group not in out]
        known = [row for row in inside if row.bears]
        others = of_others(known)
        of_sentence, of_answered = fit_both(known, others), fit_answered(inside)
        for number, row in enumerate(rows):
            if row.group in out:
                answered[number] = of_answered.decision_function([[row.answers, row.whole]])[0]
                if row.bears:
                    sentences[number] = of_sentence.decision_function(spread(row, others))
    return sentences, answered


def precision(scores: Array, bears: NDArray[np.bool_]) -> float:
    """Return the average precision of the order by scores."""
    ranked = bears[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def separation(rows: Sequence[Row], said: Array) -> tuple[float, list[float]]:
    """Return the area under the curve, and the answerable shares refused if the `BOUNDS` of the others are answered."""
    answerable = np.array([row.answerable for row in rows])
    bounds = [np.quantile(said[~answerable], 1 - share) for share in BOUNDS]
    return float(roc_auc_score(answerable, said)), [float((said[answerable] < bound).mean()) for bound in bounds]
