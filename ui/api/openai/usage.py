"""Estimate numbers of tokens without a language model's tokenizer, since a model may not even be loaded."""

from __future__ import annotations

CHARACTERS_PER_TOKEN = 3
"""German has 2.9 to 3.5 with the vocabularies of today's models."""


def tokens(*texts: str) -> int:
    """Return roughly how many tokens the texts have, at least one for each that is not empty."""
    return sum(-(-len(text) // CHARACTERS_PER_TOKEN) for text in texts)
