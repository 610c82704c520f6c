"""Text out of Excel workbooks (.xlsx), as one sees it: stored values in their number formats, not what is hidden."""

from index.reading.extraction.workbook.document import extract

__all__ = ["extract"]
