"""
Train layers of the language model to write out what a follow-up asks.

    python -m training.rewriting gather FOLDER [--most 2000] [--conversations FILE.jsonl]
    python -m training.rewriting learn FOLDER --out OUT [--begin BEGIN] [--passes 1] [--rate 5e-4]
    python -m training.rewriting ask SET.jsonl

``gather`` lets the lower layers read conversations, half a second each on two cores, and keeps the input of the upper
ones: 300 kilobytes each, less where several share a history. ``learn`` writes what is added to the upper layers; it
takes two seconds per conversation and pass, one second if four share a history. The result belongs in
`rag/inference/adapting`. ``ask`` prints how the layers in the package rewrite each follow-up of a set, and counts those
that match the set's rewriting letter by letter.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from rag import RAG
from rag.inference.adapting import REWRITING_FILE
from rag.inference.adapting.adapters import adapters_of
from rag.query.written_out import MOST_TOKENS, is_of, prompt
from training.adapting.default_model import MODEL, engine_of, gguf_of
from training.rewriting.conversations import drawn, gather, read

CONVERSATIONS = Path(__file__).parents[1] / "follow_ups.jsonl"


def _learn(folder: Path, out: Path, begin: Path | None, passes: int, rate: float) -> None:
    from training.adapting.layers import keep  # noqa: PLC0415 - PyTorch
    from training.rewriting.learning import learn  # noqa: PLC0415
    from training.rewriting.network import Network, matrices_of  # noqa: PLC0415

    files = sorted(folder.glob("*.npz"))
    if not files:
        raise SystemExit(f"Nothing was gathered in {folder}.")
    network = Network(
        matrices_of(gguf_of(engine_of(RAG()))), None if begin is None else adapters_of(np.load(begin / REWRITING_FILE))
    )
    learn(
        network,
        files,
        passes=passes,
        rate=rate,
        say=lambda step, steps, loss: print(f"step {step} of {steps}: {loss:.3f}", flush=True),
    )
    out.mkdir(parents=True, exist_ok=True)
    keep(network.learnt(MODEL), out / REWRITING_FILE)


def _ask(file: Path) -> None:
    engine = engine_of(RAG())
    conversations = [one for one in read(file) if one.rewriting != one.question]
    right = refused = 0
    for one in conversations:
        found = engine.rewritten(prompt(one.question, one.history), max_tokens=MOST_TOKENS)
        is_taken = found is not None and is_of(found.text, one.question, one.history)
        right += found is not None and is_taken and found.text == one.rewriting
        refused += not is_taken
        print(json.dumps([one.question, one.rewriting, found, is_taken], ensure_ascii=False), flush=True)
    print(f"{len(conversations)} follow-ups: {right} letter by letter, {refused} left to the rules")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("gather", "learn", "ask"))
    parser.add_argument("place", type=Path)
    parser.add_argument("--most", type=int, default=2000)
    parser.add_argument("--conversations", type=Path, default=CONVERSATIONS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--begin", type=Path)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--rate", type=float, default=5e-4)
    given = parser.parse_args()
    if given.step == "gather":
        gather(drawn(read(given.conversations), given.most), given.place, engine_of(RAG()))
    elif given.step == "ask":
        _ask(given.place)
    elif given.out is not None:
        _learn(given.place, given.out, given.begin, given.passes, given.rate)
    else:
        parser.error("learn needs --out")
