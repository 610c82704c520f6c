"""Haystack: the indexing and RAG pipelines of its documentation, with the components' defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from haystack import Pipeline
from haystack.components.builders import AnswerBuilder, ChatPromptBuilder
from haystack.components.converters import TextFileToDocument
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import Secret
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

# The wording of Haystack's "get started".
_DOCUMENTS = (
    "Given these documents, answer the question.\nDocuments:\n{% for doc in documents %}{{ doc.content }}\n{% endfor %}"
)
_QUESTION = "{{question}}"


class System:
    packages = ("haystack-ai", "sentence-transformers-haystack", "sentence-transformers")

    def __init__(self, job: dict[str, Any]) -> None:
        self._files = sorted(Path(job["corpus"]).glob("*.md"))
        self._on_token: Callable[[], None] = lambda: None
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._store = store
        model = job["embedding_model"]
        self._documents = SentenceTransformersDocumentEmbedder(model=model, prefix="passage: ", progress_bar=False)
        self._queries = SentenceTransformersTextEmbedder(model=model, prefix="query: ", progress_bar=False)
        self._retriever = InMemoryEmbeddingRetriever(document_store=store)
        self._indexing = Pipeline()
        self._indexing.add_component("converter", TextFileToDocument())
        self._indexing.add_component("cleaner", DocumentCleaner())
        self._indexing.add_component("splitter", DocumentSplitter())
        self._indexing.add_component("embedder", self._documents)
        self._indexing.add_component("writer", DocumentWriter(document_store=store))
        for before, after in (
            ("converter", "cleaner"),
            ("cleaner", "splitter"),
            ("splitter", "embedder"),
            ("embedder", "writer"),
        ):
            self._indexing.connect(before, after)
        generator = OpenAIChatGenerator(
            api_key=Secret.from_token("none"),
            model=job["model"],
            api_base_url=f"{job['server']}/v1",
            streaming_callback=self._streamed,
            generation_kwargs={"temperature": 0.0, "max_tokens": job["max_tokens"]},
            timeout=job["timeout_seconds"],
            max_retries=0,
        )
        self._asking = Pipeline()
        self._asking.add_component("embedder", self._queries)
        self._asking.add_component("retriever", self._retriever)
        prompt = [ChatMessage.from_system(_DOCUMENTS), ChatMessage.from_user(_QUESTION)]
        self._asking.add_component("prompt", ChatPromptBuilder(template=prompt))
        self._asking.add_component("generator", generator)
        self._asking.add_component("answer", AnswerBuilder())
        self._asking.connect("embedder.embedding", "retriever.query_embedding")
        self._asking.connect("retriever.documents", "prompt.documents")
        self._asking.connect("prompt.prompt", "generator.messages")
        self._asking.connect("generator.replies", "answer.replies")
        self._asking.connect("retriever.documents", "answer.documents")

    def warm_up(self) -> None:
        self._documents.warm_up()
        self._queries.warm_up()
        self._queries.run(text="Aufwärmen")

    def index(self) -> int:
        self._indexing.run({"converter": {"sources": self._files}})
        return self._store.count_documents()

    def ready(self) -> None:
        """Nothing: the server has loaded the language model."""

    def retrieve(self, question: str) -> None:
        self._retriever.run(query_embedding=self._queries.run(text=question)["embedding"])

    def ask(self, question: str, on_token: Callable[[], None]) -> dict[str, Any]:
        self._on_token = on_token
        found = self._asking.run(
            {"embedder": {"text": question}, "prompt": {"question": question}, "answer": {"query": question}}
        )
        answer = found["answer"]["answers"][0]
        return {
            "text": answer.data,
            "citations": [
                {"document": Path(one.meta["file_path"]).name, "text": one.content} for one in answer.documents
            ],
            "abstained": not answer.data.strip(),
        }

    def _streamed(self, piece: Any) -> None:
        if piece.content:
            self._on_token()
