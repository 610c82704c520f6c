"""The default engine: OpenVINO GenAI on an IR folder. A wheel, no PyTorch, quick on any x86-64 or ARM CPU."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from rag.generation.engine import iterate_callback

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from rag.generation.engine import Message


class OpenVinoEngine:
    """
    A model in OpenVINO's format.

    Parameters
    ----------
    location
        Folder with ``openvino_model.xml`` and the tokenizer's IR.
    fingerprint
        Identifies the weights.
    threads
        Processor threads, 0 for all cores.

    """

    def __init__(self, location: str, *, fingerprint: str, threads: int = 0) -> None:
        self._location = location
        self._fingerprint = fingerprint
        self._threads = threads
        self._lock = threading.Lock()
        self._pipeline: Any = None
        self._tokenizer: Any = None

    @property
    def fingerprint(self) -> str:
        """Identifies weights and runtime."""
        return f"{self._fingerprint}+openvino"

    def load(self) -> None:
        """Load the weights."""
        with self._lock:
            self._loaded()

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Generator[str]:
        """Yield the continuation piece by piece."""

        def run(deliver: Callable[[str], bool]) -> None:
            with self._lock:
                genai, pipeline = self._loaded()
                running, stopped = genai.StreamingStatus.RUNNING, genai.StreamingStatus.CANCEL
                if deliver(""):  # cancelled while it waited for another answer
                    return
                history = [{"role": message.role, "content": message.content} for message in messages]
                prompt = self._tokenizer.apply_chat_template(history, add_generation_prompt=True)
                config = genai.GenerationConfig(max_new_tokens=max_tokens, do_sample=False, apply_chat_template=False)
                pipeline.generate(prompt, config, lambda piece: stopped if deliver(piece) else running)

        return iterate_callback(run)

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        with self._lock:
            self._loaded()
            return int(self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])

    def _loaded(self) -> tuple[Any, Any]:
        import openvino_genai as genai  # noqa: PLC0415 - a heavy runtime

        if self._pipeline is None:
            options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
            if self._threads:
                options["INFERENCE_NUM_THREADS"] = self._threads
            # A reused prefix changes the shape of the matrix products and with it their last bits:
            # without it, an answer does not depend on the questions before it.
            options["scheduler_config"] = scheduler = genai.SchedulerConfig()
            scheduler.enable_prefix_caching = False
            try:
                self._pipeline = genai.LLMPipeline(self._location, "CPU", **options)
            except RuntimeError as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The language model in {self._location} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`.",
                ) from error
            self._tokenizer = self._pipeline.get_tokenizer()
        return genai, self._pipeline
