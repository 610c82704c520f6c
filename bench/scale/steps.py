"""Run the steps of a measurement, each in a process of its own, and take time and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
QUESTIONS = (
    "Wie viele Euro kostet die neue Fabrik?",
    "Wer gewann das Spiel am Samstag in Wien?",
    "Welche Partei fordert eine Reform der Pensionen?",
    "Was sagt der Finanzminister zum Budget?",
    "Wie reagiert die EU auf die Lage in der Ukraine?",
    "Wann erscheint das neue iPhone?",
    "Welches Museum zeigt die Ausstellung?",
    "Warum sank der Gewinn der Bank?",
)
_ROUNDS = 4  # over the questions; the first is not counted


class Clock:
    """Elapsed time and processor time since it was created."""

    def __init__(self) -> None:
        self._began, self._used = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Return both in seconds."""
        return {"seconds": time.perf_counter() - self._began, "processor": time.process_time() - self._used}


def both(times: Mapping[str, float], digits: int = 2) -> str:
    """Return elapsed time, and processor time in brackets."""
    return f"{times['seconds']:.{digits}f} s ({times['processor']:.{digits}f})" if times else "-"


def resident() -> float:
    """Return the peak memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def asked(ask: Callable[[str], object]) -> dict[str, float]:
    """Ask the questions several times; return the milliseconds of processor time that one takes."""
    times = []
    for turn in range(_ROUNDS):
        for question in QUESTIONS:
            began = time.process_time()
            ask(question)
            if turn:
                times.append(1000 * (time.process_time() - began))
    return {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95))}


def lengthen(corpus: Path) -> None:
    """Change one article."""
    file = next(corpus.rglob("*.md"))
    file.write_text(f"{file.read_text(encoding='utf-8')}\nEin Nachtrag vom {time.time():.0f}.\n", encoding="utf-8")


def run(command: Sequence[str], **environment: str) -> dict[str, Any]:
    """Run a step and return the JSON object that it printed last."""
    env = os.environ | environment
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT, env=env)
    return dict(json.loads(done.stdout.splitlines()[-1]))
