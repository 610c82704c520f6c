"""Text out of Word files (.docx), as one sees it: not what is hidden, struck out or deleted."""

from index.reading.extraction.word.document import extract

__all__ = ["extract"]
