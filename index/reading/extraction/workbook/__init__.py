"""Extract the visible text of Excel workbooks (.xlsx): stored values in their number formats, not what is hidden."""

from index.reading.extraction.workbook.document import extract

__all__ = ["extract"]
