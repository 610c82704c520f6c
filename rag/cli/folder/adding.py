"""`rag add`: save pages and feeds of the web as files in the folder of articles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.printable import one_line
from rag.cli import console
from rag.limits import MOST_FEED_ENTRIES
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.adding import Outcome

# Variables that tell programs not to use the network. `rag add` uses it all the same, because it is called by hand.
_OFFLINE = ("RAG_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
_NO = frozenset({"", "0", "false", "no", "off"})


def add(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Web addresses of pages and feeds.")],
    corpus: Annotated[
        Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")
    ] = None,
    feed: Annotated[
        bool, typer.Option("--feed", help="Read the addresses as feeds, whatever type their hosts report.")
    ] = False,
    limit: Annotated[
        int, typer.Option(help=f"Maximum number of entries from each feed, 1 to {MOST_FEED_ENTRIES}.")
    ] = 20,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from this machine and its local network.")
    ] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, and nothing else, to standard output.")
    ] = False,
) -> None:
    """
    Fetch web pages, and the pages that RSS and Atom feeds list, into the folder of articles; see docs/adding.md.

    If you add a page again, it is fetched only if it has changed. A feed is read each time, and of its pages only those
    that have changed are fetched. Run `rag index` afterwards to bring the index up to date. Exit code 1 if an address
    was refused. This is the only command that uses the network for articles.
    """
    from rag.adding import add as fetch  # noqa: PLC0415 - `rag --help` needs no network library

    folder = load_settings(corpus=corpus).corpus
    if named := [name for name in _OFFLINE if os.environ.get(name, "").strip().lower() not in _NO]:
        console.note(f"{named[0]} is set, but `rag add` still uses the network, because you called it.")
    outcomes = fetch(
        addresses,
        folder,
        feed=feed,
        limit=limit,
        allow_private=allow_private,
        told=(lambda _outcome: None) if json_output else _tell,
    )
    if json_output:
        console.print_json([one.to_json() for one in outcomes])
    else:
        from rag.adding.facade import counted  # noqa: PLC0415

        console.say(counted(outcomes) + ".")
        if any(one.status in {"added", "updated"} for one in outcomes):
            console.note("Run `rag index` to bring the index up to date.")
    if any(one.status == "refused" for one in outcomes):
        raise typer.Exit(1)


def _tell(outcome: Outcome) -> None:
    if outcome.status == "refused":
        console.note(one_line(f"refused {outcome.url}: {outcome.reason}"))
    else:
        console.say(f"{outcome.status} {outcome.path}")


def register(app: typer.Typer) -> None:
    """Add the command to the shell."""
    if not any(command.callback is add for command in app.registered_commands):
        app.command("add")(add)
