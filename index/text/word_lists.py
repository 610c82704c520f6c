"""Word lists and patterns, which read better as text files than as Python."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def sections(package: str, name: str) -> dict[str, tuple[str, ...]]:
    """
    Read a data file of this package.

    Parameters
    ----------
    package
        The package that the file lies in.
    name
        The file's name. Its lines stand under ``[section]`` lines; empty lines and those that begin with ``#
        `` are left out.

    Returns
    -------
    dict[str, tuple[str, ...]]
        The lines of each section.

    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in resources.files(package).joinpath(name).read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif line.strip() and not line.startswith("# "):
            lines.append(line.strip())
    return {section: tuple(content) for section, content in found.items()}


def words(package: str, name: str, section: str) -> frozenset[str]:
    """Return the words of one section, parted by white space."""
    return frozenset(" ".join(sections(package, name)[section]).split())
