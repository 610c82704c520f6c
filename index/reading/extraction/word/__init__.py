"""Extract the visible text of Word files (.docx): not what is hidden, struck out or deleted."""

from index.reading.extraction.word.document import extract

__all__ = ["extract"]
