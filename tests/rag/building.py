"""Create a `RAG` for tests, with small models, the test's own corpus and settings by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag import RAG, Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rag.inference import Engine


def build(
    corpus: Path,
    index: Path,
    engine: Engine | str = "x",
    *,
    embedder: HashingEmbedder | None = None,
    stages: Mapping[str, Any] | None = None,
    **settings: Any,
) -> RAG:
    """
    Open articles with small models.

    Parameters
    ----------
    corpus, index
        Folders.
    engine
        The engine that answers; a text is what a scripted engine says.
    embedder
        A new embedder if None.
    stages
        Stages that replace the built-in ones, by their argument names in `RAG`.
    settings
        See `rag.Settings`.

    """
    return RAG(
        Settings(corpus=corpus, index=index, **settings),
        embedder=embedder or HashingEmbedder(),
        engine=ScriptedEngine(engine) if isinstance(engine, str) else engine,
        **(stages or {}),
    )


def synced(corpus: Path, index: Path, engine: Engine | str = "x", **options: Any) -> RAG:
    """Do the same and update the index, which otherwise happens at the first question."""
    rag = build(corpus, index, engine, **options)
    rag.sync()
    return rag
