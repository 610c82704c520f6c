"""This project, with its defaults; the model runs in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino_genai

from index.syncing.sync import sync
from rag import RAG
from rag.grounding.reader.factory import create_reader
from rag.inference import Engine, Message, create_engine
from rag.inference.embedding.factory import create_embedder
from rag.inference.weights import resolve_embedding, resolve_llm
from rag.pipeline.stages import EvidenceJudge
from rag.settings import load_settings
from rag.types import Delta, Finished, SentenceChecked

if TYPE_CHECKING:
    from rag.inference.protocol import Reading


class System:
    packages = ("quellentreu", "openvino-genai", "xllamacpp")

    def __init__(self, job: dict[str, Any]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="quellentreu-bench-")
        self._settings = load_settings(
            corpus=Path(job["corpus"]), index=Path(self._folder.name), llm=job["native_model"]
        )
        self._embedder = create_embedder(
            resolve_embedding(self._settings.embedding.model, download=False), self._settings
        )
        model = resolve_llm(self._settings.generation.model, download=False)
        self._counted = CountedEngine(create_engine(model, self._settings))
        self._tokenizer = openvino_genai.Tokenizer(job["tokenizer"])

    def warm_up(self) -> None:
        self._embedder.embed_query("Aufwärmen")

    def index(self) -> int:
        return sync(self._settings.corpus, self._settings.index, self._embedder).chunks

    def ready(self) -> None:
        """Load the language model, as the server of the peers has done by now."""
        reader = create_reader(self._embedder)
        reads = EvidenceJudge(lambda: reader)  # with an embedder but no reader given, there would be none
        self._rag = RAG(self._settings, embedder=self._embedder, engine=self._counted, reader=reads)
        self._rag.warm_up()

    def retrieve(self, question: str) -> None:
        self._rag.search(question)

    def ask(self, question: str, on_token: Callable[[], None]) -> dict[str, Any]:
        self._counted.texts.clear()
        for event in self._rag.stream(question, fresh=True):
            if isinstance(event, Delta | SentenceChecked):
                on_token()
            if isinstance(event, Finished):
                answer = event.answer
        return {
            "text": answer.text,
            "citations": [{"document": one.path, "text": one.quote} for one in answer.citations],
            "abstained": answer.abstained,
            "model_calls": len(self._counted.texts),
            "prompt_tokens": sum(
                self._tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1]
                for text in self._counted.texts
            ),
        }


class CountedEngine:
    """Records what the model has to read: first the whole conversation, then only each new ending."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.texts: list[str] = []
        self.fingerprint = engine.fingerprint
        self.load = engine.load

    @contextmanager
    def read(self, messages: Sequence[Message], **options: Any) -> Iterator[CountedReading]:
        with self._engine.read(messages, **options) as reading:
            start = "".join(f"<|im_start|>{one.role}\n{one.content}<|im_end|>\n" for one in messages)
            yield CountedReading(reading, self.texts, start)


class CountedReading:
    def __init__(self, reading: Reading, texts: list[str], start: str) -> None:
        self._reading = reading
        self._texts = texts
        self._start = start

    def stream(self, ending: str, *, max_tokens: int) -> Generator[str]:
        self._note(ending)
        return self._reading.stream(ending, max_tokens=max_tokens)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        self._note(ending)
        return self._reading.preferences(ending, options)

    def _note(self, ending: str) -> None:
        self._texts.append(f"{self._start}{ending}<|im_start|>assistant\n")
        self._start = ""  # both engines keep it
