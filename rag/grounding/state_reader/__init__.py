"""
The language model as a reader: what its middle layers know about sentences that they have read.

Its own words are of little use, see `rag.prompts`. Sentences are read between the question and a repetition of it. The
states of the middle layers at a sentence then say well whether the sentence belongs in the answer, and those at the end
say whether there is an answer, once three of these layers have been adapted to that (`rag.inference.adapting`). Two
linear probes read it off (Alain and Bengio, "Understanding intermediate layers using linear classifier probes",
arXiv:1610.01644).
"""

from rag.grounding.state_reader.probe import StateReader, StateReading, fingerprint
from rag.grounding.state_reader.prompt import chosen, prompt

__all__ = ["StateReader", "StateReading", "chosen", "fingerprint", "prompt"]
