"""`rag backup`, `rag restore`, and what `rag index --watch`, `--share` and `rag doctor --repair` do."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import RagError
from index.printable import held, one_line
from rag.cli import console
from rag.cli.folder.collections import Collection, meant, place_of, settings_for
from rag.cli.resident.streams import here
from rag.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.syncing.sync import SyncReport
    from rag.client import RAG
    from rag.settings import Settings

IndexDir = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, to standard output.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File for the backup; an existing backup is replaced.")],
    index: IndexDir = None,
    collection: Collection = "",
    json_output: Json = False,
) -> None:
    """Write the index to one file, even while it is in use."""
    from index.backup.writing import backup as write  # noqa: PLC0415 - only here

    settings = settings_for(None, index, collection)
    with meant(collection):
        done = write(settings.index, here(file))
    if json_output:
        console.print_json({"generation": done.generation, "files": done.files, "bytes": done.bytes})
    else:
        console.say(f"Generation {done.generation} of {settings.index} is in {file} ({done.bytes / 1e6:.1f} MB).")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File that `rag backup` wrote.")],
    index: IndexDir = None,
    collection: Collection = "",
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Folder of articles of a collection that does not exist yet.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing index.")] = False,
    json_output: Json = False,
) -> None:
    """Restore an index from a backup, after checking every byte of it."""
    from index.backup.restoring import restore as make  # noqa: PLC0415 - only here

    settings = load_settings(index=index)
    with _restored(settings, collection, folder) as place, meant(collection):
        done = make(here(file), place, force=force, store=settings.store)
    if json_output:
        console.print_json({"generation": done.generation, "bytes": done.bytes, "whole": done.whole})
        return
    console.say(f"{place} was restored from {file} ({done.bytes / 1e6:.1f} MB).")
    if not done.whole:
        command = f"rag index --collection {collection}" if collection else "rag index"
        console.note(f"Its vectors were in another store: run `{command}` before you ask questions.")


@contextmanager
def _restored(settings: Settings, collection: str, folder: Path | None) -> Iterator[Path]:
    """Yield the folder to restore the index into; a new collection is removed again if restoring fails."""
    from index.collections.registry import Registry, check_name  # noqa: PLC0415 - only here

    if not collection:
        if folder is not None:
            raise RagError("--folder names the articles of a collection.", hint="Add --collection NAME.")
        yield settings.index
        return
    check_name(collection)
    registry = Registry(settings.index)
    is_there = any(one.name == collection for one in registry.all())
    if folder is None and not is_there:
        hint = "Name the folder of its articles with --folder."
        raise RagError(f"There is no collection {collection} yet.", hint=hint)
    if folder is not None and is_there:
        hint = "Leave out --folder; `rag index FOLDER --collection NAME` changes it."
        raise RagError(f"The collection {collection} already has a folder.", hint=hint)
    one = registry.get(collection) if folder is None else registry.put(collection, folder)
    try:
        yield one.index_dir
    except RagError:
        if not (is_there or one.is_ready):
            with suppress(RagError):  # the first error is the one that is reported
                registry.remove(collection, store=settings.store)
        raise


def prepare_share(rag: RAG, share: str, collection: str, folder: Path | None, *, json_output: bool) -> None:
    """Embed a share of the folder of articles, or of a named collection's folder, and say what comes next."""
    with console.progress():
        report = rag.prepare_share(share, collection=collection or "articles", corpus=folder if collection else None)
    if json_output:
        console.print_json(report.to_json())
        return
    before, command = report.documents - report.prepared, "rag index"
    if collection:
        command = f"rag index --collection {collection}"
    console.say(
        f"Share {share}: {report.prepared} articles embedded, {before} embedded before ({report.seconds:.1f} s)."
        f" When all shares are done, run `{command}`."
    )


def lets_it_be_emptied(rag: RAG, collection: str, corpus_folder: Path | None) -> bool:
    """Ask at the terminal whether to empty the index of a folder without articles; False if there is nothing to ask."""
    from index.syncing.sync import emptied  # noqa: PLC0415 - `rag --help` needs no index

    places: tuple[Path | None, Path | None] = rag.settings.corpus, rag.settings.index
    folder, index_dir = place_of(rag, collection, corpus_folder) if collection else places
    if not console.is_attended() or folder is None or index_dir is None:
        return False
    gone = emptied(folder, index_dir, rag.settings.reading.options)
    if not gone:
        return False
    if not typer.confirm(one_line(f"All {gone} articles are gone from {folder}. Empty the index?"), err=True):
        console.error("The index was not changed. To empty it without being asked, use --yes.")
        raise typer.Exit(1)
    return True


def watch(rag: RAG, interval: float | None, collection: str = "") -> None:
    """
    Keep indexes up to date until Ctrl-C; print one line for each sync and each problem.

    Parameters
    ----------
    rag
        Holds the articles.
    interval
        See `index.watching.following.Following`.
    collection
        The only named collection that is followed; if empty, the articles and all named collections.

    """
    from index.collections.registry import ARTICLES  # noqa: PLC0415 - `rag --help` needs no index
    from rag.runtime.following import FollowingNamed, following  # noqa: PLC0415

    stop = threading.Event()

    def tell(line: str) -> None:
        console.note(one_line(line))

    main = following(rag, collection or ARTICLES, lambda report: console.say(summary(report)), tell, stop, interval)
    named = FollowingNamed(rag, lambda name, report: console.say(f"{name}: {summary(report)}"), tell, stop, interval)
    also = threading.Thread(target=named.run, name="following collections", daemon=True)
    console.note(f"Following {main.corpus}; press Ctrl-C to stop.")
    if not collection:
        also.start()
    try:
        with suppress(KeyboardInterrupt):
            main.run()
    finally:
        stop.set()


def summary(report: SyncReport) -> str:
    """Say in one line what a sync changed."""
    parts = ("added", "changed", "renamed", "removed")
    done = ", ".join(f"{count} {part}" for part in parts if (count := getattr(report, part)))
    return f"{done}; {held(report.documents, report.chunks)} ({report.seconds:.1f} s)"


def repair(settings: Settings) -> list[str]:
    """
    Mend what a sync can mend of an index, and return what was wrong.

    A sync trusts files that it has compared with their digests and whose times have not changed since. A file that is
    found damaged when everything is read may be one of them, so the record of these comparisons is removed first.

    Parameters
    ----------
    settings
        Locations of the articles and the index, also of those of named collections. Articles are only read.

    Returns
    -------
    What was wrong, one line each; empty if nothing was done.

    Raises
    ------
    RagError
        It cannot be mended; what could be read before can still be read.

    """
    from index.collections.registry import ARTICLES  # noqa: PLC0415 - only here
    from index.storage.integrity import damages  # noqa: PLC0415
    from index.storage.manifest import SEEN  # noqa: PLC0415
    from rag.client import RAG  # noqa: PLC0415

    rag = RAG(settings)
    found = []
    named = [(one.name, one.index_dir) for one in rag.named_collections.registry.all()]
    for name, index_dir in ((ARTICLES, settings.index), *named):
        if lines := damages(index_dir):
            found += lines
            with suppress(OSError):
                (index_dir / SEEN).unlink()
            with console.progress():
                rag.sync(collection=name)
    return found


def register(app: Any) -> None:
    """Add the commands to the shell."""
    app.command("backup")(backup)
    app.command("restore")(restore)
