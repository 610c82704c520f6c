"""Check for packages of an extra, and name the extra in one line if they are missing."""

from __future__ import annotations

import importlib.util

from index.errors import RagError


def require(module: str, *, extra: str, purpose: str) -> None:
    """
    Check that a package of an extra is installed.

    Parameters
    ----------
    module
        Import name of the package.
    extra
        The extra that installs it.
    purpose
        What needs it, worded as the beginning of a sentence.

    Raises
    ------
    RagError
        The package is not installed; the message names the extra.

    """
    try:
        found = importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise RagError(f"{purpose} needs the extra `{extra}`.", hint=f"Run `pip install 'quellentreu[{extra}]'`.")
