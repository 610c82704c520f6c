"""
Time how fast the default language model reads, by length of the text, and in pieces.

    python -m bench.speed.reading [--option NAME=VALUE ...] [--rounds 3]

Reads the same made-up tokens each time: in one piece of several lengths, from an empty cache; 320 of them in pieces,
with how far that moves the logits; and a few more on top of 300 kept ones. Options are OpenVINO's, for instance
DYNAMIC_QUANTIZATION_GROUP_SIZE=64, INFERENCE_PRECISION_HINT=f32, KV_CACHE_PRECISION=f32. The least time of all rounds
counts, since other work on the machine disturbs it least.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from bench.machine import described
from rag.inference.generation.openvino_state import StatefulModel
from rag.inference.weights import resolve_llm

LENGTHS = (128, 192, 256, 272, 288, 304, 320, 384, 448)
PIECES = (320, 160, 107, 80, 64)
MORE = (1, 8, 16, 24, 32, 48)
KEPT = 300


def model_with(options: dict[str, str]) -> StatefulModel:
    """Return the default model, compiled with options that the product does not set."""
    compiled = openvino.Core.compile_model

    def compile_model(core: Any, model: Any, device: str, given: dict[str, Any]) -> Any:
        return compiled(core, model, device, {**given, **options})

    openvino.Core.compile_model = compile_model
    try:
        return StatefulModel(Path(resolve_llm("qwen2.5-coder-1.5b").location))
    finally:
        openvino.Core.compile_model = compiled


def timed(model: StatefulModel, pieces: list[list[int]], rounds: int) -> tuple[float, np.ndarray[Any, Any]]:
    """Return the least seconds in which pieces are read from an empty cache, and the last logits."""
    least = float("inf")
    for _ in range(rounds):
        model.reset()
        began = time.perf_counter()
        for piece in pieces:
            logits = model.feed(piece)
        least = min(least, time.perf_counter() - began)
    return least, logits.copy()


def main(options: dict[str, str], rounds: int) -> None:
    print(f"{described()}\n")
    model = model_with(options)
    tokens = [int(one) for one in np.random.default_rng(0).integers(100, 50_000, 500)]
    model.feed(tokens[:16])  # the first run arranges the weights in memory
    print(f"options: {options or 'those of the product'}\n\n| tokens | seconds | tokens/s |\n|---|---|---|")
    for length in LENGTHS:
        seconds, _ = timed(model, [tokens[:length]], rounds)
        print(f"| {length} | {seconds:.2f} | {length / seconds:.0f} |", flush=True)
    print("\n| pieces of | 320 tokens read in s | largest change of a logit |\n|---|---|---|")
    _, whole = timed(model, [tokens[:320]], 1)
    for size in PIECES:
        seconds, logits = timed(model, [tokens[at : min(at + size, 320)] for at in range(0, 320, size)], rounds)
        print(f"| {size} | {seconds:.2f} | {np.abs(logits - whole).max():.1f} |", flush=True)
    print(f"\n| tokens on top of {KEPT} | ms |\n|---|---|")
    model.reset()
    model.feed(tokens[:KEPT])
    place = model.mark()
    for count in MORE:
        least = float("inf")
        for _ in range(rounds):
            began = time.perf_counter()
            model.feed(tokens[:count])
            least = min(least, time.perf_counter() - began)
            model.back(place)
        print(f"| {count} | {1000 * least:.0f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(dict(one.split("=", 1) for one in given.option), given.rounds)
