"""What a file itself calls its pages: "iv", "A-3"."""

from __future__ import annotations

from typing import Any

from index.limits import LONGEST_LABEL
from index.reading.extraction.writer import clean


def label_of(pdf: Any, number: int) -> str:
    """
    Return what a file of pypdfium2 calls a page, empty where it says nothing but its number.

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
    """Return what a file calls its first pages; nothing where it only counts all of them."""
    labels = tuple(label_of(pdf, number) for number in range(count))
    return labels if any(labels) else ()
