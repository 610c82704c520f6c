"""The small reader's judgement of the evidence: where an answer stands, and how likely that is."""

from rag.grounding.reader.judging import STANDS_OUT, SURE, Judgement, judge
from rag.grounding.reader.scoring import Bearing, EvidenceReader, SentenceScore

__all__ = ["STANDS_OUT", "SURE", "Bearing", "EvidenceReader", "Judgement", "SentenceScore", "judge"]
