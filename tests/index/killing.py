"""
Processes that build an index and are killed in the middle of it.

Each test kills a few times, at steps spread over all that the work has: a step is a file touched. By hand more often:
`RAG_KILLS=50 python -m pytest -s -k kill tests/index` kills fifty times in each test, or at every step where it has
fewer.
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


PATIENCE = 600.0  # seconds, on a machine that has much else to do
KILLS = int(os.environ.get("RAG_KILLS", "3"))
# A test may take as long as its kills need; there is no bound where many are asked for.
may_take_long = pytest.mark.timeout(PATIENCE if KILLS < 10 else 0)


def context() -> ForkServerContext:
    """Return what starts processes quickly: all is imported already."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["faiss", "bm25s", "tests.index.killing"])
    return found


def steps(count: int, chance: random.Random) -> list[int]:
    """Return at which of the steps of a work it is to be killed: spread over all of them, the first among them."""
    if count <= KILLS:
        return list(range(1, count + 1))
    each = count / KILLS
    return [1, *(1 + int(each * (number + chance.random())) for number in range(1, KILLS))]


def build(corpus: Path, index_dir: Path, *, rebuild: bool = False, segments: bool = False, seconds: float = 0) -> None:
    """
    Build an index; run by `run_work`.

    Where there are to be ``segments``, each sync writes one of its own. After so many ``seconds`` the process is
    killed.
    """
    import tqdm

    # Its own would be a semaphore of the system, which nobody takes back from a process that was killed.
    tqdm.tqdm.set_lock(threading.RLock())
    if segments:
        merging.SMALL = merging.SHORT = 0
    if seconds:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    sync(corpus, index_dir, HashingEmbedder(), rebuild=rebuild)


def counted(forks: ForkServerContext, folder: Path, work: Callable[..., object], *arguments: object) -> int:
    """Do something in a process, and return how many steps it has in a folder."""
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
    """Do something in a process that is killed at a step in a folder, 0: at none; tell whether it was killed."""
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
    """Do something until a step in a folder, then be killed; the target of a process."""
    touched = end_at(step, folder)
    what(*arguments)
    if sender is not None:
        sender.send(touched())
    os._exit(0)


def end_at(step: int, folder: Path) -> Callable[[], int]:
    """Kill this process at a step in a folder; return what tells how many there were."""
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
