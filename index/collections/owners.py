"""Whose files they are: an owner is known by the digest of a key that only he has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """
    Somebody who has files of his own.

    Parameters
    ----------
    digest
        Of his key, in hexadecimal digits; empty for `SHARED`. Names his folder, so the key itself is kept nowhere.

    """

    digest: str

    def __post_init__(self) -> None:
        # It becomes the name of a folder.
        if self.digest and not (len(self.digest) == 64 and set(self.digest) <= set("0123456789abcdef")):
            raise ValueError("an owner's digest has 64 hexadecimal digits")

    @classmethod
    def of(cls, key: str) -> Owner:
        """Return whom a key belongs to; a key should have 128 random bits or more."""
        return cls(hashlib.sha256(b"quellentreu owner\0" + key.encode()).hexdigest())


SHARED = Owner("")
"""The collection of who uses Python or the shell; in the app, everybody's where that is asked for."""
