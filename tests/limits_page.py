"""Prints `docs/limits.md` from the limits in the code: ``python -m tests.limits_page`` writes the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import index.limits
import rag.limits
import ui.limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.limits import Limit

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
_BEGINNING = """\
# Limits

All input is limited: articles, questions, the conversation before a question, requests. Each limit is defined in one
place in the code, and this page is printed from there: `python -m tests.limits_page` writes it, and a test compares the
two. Limits that the user can change are settings, `RAG_...`; see `rag/settings/`.

Within its limit, each analysis takes time in proportion to its input. `tests/growth.py` has texts that are meant to be
slow, and `tests/*/test_linear.py` test each analysis with a few very long ones. `python -m pytest -m growth` times each
analysis on all of them at two lengths, and `python -m bench.speed.growth` does the same with longer ones.
"""
_SECTIONS = (
    ("Texts", "index/limits.py", "When articles are read and indexed, and when a question is searched for.", "index"),
    (
        "A question on arrival",
        "rag/limits.py",
        "The same check for Python, the shell and the browser.",
        "door",
    ),
    ("What is derived from a question", "rag/limits.py", "Between arrival and prompt.", "made"),
    ("A question before the prompt", "rag/limits.py", "Checked again, whatever was checked before.", "prompt"),
    ("An answer that is checked", "rag/limits.py", "By `rag verify`.", "receipt"),
    ("What an assistant is given", "rag/limits.py", "By `rag mcp`, and by the app over HTTP.", "assistants"),
    ("What is fetched", "rag/limits.py", "By `rag add`.", "adding"),
    ("The browser app", "ui/limits.py", "Requests, sessions, uploads.", "ui"),
)


def tables() -> dict[str, tuple[Limit, ...]]:
    """Return the limits of each section; a section without limits is empty."""
    return {
        "index": index.limits.LIMITS,
        "door": rag.limits.DOOR,
        "made": rag.limits.MADE,
        "prompt": rag.limits.PROMPT,
        "receipt": rag.limits.RECEIPT,
        "assistants": rag.limits.ASSISTANTS,
        "adding": rag.limits.ADDING,
        "ui": tuple(getattr(ui.limits, "LIMITS", ())),
    }


def page() -> str:
    """Return the text of the page."""
    known = tables()
    parts = [_BEGINNING]
    for title, file, about, key in _SECTIONS:
        if known[key]:
            parts.append(f"## {title}\n\n{about} In `{file}`.\n\n{_table(known[key])}")
    return "\n".join(parts)


def _table(limits: Iterable[Limit]) -> str:
    rows = ["| name | at most | meaning |", "|---|---|---|"]
    rows += [f"| `{one.name}` | {one.value:,} {one.unit} | {one.bounds} |" for one in limits]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
