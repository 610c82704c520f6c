"""
Processes that build an index and are killed in the middle of it.

Each test kills a few times, at steps that are spread over the whole work. A step is an access to a file. To kill more
often: `RAG_KILLS=50 python -m pytest -s -k kill tests/index` kills fifty times in each test, or at every step if there
are fewer steps.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.syncing import merging
from index.syncing.sync import sync
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext


PATIENCE = 600.0  # seconds; long enough for a busy machine
KILLS = int(os.environ.get("RAG_KILLS", "3"))
# A test may take as long as its kills need. Ten kills or more are only asked for by hand and have no time limit.
may_take_long = pytest.mark.timeout(PATIENCE if KILLS < 10 else 0)


def context() -> ForkServerContext:
    """Return a context that starts processes quickly, because the modules are already imported."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["faiss", "bm25s", "tests.index.killing"])
    return found


def steps(count: int, chance: random.Random) -> list[int]:
    """Return the steps at which to kill: the first one, and others spread over all steps."""
    if count <= KILLS:
        return list(range(1, count + 1))
    each = count / KILLS
    return [1, *(1 + int(each * (number + chance.random())) for number in range(1, KILLS))]


def build(corpus: Path, index_dir: Path, *, rebuild: bool = False, segments: bool = False, seconds: float = 0) -> None:
    """
    Build an index; run by `run_work`.

    With ``segments``, each sync writes a new segment. With ``seconds``, the process is killed after that time.
    """
    import tqdm

    # The default lock of tqdm is a semaphore of the system, which a killed process never frees.
    tqdm.tqdm.set_lock(threading.RLock())
    if segments:
        merging.SMALL = merging.SHORT = 0
    if seconds:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    sync(corpus, index_dir, HashingEmbedder(), rebuild=rebuild)


def counted(forks: ForkServerContext, folder: Path, work: Callable[..., object], *arguments: object) -> int:
    """Run the work in a process, and return the number of its steps in a folder."""
    receiver, sender = forks.Pipe(duplex=False)
    process = forks.Process(target=perform, args=(folder, 0, work, arguments, sender))
    process.start()
    sender.close()
    found = receiver.recv()
    process.join(PATIENCE)
    assert process.exitcode == 0
    return int(found)


def run_work(
    forks: ForkServerContext, folder: Path, step: int, work: Callable[..., object], *arguments: object
) -> bool:
    """Run the work in a process that is killed at a step in a folder (0: never), and return whether it was killed."""
    process = forks.Process(target=perform, args=(folder, step, work, arguments))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def perform(
    folder: Path,
    step: int,
    what: Callable[..., object],
    arguments: tuple[object, ...],
    sender: Connection | None = None,
) -> None:
    """Run the work in this process, and kill it at a step in a folder. This is the target of the processes."""
    touched = end_at(step, folder)
    what(*arguments)
    if sender is not None:
        sender.send(touched())
    os._exit(0)


def end_at(step: int, folder: Path) -> Callable[[], int]:
    """Kill this process at a step in a folder. Return a function that returns the number of steps so far."""
    touched = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal touched
        if event.partition(".")[0] in {"open", "os", "shutil", "sqlite3", "fcntl"} and any(
            str(folder) in str(one) for one in arguments
        ):
            touched += 1
            if touched == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    return lambda: touched
