"""`rag users` and `rag tokens`: registered as entry points, like `rag ui`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from index.errors import RagError
from index.printable import escaped
from ui.people.audit import Audit
from ui.people.book import MOST_DAYS, Book, Token, checked_name
from ui.people.file import PeopleFile
from ui.people.passwords import asked, hashed
from ui.people.person import EDITOR, READER, Role

_BY = "shell"
_File = Annotated[
    Path | None, typer.Option("--users", metavar="FILE", help="The users file.", envvar="RAG_USERS", show_default=False)
]
_Name = Annotated[str, typer.Argument(help="Name with which the user signs in.", show_default=False)]
_RoleName = Annotated[str, typer.Option("--role", metavar="reader|editor", help="What the user or program may do.")]

users = typer.Typer(help="Manage who may use the app.", no_args_is_help=True)
tokens = typer.Typer(help="Manage tokens, which programs send instead of a password.", no_args_is_help=True)


@users.command("add")
def add_user(
    name: _Name,
    role: _RoleName = "reader",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="A proxy signs the user in, see `rag ui --user-header`.")
    ] = False,
    file: _File = None,
) -> None:
    """Add a user. The password is asked for, or read from the first line of standard input."""
    kept, audit = _places(file)
    chosen, name = _role(role), checked_name(name)
    if kept.is_there():
        kept.read().with_user(name, chosen, "")  # raises what is wrong before a password is asked for
    made = "" if no_password else hashed(asked())
    with audit.kept("user added", by=_BY, user=name, role=chosen):
        kept.change(lambda book: book.with_user(name, chosen, made), begin=True)


@users.command("remove")
def remove_user(name: _Name, file: _File = None) -> None:
    """Remove a user and all tokens that act for the user."""
    kept, audit = _places(file)
    gone = kept.read().the_user(name).name
    with audit.kept("user removed", by=_BY, user=gone):
        kept.change(lambda book: book.without_user(gone))


@users.command("list")
def list_users(file: _File = None) -> None:
    """Print one user per line: name, role, and how the user signs in."""
    for one in _places(file)[0].read().users:
        sys.stdout.write(f"{escaped(one.name)}\t{one.role}\t{'password' if one.hash else 'proxy'}\n")


@users.command("password")
def change_password(name: _Name, file: _File = None) -> None:
    """Change a user's password. It is asked for, or read from the first line of standard input."""
    kept, audit = _places(file)
    known = kept.read().the_user(name).name
    made = hashed(asked())
    with audit.kept("password changed", by=_BY, user=known):
        kept.change(lambda book: book.with_password(known, made))


@tokens.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="What the token is for.", show_default=False)],
    user: Annotated[
        str, typer.Option("--user", help="User for whom the program acts; by default it acts for itself.")
    ] = "",
    role: _RoleName = "reader",
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days after which the token expires.")] = 365,
    file: _File = None,
) -> None:
    """Add a token and print it. It is shown only once, because only its digest is stored."""
    kept, audit = _places(file)
    chosen, name = _role(role), checked_name(name)
    made: list[tuple[Token, str]] = []

    def change(book: Book) -> Book:
        new, token, secret = book.with_token(name, user=user, role=chosen, days=days, now=int(time.time()))
        made.append((token, secret))
        return new

    with audit.kept("token added", by=_BY, token=name, user=user, role=chosen):
        kept.change(change, begin=not user)
    [(token, secret)] = made
    sys.stdout.write(f"{secret}\n")
    sys.stderr.write(f"Token {token.id}, until {_day(token.expires)}; it is not shown again.\n")


@tokens.command("list")
def list_tokens(file: _File = None) -> None:
    """Print one token per line: id, name, role, user, and the day on which it expires."""
    now = time.time()
    for one in _places(file)[0].read().tokens:
        until = f"{'expired' if now >= one.expires else 'until'} {_day(one.expires)}"
        sys.stdout.write("\t".join((one.id, escaped(one.name), one.role, escaped(one.user) or "-", until)) + "\n")


@tokens.command("revoke")
def revoke_token(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the token, see `rag tokens list`.", show_default=False)
    ],
    file: _File = None,
) -> None:
    """Revoke a token."""
    kept, audit = _places(file)
    kept.read().without_token(identifier)  # raises if there is none
    with audit.kept("token revoked", by=_BY, token=identifier):
        kept.change(lambda book: book.without_token(identifier))


def _places(file: Path | None) -> tuple[PeopleFile, Audit]:
    if file is None:
        raise RagError("No users file is named.", hint="Set the variable RAG_USERS, or use --users FILE.")
    return PeopleFile(file), Audit(file)


def _role(name: str) -> Role:
    if name not in {READER, EDITOR}:
        raise RagError("The role must be reader or editor.", hint="Use one of them.")
    return EDITOR if name == EDITOR else READER


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
