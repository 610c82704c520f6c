"""The pairs of source and date that the documents of a segment have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def kinds_of(pairs: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:
    """Return the distinct pairs of source and date, and the position of each document's pair among them."""
    known: dict[tuple[str, str], int] = {}
    codes = [known.setdefault(pair, len(known)) for pair in pairs]
    return list(known), np.array(codes, dtype=np.int32)


def packed_kinds(kinds: list[tuple[str, str]]) -> bytes:
    """Return the pairs as bytes that `read_kinds` can read."""
    return json.dumps(kinds).encode()


def read_kinds(packed: bytes) -> list[tuple[str, str]]:
    """Return the pairs of source and date that `packed_kinds` wrote."""
    return [(source, date) for source, date in json.loads(packed)]
