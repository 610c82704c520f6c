"""Follow the folders of the articles and of named collections, also of those added later, each in its own thread."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.collections.registry import ARTICLES
from index.errors import RagError
from index.printable import one_line
from index.watching.following import FollowedAlreadyError, Following

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.syncing.sync import SyncReport
    from rag.runtime.syncing import Syncing

LOOK_SECONDS = 5.0
"""Time between two checks for new collections."""
RETRY_SECONDS = 60.0
"""Time until a collection that could not be followed is tried again."""
_LOG = logging.getLogger(__name__)


class _GoneError(Exception):
    """The collection was removed."""


def following(
    rag: Syncing,
    name: str,
    synced: Callable[[SyncReport], None],
    tell: Callable[[str], None],
    stop: threading.Event,
    interval: float | None = None,
) -> Following:
    """
    Return the follower of a collection's folder; see `index.watching.following.Following`.

    Raises
    ------
    CorpusError
        There is no collection of this name.

    """
    settings = rag.settings
    if name == ARTICLES:
        folder, index_dir = settings.corpus, settings.index
    else:
        one = rag.named_collections.registry.get(name)
        folder, index_dir = one.folder, one.index_dir

    def sync() -> SyncReport:
        if name != ARTICLES and not _is_there(rag, name):
            raise _GoneError
        return rag.sync(collection=name)

    return Following(
        folder,
        index_dir,
        sync,
        synced,
        tell,
        stop,
        interval,
    )


@dataclass(slots=True)
class FollowingNamed:
    """
    Follows the named collections.

    Parameters
    ----------
    rag
        Whose named collections are followed.
    synced
        Called with the name and the report of each sync that changed anything.
    tell
        Called with each line that is worth showing.
    stop
        Ends the following when it is set.
    interval
        See `index.watching.following.Following`.

    """

    rag: Syncing
    synced: Callable[[str, SyncReport], None]
    tell: Callable[[str], None]
    stop: threading.Event
    interval: float | None = None
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Follow the existing collections and those added later, until ``stop`` is set."""
        while not self.stop.is_set():
            self._begin()
            self.stop.wait(LOOK_SECONDS)
        for thread in self._threads.values():
            thread.join()

    def _begin(self) -> None:
        try:
            names = [one.name for one in self.rag.named_collections.registry.all()]
        except RagError as error:
            self._say("", f"{error}")
            return
        for name in names:
            thread = self._threads.get(name)
            if (thread is None or not thread.is_alive()) and time.monotonic() >= self._again.get(name, 0.0):
                self._again[name] = time.monotonic() + RETRY_SECONDS
                thread = threading.Thread(target=self._follow, args=(name,), name=f"following {name}", daemon=True)
                self._threads[name] = thread
                thread.start()

    def _follow(self, name: str) -> None:
        try:
            following(
                self.rag,
                name,
                lambda report: self.synced(name, report),
                lambda line: self.tell(one_line(f"{name}: {line}")),
                self.stop,
                self.interval,
            ).run()
        except (_GoneError, FollowedAlreadyError):
            pass  # another process follows it; what that publishes is seen with the next question
        except RagError as error:
            if _is_there(self.rag, name):
                self._say(name, f"{name} is not followed: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, questions are answered on
            _LOG.error("the collection %s is not followed for now", name, exc_info=error)

    def _say(self, name: str, line: str) -> None:
        if self._said.get(name) != line:
            self._said[name] = line
            self.tell(one_line(line))


def _is_there(rag: Syncing, name: str) -> bool:
    try:
        return any(one.name == name for one in rag.named_collections.registry.all())
    except RagError:
        return True
