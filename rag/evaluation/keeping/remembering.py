"""
A language model whose replies are recorded, and taken from an earlier run if the prompt is the same.

Everything else that makes an answer is computed anew: search, selection, the gate, and the step from a reply to a place
in the sources. A run with kept replies therefore equals one without, whatever was changed between the two.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from rag.evaluation.traces import Reply, Trace, digest
from rag.grounding.state_reader import StateReading, fingerprint, prompt
from rag.inference import adapting
from rag.inference.protocol import Rewriting

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from rag.evaluation.traces import Admission
    from rag.inference.protocol import Engine, Message, Reading
    from rag.kinds import Kind
    from rag.pipeline.protocols import SecondReader
    from rag.types import EvidenceSentence


class RememberingEngine:
    """
    A view of an engine, see `rag.inference.protocol.Engine`; handles one question after the other.

    Parameters
    ----------
    engine
        Returns the engine.
    machine
        What its figures depend on besides the weights: runtime, precision, instruction set.
    known
        Replies of an earlier run, by key. If there are any, weights are loaded only when a reply is missing.

    """

    def __init__(self, engine: Callable[[], Engine], machine: Mapping[str, str], known: Mapping[str, Reply]) -> None:
        self._engine = engine
        self._machine = dict(machine)
        self._known = known
        self._loaded = not known
        self._read: list[str] = []
        self._replies: list[Reply] = []
        self._gates: list[Admission] = []
        self._asked = self._repeated = self._sure = 0
        self._is_timed = True

    @property
    def fingerprint(self) -> str:
        """Identifier of the weights and the runtime."""
        return self._engine().fingerprint

    def load(self) -> None:
        """Load the weights, unless all replies that are needed may be known."""
        if self._loaded:
            self._engine().load()

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Read a conversation; the model does so only when a reply is missing."""
        conversation = [(message.role, message.content) for message in messages]
        self.given(conversation)
        with ExitStack() as stack:
            yield _RememberingReading(self, conversation, lambda: stack.enter_context(self.opened().read(messages)))

    def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
        """Write out a follow-up, see `rag.inference.protocol.Rewrites`; None if the model cannot do so."""
        if getattr(self._engine(), "rewritten", None) is None:
            return None
        self.given(prompt)
        key = self.key(prompt, "rewritten", [adapting.installed(adapting.REWRITING_FILE).fingerprint, max_tokens])
        known = self.known(key)
        if known is not None and known.pieces is not None:
            self.said(known)
            return Rewriting(known.pieces[0], float(known.pieces[1])) if known.pieces else None
        self.asked()
        write: Callable[..., Rewriting | None] = getattr(self.opened(), "rewritten")  # noqa: B009 - not all engines have it
        found = write(prompt, max_tokens=max_tokens)
        self.said(Reply(key, pieces=() if found is None else (found.text, str(found.sureness))))
        return found

    def begin(self) -> None:
        """Forget what happened so far: another question follows."""
        self._read, self._replies, self._gates = [], [], []
        self._asked = self._repeated = self._sure = 0
        self._is_timed = True

    def trace(self) -> Trace:
        """Return what happened since `begin`."""
        return Trace(
            tuple(self._read),
            tuple(self._replies),
            tuple(self._gates),
            kept=bool(self._repeated) and not self._asked,
            timed=self._is_timed and not self._repeated,
            sure=self._sure,
        )

    def judged(self, admission: Admission) -> None:
        """Record a decision of the gate."""
        self._gates.append(admission)

    def done_without(self) -> None:
        """Record that the small reader answered a part, so that neither model nor gate was asked."""
        self._sure += 1

    def key(self, conversation: object, ending: str, wanted: object) -> str:
        """Return the key of a reply: a digest of everything that the reply depends on."""
        return digest(self.fingerprint, self._machine, conversation, ending, wanted)

    def known(self, key: str) -> Reply | None:
        """Return the reply of an earlier run, or None if there is none."""
        reply = self._known.get(key)
        self._repeated += reply is not None
        return reply

    def asked(self) -> None:
        """Record that the model itself was asked."""
        self._asked += 1

    def given(self, prompt: object) -> None:
        """Record what the model is given to read."""
        self._read.append(digest(prompt))

    def read_states(self) -> None:
        """Record that the model's states were read, and that the model was loaded for this if it was not before."""
        self._asked += 1
        self._is_timed = self._is_timed and self._loaded
        self._loaded = True

    def opened(self) -> Engine:
        """Return the model, loaded if necessary."""
        engine = self._engine()
        if not self._loaded:
            self._loaded = True
            self._is_timed = False  # the question that loads the model takes longer than others
            engine.load()
        return engine

    def said(self, reply: Reply) -> None:
        """Record a reply."""
        self._replies.append(reply)


class _RememberingReading:
    def __init__(self, engine: RememberingEngine, conversation: object, open_: Callable[[], Reading]) -> None:
        self._engine = engine
        self._conversation = conversation
        self._open = open_
        self._reading: Reading | None = None
        self._replayed: list[Callable[[Reading], object]] = []

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        key = self._engine.key(self._conversation, ending, list(options))
        known = self._known(key)
        if known is not None and known.preferences is not None:
            self._replayed.append(lambda reading: reading.preferences(ending, options))
            self._engine.said(known)
            return known.preferences
        found = tuple(float(value) for value in self._asked().preferences(ending, options))
        self._engine.said(Reply(key, preferences=found))
        return found

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        key = self._engine.key(self._conversation, ending, max_tokens)
        known = self._known(key)
        if known is not None and known.pieces is not None:
            self._replayed.append(lambda reading: _whole(reading, ending, max_tokens))
            self._engine.said(known)
            yield from known.pieces
            return
        pieces: list[str] = []
        with closing(self._asked().stream(ending, max_tokens=max_tokens)) as stream:
            for piece in stream:
                pieces.append(piece)
                yield piece
        # A stream that is broken off is not kept: a caller that reads further next time would miss the rest.
        self._engine.said(Reply(key, pieces=tuple(pieces)))

    def _known(self, key: str) -> Reply | None:
        return None if self._reading is not None else self._engine.known(key)

    def _asked(self) -> Reading:
        """Return the model's reading as in a run without kept replies: earlier requests are replayed first."""
        self._engine.asked()
        if self._reading is None:
            self._reading = self._open()
            for again in self._replayed:
                again(self._reading)
        return self._reading


class RememberingReader:
    """
    Reads the language model's states, see `rag.pipeline.protocols.SecondReader`, or repeats an earlier reading of them.

    Parameters
    ----------
    reader
        The reader of the states.
    engine
        Records the replies, and knows those of an earlier run.

    """

    def __init__(self, reader: SecondReader, engine: RememberingEngine) -> None:
        self._reader = reader
        self._engine = engine

    def read(self, question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> StateReading | None:
        """Return the log odds that each sentence belongs in the answer, and that there is one; None if unknown."""
        asked = prompt(question, kind, sentences)
        self._engine.given(asked.parts)
        key = self._engine.key(asked.parts, "states", fingerprint())
        known = self._engine.known(key)
        if known is not None and known.preferences is not None:
            self._engine.said(known)
            return StateReading(known.preferences[1:], known.preferences[0])
        found = self._reader.read(question, kind, sentences)
        if found is not None:
            self._engine.read_states()
            self._engine.said(Reply(key, preferences=(found.answers, *found.bears)))
        return found


def _whole(reading: Reading, ending: str, max_tokens: int) -> str:
    with closing(reading.stream(ending, max_tokens=max_tokens)) as pieces:
        return "".join(pieces)
