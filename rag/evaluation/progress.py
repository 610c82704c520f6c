"""Who is told how far an evaluation has come."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far a run has come."""

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Take note that ``done`` of ``total`` is done."""
