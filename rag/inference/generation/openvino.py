"""The default engine: OpenVINO on an IR folder. It is a wheel, needs no PyTorch, and is fast on x86-64 and ARM CPUs."""

from __future__ import annotations

import itertools
import math
import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import ModelError
from rag.inference.adapting import REWRITING_FILE, adapters_for
from rag.inference.generation.chat_tokens import Writing, encoded, first_word_shares, log_chance, template
from rag.inference.generation.guessing import guessed
from rag.inference.generation.local import LocalEngine
from rag.inference.protocol import Rewriting
from rag.inference.run import current

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterator, Sequence

    from rag.inference.devices import Device
    from rag.inference.generation.openvino_state import Logits, StatefulModel
    from rag.inference.protocol import Message, Reading, States


class OpenVinoEngine(LocalEngine):
    """
    A model in OpenVINO's format.

    ``location``: folder with ``openvino_model.xml`` and the tokenizer's IR.
    """

    runtime = "openvino"

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0, device: Device = "auto") -> None:
        super().__init__(location, fingerprint=fingerprint, threads=threads, device=device)
        self._current: _OpenVinoReading | None = None

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Take a conversation whose last message, the user's, still lacks its ending; it is read when first used."""
        with self._lock:
            self._loaded()
            head, tail = template(self._tokenizer, messages)
            prompt, ending = self.tokens(head + messages[-1].content), self.tokens(tail)
        yield _OpenVinoReading(self, prompt, ending)

    def states(self, parts: Sequence[str]) -> list[States] | None:
        """Read parts of a text, one after the other; see `rag.inference.protocol.ReadsStates`."""
        with self._lock:
            model = self._loaded()
            if not model.has_states:
                return None
            tokens = [self.tokens(part) for part in parts]
            self._current = None
            try:
                found = model.states([token for part in tokens for token in part])
            except RuntimeError as error:  # a device may lack memory or an operation for them
                raise ModelError(f"The adapted layers cannot be run: {error}.", hint="Set RAG_READER=small.") from error
            finally:
                model.reset()
            ends = list(itertools.accumulate(map(len, tokens)))
        return [found[end - len(part) : end] for part, end in zip(tokens, ends, strict=True)]

    def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
        """Write out what a follow-up asks; see `rag.inference.protocol.Rewrites`."""
        with self._lock:
            model = self._loaded()
            if not model.can_add:
                return None
            self._current = None
            model.reset()
            model.adding = True
            try:
                return self._reply(model, self.tokens(prompt), max_tokens)
            except RuntimeError as error:  # a device may lack memory or an operation for them
                raise ModelError(
                    f"The layers that rewrite cannot be run: {error}.", hint="Set RAG_READER=off."
                ) from error
            finally:
                model.adding = False
                model.reset()

    def _reply(self, model: StatefulModel, prompt: list[int], max_tokens: int) -> Rewriting:
        logits = model.feed(prompt)[None]
        following, written, odds = [int(logits.argmax())], list[int](), list[float]()
        run = current()
        while following:
            run.check()
            odds += [log_chance(row, token) for row, token in zip(logits, following, strict=True)]
            if self.end_of_text in following:
                said = [*written, *following[: following.index(self.end_of_text)]]
                return Rewriting(self.text(said).strip(), math.exp(statistics.fmean(odds[: len(said) + 1])))
            written += following
            following, logits = _following(model, prompt, written, max_tokens - len(written))
        return Rewriting("", 0.0)

    def resume(self, reading: _OpenVinoReading) -> StatefulModel:
        """Return the model in the state of a reading; the lock is held."""
        model = self._loaded()
        if self._current is not reading:
            # Always read from the beginning, in one piece and in the same steps: an answer must not depend on the
            # questions before it, nor on those that came between.
            self._current = None
            model.reset()
            model.feed(reading.prompt)
            place = model.mark()
            for tokens in reading.tried:
                model.feed(tokens)
                model.back(place)
            reading.place = place
            self._current = reading
        return model

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text; the lock is held."""
        return encoded(self._tokenizer, text)

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; the lock is held."""
        return str(self._tokenizer.decode(list(tokens)))

    @property
    def lock(self) -> threading.Lock:
        """Held by whoever uses the model."""
        return self._lock

    @property
    def end_of_text(self) -> int:
        """The token that ends a text."""
        return int(self._tokenizer.get_eos_token_id())

    def forget(self) -> None:
        """Note that the model's state belongs to no reading; the lock is held."""
        self._current = None

    def _loaded(self) -> StatefulModel:
        if self._model is None:
            from rag.inference.generation.openvino_state import StatefulModel  # noqa: PLC0415 - a heavy runtime

            try:
                with ThreadPoolExecutor(1, "load-weights") as pool:
                    # The longest part first; the tokenizer is read at the same time.
                    model = pool.submit(
                        StatefulModel,
                        Path(self._location),
                        threads=self._threads,
                        device=self._device,
                        adapters=adapters_for(self.fingerprint),
                        writing=adapters_for(self.fingerprint, REWRITING_FILE),
                    )
                    import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime

                    self._tokenizer = genai.Tokenizer(self._location)
                    self._model = model.result()
            except RuntimeError as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The language model in {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`.",
                ) from error
        loaded: StatefulModel = self._model
        return loaded


class _OpenVinoReading:
    """
    One prompt in the model's state; see `rag.inference.protocol.Reading`.

    The model is held for one ending at a time. If another prompt came between, this one is read again.
    """

    def __init__(self, engine: OpenVinoEngine, prompt: list[int], tail: list[int]) -> None:
        self.prompt = prompt
        self.tried: list[list[int]] = []
        self.place = (0, 0)
        self._engine = engine
        self._tail = tail

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece; the model is held until the last piece is fetched or the iterator closed."""
        with self._engine.lock, closing(self._written(ending, max_tokens)) as pieces:
            yield from pieces

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply."""
        with self._engine.lock:
            try:
                logits = self._ended(ending)
            except BaseException:  # whatever it is: the state is incomplete
                self._engine.forget()
                raise
            shares = first_word_shares(logits, options, self._engine.text)
            self._unread()
            return shares

    def _written(self, ending: str, max_tokens: int) -> Generator[str]:
        # The template ends the user's turn with the token that also ends the model's.
        ends = {self._engine.end_of_text, *self._tail[:1]}
        try:
            following = [int(self._ended(ending).argmax())]
            model = self._engine.resume(self)
            writing = Writing(self._engine.text)
            written: list[int] = []
            while following:
                for token in following:
                    if token in ends or len(written) >= max_tokens:
                        return
                    written.append(token)
                    if piece := writing.add(token):
                        yield piece
                following, _ = _following(model, self.prompt, written, max_tokens - len(written))
        finally:
            # What was written is not worth reading again if another prompt comes between.
            self._engine.forget()

    def _ended(self, ending: str) -> Logits:
        model = self._engine.resume(self)
        tokens = [*self._engine.tokens(ending), *self._tail]
        self.tried.append(tokens)
        return model.feed(tokens)

    def _unread(self) -> None:
        self._engine.resume(self).back(self.place)


def _following(
    model: StatefulModel, prompt: Sequence[int], written: Sequence[int], most: int
) -> tuple[list[int], Logits]:
    """
    Return the next tokens and the logits of each, which are valid until the model is fed.

    There is at least one token, or none if no more are wanted. The model has then read all that was written, except
    the last of these tokens.
    """
    if most <= 0:
        return [], np.empty((0, 0), dtype=np.float32)
    # The guesses depend on prompt and reply alone, and so does the reply, though a run over several tokens may change
    # the last bits of what it computes.
    guess = guessed(prompt, written, most - 1)
    logits = model.feed_each([written[-1], *guess])
    likeliest = logits.argmax(axis=1).tolist()
    right = next((i for i, token in enumerate(guess) if token != likeliest[i]), len(guess))
    model.drop(len(guess) - right)
    return [*guess[:right], likeliest[right]], logits[: right + 1]
