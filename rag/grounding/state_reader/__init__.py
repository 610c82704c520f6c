"""
The language model as a reader: what it knows of sentences when it has read them halfway through its layers.

Its own words are of little use, see `rag.prompts`. What its middle layers make of a sentence, read between the question
and the question again, says well whether the sentence belongs into the answer, and what they make of the whole says
whether it holds one, once three of these layers have been adapted to that (`rag.inference.adapting`). Two linear probes
read it off (Alain and Bengio, "Understanding intermediate layers using linear classifier probes", arXiv:1610.01644).
"""

from rag.grounding.state_reader.probe import StateReader, StateReading, fingerprint
from rag.grounding.state_reader.prompt import chosen, prompt

__all__ = ["StateReader", "StateReading", "chosen", "fingerprint", "prompt"]
