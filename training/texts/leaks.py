"""Keep the evaluation passages out of the training data."""

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
    The runs of words in the texts of the evaluation sets.

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
        Tell whether a text shares ten words in a row with an evaluation passage.

        Parameters
        ----------
        text
            A passage.

        Returns
        -------
        bool
            Case and punctuation make no difference; False for texts of fewer words.

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
