"""
Make the probes of the language model's states.

    python -m training.states gather FOLDER --bundles p1 p2 ...
    python -m training.states gather FOLDER --set SET.jsonl    (RAG_CORPUS, RAG_INDEX: the articles it is on)
    python -m training.states fit FOLDER --out rag/grounding/state_reader

``gather`` reads each open question with what the small reader finds likeliest, a second and a half a question on two cores;
of bundles that FOLDER has already nothing is read again. ``fit`` prints what the probes are worth on bundles that they were
not fitted on, alone and beside the small reader, writes them fitted on all, and prints the weights that go into
`rag.composing.bearing`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from rag import RAG
from rag.grounding.state_reader.probe import WEIGHTS_FILE
from rag.inference.generation.openvino import OpenVinoEngine
from training.open.bundles import bundles_named
from training.states import fitting
from training.states.gathering import gather, gather_set

# At the default strictness, see `rag.grounding.answerability.needed`.
NEEDED = 0.36
MODEL = ("qwen2.5-coder-1.5b", "openvino")


def _gather(folder: Path, names: list[str], dataset: Path | None) -> None:
    models = RAG()
    engine = models._models.engine()
    if not isinstance(engine, OpenVinoEngine) or not engine.fingerprint.startswith(f"{MODEL[0]}@"):
        raise SystemExit(f"The probes are made with {MODEL[0]} on {MODEL[1]}, not with {engine.fingerprint}.")
    folder.mkdir(parents=True, exist_ok=True)
    if dataset is not None:
        gather_set(dataset, folder, models, engine)
    for bundle in bundles_named(names):
        if not (folder / f"{bundle.name}.npz").exists():
            gather(bundle, folder, models, engine)
            print(bundle.name, flush=True)


def _fit(folder: Path, out: Path) -> None:
    rows = fitting.rows_of(folder)
    held = fitting.held_out(rows)
    of_sets = np.array([row.is_of_set for row in rows])
    print(f"{len(rows)} questions, {of_sets.sum()} of sets; by what was fitted without their bundles:")
    known = [number for number, row in enumerate(rows) if row.bears.any()]
    orders = {
        "small reader": [row.odds[row.read] for row in rows],
        "states": held.states,
        "both": [both[row.read] for row, both in zip(rows, held.both, strict=True)],
    }
    for name, scores in orders.items():
        found = np.mean([fitting.precision(scores[one], rows[one].bears) for one in known])
        print(f"mean average precision of what is read, {name}: {found:.3f}")
    of_reader = np.array([row.answers for row in rows])
    for name, one in (("small reader", of_reader), ("states", held.whole), ("both", held.answered)):
        for where, of in (("bundles", ~of_sets), ("sets", of_sets)):
            if of.any():
                area, refused = fitting.separation([row for row, is_of in zip(rows, of, strict=True) if is_of], one[of])
                shares = ", ".join(f"{share:.3f} at {at}" for share, at in zip(refused, fitting.BOUNDS, strict=True))
                print(f"is there an answer, {where}, {name}: area {area:.3f}; refused {shares} answered though not")
    chances = 1 / (1 + np.exp(-held.answered))
    answerable = np.array([row.answerable for row in rows])
    for where, of in (("bundles", ~of_sets), ("sets", of_sets)):
        refused, answered_though = chances[of & answerable] < NEEDED, chances[of & ~answerable] >= NEEDED
        print(f"at {NEEDED}, {where}: refused {refused.mean():.3f}, answered though not {answered_though.mean():.3f}")
    others = fitting.of_others(rows, held.states)
    both, answered = fitting.fit_both(rows, held.states, others), fitting.fit_answered(rows, held.whole)
    print(
        "sentence, intercept and weights:", both.intercept_.round(3), both.coef_.round(3), "unread:", round(others, 2)
    )
    print("answered, intercept and weights:", answered.intercept_.round(3), answered.coef_.round(3))
    sentence, all_of_it = fitting.fit_sentences(rows), fitting.fit_whole(rows)
    np.savez(
        out / WEIGHTS_FILE,
        model=np.array(MODEL),
        sentence=sentence.weights.astype(np.float32),
        sentence_bias=np.float32(sentence.bias),
        whole=all_of_it.weights.astype(np.float32),
        whole_bias=np.float32(all_of_it.bias),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("gather", "fit"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bundles", nargs="*", default=(), metavar="BUNDLE")
    parser.add_argument("--set", type=Path, metavar="SET.jsonl")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.step == "gather":
        _gather(given.folder, given.bundles, given.set)
    elif given.out is not None:
        _fit(given.folder, given.out)
    else:
        parser.error("fit needs --out")
