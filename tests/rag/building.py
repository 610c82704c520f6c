"""The one way in which tests make a `RAG`: small models, a corpus of the test's own, settings by their names."""

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
        What answers; a text is what a scripted one says.
    embedder
        A new one where None.
    stages
        Stages of the pipeline in place of the built-in ones, by the names that `RAG` has for them.
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
    """Do the same and bring the index up to date, which else the first question does."""
    rag = build(corpus, index, engine, **options)
    rag.sync()
    return rag
