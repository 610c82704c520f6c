"""Any causal language model of the transformers library, on a CPU or a GPU."""

from __future__ import annotations

import contextlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from index.extras import require
from rag.inference.devices import torch_device
from rag.inference.generation.local import CallbackEngine
from rag.inference.run import StoppedError, current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.inference.protocol import Message

# A reply's first word is looked for among this many tokens: the rest have no share worth counting.
_CANDIDATES = 50


class TransformersEngine(CallbackEngine):
    """
    A model in Hugging Face's format.

    ``location``: a folder, or a hub id that is in the local cache.
    """

    runtime = "transformers"

    def _generate(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        deliver: Callable[[str], bool],
        *,
        again: bool,  # noqa: ARG002 - no state is kept
    ) -> None:
        from transformers import StoppingCriteriaList, TextStreamer  # noqa: PLC0415 - seconds to import

        cancelled = False

        class Deliver(TextStreamer):  # type: ignore[misc] # the library is untyped here
            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
                nonlocal cancelled
                cancelled = deliver(text) or cancelled

        def ended(input_ids: Any, _scores: Any, **_: Any) -> Any:
            return input_ids.new_full((input_ids.shape[0],), cancelled or deliver(""), dtype=bool)

        inputs = self._tokenizer(self._prompt(messages), return_tensors="pt", add_special_tokens=False)
        with self._stopped_between_layers(lambda: deliver("")), contextlib.suppress(StoppedError):
            self._model.generate(
                **inputs.to(self._model.device),
                max_new_tokens=max_tokens,
                do_sample=False,
                streamer=Deliver(self._tokenizer, skip_prompt=True, skip_special_tokens=True),
                stopping_criteria=StoppingCriteriaList([ended]),
                pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
            )

    def _first_words(
        self,
        messages: Sequence[Message],
        *,
        again: bool,  # noqa: ARG002 - no state is kept
    ) -> Sequence[tuple[str, float]]:
        import torch  # noqa: PLC0415 - seconds to import

        inputs = self._tokenizer(self._prompt(messages), return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode(), self._stopped_between_layers(lambda: current().stopped):
            logits = self._model(**inputs.to(self._model.device)).logits[0, -1].float()
        shares, tokens = torch.softmax(logits, dim=-1).topk(min(_CANDIDATES, logits.shape[-1]))
        return [
            (str(self._tokenizer.decode([token])), share)
            for token, share in zip(tokens.tolist(), shares.tolist(), strict=True)
        ]

    @contextmanager
    def _stopped_between_layers(self, unwanted: Callable[[], bool]) -> Iterator[None]:
        """Let a forward pass be stopped before any layer: reading a long prompt takes many seconds on a CPU."""

        def look(*_: Any) -> None:
            if unwanted():
                raise StoppedError

        layers = [module for name, module in self._model.named_modules() if name.split(".")[-1].isdecimal()]
        hooks = [layer.register_forward_pre_hook(look) for layer in layers]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _prompt(self, messages: Sequence[Message]) -> str:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if self._tokenizer.chat_template:
            return str(self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
        # A base model has no template: plain paragraphs are what it has seen most.
        return "\n\n".join(turn["content"] for turn in turns) + "\n"

    def _loaded(self) -> Any:
        if self._model is None:
            require("transformers", extra="torch", purpose="A language model in Hugging Face's format")
            os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
            import torch  # noqa: PLC0415
            from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

            if self._threads:
                torch.set_num_threads(self._threads)
            device = torch_device(torch, self._device)
            try:
                self._tokenizer = AutoTokenizer.from_pretrained(self._location, local_files_only=True)
                model = AutoModelForCausalLM.from_pretrained(
                    self._location, local_files_only=True, dtype=torch.float32 if device == "cpu" else "auto"
                )
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                reason = str(error).strip().split("\n", maxsplit=1)[0]
                raise ModelError(
                    f"transformers cannot load {self._location}: {reason}.", hint="Name another model in RAG_LLM."
                ) from error
            # Greedy decoding does not use the publisher's sampling settings, and the library warns about them.
            for name in ("temperature", "top_p", "top_k"):
                setattr(model.generation_config, name, None)
            self._model = model.to(device).eval()
        return self._model
