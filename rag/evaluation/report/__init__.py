"""
Reports on an evaluation: for a job summary, for a test viewer, and for a person who wants to know what to fix.

Examples
--------
>>> from rag.evaluation.report import write_report  # doctest: +SKIP
>>> write_report(evaluation, Path("report"))  # doctest: +SKIP

"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import RagError
from rag.evaluation.report.html import render_html
from rag.evaluation.report.junit import render_junit
from rag.evaluation.report.markdown import render_markdown
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from rag.evaluation.types import Evaluation

__all__ = ["write_report"]


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """
    Write ``report.md``, ``junit.xml`` and ``report.html``.

    Parameters
    ----------
    evaluation
        The evaluation to report.
    folder
        Created if it is missing; files of those names in it are replaced.

    Returns
    -------
    The files.

    Raises
    ------
    RagError
        The folder cannot be written, or matplotlib is not installed.

    """
    # All are rendered before the first is written, so that a report is either complete or absent.
    texts = {
        "report.md": render_markdown(evaluation),
        "junit.xml": render_junit(evaluation),
        "report.html": render_html(evaluation),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_text_atomically(folder / name, text)
    except OSError as error:
        raise RagError(
            f"The report cannot be written to {folder}: {error.strerror or type(error).__name__}.",
            hint="Name a folder that can be written.",
        ) from error
    return tuple(folder / name for name in texts)
