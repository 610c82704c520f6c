"""Members of files that are read as folders, and bounds on their number and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.limits import LARGEST_UNPACKED, MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Budget:
    """
    What may still be read from an outermost container and all containers in it.

    Parameters
    ----------
    members, bytes
        Number of files, and their total size.

    """

    members: int = field(default_factory=lambda: MOST_MEMBERS)
    bytes: int = field(default_factory=lambda: LARGEST_UNPACKED)

    def refuses(self, size: int) -> str:
        """Subtract a file of ``size`` bytes; return the bound that this breaks, empty if none."""
        self.members -= 1
        self.bytes -= size
        if self.members < 0:
            return f"more than {MOST_MEMBERS:,} files in it"
        return f"more than {LARGEST_UNPACKED / 1e6:,.0f} MB in it" if self.bytes < 0 else ""


@dataclass(frozen=True, slots=True)
class Within:
    """
    The containers that a file lies in.

    Parameters
    ----------
    archives, mails
        How many archives and mails are nested around it.
    budget
        The budget of the outermost container.

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
        The container's path, a slash, and the member's own path, with slashes and composed letters in any case.
    data
        Its content.
    names
        Names of all files of the archive, by the paths of their folders.
    within
        The containers that it lies in.

    """

    path: str
    data: bytes
    names: Mapping[str, frozenset[str]] = field(default_factory=dict, compare=False)
    within: Within = field(default_factory=Within, compare=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member that is not read: its path, and the reason in one line."""

    path: str
    reason: str
