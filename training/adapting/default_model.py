"""The default language model, for which the small matrices are trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.inference.generation.openvino import OpenVinoEngine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rag import RAG

MODEL = ("qwen2.5-coder-1.5b", "openvino")
_LARGEST = 60_000.0  # bound in half precision; the states of a text's first token come close to it


def engine_of(models: RAG) -> OpenVinoEngine:
    """Return the language model; end the program if it is not the default one."""
    engine = models._models.engine()
    if not isinstance(engine, OpenVinoEngine) or not engine.fingerprint.startswith(f"{MODEL[0]}@"):
        raise SystemExit(f"These layers are of {MODEL[0]} on {MODEL[1]}, not of {engine.fingerprint}.")
    return engine


def gguf_of(engine: OpenVinoEngine) -> Path:
    """Return the file that the model was converted from; end the program if it is missing."""
    file = next(Path(engine._location).parent.glob("*.gguf"), None)
    if file is None:
        raise SystemExit("The model's GGUF file is not in the cache any more.")
    return file


def halved(states: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return states in half precision."""
    return states.clip(-_LARGEST, _LARGEST).astype(np.float16)
