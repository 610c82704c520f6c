"""The default engine: OpenVINO GenAI on an IR folder. A wheel, no PyTorch, quick on any x86-64 or ARM CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from rag.generation.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.generation.engine import Message


class OpenVinoEngine(LocalEngine):
    """
    A model in OpenVINO's format.

    ``location``: folder with ``openvino_model.xml`` and the tokenizer's IR.
    """

    runtime = "openvino"

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        with self._lock:
            self._loaded()
            return int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])

    def _generate(self, messages: Sequence[Message], max_tokens: int, deliver: Callable[[str], bool]) -> None:
        import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime

        running, stopped = genai.StreamingStatus.RUNNING, genai.StreamingStatus.CANCEL
        history = [{"role": message.role, "content": message.content} for message in messages]
        prompt = self._tokenizer.apply_chat_template(history, add_generation_prompt=True)
        config = genai.GenerationConfig(max_new_tokens=max_tokens, do_sample=False, apply_chat_template=False)
        self._model.generate(prompt, config, lambda piece: stopped if deliver(piece) else running)

    def _loaded(self) -> Any:
        import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime

        if self._model is None:
            options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
            if self._threads:
                options["INFERENCE_NUM_THREADS"] = self._threads
            # A reused prefix changes the shape of the matrix products and with it their last bits:
            # without it, an answer does not depend on the questions before it.
            options["scheduler_config"] = scheduler = genai.SchedulerConfig()
            scheduler.enable_prefix_caching = False
            try:
                self._model = genai.LLMPipeline(self._location, "CPU", **options)
            except RuntimeError as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The language model in {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`.",
                ) from error
            self._tokenizer = self._model.get_tokenizer()
        return self._model
