"""
Train the classifier of question kinds and report how often it is right: ``python -m training.kinds``.

Needs the embedding model, and scikit-learn, which comes with sentence-transformers. The same questions and the same
versions give the same weights. Questions written one by one, alone or on the articles of `training.open`, are
measured by cross-validation; questions made from frames are only trained on.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from rag.kinds.classifier import WEIGHTS, Weights, centred
from rag.kinds.features import COLUMNS, columns, tokens
from rag.kinds.frames import Labelled, filled, labelled, written
from rag.kinds.types import KINDS
from training.open.bundles import FACTS_FILE, bundles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Guesses = NDArray[np.float64]

QUESTIONS = Path(__file__).parent / "questions.jsonl"
FOLDS = 5
LEAST_COUNT = 3  # times that a word must occur in the written questions to count as itself
STRENGTH = 30.0  # inverse of the regularisation
FORM = 2.5  # how much the form counts beside the vector; at 1.5 more facts are taken for something else
FRAME = 0.2  # how much a question made from a frame counts, relative to a written one
# The same for a question taken from a set. At 0.1 and at 0.2, 0.89 of the kinds in kinds_blind.jsonl are right; 140 and
# 131 of 1,000 XQuAD questions are not recognised as facts, and nearly half without questions from sets.
FACT = 0.2
# Number of questions taken from each extractive set (licences in README.md) as facts, besides those written here.
FACTS = {"mlqa-de-half": 1400, "germanquad-train-part": 350, "germandpr-train-part": 300, "squad2dev": 700}
MOST = 8  # words of an answer in such a set
_REASON = re.compile(r"\b(?:warum|weshalb|wieso|weswegen|why|how come|inwiefern)\b", re.IGNORECASE)
_SHARPNESS = np.geomspace(0.2, 3.0, 60)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Questions as rows of numbers: vector and form beside each other, and the form alone."""

    both: Any
    form: Any
    labels: NDArray[np.int64]


def train(
    model: str,
    questions: Sequence[Labelled],
    vectors: Array,
    frames: Sequence[Labelled],
    frame_vectors: Array,
    *,
    facts: int = 0,
) -> tuple[Weights, dict[str, float]]:
    """
    Learn from questions.

    Parameters
    ----------
    model
        Name of the embedding model.
    questions, vectors
        Written questions and their query vectors, shape ``(questions, dimension)``.
    frames, frame_vectors
        The same for questions made from frames, followed by those taken from sets.
    facts
        How many of these are taken from sets.

    Returns
    -------
    tuple[Weights, dict[str, float]]
        The weights, and the share of written questions classified right when left out of training: with vector and
        form, with the form alone, and with the vector alone.

    """
    counts = Counter(word for one in questions for word in {token.casefold() for token in tokens(one.question)})
    frequent = frozenset(word for word, count in counts.items() if count >= LEAST_COUNT)
    mean = vectors.mean(axis=0)
    ours = _inputs(questions, centred(vectors, mean), frequent)
    more = _inputs(frames, centred(frame_vectors, mean), frequent)
    width = vectors.shape[1]
    counts_for = np.full(len(frames), FRAME, dtype=np.float32)
    counts_for[len(frames) - facts :] = FACT
    figures: dict[str, float] = {}
    fitted: dict[str, tuple[Any, float]] = {}
    for name, own, added in (
        ("both", ours.both, more.both),
        ("form", ours.form, more.form),
        ("vector", ours.both[:, :width], more.both[:, :width]),
    ):
        guesses = _left_out(own, ours.labels, added, more.labels, counts_for)
        figures[name] = float(np.mean(guesses.argmax(axis=1) == ours.labels))
        fitted[name] = (_fit(own, ours.labels, added, more.labels, counts_for), _sharpness(guesses, ours.labels))
    (both, sharpness), (form, sharpness_alone) = fitted["both"], fitted["form"]
    weights = Weights(
        model,
        frequent,
        mean,
        both.coef_[:, :width],
        both.coef_[:, width:] * FORM,
        both.intercept_,
        form.coef_ * FORM,
        form.intercept_,
        sharpness,
        sharpness_alone,
    )
    return weights, figures


def _inputs(questions: Sequence[Labelled], vectors: Array, frequent: frozenset[str]) -> Inputs:
    places = [columns(one.question, frequent) for one in questions]
    rows = np.repeat(np.arange(len(places)), [len(place) for place in places])
    values = np.concatenate([np.full(len(place), FORM / np.sqrt(max(1, len(place)))) for place in places])
    form = csr_matrix((values, (rows, np.concatenate(places))), shape=(len(places), COLUMNS))
    labels = np.array([KINDS.index(one.kind) for one in questions])
    return Inputs(hstack([csr_matrix(vectors), form]).tocsr(), form, labels)


def _fit(own: Any, labels: NDArray[np.int64], added: Any, added_labels: NDArray[np.int64], added_weights: Array) -> Any:
    weights = np.concatenate([np.ones(len(labels)), added_weights])
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(
        vstack([own, added]), np.concatenate([labels, added_labels]), sample_weight=weights
    )


