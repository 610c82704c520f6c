"""The pairs of source and date that the documents of a segment have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def kinds_of(pairs: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:
    """Return the pairs of source and date there are, and the place among them of each document's."""
    known: dict[tuple[str, str], int] = {}
    codes = [known.setdefault(pair, len(known)) for pair in pairs]
    return list(known), np.array(codes, dtype=np.int32)


def packed_kinds(kinds: list[tuple[str, str]]) -> bytes:
    """Return what `read_kinds` reads."""
    return json.dumps(kinds).encode()


def read_kinds(packed: bytes) -> list[tuple[str, str]]:
    """Return pairs of source and date as they were written."""
    return [(source, date) for source, date in json.loads(packed)]
