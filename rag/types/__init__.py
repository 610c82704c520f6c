"""The immutable values that `rag`'s public interface takes and returns, and their JSON form."""

from rag.types.answers import Answer, AnswerSentence, Citation, PageMark, Role, Timings, UnreadPart, Verdict, Wording
from rag.types.asking import AskOptions
from rag.types.events import Delta, Event, EvidenceReady, Finished, Likely, SentenceChecked
from rag.types.questions import Collection, Evidence, EvidenceSentence, Filter, Hit, Query, Rank

__all__ = [
    "Answer",
    "AnswerSentence",
    "AskOptions",
    "Citation",
    "Collection",
    "Delta",
    "Event",
    "Evidence",
    "EvidenceReady",
    "EvidenceSentence",
    "Filter",
    "Finished",
    "Hit",
    "Likely",
    "PageMark",
    "Query",
    "Rank",
    "Role",
    "SentenceChecked",
    "Timings",
    "UnreadPart",
    "Verdict",
    "Wording",
]
