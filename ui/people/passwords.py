"""Hash and check passwords with argon2."""

from __future__ import annotations

import functools
import getpass
import sys
import unicodedata

from index.errors import RagError
from index.extras import require

LEAST_PASSWORD = 10
LONGEST_PASSWORD = 1_000


@functools.cache
def _hasher():  # type: ignore[no-untyped-def]
    require("argon2", extra="ui", purpose="Signing in with a password")
    from argon2 import PasswordHasher  # noqa: PLC0415 - only where there are users

    return PasswordHasher()


@functools.cache
def _nobodys() -> str:
    """Return the hash to compare a password with if there is no such user, so that it takes as long."""
    return str(_hasher().hash("nobody's password"))


def warm_up() -> None:
    """Make the hash for unknown names, so that the first of them does not take longer than the next."""
    _nobodys()


def hashed(password: str) -> str:
    """
    Return the hash stored for a password.

    Raises
    ------
    RagError
        It is too short or too long.

    """
    if not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise RagError(
            f"A password must have {LEAST_PASSWORD} to {LONGEST_PASSWORD} characters.", hint="Choose another."
        )
    return str(_hasher().hash(_composed(password)))


def fits(password: str, kept: str) -> bool:
    """
    Tell whether a password is the right one.

    Parameters
    ----------
    password
        As it was given.
    kept
        What `hashed` returned for the right one; empty if there is none, which takes as long to check.

    """
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - as above

    try:
        right = bool(_hasher().verify(kept or _nobodys(), _composed(password[: LONGEST_PASSWORD + 1])))
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(kept) and len(password) <= LONGEST_PASSWORD


def asked() -> str:
    """
    Ask for a new password twice without echo; if standard input is not a terminal, read its first line.

    Raises
    ------
    RagError
        There is none, or the two differ.

    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        first, second = getpass.getpass("Password: "), getpass.getpass("Once more: ")
    except (EOFError, OSError) as error:
        raise RagError("There is no terminal to ask for a password.", hint="Give it on standard input.") from error
    if first != second:
        raise RagError("The two passwords differ.", hint="Try again.")
    return first


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)
