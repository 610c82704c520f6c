"""Parts of the program that need packages of an extra: said in one line where these are missing."""

from __future__ import annotations

import importlib.util

from index.errors import RagError


def require(module: str, *, extra: str, purpose: str) -> None:
    """
    Check that a package of an extra is installed.

    Parameters
    ----------
    module
        Its name when imported.
    extra
        The extra that brings it.
    purpose
        What needs it, as the beginning of a sentence.

    Raises
    ------
    RagError
        It is not installed; names the extra.

    """
    try:
        found = importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise RagError(f"{purpose} needs the extra `{extra}`.", hint=f"Run `pip install 'quellentreu[{extra}]'`.")
