"""
Which models there are, where they lie, and how they get there.

Importing this is quick: numpy, PyTorch and OpenVINO are only imported by the work that needs them.
"""

from __future__ import annotations

from rag.models.cache import cache_folder
from rag.models.catalogue import CATALOGUE, DEFAULT_EMBEDDING, DEFAULT_LLM, CatalogueModel
from rag.models.install import installed
from rag.models.offline import silence_telemetry
from rag.models.resolve import fetch_model, resolve_embedding, resolve_llm
from rag.models.types import Engine, Kind, ModelStatus, Progress, ResolvedModel

__all__ = [
    "CATALOGUE",
    "DEFAULT_EMBEDDING",
    "DEFAULT_LLM",
    "CatalogueModel",
    "Engine",
    "Kind",
    "ModelStatus",
    "Progress",
    "ResolvedModel",
    "cache_folder",
    "fetch_model",
    "installed",
    "resolve_embedding",
    "resolve_llm",
    "silence_telemetry",
]

silence_telemetry()
