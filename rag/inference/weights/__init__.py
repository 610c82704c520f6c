"""
The available models, where their files are kept, and how they are fetched.

Importing this is quick: numpy, PyTorch and OpenVINO are imported only by the functions that need them.
"""

from __future__ import annotations

from rag.inference.weights.cache import cache_folder
from rag.inference.weights.catalogue import CATALOGUE, DEFAULT_EMBEDDING, DEFAULT_LLM, CatalogueModel
from rag.inference.weights.install import installed
from rag.inference.weights.offline import silence_telemetry
from rag.inference.weights.resolve import fetch_model, has_forms, resolve_embedding, resolve_llm
from rag.inference.weights.types import Engine, Kind, ModelStatus, ResolvedModel, Runtime

__all__ = [
    "CATALOGUE",
    "DEFAULT_EMBEDDING",
    "DEFAULT_LLM",
    "CatalogueModel",
    "Engine",
    "Kind",
    "ModelStatus",
    "ResolvedModel",
    "Runtime",
    "cache_folder",
    "fetch_model",
    "has_forms",
    "installed",
    "resolve_embedding",
    "resolve_llm",
    "silence_telemetry",
]

silence_telemetry()
