"""
Layers of the default language model, adapted to read instead of writing.

A small matrix is added to each matrix of the layers (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models",
arXiv:2106.09685), and each token sees the whole text, not only what stands before it (BehnamGhader et al., "LLM2Vec",
arXiv:2404.05961). The matrices of the model itself are unchanged. `training.states` makes the small ones.
"""

from rag.inference.adapting.adapters import (
    ADAPTERS_FILE,
    MATRICES,
    REWRITING_FILE,
    Adapter,
    Adapters,
    adapters_for,
    installed,
    is_of,
)
from rag.inference.adapting.model import ADAPTED

__all__ = [
    "ADAPTED",
    "ADAPTERS_FILE",
    "MATRICES",
    "REWRITING_FILE",
    "Adapter",
    "Adapters",
    "adapters_for",
    "installed",
    "is_of",
]
