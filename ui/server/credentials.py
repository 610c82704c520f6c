"""The one name and password that the app needs if other machines can reach it, checked with every request."""

from __future__ import annotations

import base64
import binascii
import getpass
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field

from index.errors import RagError
from ui.server.ports import is_loopback

LEAST_PASSWORD = 10
USER_VARIABLE, PASSWORD_VARIABLE = "RAG_UI_USER", "RAG_UI_PASSWORD"
DEFAULT_USER = "quellentreu"
_HOW = f"Set the variable {PASSWORD_VARIABLE}, or use --ask-password."


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """
    A name and a password, of which only a keyed digest is kept.

    The key is new with each start and never leaves the process, so the digest is useless elsewhere. Comparing digests
    takes as long for a wrong password as for the right one.

    Parameters
    ----------
    digest
        Digest of ``name:password`` as HTTP Basic sends it.
    key
        Key of the digests.
    token
        Digest of the password alone, for programs that send a key and no name.

    """

    digest: bytes
    key: bytes = field(default=b"")
    token: bytes = field(default=b"")

    @classmethod
    def of(cls, user: str, password: str) -> Credentials:
        """
        Make credentials from a name and a password.

        Raises
        ------
        RagError
            The name contains a colon, or the password is too short.

        """
        if not user or ":" in user:
            raise RagError("The user's name is empty or has a colon.", hint=f"Change {USER_VARIABLE} or --user.")
        if len(password) < LEAST_PASSWORD:
            raise RagError(f"The password has fewer than {LEAST_PASSWORD} characters.", hint="Choose a longer one.")
        key = secrets.token_bytes(32)
        return cls(_digest(f"{user}:{password}".encode(), key), key, _digest(password.encode(), key))

    def admit(self, authorization: str, *, bearer: bool = False) -> bool:
        """
        Tell whether a request's ``Authorization`` header carries this name and this password.

        Parameters
        ----------
        authorization
            The header, decoded as Latin-1.
        bearer
            Accept the password alone, as ``Bearer``: this is how clients of the OpenAI protocol send their key.

        """
        named = hmac.compare_digest(_digest(given(authorization), self.key), self.digest)
        keyed = bearer and hmac.compare_digest(_digest(borne(authorization), self.key), self.token)
        return named or keyed


def is_guess(authorization: str, *, bearer: bool = False) -> bool:
    """Tell whether an ``Authorization`` header carries a name and a password at all, or a key, right or wrong."""
    return bool(given(authorization) or (bearer and borne(authorization)))


def given(authorization: str) -> bytes:
    """Return name and password of HTTP Basic, with a colon between them; empty if there are none."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def borne(authorization: str) -> bytes:
    """Return a program's key; empty if there is none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""


def _digest(text: bytes, key: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def read_credentials(user: str | None = None, *, ask: bool = False) -> Credentials | None:
    """
    Take the password from the environment, or ask for it on the terminal; never from the command line.

    Parameters
    ----------
    user
        Name; by default RAG_UI_USER, else ``quellentreu``.
    ask
        Ask on the terminal if the environment has none.

    Returns
    -------
    Credentials or None
        None if there is no password.

    Raises
    ------
    RagError
        The name or the password cannot be used, or there is no terminal to ask on.

    """
    # Removed from the environment, so that no process started later inherits it.
    password = os.environ.pop(PASSWORD_VARIABLE, "")
    if not password and ask:
        try:
            password = getpass.getpass("Password for the app: ")
        except (EOFError, OSError) as error:
            raise RagError("There is no terminal to ask for a password.", hint=f"Set {PASSWORD_VARIABLE}.") from error
    if not password:
        return None
    return Credentials.of(user or os.environ.get(USER_VARIABLE, "") or DEFAULT_USER, password)


def require_for(host: str, credentials: object | None) -> None:
    """
    Make sure that an address which other machines can reach requires a password.

    Raises
    ------
    RagError
        The app would be open to everybody.

    """
    if credentials is None and not is_loopback(host):
        raise RagError(f"Listening on {host} would open the articles to other machines without a password.", hint=_HOW)
