"""Tests with a real server of the OpenAI protocol: that of llama.cpp, started here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rag import RAG, Settings
from rag.inference.weights import cache_folder, resolve_llm

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    xllamacpp: Any = pytest.importorskip("xllamacpp")
    folder = Path(resolve_llm("qwen2.5-coder-1.5b").location).parent
    weights = next(iter([*folder.glob("*.gguf"), *cache_folder().glob("qwen2.5-coder-1.5b/*.gguf")]))
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    parameters.verbosity = -1
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    yield server.listening_address
    del server


def test_one_server_embeds_reads_and_answers(url: str, corpus: Path, index_dir: Path) -> None:
    for name in ("huawei.md", "nvidia.txt"):  # a language model embeds slowly
        (corpus / name).unlink()
    rag = RAG(Settings(corpus=corpus, index=index_dir, llm=url, embedding_model=url))
    assert rag.sync().added == 1
    vectors = rag._the_embedder().embed_passages(["Cambricon sammelt Geld.", "Huawei liefert aus."])
    assert vectors.shape[1] > 1000  # the width of a language model
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    answer = rag.ask("Wie viel Geld will der Chiphersteller Cambricon aufnehmen?", strictness=0.0)
    assert "4 Milliarden Yuan" in answer.text
    assert answer.citations[0].path == "cambricon.md"
    assert answer.models["llm"].startswith(url)
    assert answer.models["embedding"].startswith(url)
    assert not RAG(rag.settings).sync().added  # the same server has the same fingerprint
