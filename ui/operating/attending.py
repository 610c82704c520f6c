"""Follow every question, whoever asks it: record how it ended and how long it took, and lose none at the end."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.errors import BusyError, RagError
from rag.runtime.streaming import AnswerStream, iterate
from rag.types import Delta, EvidenceReady, Finished

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from typing import Unpack

    from rag.types import Answer, AskOptions, Event
    from ui.conversation.engine import Engine

OUTCOMES = ("answered", "refused", "busy", "failed", "stopped", "handed_back")
"""How a question ends; `refused`: the articles do not contain the answer; `stopped`: by whoever asked."""
STAGES = ("search", "read", "write", "total")
"""Until the evidence is found, until the model's first word, until the answer is checked; and the whole time."""


class StoppingError(RagError):
    """The server is being stopped: no question is accepted, or the answer was not finished in time."""

    def __init__(self) -> None:
        super().__init__("The server is being stopped.", hint="Ask again in a few minutes.")


@dataclass(slots=True)
class Asked:
    """
    What is recorded of a question; nothing of the answer's text.

    Parameters
    ----------
    question
        Its text, only for a log that is set to keep it.
    outcome
        One of `OUTCOMES`.
    seconds
        Seconds by stage, see `STAGES`, for the stages that were completed.
    kind, language
        Of the answer, empty if there is none.
    citations
        Number of citations.

    """

    question: str = field(repr=False)
    outcome: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    language: str = ""
    citations: int = 0


class _Ticket:
    """One question being answered."""

    def __init__(self, question: str, ended: Callable[[_Ticket], None], clock: Callable[[], float]) -> None:
        self.asked = Asked(question)
        self.handed_back = False
        self._ended: Callable[[_Ticket], None] | None = ended
        self._clock = clock
        self._began = clock()
        self._evidence = self._word = 0.0
        self._lock = threading.Lock()

    def saw(self, event: Event) -> None:
        """Record an event."""
        now, seconds = self._clock(), self.asked.seconds
        if isinstance(event, EvidenceReady) and "search" not in seconds:
            seconds["search"], self._evidence = now - self._began, now
        elif isinstance(event, Delta) and "read" not in seconds:
            seconds["read"], self._word = now - (self._evidence or self._began), now
        elif isinstance(event, Finished):
            if "read" in seconds:
                seconds["write"] = now - self._word
            seconds["total"] = now - self._began
            answer = event.answer
            self.asked.outcome = "refused" if answer.abstained else "answered"
            self.asked.kind, self.asked.language = answer.kind, answer.language
            self.asked.citations = len(answer.citations)

    def end(self, error: BaseException | None = None) -> None:
        """Record the end, once."""
        with self._lock:
            ended, self._ended = self._ended, None
        if ended is None:
            return
        if not self.asked.outcome:
            self.asked.outcome = self._outcome(error)
        ended(self)

    def _outcome(self, error: BaseException | None) -> str:
        if self.handed_back or isinstance(error, StoppingError):
            return "handed_back"
        if isinstance(error, BusyError):
            return "busy"
        return "failed" if isinstance(error, Exception) else "stopped"

    def check(self) -> None:
        """Raise `StoppingError` if the answer was broken off because the server is being stopped."""
        if self.handed_back and not self.asked.outcome:
            raise StoppingError


class _Followed(AnswerStream):
    """The events of another stream, recorded as they pass."""

    def __init__(self, inner: AnswerStream, ticket: _Ticket) -> None:
        self._inner = inner
        self._ticket = ticket

    def send(self, value: None, /) -> Event:  # noqa: ARG002 - nothing is sent
        """Return the next event."""
        try:
            event = next(self._inner)
        except StopIteration:
            self._check()
            raise
        except BaseException as error:
            self._ticket.end(error)
            raise
        self._ticket.saw(event)
        return event

    def stop(self) -> None:
        """Stop the stream without waiting for its end."""
        self._inner.stop()
        self._ticket.end()

    def close(self) -> None:
        """Stop, and wait until the model has stopped."""
        self._inner.close()
        self._ticket.end()

    def __del__(self) -> None:
        self.stop()

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield the events for asyncio."""
        try:
            async with contextlib.aclosing(self._inner.batches()) as batches:
                async for batch in batches:
                    for event in batch:
                        self._ticket.saw(event)
                    yield batch
            self._check()
        except BaseException as error:
            self._ticket.end(None if isinstance(error, GeneratorExit) else error)
            raise
        finally:
            self._ticket.end()

    def _check(self) -> None:
        try:
            self._ticket.check()
        finally:
            self._ticket.end()


class Attended:
    """
    An engine that follows its questions; everything else is passed on to the engine that answers.

    Parameters
    ----------
    engine
        What answers.
    told
        Called with each question when it has ended.
    clock
        Monotonic clock in seconds.

    """

    def __init__(
        self,
        engine: Engine,
        told: Iterable[Callable[[Asked], None]] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._told = tuple(told)
        self._clock = clock
        self._open: dict[_Ticket, Callable[[], None]] = {}
        self._changed = threading.Condition()
        self._stopping = self._over = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    @property
    def open_questions(self) -> int:
        """Number of questions under way."""
        return len(self._open)

    @property
    def is_stopping(self) -> bool:
        """Whether the server is being stopped, so that no further question may come in."""
        return self._stopping

    def stream(self, question: str, **options: Unpack[AskOptions]) -> AnswerStream:
        """
        Answer a question event by event, as `rag.RAG.stream` does.

        Raises
        ------
        StoppingError
            The server is being stopped; also raised by the stream, if the answer is not finished in time.

        """
        ticket = _Ticket(question, self._ended, self._clock)
        try:
            self._check()
            events = self._engine.stream(question, **options)
        except BaseException as error:
            ticket.end(error)
            raise
        inner = events if isinstance(events, AnswerStream) else AnswerStream(lambda: events)
        with self._changed:
            self._open[ticket] = inner.stop
        return _Followed(inner, ticket)

    def ask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """Answer a question, as `rag.RAG.ask` does."""
        with contextlib.closing(self.stream(question, **options)) as events:
            for event in events:
                if isinstance(event, Finished):
                    return event.answer
        raise RagError("The answer broke off.", hint="Ask again.")

    async def aask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """Answer a question, as `rag.RAG.aask` does."""
        async with contextlib.aclosing(self.astream(question, **options)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return event.answer
        raise RagError("The answer broke off.", hint="Ask again.")

    def astream(self, question: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Event]:
        """Answer a question event by event, as `rag.RAG.astream` does."""
        return iterate(self.stream(question, **options))

    def refuse(self) -> None:
        """
        Accept no further questions.

        Questions that were accepted before may reach `stream` only now; it still takes them.
        """
        self._stopping = True

    def wait(self, seconds: float) -> bool:
        """Wait until no question is under way; tell whether that was reached in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, seconds)

    def hand_back(self) -> None:
        """Break off what is under way, and take nothing more; clients are told that the server is being stopped."""
        self._over = True
        with self._changed:
            under_way = list(self._open.items())
        for ticket, stop in under_way:
            ticket.handed_back = True
            stop()

    def _check(self) -> None:
        if self._over:
            raise StoppingError

    def _ended(self, ticket: _Ticket) -> None:
        with self._changed:
            self._open.pop(ticket, None)
            self._changed.notify_all()
        for told in self._told:
            told(ticket.asked)
