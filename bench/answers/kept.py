"""An engine that keeps its replies by prompt, so that a change behind the model is measured in seconds."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rag.inference import Engine, Message


class KeptEngine:
    """An engine that keeps its replies in a file."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self._engine = engine
        self._file = file
        self._kept: dict[str, Any] = json.loads(file.read_text()) if file and file.exists() else {}
        self.fingerprint = engine.fingerprint
        self.load = lambda: None

    @contextmanager
    def read(self, messages: Sequence[Message], **_: Any) -> Iterator[KeptReading]:
        with ExitStack() as stack:
            # Opened only if a reply is missing, and once: the prompt need not be read again for each ending.
            opened: list[Any] = []

            def reading() -> Any:
                if not opened:
                    opened.append(stack.enter_context(self._engine.read(messages)))
                return opened[0]

            yield KeptReading(self, messages, reading)

    def states(self, parts: Sequence[str]) -> Any:
        states = getattr(self._engine, "states", None)
        return None if states is None else states(parts)

    def ask(self, messages: Sequence[Message], reading: Callable[[], Any], key: list[Any], say: Any) -> Any:
        name = json.dumps([self.fingerprint, [message.content for message in messages], key])
        if name not in self._kept:
            self._kept[name] = say(reading())
            if self._file:
                self._file.write_text(json.dumps(self._kept))
        return self._kept[name]


class KeptReading:
    def __init__(self, engine: KeptEngine, messages: Sequence[Message], reading: Callable[[], Any]) -> None:
        self._engine, self._messages, self._reading = engine, messages, reading

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        def say(reading: Any) -> list[str]:
            return list(reading.stream(ending, max_tokens=max_tokens))

        yield from self._engine.ask(self._messages, self._reading, ["stream", ending, max_tokens], say)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        def say(reading: Any) -> list[float]:
            return list(reading.preferences(ending, options))

        return tuple(self._engine.ask(self._messages, self._reading, ["preferences", ending, list(options)], say))
