"""
Answers of several sentences: which of the sources' sentences, in which order, under which headings.

No text is written here. Each piece is a sentence of a source, to be quoted with its own characters.
"""

from rag.composing.compose import COMPOSED, Composition, compose, rechosen
from rag.composing.pieces import Piece

__all__ = ["COMPOSED", "Composition", "Piece", "compose", "rechosen"]
