"""Open the articles in the background, so that the page can be reached meanwhile and shows the progress."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import EmptiedError
from index.progress import Pace
from index.storage.manifest import MANIFEST
from rag import RAG
from rag.cli import console

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.progress import Progress

CANCEL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """
    What is being done, and how far it has come.

    Parameters
    ----------
    description
        As reported by the work itself; empty if nothing has been reported yet.
    done, total
        ``total`` is 0 if unknown.
    pace
        How many per second, and in how many seconds all will be done; None if not yet known.

    """

    description: str = ""
    done: int = 0
    total: int = 0
    pace: tuple[float, float] | None = None


class _CancelledError(Exception):
    """Nobody waits for the work any more."""


class Opening:
    """
    A long step at the start, in a thread of its own.

    Parameters
    ----------
    work
        The work. It is given a function to report its progress, which raises if nobody waits any more.

    """

    def __init__(self, work: Callable[[Progress], object]) -> None:
        self._work = work
        self._stage = Stage()
        self._pace = Pace()
        self._over = threading.Event()
        self._cancelled = threading.Event()
        self._error: BaseException | None = None
        self._after: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        # A daemon: if it cannot be cancelled in time, the program ends without it.
        self._thread = threading.Thread(target=self._run, name="ui-opening", daemon=True)

    def begin(self) -> None:
        """Start the work."""
        self._thread.start()

    @property
    def stage(self) -> Stage:
        """What is being done now."""
        return self._stage

    @property
    def is_over(self) -> bool:
        """True once the work has ended, successfully or not."""
        return self._over.is_set()

    @property
    def is_ready(self) -> bool:
        """True once the work has ended successfully."""
        return self._over.is_set() and self._error is None

    def then(self, action: Callable[[], object]) -> None:
        """Run an action once the work has ended successfully, or now if it has."""
        with self._lock:
            if not self._over.is_set():
                self._after.append(action)
                return
        if self.is_ready:
            action()

    def wait(self) -> None:
        """Wait for the work to end, and raise what it raised."""
        self._over.wait()
        if self._error is not None:
            raise self._error

    def cancel(self) -> None:
        """End the work when it next reports its progress; no effect if it is over."""
        self._cancelled.set()
        if self._thread.is_alive():
            self._thread.join(CANCEL_SECONDS)

    def _told(self, description: str, done: int, total: int, /) -> None:
        if self._cancelled.is_set():
            raise _CancelledError
        if description != self._stage.description:
            self._pace = Pace()
        self._stage = Stage(description, done, total, self._pace.after(done, total))

    def _run(self) -> None:
        try:
            self._work(self._told)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self._error = error
        with self._lock:
            self._over.set()
        if self._error is None:
            for action in self._after:
                action()


def open_early(corpus: Path | None = None, *, index: Path | None = None) -> tuple[RAG, Opening]:
    """
    Start opening a folder of articles.

    Parameters
    ----------
    corpus, index
        As for `RAG.open`.

    Returns
    -------
    RAG, Opening
        The object as soon as its settings are known, and the step that makes its index. The object must not be used
        before that step is over.

    Raises
    ------
    RagError
        The settings cannot be used. Other errors are raised by `Opening.wait`.

    """
    made: Future[RAG] = Future()

    class Early(RAG):
        """Hands itself over before its index is open."""

        def sync(self, **options: Any) -> Any:
            if not made.done():
                made.set_result(self)
            folder = self.settings.corpus
            if folder.is_dir() or console.is_attended() or not (self.settings.index / MANIFEST).is_file():
                return super().sync(**options)
            # Nobody is there to correct a name; after a restart the drive may be mounted later than the app starts.
            raise EmptiedError(f"There is no folder {folder}; the index stays as it is until it is back.")

    def work(told: Progress) -> None:
        try:
            with console.progress() as show:

                def both(description: str, done: int, total: int, /) -> None:
                    told(description, done, total)
                    show(description, done, total)

                Early.open(corpus, index=index, progress=both, warm_up=True)
        except BaseException as error:
            if not made.done():
                made.set_exception(error)
            raise

    opening = Opening(work)
    opening.begin()
    return made.result(), opening
