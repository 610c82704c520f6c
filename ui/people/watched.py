"""The users file as the running app sees it: read again whenever it changes."""

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
    What the file holds now.

    Parameters
    ----------
    file
        Read at once; raises `RagError` where it cannot be used.

    """

    def __init__(self, file: PeopleFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] | None = file.mark()
        self._said = ""
        self._book: Book | None = file.read()

    def book(self) -> Book | None:
        """Return it; None where the file cannot be used any more, so that nobody is let in by what it said before."""
        with self._lock:
            # Its state is asked for with each request: a user that was removed is out with his next one.
            mark = self._file.mark()
            if mark != self._mark:
                self._mark = mark
                try:
                    self._book = self._file.read()
                    self._said = ""
                except RagError as error:
                    # Read again with the next request: what failed may have been no fault of the file.
                    self._book = self._mark = None
                    if f"{error}" != self._said:
                        self._said = f"{error}"
                        _LOG.error("nobody can sign in: %s", error)
            return self._book
