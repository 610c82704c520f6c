"""llama.cpp for any .gguf file (extra ``gguf``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from rag.generation.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.generation.engine import Message

CONTEXT_TOKENS = 4096


class LlamaCppEngine(LocalEngine):
    """
    A GGUF model.

    ``location``: the .gguf file.
    """

    runtime = "llama.cpp"

    def count_tokens(self, text: str) -> int:
        """Return a careful estimate: German runs at 2.9 to 3.5 characters a token in Qwen's vocabulary."""
        return -(-len(text) * 10 // 29)

    def _generate(self, messages: Sequence[Message], max_tokens: int, deliver: Callable[[str], bool]) -> None:
        request = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "seed": 0,
            "stream": True,
            # As with the default engine: an answer must not depend on the questions before it.
            "cache_prompt": False,
        }

        def take(event: dict[str, Any]) -> bool:
            if "error" in event:
                raise ModelError(f"llama.cpp could not answer: {event['error'].get('message', event['error'])}.")
            return any(deliver(choice.get("delta", {}).get("content") or "") for choice in event.get("choices", ()))

        self._model.handle_chat_completions(request, take)

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
            parameters.verbosity = -1
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
