"""Processes that build an index and are killed in the middle of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.syncing import merging
from index.syncing.sync import sync
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerContext


PATIENCE = 600.0  # seconds, on a machine that has much else to do


def context() -> ForkServerContext:
    """Return what starts processes quickly: all is imported already."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["faiss", "bm25s", "tests.index.killing"])
    return found


def run(
    forks: ForkServerContext,
    corpus: Path,
    index_dir: Path,
    *,
    rebuild: bool,
    step: int = 0,
    seconds: float = 0.0,
    segments: bool = False,
) -> bool:
    """
    Build an index in a process that is killed at a step, counted in files touched, or after a time.

    Where there are to be ``segments``, each sync writes one of its own.

    Returns
    -------
    Whether it was killed before it was done.

    """
    process = forks.Process(target=_build, args=(corpus, index_dir, rebuild, step, seconds, segments))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def _build(corpus: Path, index_dir: Path, rebuild: bool, step: int, seconds: float, segments: bool) -> None:
    import tqdm

    # Its own would be a semaphore of the system, which nobody takes back from a process that was killed.
    tqdm.tqdm.set_lock(threading.RLock())
    if segments:
        merging.SMALL = merging.SHORT = 0
    if seconds:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    if step:
        _end_at(step, index_dir)
    sync(corpus, index_dir, HashingEmbedder(), rebuild=rebuild)
    os._exit(0)


def run_work(
    forks: ForkServerContext, folder: Path, step: int, work: Callable[..., object], *arguments: object
) -> bool:
    """Do something in a process that is killed at a step, counted in files of a folder touched; tell whether it was."""
    process = forks.Process(target=_work, args=(folder, step, work, arguments))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def _work(folder: Path, step: int, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    _end_at(step, folder)
    work(*arguments)
    os._exit(0)


def _end_at(step: int, folder: Path) -> None:
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
