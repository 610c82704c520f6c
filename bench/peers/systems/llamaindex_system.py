"""LlamaIndex: SimpleDirectoryReader, VectorStoreIndex and CitationQueryEngine, with their defaults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.openai_like import OpenAILike

# "[2]", "[1, 3]" and "[Source 2]" all name sources by the numbers the engine gave them.
_REFERENCE = re.compile(r"\[(?:source\s*)?(\d+(?:\s*,\s*(?:source\s*)?\d+)*)\]", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


class System:
    packages = (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "llama-index-llms-openai-like",
        "sentence-transformers",
    )

    def __init__(self, job: dict[str, Any]) -> None:
        self._corpus = job["corpus"]
        Settings.embed_model = HuggingFaceEmbedding(
            model_name=job["embedding_model"], query_instruction="query: ", text_instruction="passage: "
        )
        Settings.llm = OpenAILike(
            model=job["model"],
            api_base=f"{job['server']}/v1",
            api_key="none",
            is_chat_model=True,
            context_window=job["context_tokens"],
            max_tokens=job["max_tokens"],
            temperature=0.0,
            timeout=job["timeout_seconds"],
            max_retries=0,
        )

    def warm_up(self) -> None:
        Settings.embed_model.get_query_embedding("Aufwärmen")

    def index(self) -> int:
        documents = SimpleDirectoryReader(self._corpus, required_exts=[".md"]).load_data()
        index = VectorStoreIndex.from_documents(documents)
        self._engine = CitationQueryEngine.from_args(index, streaming=True)
        self._retriever = index.as_retriever()
        return len(index.docstore.docs)

    def ready(self) -> None:
        """Nothing: the server has loaded the language model."""

    def retrieve(self, question: str) -> None:
        self._retriever.retrieve(question)

    def ask(self, question: str, on_token: Callable[[], None]) -> dict[str, Any]:
        response = self._engine.query(question)
        pieces: list[str] = []
        for piece in response.response_gen:
            if piece:
                on_token()
            pieces.append(piece)
        text = "".join(pieces)
        sources = response.source_nodes
        named = dict.fromkeys(
            int(number) for match in _REFERENCE.finditer(text) for number in _NUMBER.findall(match[1])
        )
        citations = [
            {
                "document": sources[number - 1].node.metadata["file_name"],
                # The engine puts "Source n:" before each.
                "text": sources[number - 1].node.get_content().partition("\n")[2],
            }
            if 0 < number <= len(sources)
            else {"document": "", "text": ""}
            for number in named
        ]
        return {"text": text, "citations": citations, "abstained": text.strip() in {"", "Empty Response"}}
