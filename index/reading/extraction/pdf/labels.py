"""Read the labels that a file gives its pages: "iv", "A-3"."""

from __future__ import annotations

from typing import Any

from index.limits import LONGEST_LABEL
from index.reading.extraction.writer import clean


def label_of(pdf: Any, number: int) -> str:
    """
    Return the label that a file of pypdfium2 gives a page, empty if it is only the page's number.

    Parameters
    ----------
    pdf
        The file.
    number
        The page, from 0.

    """
    label = " ".join(clean(pdf.get_page_label(number)).split())[:LONGEST_LABEL]
    return "" if label == str(number + 1) else label


def labels_of(pdf: Any, count: int) -> tuple[str, ...]:
    """Return the labels of the first ``count`` pages; empty if all are only numbers."""
    labels = tuple(label_of(pdf, number) for number in range(count))
    return labels if any(labels) else ()
