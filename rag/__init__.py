"""
From a question to a cited answer.

This module is the whole public API; what is not named here may change. Importing it is quick: models and
their libraries are only imported by the first call that needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.collections.uploads import Upload, UploadLimits, Uploads
    from index.errors import (
        BusyError,
        CorpusError,
        IndexDamagedError,
        IndexMismatchError,
        IndexMissingError,
        ModelError,
        QuestionError,
        RagError,
    )
    from index.syncing.sync import Skipped, SyncReport
    from index.types import Chunk, Document, Metadata, Span
    from rag.calibrating.types import Calibration, Standing
    from rag.client import RAG
    from rag.exploring.about import About
    from rag.exploring.examples import Example
    from rag.pages.types import PageImage, Rectangle
    from rag.settings import Settings
    from rag.types import (
        Answer,
        AnswerSentence,
        AskOptions,
        Citation,
        Collection,
        Delta,
        Event,
        Evidence,
        EvidenceReady,
        EvidenceSentence,
        Filter,
        Finished,
        Hit,
        Likely,
        PageMark,
        Query,
        Rank,
        SentenceChecked,
        Timings,
        UnreadPart,
    )

# Modules that declare the public names that are not in `rag.types`.
_WHERE = {
    "rag.calibrating.types": ("Calibration", "Standing"),
    "rag.client": ("RAG",),
    "rag.exploring.about": ("About",),
    "rag.exploring.examples": ("Example",),
    "rag.pages.types": ("PageImage", "Rectangle"),
    "rag.settings": ("Settings",),
    "index.collections.uploads": ("Upload", "UploadLimits", "Uploads"),
    "index.types": ("Chunk", "Document", "Metadata", "Span"),
    "index.syncing.sync": ("Skipped", "SyncReport"),
    "index.errors": (
        "BusyError",
        "CorpusError",
        "IndexDamagedError",
        "IndexMismatchError",
        "IndexMissingError",
        "ModelError",
        "QuestionError",
        "RagError",
    ),
}

__all__ = [
    # The facade and its settings
    "RAG",
    "Settings",
    # Answers and what they are made of
    "Answer",
    "AnswerSentence",
    "AskOptions",
    "Citation",
    "Collection",
    "Evidence",
    "EvidenceSentence",
    "Filter",
    "Hit",
    "PageImage",
    "Likely",
    "PageMark",
    "Query",
    "Rank",
    "Rectangle",
    "Timings",
    "UnreadPart",
    # Which bound on wrong answers holds
    "Calibration",
    "Standing",
    # Descriptions of the articles
    "About",
    "Example",
    # Events of a stream
    "Delta",
    "Event",
    "EvidenceReady",
    "Finished",
    "SentenceChecked",
    # The user's own files
    "Upload",
    "UploadLimits",
    "Uploads",
    # Documents and the index
    "Chunk",
    "Document",
    "Metadata",
    "Skipped",
    "Span",
    "SyncReport",
    # Errors
    "BusyError",
    "CorpusError",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexMissingError",
    "ModelError",
    "QuestionError",
    "RagError",
]


_MODULES = dict.fromkeys(__all__, "rag.types") | {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
