"""
CTranslate2 on 8-bit weights (extra ``ctranslate2``): reads twice as fast as OpenVINO on a processor with only AVX2.

It keeps the state of a prompt for as long as the model is loaded and offers no way to drop one (70 MB each), so nothing
is kept here: the whole conversation is read again with each ending. Most prompts have only one.

It can be stopped between two tokens, not while it reads. Whoever stops it need not wait; the next request waits until
the prompt has been read.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from rag.inference.generation.chat_tokens import Writing, encoded, first_word_shares, template
from rag.inference.generation.local import LocalEngine
from rag.inference.protocol import Message
from rag.inference.run import StoppedError, current

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from rag.inference.devices import Device
    from rag.inference.protocol import Reading

_LOOK_SECONDS = 0.01
INSTALL = "Install it with `pip install 'quellentreu[ctranslate2]'`, or set RAG_RUNTIME=openvino."


class CTranslate2Engine(LocalEngine):
    """
    A model in CTranslate2's format.

    ``location``: folder with ``model.bin``, beside the folder ``openvino``, whose tokenizer is used.
    """

    runtime = "ctranslate2"

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0, device: Device = "auto") -> None:
        super().__init__(location, fingerprint=fingerprint, threads=threads, device=device)
        self._words: list[str] = []
        self._ends: set[int] = set()
        self._under_way: Any = None  # the generation that was started last

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Take a conversation whose last message, the user's, still lacks its ending; it is read with each ending."""
        yield _Reading(self, messages)

    def shares(self, messages: Sequence[Message], ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply."""
        with self._lock:
            generating = self._started(messages, ending, max_length=1, return_logits_vocab=True)
            _wait_for(generating)
            return first_word_shares(np.array(generating.result().logits[0][0]), options, self._text)

    def written(self, messages: Sequence[Message], ending: str, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece; the model is held until the last piece is fetched or the iterator closed."""
        said: queue.SimpleQueue[int] = queue.SimpleQueue()
        ended = threading.Event()

        def hear(step: Any) -> bool:
            said.put(int(step.token_id))
            return ended.is_set()

        with self._lock:
            generating = self._started(messages, ending, max_length=max_tokens, callback=hear)
            writing = Writing(self._text)
            try:
                while True:
                    _wait_for(generating, lambda: not said.empty())
                    if said.empty():
                        break
                    token = said.get()
                    if token in self._ends:
                        break
                    if piece := writing.add(token):
                        yield piece
                generating.result()  # raises the error, if there was one
            finally:
                ended.set()

    def _started(self, messages: Sequence[Message], ending: str, **options: Any) -> Any:
        """Start to generate, as soon as what was stopped before has ended; the lock must be held."""
        model = self._loaded()
        if self._under_way is not None:
            _wait_for(self._under_way)
        head, tail = template(self._tokenizer, messages)
        tokens = [
            *encoded(self._tokenizer, head + messages[-1].content),
            *encoded(self._tokenizer, ending),
            *encoded(self._tokenizer, tail),
        ]
        (self._under_way,) = model.generate_batch(
            [[self._words[token] for token in tokens]],
            include_prompt_in_result=False,
            end_token=sorted(self._ends),
            asynchronous=True,
            **options,
        )
        return self._under_way

    def _text(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens))

    def _loaded(self) -> Any:
        if self._model is None:
            folder = Path(self._location)
            try:
                import ctranslate2  # noqa: PLC0415 - an extra
                import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime
            except ImportError as error:
                raise ModelError(f"CTranslate2 cannot be used: {error}.", hint=INSTALL) from error
            try:
                self._tokenizer = genai.Tokenizer(str(folder.with_name("openvino")))
                self._words = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
                # The template ends the user's turn with the token that also ends the model's.
                _, tail = template(self._tokenizer, [Message("user", "")])
                self._ends = {int(self._tokenizer.get_eos_token_id()), *encoded(self._tokenizer, tail)[:1]}
                self._model = ctranslate2.Generator(
                    self._location,
                    device="cpu",
                    compute_type="int8_float32",
                    intra_threads=self._threads or os.cpu_count() or 1,
                )
            except (RuntimeError, OSError, ValueError) as error:
                reason = str(error).strip().split("\n")[-1].rstrip(".")
                raise ModelError(
                    f"The language model in {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`.",
                ) from error
        return self._model


class _Reading:
    """
    A conversation; see `rag.inference.protocol.Reading`.

    Its ending is turned into tokens by itself, as OpenVINO's engine does, so that both read the same tokens.
    """

    def __init__(self, engine: CTranslate2Engine, messages: Sequence[Message]) -> None:
        self._engine = engine
        self._messages = tuple(messages)

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece."""
        return self._engine.written(self._messages, ending, max_tokens)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply."""
        return self._engine.shares(self._messages, ending, options)


def _wait_for(generating: Any, there: Callable[[], bool] = lambda: False) -> None:
    """
    Wait until ``there`` returns True, or everything has been generated.

    Raises
    ------
    StoppedError
        The answer is not wanted any more.

    """
    run, pause = current(), threading.Event()
    while not there() and not generating.done():
        if run.stopped:
            raise StoppedError
        pause.wait(_LOOK_SECONDS)
