"""Read an evaluation set of any supported format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from index.reading.spelled_paths import on_disk
from rag.evaluation.datasets._fields import begins_with_half, parse, read_lines, read_whole
from rag.evaluation.datasets.beir import load_beir
from rag.evaluation.datasets.native import load_native
from rag.evaluation.datasets.squad import load_squad
from rag.evaluation.types import FORMATS, Dataset, DatasetError, Format

if TYPE_CHECKING:
    from pathlib import Path

_LOADERS = {"native": load_native, "squad": load_squad, "beir": load_beir}
_HINT = "A set is one JSON object a line (native), one object with a list 'data' (SQuAD), or a BEIR folder."


def load(path: Path, *, format: Format | None = None) -> Dataset:  # noqa: A002 - the contract's name
    """
    Read an evaluation set.

    Parameters
    ----------
    path
        A file, or the folder of a BEIR set.
    format
        Format to read it as; None to detect it from the content.

    Returns
    -------
    Dataset
        The set, with at least one question.

    Raises
    ------
    DatasetError
        The set is missing or of an unknown format, or something in it is wrong; the message names file and place.

    """
    if format is not None and format not in FORMATS:
        raise DatasetError(f"There is no format {format!r}.", hint=f"Name one of {', '.join(FORMATS)}.")
    path = on_disk(path)
    return _LOADERS[format or _detect(path)](path)


def _detect(path: Path) -> Format:
    if os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir, it takes a name of any length
        return "beir"  # if it is none, its loader says what is missing
    lines = read_lines(path)
    line = ""
    try:
        number, line = next(lines, (1, "{}"))  # for an empty file, the native loader says that it is empty
        value = parse(line, path, number)
    except DatasetError as wrong:
        try:
            return _detect_across_lines(path)
        except DatasetError:
            if begins_with_half(path):
                return "native"
            if line.strip().startswith("{") and line.strip().endswith("}"):
                raise wrong from None  # one object per line, one of which is wrong
            raise
    return "squad" if _has_data(value) and next(lines, None) is None else "native"


def _detect_across_lines(path: Path) -> Format:
    """Detect the format of a file whose first line is not a JSON value of its own."""
    try:
        value = read_whole(path)
    except DatasetError as error:
        raise DatasetError(error.message, hint=error.hint or _HINT) from error
    if not _has_data(value):
        raise DatasetError(f"The format of {path} is unclear: JSON over several lines, no list 'data'.", hint=_HINT)
    return "squad"


def _has_data(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("data"), list)
