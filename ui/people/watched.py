"""The users file as the running app sees it: reread whenever it changes."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from index.errors import RagError

if TYPE_CHECKING:
    from ui.people.book import Book
    from ui.people.file import PeopleFile

_LOG = logging.getLogger(__name__)


class Watched:
    """
    The current contents of the file.

    Parameters
    ----------
    file
        Read immediately; raises `RagError` if it cannot be used.

    """

    def __init__(self, file: PeopleFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] | None = file.mark()
        self._said = ""
        self._book: Book | None = file.read()

    def book(self) -> Book | None:
        """Return the book; None if the file can no longer be used, so that nobody is let in by its old contents."""
        with self._lock:
            # The file is checked with each request: a removed user is out with the next one.
            mark = self._file.mark()
            if mark != self._mark:
                self._mark = mark
                try:
                    self._book = self._file.read()
                    self._said = ""
                except RagError as error:
                    # Reread with the next request: the failure may not have been the file's fault.
                    self._book = self._mark = None
                    if f"{error}" != self._said:
                        self._said = f"{error}"
                        _LOG.error("nobody can sign in: %s", error)
            return self._book
