"""The users and tokens as they are stored, and the changes allowed to them; nothing here reads or writes a file."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field, replace

from index.errors import RagError
from ui.limits import LONGEST_NAME
from ui.people.person import EDITOR, READER, Person, Role, derived_key

_MARK = "qt_"
_KEY_BYTES = 32  # 43 characters
_DAY_SECONDS = 86_400
MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class User:
    """
    Somebody with a name.

    Parameters
    ----------
    name
        Name used to sign in.
    role
        What the user may do.
    hash
        Hash of the password, as argon2 writes it; empty if a proxy signs the user in.
    key
        Identifies the user's own files. A user with a password gets a new key, so that a reused name inherits nothing;
        a user signed in by a proxy has the key derived from the name.

    """

    name: str
    role: Role
    hash: str
    key: str

    @property
    def person(self) -> Person:
        """The user as the app knows them."""
        return Person(self.name, self.role, self.key)


@dataclass(frozen=True, slots=True)
class Token:
    """
    The token of a program.

    Parameters
    ----------
    id
        Id by which it is revoked.
    name
        What it is for.
    digest
        SHA-256 of the token in hexadecimal digits.
    role
        What the program may do; never more than its user.
    user
        The user whom the program acts for; empty if it stands for itself.
    key
        Identifies the program's own files if it stands for itself.
    created, expires
        Seconds since 1970.

    """

    id: str
    name: str
    digest: str
    role: Role
    user: str
    key: str
    created: int
    expires: int


@dataclass(frozen=True, slots=True)
class Book:
    """
    All users and tokens.

    Parameters
    ----------
    version
        Version of the format.
    secret
        Used to derive the keys of users whom a proxy names.
    users, tokens
        In the order in which they were added.

    """

    version: int = 1
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(_KEY_BYTES))
    users: tuple[User, ...] = ()
    tokens: tuple[Token, ...] = ()

    def user(self, name: str) -> User | None:
        """Return the user of this name, None if there is none."""
        return next((one for one in self.users if one.name == name), None)

    def the_user(self, name: str) -> User:
        """Return the user of this name; raises `RagError` if there is none."""
        found = self.user(checked_name(name))
        if found is None:
            raise RagError("There is no user with this name.", hint="`rag users list` shows all.")
        return found

    def with_user(self, name: str, role: Role, hashed: str) -> Book:
        """Add a user; raises `RagError` if the name is taken or not allowed."""
        name = checked_name(name)
        if self.user(name) is not None:
            raise RagError(
                "There is already a user with this name.", hint="`rag users password NAME` changes the password."
            )
        # A user signed in by a proxy could use the app before being listed, and keeps what is theirs.
        key = _key() if hashed else derived_key(self.secret, name)
        return replace(self, users=(*self.users, User(name, role, hashed, key)))

    def without_user(self, name: str) -> Book:
        """Remove a user and all tokens that act for the user."""
        gone = self.the_user(name)
        users = tuple(one for one in self.users if one != gone)
        return replace(self, users=users, tokens=tuple(one for one in self.tokens if one.user != gone.name))

    def with_password(self, name: str, hashed: str) -> Book:
        """Change a user's password; the user keeps the same key and files."""
        changed = self.the_user(name)
        users = tuple(replace(one, hash=hashed) if one == changed else one for one in self.users)
        return replace(self, users=users)

    def with_token(self, name: str, *, user: str, role: Role, days: int, now: int) -> tuple[Book, Token, str]:
        """
        Add a token.

        Parameters
        ----------
        name
            What it is for.
        user
            The user whom the program acts for; empty if it stands for itself.
        role
            What the program may do.
        days
            Days after which it expires.
        now
            Seconds since 1970.

        Returns
        -------
        Book, Token, str
            The last is the token itself, which is not stored anywhere.

        """
        acts_for = self.the_user(user) if user else None
        if acts_for is not None and role == EDITOR and acts_for.role != EDITOR:
            raise RagError("A reader's token cannot be an editor's.", hint="Use --role reader.")
        taken = {one.id for one in self.tokens}
        identifier = next(one for one in iter(lambda: secrets.token_hex(4), "") if one not in taken)
        secret = _MARK + secrets.token_urlsafe(_KEY_BYTES)
        token = Token(
            identifier,
            checked_name(name),
            digest_of(secret),
            role,
            acts_for.name if acts_for else "",
            "" if acts_for else _key(),
            now,
            now + days * _DAY_SECONDS,
        )
        return replace(self, tokens=(*self.tokens, token)), token, secret

    def without_token(self, identifier: str) -> Book:
        """Revoke the token of this id; raises `RagError` if there is none."""
        tokens = tuple(one for one in self.tokens if one.id != identifier)
        if len(tokens) == len(self.tokens):
            raise RagError("There is no token with this id.", hint="`rag tokens list` shows all.")
        return replace(self, tokens=tokens)

    def bearer(self, secret: str, now: float) -> Person | None:
        """Return whom a token lets in; None if it is unknown, has expired, or its user no longer exists."""
        digest = digest_of(secret)
        token = next((one for one in self.tokens if one.digest == digest), None)
        if token is None or now >= token.expires:
            return None
        if not token.user:
            return Person(token.name, token.role, token.key)
        user = self.user(token.user)
        if user is None:
            return None
        return Person(user.name, EDITOR if token.role == user.role == EDITOR else READER, user.key)


def digest_of(secret: str) -> str:
    """Return the digest stored for a token, which has 256 random bits and needs no slow digest."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def checked_name(name: str) -> str:
    """
    Return a name in its composed form.

    Raises
    ------
    RagError
        It is not allowed as a name.

    """
    composed = unicodedata.normalize("NFC", name)
    sound = composed.isprintable() and composed == composed.strip() and ":" not in composed
    if not sound or not 0 < len(composed) <= LONGEST_NAME:
        raise RagError(
            f"A name must have 1 to {LONGEST_NAME} printable characters and no colon.", hint="Choose another."
        )
    return composed


def _key() -> str:
    return secrets.token_urlsafe(_KEY_BYTES)
