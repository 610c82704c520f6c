"""Keeps what the product is measured by out of what is trained on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rag.evaluation.measuring.metrics import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_RUN = 10  # words in a row that two texts do not share by chance


class Measured:
    """
    Knows the runs of words of texts that measure.

    Parameters
    ----------
    texts
        Passages of the evaluation sets.

    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs = {run for text in texts for run in _runs(text)}

    @classmethod
    def read(cls, folder: Path) -> Measured:
        """
        Read the passages of XQuAD-de, NoMIRACL-de and MEMERAG-de.

        Parameters
        ----------
        folder
            Holds ``xquad_r_de``, ``nomiracl_de`` and ``memerag_de``.

        Returns
        -------
        Measured
            Of all three.

        Raises
        ------
        OSError
            If one of the files cannot be read.

        """
        return cls(_passages(folder))

    def holds(self, text: str) -> bool:
        """
        Tell whether a text has ten words in a row of a passage that measures.

        Parameters
        ----------
        text
            A passage.

        Returns
        -------
        bool
            Case and punctuation make no difference; shorter texts never do.

        """
        return any(run in self._runs for run in _runs(text))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = tokens(text)
    for start in range(len(words) - _RUN + 1):
        yield tuple(words[start : start + _RUN])


def _passages(folder: Path) -> Iterator[str]:
    squad = json.loads((folder / "xquad_r_de" / "xquad_r_de.json").read_text(encoding="utf-8"))
    for article in squad["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"]
    for row in _rows(folder / "nomiracl_de" / "tasks.jsonl"):
        for passage in row["passages"]:
            yield passage["text"]
    for row in _rows(folder / "memerag_de" / "memerag.jsonl"):
        for passage in row["context"]:
            yield passage["text"]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
