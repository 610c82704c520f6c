"""
What a question asks for: a fact, a list, a comparison, and so on; `docs/kinds.md` says what each means.

Examples
--------
>>> from rag.kinds import classify
>>> classify("Vergleiche die beiden Verträge.").kind
'comparison'

"""

from rag.kinds.classifier import classify, fits
from rag.kinds.frames import usual_words
from rag.kinds.types import KINDS, Kind, KindGuess

__all__ = ["KINDS", "Kind", "KindGuess", "classify", "fits", "usual_words"]
