"""A users file with quick hashes, and the credentials that its users send."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from ui.people import passwords
from ui.people.file import PeopleFile

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ui.people.book import Book
    from ui.people.person import Role

PASSWORDS = {"anna": "Annas Passwort 1", "bert": "Berts Passwort 2", "edit": "Edits Passwort 3"}


def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._nobodys.cache_clear()


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@dataclass
class People:
    """Two readers and an editor, and tokens for them."""

    file: PeopleFile
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> People:
        made = cls(PeopleFile(path))
        for name, password in PASSWORDS.items():
            role: Role = "editor" if name == "edit" else "reader"
            hashed = passwords.hashed(password)
            made.file.change(
                lambda book, name=name, role=role, hashed=hashed: book.with_user(name, role, hashed), begin=True
            )  # type: ignore[misc]
        return made

    def token(self, name: str, *, user: str = "", role: Role = "reader", days: int = 1, ago: int = 0) -> str:
        def change(book: Book) -> Book:
            now = int(time.time()) - ago * 86_400
            new, _, self.tokens[name] = book.with_token(name, user=user, role=role, days=days, now=now)
            return new

        self.file.change(change)
        return self.tokens[name]

    def revoke(self, name: str) -> None:
        identifier = next(one.id for one in self.file.read().tokens if one.name == name)
        self.file.change(lambda book: book.without_token(identifier))
