"""txtai: Embeddings over paragraphs, and RAG with references, as its documentation shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from txtai import LLM, RAG, Embeddings
from txtai.pipeline import Segmentation

# The wording of the example in txtai's documentation of RAG.
_TEMPLATE = "Answer the following question using the provided context.\n\nQuestion:\n{question}\n\nContext:\n{context}"


class System:
    packages = ("txtai", "litellm", "transformers")

    def __init__(self, job: dict[str, Any]) -> None:
        self._corpus = Path(job["corpus"])
        self._passages: dict[str, tuple[str, str]] = {}
        self._on_token: Callable[[], None] = lambda: None
        self._split = Segmentation(paragraphs=True)
        self._embeddings = Embeddings(
            path=job["embedding_model"], content=True, instructions={"query": "query: ", "data": "passage: "}
        )
        self._model = LLM(
            f"openai/{job['model']}",
            method="litellm",
            api_base=f"{job['server']}/v1",
            api_key="none",
            temperature=0.0,
            timeout=job["timeout_seconds"],
            max_retries=0,
        )
        self._most = job["max_tokens"]
        self._rag = RAG(self._embeddings, self._generate, template=_TEMPLATE, output="reference")

    def warm_up(self) -> None:
        self._embeddings.transform("Aufwärmen", "query")

    def index(self) -> int:
        for file in sorted(self._corpus.glob("*.md")):
            for number, text in enumerate(self._split(file.read_text(encoding="utf-8"))):
                self._passages[f"{file.name}#{number}"] = (file.name, text)
        self._embeddings.index((name, text, None) for name, (_, text) in self._passages.items())
        return int(self._embeddings.count())

    def ready(self) -> None:
        """Nothing: the server has loaded the language model."""

    def retrieve(self, question: str) -> None:
        self._embeddings.search(question, 3)

    def ask(self, question: str, on_token: Callable[[], None]) -> dict[str, Any]:
        self._on_token = on_token
        found = self._rag(question)
        cited = self._passages.get(found["reference"])
        return {
            "text": found["answer"],
            "citations": [{"document": cited[0], "text": cited[1]}] if cited else [],
            "abstained": not found["answer"].strip(),
        }

    def _generate(self, prompts: list[str], **options: Any) -> list[str]:
        """Call the LLM in place of RAG, to notice the first piece."""
        answers = []
        for prompt in prompts:
            pieces = []
            for piece in self._model(prompt, stream=True, maxlength=self._most, defaultrole="user", **options):
                if piece:
                    self._on_token()
                pieces.append(piece)
            answers.append("".join(pieces))
        return answers
