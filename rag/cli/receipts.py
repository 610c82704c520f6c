"""`rag verify`, and what `rag ask --receipt` writes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.atomic import replace_atomically
from index.errors import RagError
from rag.cli import console
from rag.cli.resident.streams import here
from rag.limits import LONGEST_RECEIPT
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.receipts import Report

_EXITS = {"holds": 0, "broken": 1, "unknown": 2}


def verify(
    answer: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWER", help="Output of `rag ask --json`, or a saved receipt; - reads standard input."
        ),
    ],
    corpus: Annotated[
        Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")
    ] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, and nothing else, to standard output.")
    ] = False,
) -> None:
    """
    Check without models that every quote of an answer is where the answer says, and that the answer shows nothing else.

    Exit code 0 if both are true, 1 if one is not, 2 if this cannot be checked: the input is not an answer, or a file is
    missing or has changed since.
    """
    from rag.receipts import Files, check, read  # noqa: PLC0415 - only here

    report = check(read(_content(answer)), Files(load_settings(corpus=corpus, index=index)))
    if json_output:
        console.print_json(report.to_json())
    else:
        _print(report)
    if report.verdict != "holds":
        raise typer.Exit(_EXITS[report.verdict])


def _print(report: Report) -> None:
    signs = {"broken": "does not hold", "unknown": "cannot be told", "unchecked": "not checked"}
    styles = {"broken": "red", "unknown": "yellow", "unchecked": "dim"}
    for finding in report.findings:
        console.say(f"{signs[finding.level]}: {finding.where}: {finding.what}", styles[finding.level])
    said = f"{report.standing} of {report.quotes} quotes stand where the answer says"
    if report.verdict == "holds" and not report.quotes:
        said = "The answer has no quotes"
    console.say(f"{said}, and it shows nothing else as the sources'." if report.verdict == "holds" else f"{said}.")


def _content(file: Path) -> bytes:
    """Return the content of a file or of standard input, up to one byte more than a receipt may have."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(LONGEST_RECEIPT + 1)
        if not file.is_file():
            raise RagError(f"{file} is not a file.", hint="Give the output of `rag ask --json`, or a saved receipt.")
        with file.open("rb") as stream:
            return stream.read(LONGEST_RECEIPT + 1)
    except (OSError, ValueError) as error:
        raise RagError(f"{file} cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def check_place(file: Path) -> None:
    """Raise a `RagError` if a receipt cannot be written, before minutes are spent."""
    place = here(file)
    if not place.parent.is_dir() or place.is_dir():
        raise RagError(f"The receipt cannot be written to {file}.", hint="Name a file in an existing folder.")


def write(file: Path, page: str) -> None:
    """Write a receipt."""
    try:
        replace_atomically(here(file), page.encode())
    except OSError as error:
        raise RagError(f"The receipt {file} cannot be written ({error.strerror or error}).") from error
    console.note(f"written: {file}")


def register(app: typer.Typer) -> None:
    """Add the command to the shell."""
    app.command("verify")(verify)
