"""From a question to a cited answer: the stages, and the run that takes a question through them."""

from rag.pipeline.pipeline import Pipeline, Stages
from rag.pipeline.values import Asked
from rag.retrieval.view import View

__all__ = ["Asked", "Pipeline", "Stages", "View"]
