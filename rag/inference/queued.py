"""An engine as one of several users has it: in turn, and to be stopped at any time."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from rag.inference.replies import iterate_callback
from rag.inference.turns import StoppedError, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterator, Sequence

    from rag.inference.protocol import Engine, Message, Reading
    from rag.inference.turns import FairQueue, Stop


class QueuedEngine:
    """
    A view of an engine for one answer; see `rag.inference.protocol.Engine`.

    A turn begins with a reading, and ends as soon as the reply is written, however slowly it is then fetched:
    who reads slowly keeps nobody waiting.

    Parameters
    ----------
    engine
        Gives the engine; called when it is needed, so that evidence is found without it.
    queue
        Who shares it.
    client
        Who asks.
    stop
        Ends waiting, reading and writing within a fraction of a second as soon as it returns True; a model that is
        being loaded is loaded first.

    """

    def __init__(self, engine: Callable[[], Engine], queue: FairQueue, client: Hashable, stop: Stop) -> None:
        self._engine = engine
        self._stop = stop
        self._turn = Turn(queue, client, stop)

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""
        return self._engine().fingerprint

    def load(self) -> None:
        """Load the weights."""
        self._engine().load()

    @contextmanager
    def read(self, messages: Sequence[Message], *, stop: Stop | None = None) -> Iterator[Reading]:  # noqa: ARG002 - the own one
        """Read a conversation as soon as it is this answer's turn."""
        self._turn.take()
        try:
            with self._engine().read(messages, stop=self._stop) as reading:
                yield _QueuedReading(reading, self._turn, self._stop)
        finally:
            self._turn.end()

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        return self._engine().count_tokens(text)


class _QueuedReading:
    def __init__(self, reading: Reading, turn: Turn, stop: Stop) -> None:
        self._reading = reading
        self._turn = turn
        self._stop = stop

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        def run(deliver: Callable[[str], bool]) -> None:
            self._turn.take()
            try:
                with closing(self._reading.stream(ending, max_tokens=max_tokens)) as pieces:
                    for piece in pieces:
                        if self._stop():
                            raise StoppedError
                        if deliver(piece):
                            break
            finally:
                self._turn.end()

        return iterate_callback(run)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        self._turn.take()
        return self._reading.preferences(ending, options)
