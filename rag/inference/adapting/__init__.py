"""
Layers of the default language model, adapted to read in place of writing.

Each matrix of the layers gets a small one beside it (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models",
arXiv:2106.09685), and each token sees the whole text, not only what stands before it (BehnamGhader et al., "LLM2Vec",
arXiv:2404.05961). The layers themselves are the model's own. `training.states` makes the weights.
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
