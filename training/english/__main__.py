"""
Teach the reader of facts English questions.

    python -m training.english DATA EVALUATION --out FOLDER --without a7 b7 ...
    python -m training.export FOLDER/last.pt EMBEDDING --out rag/inference/reading

It begins with the network that comes with the package, which is also the teacher (`training.english.learning`). DATA
and EVALUATION are those of `training.train`; beside each question it reads an example of DATA, so that it says the same
of it as before. The bundles named after `--without` measure it, before and after, in both languages. FOLDER keeps the
bundles' indexes and the weights. What is drawn depends only on the seed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from rag import RAG
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from training.drawing.data import Sampler
from training.english.learning import draw, loss
from training.english.questions import Example, gather, in_english
from training.facts.gathering import Example as Measurable
from training.facts.gathering import gather as gather_pairs
from training.facts.measuring import worth
from training.further import AT_ONCE, FROZEN, Run, learn_further
from training.open.bundles import bundles, bundles_named
from training.open.pairs import pairs
from training.restored import restore
from training.texts.leaks import Measured

if TYPE_CHECKING:
    from collections.abc import Collection

WARM_UP = 20  # steps
BODY_RATE, HEAD_RATE = 1.5e-4, 1.5e-4


def train(sampler: Sampler, options: argparse.Namespace) -> None:
    """Train, write the weights, and print what they are worth on the bundles that were left out."""
    encoder = Encoder.of(options.embedding / "tokenizer.json")
    learnt_from, measured = _gathered(
        options.out / "bundles", {bundle.name for bundle in bundles_named(options.without)}
    )
    counts = {name: len(some) for name, some in measured.items()}
    print(json.dumps({"learnt from": len(learnt_from), **counts}), flush=True)
    reader, teacher = (restore(options.begin, options.embedding) for _ in range(2))

    def say(when: str) -> None:
        for name, some in measured.items():
            if some:
                print(json.dumps({when: name, **worth(reader, encoder, some)._asdict()}), flush=True)

    say("before")
    steps = options.passes * (len(learnt_from) // AT_ONCE)
    run = Run(steps, BODY_RATE, HEAD_RATE, WARM_UP, options.seed, options.threads)
    lost = partial(loss, reader, teacher, encoder, frozen=FROZEN)
    learn_further(reader, learnt_from, partial(draw, sampler=sampler), lost, run, options.out / "last.pt")
    say("after")


def _gathered(folder: Path, left_out: Collection[str]) -> tuple[list[Example], dict[str, list[Measurable]]]:
    """Return the questions to learn from, and in each language the pairs of the bundles that were left out."""
    of_bundle, english, embedder = pairs(closed=True), in_english(), RAG()._the_embedder()
    learnt_from: list[Example] = []
    measured: dict[str, list[Measurable]] = {"German": [], "English": []}
    for bundle in bundles():
        wanted = [
            pair
            for pair in of_bundle.get(bundle.name, ())
            if (bundle.name, pair.question) in english and pair.near_miss
        ]
        if bundle.name not in left_out:
            learnt_from += gather(bundle, of_bundle.get(bundle.name, ()), english, folder, embedder)
            continue
        measured["German"] += gather_pairs(bundle, wanted, folder, embedder)
        translated = [
            replace(
                pair,
                question=english[bundle.name, pair.question],
                near_miss=english.get((bundle.name, pair.near_miss), ""),
            )
            for pair in wanted
        ]
        measured["English"] += gather_pairs(bundle, translated, folder, embedder)
    return learnt_from, measured


if __name__ == "__main__":
    packaged = Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--begin", type=Path, default=packaged, metavar="FILE.xml")
    parser.add_argument("--without", nargs="*", default=(), metavar="BUNDLE")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)  # a question has one thread
    given.out.mkdir(parents=True, exist_ok=True)
    train(Sampler.read(given.data, Measured.read(given.evaluation)), given)
