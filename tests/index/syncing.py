"""What the tests of syncing share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.reader import Index

if TYPE_CHECKING:
    import pytest


def counts(report: Any) -> tuple[int, ...]:
    return report.added, report.changed, report.renamed, report.removed, report.unchanged


def opened(index_dir: Path) -> Index:
    return Index.open(index_dir, embedding="hash-1")


def one_line(caught: pytest.ExceptionInfo[BaseException]) -> str:
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message
