"""
Measure how fast a runtime reads.

``python -m rag.inference.choosing.trial RUNTIME LOCATION THREADS`` prints tokens per second.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, cast

from rag.inference.factory import create_engine
from rag.inference.protocol import Message
from rag.inference.weights.types import ResolvedModel
from rag.settings import Settings
from rag.settings.groups import Machine

if TYPE_CHECKING:
    from rag.inference.weights.types import Engine

# Some 190 tokens, the length of an ordinary prompt.
_TEXT = "Im Herbst wurde die neue Brücke über den Fluss nach zwei Jahren Bauzeit für den Verkehr freigegeben. " * 8
_TOKENS = 190
_ROUNDS = 2


def tokens_per_second(runtime: Engine, location: str, threads: int) -> float:
    """Return how fast a runtime reads a prompt with a model: the better of two rounds after a first one."""
    settings = Settings(machine=Machine(threads=threads, device="cpu"))
    engine = create_engine(ResolvedModel("trial", runtime, location, "trial"), settings)
    seconds = []
    for _ in range(1 + _ROUNDS):
        with engine.read([Message("user", _TEXT)]) as reading:
            began = time.perf_counter()
            reading.preferences("", ("Ja",))
            seconds.append(time.perf_counter() - began)
    return _TOKENS / min(seconds[1:])


if __name__ == "__main__":
    print(tokens_per_second(cast("Engine", sys.argv[1]), sys.argv[2], int(sys.argv[3])))
