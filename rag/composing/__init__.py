"""
Answers of several sentences: which of the sources' sentences, in which order, under which headings.

Nothing is worded here. Each piece is a sentence of a source, to be quoted with its own characters.
"""

from rag.composing.compose import COMPOSED, Composition, compose, rechosen, settled
from rag.composing.pieces import Piece
from rag.composing.pointed import parts, repeats

__all__ = ["COMPOSED", "Composition", "Piece", "compose", "parts", "repeats", "rechosen", "settled"]
