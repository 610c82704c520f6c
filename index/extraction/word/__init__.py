"""Text out of Word files (.docx), as one sees it: not what is hidden, struck out or deleted."""

from index.extraction.word.archive import check_archive
from index.extraction.word.document import extract

__all__ = ["check_archive", "extract"]
