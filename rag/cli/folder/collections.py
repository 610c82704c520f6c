"""`rag collections`, and what `--collection` means to `rag index`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import RagError
from index.printable import escaped, held, one_line
from rag.cli import console
from rag.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from rag.client import RAG
    from rag.settings import Settings
    from rag.types.collections import CollectionState

IndexDir = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")]
Corpus = Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")]
Collection = Annotated[str, typer.Option(metavar="NAME", help="Use this named collection instead of the articles.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, to standard output.")]

commands = typer.Typer(name="collections", help="List the named collections.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def list_collections(
    context: typer.Context, corpus: Corpus = None, index: IndexDir = None, json_output: Json = False
) -> None:
    """List the articles and the named collections: folder, number of articles and passages, generation."""
    if context.invoked_subcommand is not None:
        if json_output:
            raise RagError("--json must come after the command.", hint="See `rag collections remove --help`.")
        context.obj = index
        return
    from rag.client import RAG  # noqa: PLC0415 - `rag --help` needs no index

    states = RAG(load_settings(corpus=corpus, index=index)).collections()
    if json_output:
        console.print_json([one.to_json() for one in states])
        return
    for one in states:
        console.say(_line(one))


@commands.command("remove")
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the collection.")],
    index: IndexDir = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Remove a named collection and delete its index; its articles are not touched."""
    from rag.client import RAG  # noqa: PLC0415

    rag = RAG(load_settings(index=index or context.obj))
    one = rag.named_collections.registry.get(name) if name in _names(rag) else None
    if one is not None and not yes:
        if not console.is_attended():
            raise RagError(
                f"There is no terminal to confirm that {name} is to be removed.", hint="Confirm it with --yes."
            )
        question = f"Remove the collection {name}? The articles in {one.folder} stay."
        if not typer.confirm(one_line(question), err=True):
            console.error("The collection stays as it was.")
            raise typer.Exit(1)
    rag.remove_collection(name)
    console.say(f"The collection {name} is removed; its articles were not touched.")


def asked(where: str, collections: Sequence[str]) -> str:
    """Return the collections to ask, as filters have them: from ``--where collection=`` and ``--collection``."""
    return ",".join([*([where] if where else []), *collections])


def settings_for(corpus: Path | None, index: Path | None, collection: str) -> Settings:
    """Return the settings of a command; with a collection, those that name its folder and index."""
    settings = load_settings(corpus=corpus, index=index)
    if not collection:
        return settings
    from rag.runtime.named_collections import settings_of  # noqa: PLC0415 - `rag --help` needs no index

    return settings_of(settings, collection)


def meant(collection: str) -> AbstractContextManager[None]:
    """Make errors inside name the command for a collection; if none is given, they stay as they are."""
    from rag.runtime.named_collections import meaning  # noqa: PLC0415

    return meaning(collection) if collection else nullcontext()


def place_of(rag: RAG, collection: str, folder: Path | None) -> tuple[Path | None, Path | None]:
    """Return the folder and the index of a collection that is to be indexed; None if they are not known yet."""
    one = next((one for one in rag.named_collections.registry.all() if one.name == collection), None)
    return folder or (one.folder if one else None), one.index_dir if one else None


def _names(rag: RAG) -> set[str]:
    return {one.name for one in rag.named_collections.registry.all()}


def _line(one: CollectionState) -> str:
    if one.standing != "ready":
        return f"{one.name}  {escaped(str(one.folder))}  {one.standing}: {one.what}"
    count = f"{held(one.documents, one.passages)}, generation {one.generation}"
    return f"{one.name}  {escaped(str(one.folder))}  {count}"


def register(app: Any) -> None:
    """Add the commands to the shell."""
    if not any(group.name == commands.info.name for group in app.registered_groups):
        app.add_typer(commands)
