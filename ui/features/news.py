"""Follow the folders of articles while the app runs, and tell the page what has changed."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
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
"""Number of looks at what others have published before a failed folder is tried again: about a minute."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of articles added, changed and removed since the app started."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class News:
    """
    Keeps the index up to date in the background.

    A question under way continues with the generation that it began with; the next one uses the newest.
    If another process keeps the index up to date, this one only opens what the other publishes, until the other ends.

    Parameters
    ----------
    rag
        Has the open index.
    tell
        Called with each line that the operator of the app should see.

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
        """The numbers so far."""
        return self._totals

    def begin(self) -> None:
        """Start following."""
        if not self._stop.is_set():
            self._thread.start()
            self._others.start()

    def end(self) -> None:
        """Stop for good; a sync still under way ends with the process, which does not damage the index."""
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
        """Follow the articles' folder until the end; if that fails, return after how many looks to try again."""
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
            # If the index is missing, a refresh would let the next question build one; the open one stays in use.
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
        Follows the folder.
    owners
        Identify who asks.

    """

    def __init__(self, news: News, owners: Owners) -> None:
        self._news = news
        self._owners = owners

    def news(self, data: Any, request: gr.Request) -> dict[str, int]:
        """Return ``added``, ``changed`` and ``removed`` since the app started; the page knows what it has shown."""
        self._owners.check(request)
        read(NewsRequest, data)
        totals = self._news.totals
        return {"added": totals.added, "changed": totals.changed, "removed": totals.removed}
