"""Follows the folders of articles while the app runs, and tells the page what has come."""

# Gradio reads the handlers' annotations to find the request, so they are evaluated here and not postponed.
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from index.collections.registry import ARTICLES
from index.errors import RagError
from index.storage.manifest import MANIFEST
from index.syncing.sync import SyncReport
from index.watching.following import FollowedAlreadyError
from rag import RAG
from rag.runtime.following import FollowingNamed, following
from ui.conversation.records import NewsRequest, read
from ui.server.owners import Owners

REFRESH_SECONDS = 5.0
END_SECONDS = 5.0
FAILED_ROUNDS = 12
"""Looks at what others have published until a folder that could not be followed is tried again: about a minute."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of articles since the app runs: that were added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class News:
    """
    Keeps the index up to date in the background.

    A question that is under way goes on with the generation that it began with; the next one is asked of the newest.
    Where another process keeps the index up to date, this one only opens what that has published, until the other ends.

    Parameters
    ----------
    rag
        Holds the open index.
    tell
        Is given each line that is worth saying to who runs the app.

    """

    def __init__(self, rag: RAG, tell: Callable[[str], None]) -> None:
        self._rag = rag
        self._tell = tell
        self._totals = Totals()
        self._said = ""
        self._stop = threading.Event()
        self._adding = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="ui-following", daemon=True)
        named = FollowingNamed(rag, lambda _, report: self._synced(report), tell, self._stop)
        self._others = threading.Thread(target=named.run, name="ui-following-named", daemon=True)

    @property
    def totals(self) -> Totals:
        """What has come so far."""
        return self._totals

    def begin(self) -> None:
        """Go to work."""
        if not self._stop.is_set():
            self._thread.start()
            self._others.start()

    def end(self) -> None:
        """Stop for good; a sync under way is left to the end of the process, which harms no index."""
        self._stop.set()
        for thread in (self._thread, self._others):
            if thread.is_alive():
                thread.join(END_SECONDS)

    def _run(self) -> None:
        rounds = self._follow()
        while not self._stop.wait(REFRESH_SECONDS):
            self._refresh()
            rounds -= 1
            if rounds <= 0:
                rounds = self._follow()

    def _follow(self) -> int:
        """Follow the articles' folder until the end; return after how many looks to try again where that does not go."""
        try:
            following(self._rag, ARTICLES, self._synced, self._tell, self._stop).run()
        except FollowedAlreadyError:
            return 1
        except RagError as error:
            if f"{error}" != self._said:
                self._said = f"{error}"
                self._tell(f"The folder is not followed: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, questions are answered on
            _LOG.error("the folder is not followed for now", exc_info=error)
        return FAILED_ROUNDS

    def _refresh(self) -> None:
        """Open what another process has published."""
        try:
            # A question would make an index that is missing; the one that is open goes on.
            if (self._rag.settings.index / MANIFEST).is_file():
                self._rag.refresh()
        except Exception as error:  # noqa: BLE001 - the articles that are open go on, and the next look may go well
            _LOG.error("the index that another process has published cannot be opened", exc_info=error)

    def _synced(self, report: SyncReport) -> None:
        with self._adding:
            before = self._totals
            self._totals = Totals(
                before.added + report.added, before.changed + report.changed, before.removed + report.removed
            )


class NewsView:
    """
    Tells the page.

    Parameters
    ----------
    news
        What follows the folder.
    owners
        Tell who asks.

    """

    def __init__(self, news: News, owners: Owners) -> None:
        self._news = news
        self._owners = owners

    def news(self, data: Any, request: gr.Request) -> dict[str, int]:
        """Return ``added``, ``changed`` and ``removed`` since the app runs; the page knows what it has shown."""
        self._owners.check(request)
        read(NewsRequest, data)
        totals = self._news.totals
        return {"added": totals.added, "changed": totals.changed, "removed": totals.removed}