def _left_out(
    own: Any, labels: NDArray[np.int64], added: Any, added_labels: NDArray[np.int64], added_weights: Array
) -> Guesses:
    """Return scores of each written question by a model that was not trained on it."""
    scores = np.zeros((len(labels), len(KINDS)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for known, unknown in folds.split(np.zeros(len(labels)), labels):
        fitted = _fit(own[known], labels[known], added, added_labels, added_weights)
        scores[unknown] = fitted.decision_function(own[unknown])
    return scores


def _sharpness(scores: Guesses, labels: NDArray[np.int64]) -> float:
    """Return the factor on the scores that makes the right kinds likeliest (Guo et al. 2017)."""

    def loss(factor: float) -> float:
        scaled = scores * factor
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(labels)), labels]))

    return float(min(_SHARPNESS, key=loss))


def _embed(questions: Sequence[Labelled], store: Path | None) -> tuple[str, Array]:
    """Return the model's name and the query vectors; vectors that are in the file ``store`` are not made again."""
    from rag.inference.embedding.factory import create_embedder  # noqa: PLC0415 - loads the model
    from rag.inference.weights import resolve_embedding  # noqa: PLC0415
    from rag.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    embedder = create_embedder(resolve_embedding(settings.embedding.model), settings)
    known: dict[str, Array] = {}
    if store is not None and store.exists():
        with np.load(store) as stored:
            known = dict(zip(map(str, stored["questions"]), stored["vectors"], strict=True))
    for one in questions:
        if one.question not in known:
            known[one.question] = embedder.embed_query(one.question)
    if store is not None:
        np.savez(store, questions=np.array(list(known)), vectors=np.stack(list(known.values())))
    return embedder.fingerprint.partition("@")[0], np.stack([known[one.question] for one in questions])


def extractive(file: Path) -> list[Labelled]:
    """
    Draw questions that people asked and that a few words of a text answer: facts, whatever form they have.

    Questions for a reason are left out, since an explanation may answer them too.
    """
    draw = random.Random(0)
    asked: dict[str, dict[str, None]] = {}
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            reason = _REASON.search(row["q"])
            if (
                row["src"] in FACTS
                and row["label"]
                and row["ans"]
                and not reason
                and len(row["ans"][0].split()) <= MOST
            ):
                asked.setdefault(row["src"], {})[row["q"].strip()] = None
    return [
        Labelled(question, "fact")
        for source, most in FACTS.items()
        for question in draw.sample(sorted(asked.get(source, {})), min(most, len(asked.get(source, {}))))
    ]


def further() -> list[Labelled]:
    """Return the questions stored beside this module, and the answerable ones on the articles of `training.open`."""
    several = [Labelled(one.question, one.kind) for bundle in bundles() for one in bundle.questions if one.points]
    lines = [line for file in (QUESTIONS, FACTS_FILE) for line in file.read_text(encoding="utf-8").splitlines()]
    return [*several, *labelled(json.loads(line) for line in lines)]


def main(
    target: Annotated[Path | None, typer.Option(help="Where to write the weights; the package's by default.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="File that keeps the vectors of the questions.")] = None,
    check: Annotated[Path | None, typer.Option(help="JSONL of questions never trained on, to be measured.")] = None,
    facts: Annotated[Path | None, typer.Option(help="qa.jsonl.xz of questions whose answer is one span.")] = None,
) -> None:
    """Train, write the weights, and print how often the kind is right."""
    ours, taken = [*written(), *further()], extractive(facts) if facts else []
    more = [*filled(), *taken]
    checked = labelled(json.loads(line) for line in check.read_text(encoding="utf-8").splitlines()) if check else []
    name, embedded = _embed([*ours, *more, *checked], vectors)
    first, second = len(ours), len(ours) + len(more)
    weights, figures = train(name, ours, embedded[:first], more, embedded[first:second], facts=len(taken))
    file = target or Path(str(resources.files("rag.kinds").joinpath(WEIGHTS)))
    weights.save(file)
    typer.echo(f"{len(ours)} written questions, {len(more)} of frames, {len(weights.frequent)} frequent words")
    for inputs, share in figures.items():
        typer.echo(f"right when left out, by {inputs}: {share:.3f}")
    if checked:
        _report(checked, embedded[second:], weights)


def _report(questions: Sequence[Labelled], vectors: Array, weights: Weights) -> None:
    from rag.kinds.classifier import classify  # noqa: PLC0415 - of the weights just made

    guesses = [classify(one.question, vector, weights=weights) for one, vector in zip(questions, vectors, strict=True)]
    right = [guess.kind == one.kind for one, guess in zip(questions, guesses, strict=True)]
    alone = [classify(one.question, weights=weights).kind == one.kind for one in questions]
    typer.echo(f"right on {len(questions)} others: {np.mean(right):.3f}, by form alone {np.mean(alone):.3f}")
    for kind in KINDS:
        of_kind = [ok for one, ok in zip(questions, right, strict=True) if one.kind == kind]
        if of_kind:
            typer.echo(f"  {kind}: {sum(of_kind)} of {len(of_kind)}")


if __name__ == "__main__":
    typer.run(main)
