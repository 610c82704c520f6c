"""What comes out of a file that is read as a folder, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.limits import LARGEST_UNPACKED, MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Budget:
    """
    What all containers within one another may still hold.

    Parameters
    ----------
    members, bytes
        Files, and their size in all.

    """

    members: int = field(default_factory=lambda: MOST_MEMBERS)
    bytes: int = field(default_factory=lambda: LARGEST_UNPACKED)

    def refuses(self, size: int) -> str:
        """Take a file of so many bytes out of it; return which bound that breaks, nothing where none."""
        self.members -= 1
        self.bytes -= size
        if self.members < 0:
            return f"more than {MOST_MEMBERS:,} files in it"
        return f"more than {LARGEST_UNPACKED / 1e6:,.0f} MB in it" if self.bytes < 0 else ""


@dataclass(frozen=True, slots=True)
class Within:
    """
    What a file lies in.

    Parameters
    ----------
    archives, mails
        How many of them, one within the other.
    budget
        Of all that lies in the outermost.

    """

    archives: int = 0
    mails: int = 0
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class Member:
    """
    A file in a container.

    Parameters
    ----------
    path
        The container's path, a stroke, and the member's own; with strokes and composed letters, whatever the archive has.
    data
        Its content.
    names
        Of all files of an archive, by the paths of their folders.
    within
        What it lies in.

    """

    path: str
    data: bytes
    names: Mapping[str, frozenset[str]] = field(default_factory=dict, compare=False)
    within: Within = field(default_factory=Within, compare=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Path and reason of what is not read, in one line."""

    path: str
    reason: str
