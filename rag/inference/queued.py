"""An engine for several users: they take turns, and each run can be stopped at any time."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from rag.inference.run import current
from rag.inference.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from rag.inference.protocol import Engine, Message, Reading, Rewriting, States
    from rag.inference.turns import FairQueue


class QueuedEngine:
    """
    A wrapper of an engine that serves one run after the other; see `rag.inference.protocol.Engine`.

    A turn begins with a reading and ends with the reply. Waiting, reading and writing end within a fraction of a second
    if the current run is stopped; but if the model is being loaded, loading is completed first.

    Parameters
    ----------
    engine
        Returns the engine; called only when it is needed, so that evidence can be found without it.
    queue
        Queue of those who share the engine; turns are distributed among the clients of the runs.

    """

    def __init__(self, engine: Callable[[], Engine], queue: FairQueue) -> None:
        self._engine = engine
        self._queue = queue

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""
        return self._engine().fingerprint

    def load(self) -> None:
        """Load the weights."""
        self._engine().load()

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Read a conversation when it is this run's turn."""
        turn = Turn.of_run(self._queue)
        turn.take()
        try:
            with self._engine().read(messages) as reading:
                yield _QueuedReading(reading, turn)
        finally:
            turn.end()

    def states(self, parts: Sequence[str]) -> list[States] | None:
        """Return a text's hidden states when it is this run's turn; None if the engine cannot provide them."""
        states = getattr(self._engine(), "states", None)
        if states is None:
            return None
        turn = Turn.of_run(self._queue)
        turn.take()
        try:
            found: list[States] | None = states(parts)
            return found
        finally:
            turn.end()

    def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
        """Write out a follow-up when it is this run's turn; None if the engine was not trained for it."""
        rewritten = getattr(self._engine(), "rewritten", None)
        if rewritten is None:
            return None
        turn = Turn.of_run(self._queue)
        turn.take()
        try:
            found: Rewriting | None = rewritten(prompt, max_tokens=max_tokens)
            return found
        finally:
            turn.end()


class _QueuedReading:
    def __init__(self, reading: Reading, turn: Turn) -> None:
        self._reading = reading
        self._turn = turn

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        run = current()
        self._turn.take()
        try:
            with closing(self._reading.stream(ending, max_tokens=max_tokens)) as pieces:
                for piece in pieces:
                    run.check()
                    yield piece
        finally:
            self._turn.end()

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        self._turn.take()
        return self._reading.preferences(ending, options)
