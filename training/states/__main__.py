"""
Train layers of the language model to read for answers of several sentences.

    python -m training.states gather FOLDER --bundles p1 p2 ...
    python -m training.states learn FOLDER --out OUT [--begin BEGIN] [--passes 1] [--without a7 ...]
    python -m training.states weigh ROWS.jsonl --bundles a7 ... [--set SET.jsonl ...]

``gather`` lets the lower layers read each question with the sentences that the small reader finds likeliest, two
seconds a question on two cores, and keeps the input of the adapted layers: a megabyte and a half a question. ``learn``
writes the adapted layers and their probes; it takes a second and a half per question and pass. They belong in
`rag/inference/adapting` and `rag/grounding/state_reader`. ``weigh`` asks both readers about bundles that neither learnt
from, and about sets for tuning (RAG_CORPUS, RAG_INDEX: the articles that they are on). It prints how good both are, and
the weights that go into `rag.composing.bearing`. It uses the layers that are in the package, and asks nothing again
that ROWS.jsonl has.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from rag import RAG
from rag.grounding.state_reader.probe import WEIGHTS_FILE, fingerprint, probes_of
from rag.inference.adapting import ADAPTERS_FILE
from rag.inference.adapting.adapters import adapters_of
from training.adapting.default_model import MODEL, engine_of, gguf_of
from training.open.bundles import bundles_named
from training.states import weighing
from training.states.gathering import gather

# Probability that is needed to answer at the default strictness, see `rag.grounding.answerability.needed`.
NEEDED = 0.36


def _gather(folder: Path, names: list[str]) -> None:
    models = RAG()
    engine = engine_of(models)
    folder.mkdir(parents=True, exist_ok=True)
    for bundle in bundles_named(names):
        gather(bundle, folder, models, engine)
        print(bundle.name, flush=True)


def _learn(folder: Path, out: Path, begin: Path | None, passes: int, without: list[str]) -> None:
    import torch  # noqa: PLC0415 - heavy

    from training.adapting.layers import keep  # noqa: PLC0415 - PyTorch
    from training.states.learning import learn  # noqa: PLC0415
    from training.states.network import Network, layers_of  # noqa: PLC0415

    left_out = {bundle.name for bundle in bundles_named(without)}
    files = sorted(one for one in folder.glob("*.npz") if one.stem.partition("-")[0] not in left_out)
    if not files:
        raise SystemExit(f"Nothing was gathered in {folder}.")
    gguf = gguf_of(engine_of(RAG()))
    torch.manual_seed(0)
    known = None
    if begin is not None:
        known = adapters_of(np.load(begin / ADAPTERS_FILE)), probes_of(dict(np.load(begin / WEIGHTS_FILE)))
        if known[1].layers != known[0].fingerprint:
            raise SystemExit(f"The probes in {begin} were not made with the layers there.")
    network = Network(layers_of(gguf), known)
    print(f"{len(files)} questions")
    learn(
        network,
        files,
        passes=passes,
        say=lambda step, steps, loss: print(f"step {step} of {steps}: {loss:.3f}", flush=True),
    )
    learnt = network.learnt(MODEL)
    out.mkdir(parents=True, exist_ok=True)
    keep(learnt.adapters, out / ADAPTERS_FILE)
    np.savez(
        out / WEIGHTS_FILE,
        model=np.array(MODEL),
        layers=np.array(learnt.probes.layers),
        sentence=learnt.probes.sentence,
        sentence_bias=np.float32(learnt.probes.sentence_bias),
        whole=learnt.probes.whole,
        whole_bias=np.float32(learnt.probes.whole_bias),
    )


def _weigh(file: Path, names: list[str], sets: list[Path]) -> None:
    rows = _kept(file) if file.exists() else []
    known = {row.group.rpartition("-")[0] if row.is_of_set else row.group for row in rows}
    if any(name not in known for name in (*names, *(one.stem for one in sets))):
        models = RAG()
        engine = engine_of(models)
        for bundle in bundles_named(set(names) - known):
            rows += weighing.rows_of_bundle(bundle, file.parent, models, engine)
            weighing.keep(rows, file)
            print(bundle.name, flush=True)
        for one in sets:
            if one.stem not in known:
                rows += weighing.rows_of_set(one, models, engine)
                weighing.keep(rows, file)
                print(one.name, flush=True)
    _print(rows)


def _kept(file: Path) -> list[weighing.Row]:
    try:
        rows = weighing.kept(file)
    except TypeError:  # the rows have an earlier form
        rows = None
    if rows is None or any(row.made_with != fingerprint() for row in rows):
        raise SystemExit(f"{file} has rows of other layers than those in the package; name another file.")
    return rows


def _print(rows: list[weighing.Row]) -> None:
    of_sets = np.array([row.is_of_set for row in rows])
    sentences, answered = weighing.held_out(rows)
    print(
        f"{sum(~of_sets)} questions of bundles, {sum(of_sets)} of sets; both by what was fitted without their groups:"
    )
    for where, is_set in (("bundles", False), ("sets", True)):
        said_of = [
            ((np.array(row.odds)[row.read], np.array(row.states), both[row.read]), row.bears_read)
            for row, both in zip(rows, sentences, strict=True)
            if row.is_of_set == is_set and row.bears and row.bears_read.any()
        ]
        for place, name in enumerate(("small reader", "states", "both")) if said_of else ():
            found = np.mean([weighing.precision(said[place], bears) for said, bears in said_of])
            print(f"mean average precision of what is read, {len(said_of)} of {where}, {name}: {found:.3f}")
    whole = {"small reader": np.array([row.answers for row in rows]), "states": np.array([row.whole for row in rows])}
    answerable, chances = np.array([row.answerable for row in rows]), 1 / (1 + np.exp(-answered))
    for where, of in (("bundles", ~of_sets), ("sets", of_sets)):
        if not of.any():
            continue
        some = [row for row, is_of in zip(rows, of, strict=True) if is_of]
        for name, one in (*whole.items(), ("both", answered)):
            area, refused = weighing.separation(some, one[of])
            shares = ", ".join(f"{share:.3f} at {at}" for share, at in zip(refused, weighing.BOUNDS, strict=True))
            print(f"is there an answer, {where}, {name}: area {area:.3f}; refused {shares} answered though not")
        refused_at, answered_at = chances[of & answerable] < NEEDED, chances[of & ~answerable] >= NEEDED
        print(f"at {NEEDED}, {where}: refused {refused_at.mean():.3f}, answered though not {answered_at.mean():.3f}")
    known = [row for row in rows if row.bears]
    others = weighing.of_others(known)
    both, of_answered = weighing.fit_both(known, others), weighing.fit_answered(rows)
    print("sentence:", both.intercept_.round(3), both.coef_.round(3), "unread:", round(others, 2))
    print("answered:", of_answered.intercept_.round(3), of_answered.coef_.round(3))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("gather", "learn", "weigh"))
    parser.add_argument("place", type=Path)
    parser.add_argument("--bundles", nargs="*", default=[], metavar="BUNDLE")
    parser.add_argument("--set", nargs="*", type=Path, default=[], metavar="SET.jsonl", dest="sets")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--begin", type=Path)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[], metavar="BUNDLE")
    given = parser.parse_args()
    if given.step == "gather":
        _gather(given.place, given.bundles)
    elif given.step == "weigh":
        _weigh(given.place, given.bundles, given.sets)
    elif given.out is not None:
        _learn(given.place, given.out, given.begin, given.passes, given.without)
    else:
        parser.error("learn needs --out")
