"""
Fit how likely the sentence that the reader points at answers (`rag.grounding.reader.judging`), and measure the result.

    python -m bench.fitting.fit_reader ROWS.jsonl [MORE.jsonl ...] [--check OTHER.jsonl ...] [--folder FOLDER]

The rows come from `bench/fitting/gather.py`; --folder names another network than the package's. Prints, for sets that
say where the answer is, how often the language model's sentence, the reader's and the nearest one are right; the
weights; for each file and some bounds how often the reader is that sure, how often it is right then, and how often the
language model is right on the same questions; and at each strictness both errors of the product, which asks the
language model if the reader is not sure. The figures of files that were fitted on come from cross-validation by file.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench.fitting.gather import Row, overlaps, rows
from rag import RAG, Settings
from rag.grounding.answerability import needed, probability
from rag.grounding.reader.judging import SURE, features
from rag.grounding.reader.scoring import EvidenceReader
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import Network
from rag.inference.reading.packaged import WORDS
from rag.inference.weights import resolve_embedding

_BOUNDS = (0.4, 0.5, 0.6, 0.7, 0.8)
_STRICTNESS = Settings().answering.strictness
_STRICTNESSES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Read:
    """
    What is known of one question.

    Parameters
    ----------
    values
        Inputs of the reader's probability.
    answerable, known
        Whether the evidence can hold the answer, and whether the set says where.
    reader, model, nearest
        Whether the sentence of each holds the answer; if the set does not say where the answer is, whether it is the
        language model's sentence.
    chance
        Probability by the language model and the search, see `rag.grounding.answerability`; None if the model was not
        asked.

    """

    values: tuple[float, ...]
    answerable: bool
    known: bool
    reader: bool
    model: bool
    nearest: bool
    chance: float | None

    @property
    def shown(self) -> bool:
        """Whether the product without the reader answers."""
        return self.chance is not None and self.chance >= needed(_STRICTNESS)


def read(row: Row, reader: EvidenceReader) -> Read:
    chosen, values = features(row.question, row.evidence, reader.read(row.question, row.evidence))
    place = row.place
    models = row.read[place.sentence] if place else None
    known = bool(row.gold)

    def right(sentence) -> bool:
        if sentence is None or not row.answerable:
            return False
        return overlaps(sentence, row.gold) if known else sentence == models

    return Read(
        values,
        row.answerable,
        known,
        right(row.evidence[chosen]),
        right(models),
        right(max(row.evidence, key=lambda one: one.score)),
        None if row.draft is None else probability(row.signals) if place is not None else 0.0,
    )


def fitted(sets: list[list[Read]]) -> LogisticRegression:
    every = [one for of in sets for one in of]
    model = LogisticRegression(C=1, max_iter=5000)
    return model.fit(np.array([one.values for one in every]), np.array([one.reader for one in every]))


def main(files: list[Path], checks: list[Path], folder: Path | None) -> None:
    embedding = Path(resolve_embedding(RAG().settings.embedding.model).location)
    network = Network(embedding / WORDS, folder=folder)
    reader = EvidenceReader(Encoder.of(embedding / "tokenizer.json"), network, network)
    sets = {file: [read(row, reader) for row in rows(file)] for file in (*files, *checks)}
    print("| the sentence answers | questions | model | reader | nearest |\n|---|---|---|---|---|")
    for file, of in sets.items():
        asked = [one for one in of if one.answerable and one.known]
        if asked:
            shares = {who: f"{np.mean([getattr(one, who) for one in asked]):.3f}" for who in ("reader", "nearest")}
            model = f"{np.mean([one.model for one in asked]):.3f}" if _model_asked(of) else "–"
            print(f"| {file.stem} | {len(asked)} | {model} | {shares['reader']} | {shares['nearest']} |")
    errors: dict[str, list[str]] = {}
    model = fitted([sets[file] for file in files])
    print(f"\n_INTERCEPT = {model.intercept_[0]:.3f}")
    print(f"_WEIGHTS = ({', '.join(f'{weight:.3f}' for weight in model.coef_[0])})")
    print(
        "\n| file | sure at | of all | of answerable | right | model right | unanswerable |\n|---|---|---|---|---|---|---|"
    )
    for file, of in sets.items():
        others = [sets[other] for other in files if other != file]
        model = fitted(others)
        odds = model.predict_proba(np.array([one.values for one in of]))[:, 1]
        for bound in _BOUNDS:
            _print_row(file.stem, bound, of, odds >= bound)
        if _model_asked(of):
            errors[file.stem] = [_errors(of, odds >= SURE, strictness) for strictness in _STRICTNESSES]
    print(f"\n| false answers / false abstentions | {' | '.join(map(str, _STRICTNESSES))} |")
    print(f"|---|{'---|' * len(_STRICTNESSES)}")
    for name, cells in errors.items():
        print(f"| {name} | {' | '.join(cells)} |")


def _model_asked(of: list[Read]) -> bool:
    return all(one.chance is not None for one in of)


def _errors(of: list[Read], sure: np.ndarray, strictness: float) -> str:
    answered = [is_sure or (one.chance or 0.0) >= needed(strictness) for one, is_sure in zip(of, sure, strict=True)]
    wrong = [shown for one, shown in zip(of, answered, strict=True) if not one.answerable]
    missing = [not shown for one, shown in zip(of, answered, strict=True) if one.answerable]
    return " / ".join(f"{np.mean(some):.2f}" if some else "–" for some in (wrong, missing))


def _print_row(name: str, bound: float, of: list[Read], sure: np.ndarray) -> None:
    some = [one for one, is_sure in zip(of, sure, strict=True) if is_sure]
    asked = [one for one in some if one.answerable]
    count = sum(one.answerable for one in of)
    right = np.mean([one.reader for one in asked]) if asked else float("nan")
    model = np.mean([one.shown and one.model for one in asked]) if asked and _model_asked(of) else float("nan")
    share = len(asked) / count if count else float("nan")
    wrong = f"{len(some) - len(asked)} of {len(of) - count}"
    print(f"| {name} | {bound} | {len(some) / len(of):.2f} | {share:.2f} | {right:.2f} | {model:.2f} | {wrong} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--check", type=Path, nargs="+", default=[])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    main(given.files, given.check, given.folder)
