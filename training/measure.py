"""
Measure a reader on data that it was not trained on.

    python -m training.measure WEIGHTS EVALUATION [--sample 100]

WEIGHTS is a ``reader-….safetensors`` or a ``last.pt`` of a run, EVALUATION the folder of the evaluation sets. F1 and
areas under the curve are printed with their 95 % bootstrap intervals.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from safetensors.torch import load_file

from rag.evaluation.measuring.metrics import f1
from rag.inference.reading.encoding import Encoder
from training.checkpoints import resume
from training.drawing.examples import Pair
from training.figures import area, read_pairs
from training.model import Reader, load_embedding
from training.texts.passages import Window, part
from training.texts.sources import read_squad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_RESAMPLES = 1000
Row = TypeVar("Row")


def xquad(reader: Reader, encoder: Encoder, folder: Path, *, sample: int | None = None) -> dict[str, list[float]]:
    """
    Measure on XQuAD-de: the words pointed at in the whole paragraph, and copies without the answering sentence.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    folder
        Holds ``xquad_r_de``.
    sample
        How many questions; None for all.

    Returns
    -------
    dict[str, list[float]]
        ``xquad_f1``; ``xquad_removed_area``, on copies of equally many sentences with and without what answers.

    """
    asked = _sample(read_squad(folder / "xquad_r_de" / "xquad_r_de.json"), sample)
    whole = read_pairs(reader, encoder, [Pair(q.text, "", q.passage, label=True) for q in asked])
    golds = [q.passage[slice(*q.answer)] if q.answer else "" for q in asked]
    scores = [f1(one.answer, gold) for one, gold in zip(whole, golds, strict=True)]
    rng = Random(0)
    copies = [(q.text, parts) for q in asked if (parts := part(Window(q.passage, q.answer), rng))]
    both = [
        read_pairs(reader, encoder, [Pair(text, "", parts[which].text, label=True) for text, parts in copies])
        for which in (0, 1)
    ]
    kept, gone = ([one.answers for one in some] for some in both)
    return {
        "xquad_f1": _with_interval(np.array(scores), lambda drawn: float(drawn.mean())),
        "xquad_removed_area": _area_with_interval(kept, gone),
    }


def nomiracl(reader: Reader, encoder: Encoder, folder: Path, *, sample: int | None = None) -> dict[str, list[float]]:
    """
    Measure on NoMIRACL-de whether one of ten passages answers.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    folder
        Holds ``nomiracl_de``.
    sample
        How many questions; None for all.

    Returns
    -------
    dict[str, list[float]]
        ``nomiracl_area`` of the best passage's odds; ``nomiracl_false_answers``, the share of questions without an
        answer that pass the bound which refuses 15 % of the others.

    """
    rows = _sample(_rows(folder / "nomiracl_de" / "tasks.jsonl"), sample)
    pairs = [Pair(r["query"], p["title"] or "", p["text"], label=True) for r in rows for p in r["passages"]]
    odds = iter(read_pairs(reader, encoder, pairs))
    best = [max(next(odds).answers for _ in row["passages"]) for row in rows]
    yes = [score for score, row in zip(best, rows, strict=True) if row["subset"] == "relevant"]
    no = [score for score, row in zip(best, rows, strict=True) if row["subset"] != "relevant"]
    passed = float(np.mean(np.array(no) >= np.quantile(yes, 0.15)))
    return {"nomiracl_area": _area_with_interval(yes, no), "nomiracl_false_answers": [passed]}


def memerag(reader: Reader, encoder: Encoder, folder: Path, *, sample: int | None = None) -> dict[str, list[float]]:
    """
    Measure on MEMERAG-de whether one of the passages carries a sentence of an answer.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    folder
        Holds ``memerag_de``.
    sample
        How many questions; None for all.

    Returns
    -------
    dict[str, list[float]]
        ``memerag_balanced`` at even odds, ``memerag_area``, and the same with the question before the sentence.

    """
    rows = _sample(_rows(folder / "memerag_de" / "memerag.jsonl"), sample)
    judged = [
        (row, said["sentence"], said["factuality"] == "Supported")
        for row in rows
        for said in row["answer"]
        if said["factuality"] in {"Supported", "Not Supported"}
    ]
    found: dict[str, list[float]] = {}
    for name, lead in (("memerag", ""), ("memerag_asked", "{} ")):
        pairs = [
            Pair(lead.format(row["query"]) + sentence, "", passage["text"], label=True)
            for row, sentence, _ in judged
            for passage in row["context"]
        ]
        odds = iter(read_pairs(reader, encoder, pairs))
        best = [max(next(odds).carries for _ in row["context"]) for row, _, _ in judged]
        right = [score for score, (_, _, carried) in zip(best, judged, strict=True) if carried]
        wrong = [score for score, (_, _, carried) in zip(best, judged, strict=True) if not carried]
        found[f"{name}_balanced"] = [float((np.mean(np.array(right) > 0) + np.mean(np.array(wrong) <= 0)) / 2)]
        found[f"{name}_area"] = _area_with_interval(right, wrong)
    return found


def load(weights: Path, embedding: Path) -> Reader:
    """
    Load a reader.

    Parameters
    ----------
    weights
        A file of safetensors, or a checkpoint.
    embedding
        The folder of the embedding model.

    Returns
    -------
    Reader
        Ready to read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    """
    if not weights.exists():
        raise FileNotFoundError(f"{weights}: not there; give a reader-….safetensors or a last.pt of a run")
    reader = Reader()
    load_embedding(reader, embedding)
    if weights.suffix == ".pt":
        resume(weights, reader)
    else:
        reader.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    return reader.eval()


def main() -> None:
    """Read the options, measure, and print one line of JSON per set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--sample", type=int, help="questions of each set, drawn with a fixed seed; all if not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sets", nargs="+", choices=sorted(_SETS), default=sorted(_SETS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder = Encoder.of(options.embedding / "tokenizer.json")
    reader = load(options.weights, options.embedding)
    for name in options.sets:
        figures = _SETS[name](reader, encoder, options.evaluation, sample=options.sample)
        print(json.dumps({key: [round(value, 4) for value in some] for key, some in figures.items()}), flush=True)


_SETS = {"memerag": memerag, "nomiracl": nomiracl, "xquad": xquad}


def _sample(rows: Sequence[Row], count: int | None) -> list[Row]:
    return list(rows) if count is None or count >= len(rows) else Random(11).sample(list(rows), count)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _with_interval(values: NDArray[np.float64], figure: Callable[[NDArray[np.float64]], float]) -> list[float]:
    random = np.random.default_rng(0)
    draws = [figure(values[random.integers(0, len(values), len(values))]) for _ in range(_RESAMPLES)]
    return [figure(values), *(float(np.quantile(draws, share)) for share in (0.025, 0.975))]


def _area_with_interval(positive: Sequence[float], negative: Sequence[float]) -> list[float]:
    random = np.random.default_rng(0)
    above, below = np.array(positive), np.array(negative)
    draws = [
        area(above[random.integers(0, len(above), len(above))], below[random.integers(0, len(below), len(below))])
        for _ in range(_RESAMPLES)
    ]
    return [area(above, below), *(float(np.quantile(draws, share)) for share in (0.025, 0.975))]


if __name__ == "__main__":
    main()
