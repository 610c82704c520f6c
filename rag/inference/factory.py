"""Create the engine that runs a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.errors import ModelError

if TYPE_CHECKING:
    from rag.inference.protocol import Engine
    from rag.inference.weights import ResolvedModel
    from rag.settings import Settings


def create_engine(model: ResolvedModel, settings: Settings) -> Engine:
    """
    Return the engine for a model, its weights not yet loaded.

    Raises
    ------
    ModelError
        No engine runs this kind of model, or the engine's package is not installed.

    """
    # Each engine's module imports a heavy runtime: only the one that is needed is imported.
    machine: Any = {"threads": settings.machine.threads, "device": settings.machine.device}
    if model.engine == "openvino":
        from rag.inference.generation.openvino import OpenVinoEngine  # noqa: PLC0415

        return OpenVinoEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "ctranslate2":
        from rag.inference.generation.ctranslate2 import CTranslate2Engine  # noqa: PLC0415

        return CTranslate2Engine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "llama_cpp":
        from rag.inference.generation.llama_cpp import LlamaCppEngine  # noqa: PLC0415

        return LlamaCppEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "transformers":
        from rag.inference.generation.transformers import TransformersEngine  # noqa: PLC0415

        return TransformersEngine(model.location, fingerprint=model.fingerprint, **machine)
    if model.engine == "openai":
        from rag.inference.generation.openai import OpenAIEngine  # noqa: PLC0415

        return OpenAIEngine(
            model.location,
            fingerprint=model.fingerprint,
            api_key=settings.generation.api_key,
            model=settings.generation.api_model,
        )
    raise ModelError(f"{model.name} is not a language model that can be run here.", hint="See `rag models`.")
