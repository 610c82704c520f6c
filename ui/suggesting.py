"""
Find questions to click: they are made from the articles, and shown only once the program has answered them.

This runs in the background while nobody asks, gives way at once when somebody does, and stores what it found
beside the index, until articles or models change.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from index.atomic import replace_atomically
from index.errors import RagError
from rag.exploring.suggestions import Suggestion, supports
from rag.types import Finished

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence
    from pathlib import Path

    from rag.types import Answer, Event

ENOUGH = 24
"""Number of questions; an app for thousands of articles needs no more to begin with."""
TRIES = 60
PAUSE_SECONDS = 2.0
CLIENT = "suggestions"
_LOG = logging.getLogger(__name__)


class Source(Protocol):
    """What finding suggestions needs from `rag.RAG`."""

    @property
    def fingerprints(self) -> dict[str, str]:
        """What answers depend on."""

    def suggestions(self) -> list[Suggestion]:
        """Return questions that are expected to be answered."""

    def stream(self, question: str, *, client: Hashable | None = None) -> Iterator[Event]:
        """Answer a question."""


class Suggesting:
    """
    Questions that are known to be answered.

    Parameters
    ----------
    source
        Makes the questions and answers them.
    file
        File in which they are stored; None for none.

    """

    def __init__(self, source: Source, file: Path | None = None) -> None:
        self._source = source
        self._file = file
        self._found: list[Suggestion] = []
        self._asking = 0
        self._lock = threading.Lock()
        self._quiet = threading.Event()
        self._quiet.set()
        self._ended = threading.Event()
        self._stream: Iterator[Event] | None = None
        self._thread: threading.Thread | None = None

    @property
    def found(self) -> list[Suggestion]:
        """The questions found so far."""
        return list(self._found)

    def begin(self) -> None:
        """Start working in the background."""
        # A daemon: losing a question that is being tried does no harm.
        self._thread = threading.Thread(target=self._work, name="ui-suggestions", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all questions have been tried; False if the time was too short."""
        if self._thread is None:
            return False
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def end(self) -> None:
        """Stop for good."""
        self._ended.set()
        self._give_way()

    def __enter__(self) -> None:
        """Somebody asks: give way."""
        with self._lock:
            self._asking += 1
            self._quiet.clear()
        self._give_way()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                self._quiet.set()

    def _give_way(self) -> None:
        # A stream that can be stopped from another thread stops at once; any other is closed after its next event.
        getattr(self._stream, "stop", lambda: None)()

    def _work(self) -> None:
        try:
            state = self._source.fingerprints
            kept = self._read(state)
            if kept is not None:
                self._found = kept
                return
            for candidate in self._source.suggestions()[:TRIES]:
                while not self._try(candidate):
                    if self._ended.is_set():
                        return
                if len(self._found) >= ENOUGH:
                    break
            self._write(state)
        except RagError as error:
            _LOG.info("no suggestions: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the page does without
            _LOG.error("no suggestions", exc_info=error)

    def _try(self, candidate: Suggestion) -> bool:
        """Ask a question, and keep it if it is answered; False if interrupted."""
        while not (self._quiet.wait(1.0) and not self._ended.wait(PAUSE_SECONDS) and self._quiet.is_set()):
            if self._ended.is_set():
                return False
        answer: Answer | None = None
        self._stream = stream = self._source.stream(candidate.question, client=CLIENT)
        try:
            for event in stream:
                if isinstance(event, Finished):
                    answer = event.answer
                elif not self._quiet.is_set() or self._ended.is_set():
                    return False
        finally:
            self._stream = None
            getattr(stream, "close", lambda: None)()
        if answer is None:
            return False
        if supports(candidate, answer):
            self._found.append(candidate)
        return True

    def _read(self, state: dict[str, str]) -> list[Suggestion] | None:
        if self._file is None:
            return None
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["state"] != state:
                return None
            # Older files have no language; the KeyError discards them.
            return [Suggestion(**{**item, "language": item["language"]}) for item in kept["suggestions"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, state: dict[str, str]) -> None:
        if self._file is None:
            return
        kept = {"state": state, "suggestions": [asdict(item) for item in self._found]}
        try:
            replace_atomically(self._file, json.dumps(kept, ensure_ascii=False).encode())
        except OSError as error:
            _LOG.info("the suggestions are not remembered: %s", error)


def choose(
    found: Sequence[Suggestion],
    *,
    language: str,
    paths: Sequence[str] = (),
    asked: Sequence[str] = (),
    most: int = 5,
) -> list[str]:
    """
    Choose which questions to offer.

    Parameters
    ----------
    found
        The questions to choose from.
    language
        Language of the page, ``de`` or ``en``: no question in another language is offered.
    paths
        Articles that are near to what was asked, nearest first: their questions come first.
    asked
        Questions not to offer.
    most
        Maximum number of questions.

    """
    place = {path: number for number, path in enumerate(dict.fromkeys(paths))}
    rest = [item for item in found if item.language == language and item.question not in asked]
    rest.sort(key=lambda item: place.get(item.path, len(place)))
    return [item.question for item in rest[:most]]
