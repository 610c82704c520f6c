"""
Train the reader.

    python -m training.train DATA EVALUATION --out FOLDER --steps 3000

DATA is the folder with ``qa.jsonl.xz`` and the other labelled sets. EVALUATION holds the evaluation sets: their
passages are kept out of training, and the half of ``mlqa_de_partial`` that is not in DATA gives the figures in the
log. The same call continues from the last checkpoint in FOLDER.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import torch

from rag.inference.reading.encoding import Encoder
from training.batches import buckets, losses, read
from training.checkpoints import Progress, resume, save, save_weights
from training.drawing.data import Sampler
from training.figures import development
from training.model import Reader, load_embedding
from training.texts.leaks import Measured
from training.texts.sources import read_squad

if TYPE_CHECKING:
    from collections.abc import Collection

    from training.batches import Bucket, Losses
    from training.drawing.examples import Example
    from training.texts.sources import Question

WARM_UP = 100  # steps
BODY_RATE, HEAD_RATE = 2e-4, 8e-4


class Run:
    """
    One training run; the examples of a step depend only on the seed and the step.

    Parameters
    ----------
    options
        As parsed by `main`.

    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._out: Path = options.out
        self._out.mkdir(parents=True, exist_ok=True)
        self._sampler = Sampler.read(options.data, Measured.read(options.evaluation))
        self._held_out = held_out(
            options.evaluation / "mlqa_de_partial" / "mlqa_de_test_partial.json", self._sampler.passages
        )
        self._encoder = Encoder.of(options.embedding / "tokenizer.json")
        torch.manual_seed(options.seed)
        self._reader = Reader()
        load_embedding(self._reader, options.embedding)
        body = [p for name, p in self._reader.named_parameters() if name.startswith("layers")]
        heads = [p for name, p in self._reader.named_parameters() if not name.startswith(("layers", "first_norm"))]
        self._optimizer = torch.optim.AdamW(
            [{"params": body, "rate": BODY_RATE}, {"params": heads, "rate": HEAD_RATE}],
            lr=BODY_RATE,
            weight_decay=0.01,
            betas=(0.9, 0.98),
        )
        self._checkpoint = self._out / "last.pt"
        self._progress = resume(self._checkpoint, self._reader, self._optimizer)
        self._pool = ThreadPoolExecutor(options.threads)
        self._stopped = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)

    def go(self) -> None:
        """Train until all steps are done or the process is told to end; either way a checkpoint is written."""
        total = self._options.steps
        noted: dict[str, list[float]] = {}
        saved = evaluated = time.monotonic()
        self._log({"start": vars(self._progress), "held_out": len(self._held_out)})
        while self._progress.step < total and not self._stopped:
            begun = time.monotonic()
            pairs = self._step(self._progress.step / total, noted)
            done = self._progress
            spent = time.monotonic() - begun
            self._progress = Progress(done.step + 1, done.pairs + pairs, done.seconds + spent)
            if self._progress.step % 50 == 0:
                self._log({"losses": {name: round(sum(some) / len(some), 4) for name, some in sorted(noted.items())}})
                noted.clear()
            if time.monotonic() - saved > self._options.save_minutes * 60:
                save(self._checkpoint, self._reader, self._optimizer, self._progress)
                saved = time.monotonic()
            if time.monotonic() - evaluated > self._options.evaluate_minutes * 60:
                self._evaluate()
                evaluated = time.monotonic()
        save(self._checkpoint, self._reader, self._optimizer, self._progress)
        if not self._stopped:
            self._evaluate()
        self._log({"end": "stopped" if self._stopped else "all steps are done"})

    def _step(self, share: float, noted: dict[str, list[float]]) -> int:
        frozen = self._options.frozen if share < self._options.thaw else self._options.frozen_later
        for number, layer in enumerate(self._reader.layers):
            layer.requires_grad_(number >= frozen)
        rate = min(1.0, (self._progress.step + 1) / WARM_UP) * max(0.03, 1.0 - share)
        for group in self._optimizer.param_groups:
            group["lr"] = group["rate"] * rate
        examples = draw(self._sampler, self._options.pairs, seed=self._options.seed, step=self._progress.step)
        self._optimizer.zero_grad()
        # A thread takes the next bucket when it is free, so that none waits for one whose core has other work.
        for found in self._pool.map(
            lambda bucket: self._learn(bucket, frozen, len(examples)), buckets(examples, self._encoder)
        ):
            for name, values in found.parts.items():
                noted.setdefault(name, []).extend(values)
        torch.nn.utils.clip_grad_norm_(self._reader.parameters(), 1.0)
        self._optimizer.step()
        return sum(len(example.pairs) for example in examples)

    def _learn(self, bucket: Bucket, frozen: int, examples: int) -> Losses:
        """Add the gradients of a bucket; torch adds them one after another, whichever thread they come from."""
        seen = read(self._reader, bucket.encoded, frozen=frozen, tokens=sys.maxsize)
        found = losses(bucket.examples, bucket.encoded, seen)
        (found.total / examples).backward()  # type: ignore[no-untyped-call]
        return found

    def _evaluate(self) -> None:
        figures = development(self._reader, self._encoder, self._held_out)
        self._log({"development": {name: round(value, 4) for name, value in figures.items()}})
        minutes = int(self._progress.seconds // 60)
        save_weights(self._out / f"reader-{minutes:04d}.safetensors", self._reader)

    def _log(self, what: dict[str, object]) -> None:
        progress = self._progress
        row = {"step": progress.step, "pairs": progress.pairs, "minutes": round(progress.seconds / 60, 1)} | what
        if progress.seconds:
            row["pairs_a_second"] = round(progress.pairs / progress.seconds, 2)
        line = json.dumps(row)
        print(line, flush=True)
        with (self._out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _stop(self, *_: object) -> None:
        self._stopped = True


def draw(sampler: Sampler, pairs: int, *, seed: int, step: int) -> list[Example]:
    """
    Draw the examples of a step.

    Parameters
    ----------
    sampler
        Source of the examples.
    pairs
        Least number of pairs.
    seed, step
        They alone decide what is drawn.

    Returns
    -------
    list[Example]
        As many as are needed for the pairs.

    """
    rng = Random(f"{seed} {step}")
    examples: list[Example] = []
    while sum(len(example.pairs) for example in examples) < pairs:
        examples.append(sampler.draw(rng))
    return examples


def held_out(mlqa: Path, trained: Collection[str]) -> list[Question]:
    """
    Read the German questions whose passages are not trained on.

    Parameters
    ----------
    mlqa
        File in SQuAD's format; half of it is in the training set.
    trained
        The passages of the training set.

    Returns
    -------
    list[Question]
        The questions on the other passages.

    """
    return [question for question in read_squad(mlqa) if question.passage not in trained]


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--embedding", type=Path, default=Path.home() / ".cache/quellentreu/multilingual-e5-small")
    parser.add_argument("--steps", type=int, default=3000, help="of training, over all calls")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=24, help="a step")
    parser.add_argument("--frozen", type=int, default=6, choices=range(7), help="lower layers that stay, at first")
    parser.add_argument("--frozen-later", type=int, default=6, choices=range(7), help="and after --thaw")
    parser.add_argument("--thaw", type=float, default=0.4, help="share of the steps after which --frozen-later holds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-minutes", type=float, default=10)
    parser.add_argument("--evaluate-minutes", type=float, default=15)
    options = parser.parse_args()
    torch.set_num_threads(1)  # a bucket has one thread, see `Run`
    Run(options).go()


if __name__ == "__main__":
    main()
