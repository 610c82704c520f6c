"""The owners of users' files: an owner is identified by the digest of a key that only he has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """
    A user who has files of his own.

    Parameters
    ----------
    digest
        Digest of his key, in hexadecimal digits; empty for `SHARED`. It names his folder, so that the key itself is
        stored nowhere.

    """

    digest: str

    def __post_init__(self) -> None:
        # The digest becomes the name of a folder.
        if self.digest and not (len(self.digest) == 64 and set(self.digest) <= set("0123456789abcdef")):
            raise ValueError("an owner's digest has 64 hexadecimal digits")

    @classmethod
    def of(cls, key: str) -> Owner:
        """Return the owner of a key; a key should have 128 random bits or more."""
        return cls(hashlib.sha256(b"quellentreu owner\0" + key.encode()).hexdigest())


SHARED = Owner("")
"""Owner of the collection used from Python or the shell; in the app, everybody's owner if so configured."""
