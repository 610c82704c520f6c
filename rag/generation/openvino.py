"""The default engine: OpenVINO on an IR folder. A wheel, no PyTorch, quick on any x86-64 or ARM CPU."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from rag.generation.engine import begins
from rag.generation.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from rag.generation.engine import Message, Reading
    from rag.generation.openvino_state import Logits, StatefulModel

# Where the user's words go in the model's chat template, to find what comes before and after them.
_PLACE = "\u241f"
# A reply's first token is looked for among so many: the rest have no share worth counting.
_CANDIDATES = 50
_UNFINISHED = "\ufffd"


class OpenVinoEngine(LocalEngine):
    """
    A model in OpenVINO's format.

    ``location``: folder with ``openvino_model.xml`` and the tokenizer's IR.
    """

    runtime = "openvino"

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """
        Read a conversation whose last message, the user's, is yet to be ended.

        Other readers wait until this one is done.
        """
        with self._lock:
            model = self._loaded()
            head, tail = self._template(messages)
            # Always from the beginning and in one piece: an answer must not depend on the questions before it.
            model.reset()
            model.feed(self._encode(head + messages[-1].content))
            yield _OpenVinoReading(model, self._tokenizer, self._encode(tail))

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        with self._lock:
            self._loaded()
            return len(self._encode(text))

    def _encode(self, text: str) -> list[int]:
        return _encoded(self._tokenizer, text)

    def _template(self, messages: Sequence[Message]) -> tuple[str, str]:
        turns = [{"role": message.role, "content": message.content} for message in messages[:-1]]
        turns.append({"role": messages[-1].role, "content": _PLACE})
        head, _, tail = self._tokenizer.apply_chat_template(turns, add_generation_prompt=True).partition(_PLACE)
        return head, tail

    def _loaded(self) -> StatefulModel:
        if self._model is None:
            import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime

            from rag.generation.openvino_state import StatefulModel  # noqa: PLC0415

            try:
                self._tokenizer = genai.Tokenizer(self._location)
                self._model = StatefulModel(Path(self._location), threads=self._threads)
            except RuntimeError as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The language model in {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`.",
                ) from error
        model: StatefulModel = self._model
        return model


class _OpenVinoReading:
    """One prompt in the model's state; see `rag.generation.engine.Reading`."""

    def __init__(self, model: StatefulModel, tokenizer: Any, tail: list[int]) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._tail = tail
        self._place = model.mark()
        # The template ends the user's turn with the token that ends the model's too.
        self._ends = {int(tokenizer.get_eos_token_id()), *tail[:1]}

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        """Yield the reply, piece by piece."""
        try:
            logits = self._ended(ending)
            said: list[int] = []
            shown = ""
            for _ in range(max_tokens):
                token = int(logits.argmax())
                if token in self._ends:
                    return
                said.append(token)
                text = str(self._tokenizer.decode(said))
                # A character of several bytes may be half written.
                if not text.endswith(_UNFINISHED) and len(text) > len(shown):
                    yield text[len(shown) :]
                    shown = text
                logits = self._model.feed([token])
        finally:
            self._model.back(self._place)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each option being the first word of the reply."""
        logits = self._ended(ending).astype(np.float64)
        self._model.back(self._place)
        weights = np.exp(logits - logits.max())
        likeliest = np.argsort(-weights, kind="stable")[:_CANDIDATES]
        pieces = [(str(self._tokenizer.decode([int(token)])), float(weights[token])) for token in likeliest]
        total = float(weights.sum())
        return tuple(sum(weight for piece, weight in pieces if begins(option, piece)) / total for option in options)

    def _ended(self, ending: str) -> Logits:
        return self._model.feed([*_encoded(self._tokenizer, ending), *self._tail])


def _encoded(tokenizer: Any, text: str) -> list[int]:
    return [int(token) for token in tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]
