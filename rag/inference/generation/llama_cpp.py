"""llama.cpp for any .gguf file (extra ``gguf``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from rag.inference.generation.local import CallbackEngine
from rag.inference.replies import first_words_of
from rag.inference.run import current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.inference.protocol import Message

CONTEXT_TOKENS = 4096
# Tokens of a prompt that are read between two checks whether to stop.
BATCH_TOKENS = 32
# Progress comes with every batch of the prompt, so that it can be stopped there.
_STREAM = {"stream": True, "return_progress": True}


class LlamaCppEngine(CallbackEngine):
    """
    A GGUF model.

    ``location``: the .gguf file.
    """

    runtime = "llama.cpp"

    def _generate(
        self, messages: Sequence[Message], max_tokens: int, deliver: Callable[[str], bool], *, again: bool
    ) -> None:
        def take(event: dict[str, Any]) -> bool:
            _raise_error(event)
            return any(deliver(choice.get("delta", {}).get("content") or "") for choice in event.get("choices", ()))

        self._model.handle_chat_completions(_request(messages, max_tokens, again=again) | _STREAM, take)

    def _first_words(self, messages: Sequence[Message], *, again: bool) -> Sequence[tuple[str, float]]:
        found: list[tuple[str, float]] = []
        run = current()

        def take(event: dict[str, Any]) -> bool:
            _raise_error(event)
            found.extend(first_words_of(event))
            return run.stopped

        request = _request(messages, 1, again=again) | _STREAM | {"logprobs": True, "top_logprobs": 20}
        self._model.handle_chat_completions(request, take)
        return found

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                import xllamacpp  # noqa: PLC0415 - an extra
            except ImportError as error:
                raise ModelError(
                    f"{self._location} needs llama.cpp, which is not installed.",
                    hint="Install it with `pip install xllamacpp`.",
                ) from error
            parameters = xllamacpp.CommonParams()
            parameters.model.path = self._location
            parameters.n_ctx = CONTEXT_TOKENS
            parameters.n_parallel = 1
            parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
            parameters.cache_ram_mib = 0  # earlier conversations are never resumed
            parameters.verbosity = -1
            if self._device == "cpu":
                parameters.n_gpu_layers = 0
            if self._threads:
                parameters.cpuparams.n_threads = self._threads
                parameters.cpuparams_batch.n_threads = self._threads
            try:
                self._model = xllamacpp.Server(parameters)
            except RuntimeError as error:
                raise ModelError(
                    f"llama.cpp cannot load {self._location}: {error}.", hint="Is it a complete .gguf file?"
                ) from error
        return self._model


def _request(messages: Sequence[Message], max_tokens: int, *, again: bool) -> dict[str, Any]:
    return {
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "max_tokens": max_tokens,
        "temperature": 0.0,
        "seed": 0,
        # As with the default engine, an answer must not depend on earlier questions. An earlier ending of the same
        # conversation is always the same, so that what both have in common need not be read twice.
        "cache_prompt": again,
    }


def _raise_error(event: dict[str, Any]) -> None:
    if "error" in event:
        raise ModelError(f"llama.cpp could not answer: {event['error'].get('message', event['error'])}.")
