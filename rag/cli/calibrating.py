"""`rag calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from index.errors import RagError
from rag.cli import console
from rag.cli.folder.collections import Collection, meant, settings_for

if TYPE_CHECKING:
    from rag.calibrating.types import Risk, Standing
    from rag.evaluation.calibrating import Calibrating

_DEFAULT_CONFIDENCE = 0.95


def calibrate(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SET]",
            help="Native question set about the articles. If not given, print the bound that holds now.",
        ),
    ] = None,
    risk: Annotated[
        float | None, typer.Option(help="Share of the shown answers that may be wrong, such as 0.10.")
    ] = None,
    on: Annotated[
        str, typer.Option(help="What counts as wrong: false_answers, or wrong_citations, which includes false_answers.")
    ] = "false_answers",
    confidence: Annotated[
        float, typer.Option(help="Confidence with which the bound must hold, from 0.5 to below 1.")
    ] = _DEFAULT_CONFIDENCE,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove the calibration and use the default strictness again.")
    ] = (False),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask every question again instead of reusing answers of an earlier run.")
    ] = False,
    corpus: Annotated[
        Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")
    ] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    collection: Collection = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
) -> None:
    """
    Choose the strictness that keeps a bound on wrong answers, measured on your own questions; store it beside the index.

    It then applies to questions that do not set a strictness, as long as models, articles, settings and program stay
    the same. Exit code 2 if no strictness keeps the bound, or if the stored calibration no longer holds.
    """
    settings = settings_for(corpus, index, collection)
    if forget:
        if dataset is not None or risk is not None:
            raise RagError("--forget measures nothing.", hint="Leave out the set and --risk.")
        from rag.calibrating.keeping import forget as remove  # noqa: PLC0415 - only here
        from rag.calibrating.keeping import place_of  # noqa: PLC0415

        there = remove(place_of(settings))
        console.note("The calibration is removed." if there else "There is no calibration to remove.")
        return
    from rag.client import RAG  # noqa: PLC0415

    rag = RAG(settings)
    if dataset is None:
        if risk is not None:
            raise RagError("Name an evaluation set to measure the risk on.", hint="See `rag calibrate --help`.")
        _say(rag.calibration(), json_output=json_output)
        return
    if risk is None:
        raise RagError("Say which share of the answers may be wrong.", hint="Add --risk 0.10.")
    from rag.evaluation.calibrating import calibrate as measured  # noqa: PLC0415

    with console.progress(), meant(collection):
        found = measured(rag, dataset, risk=risk, on=_risk(on), confidence=confidence, fresh=fresh)
    if json_output:
        kept = found.calibration.to_json()
        console.print_json(kept | {"levels": [level.to_json() for level in found.levels]})
    else:
        _print(found, rag.calibration())


def _risk(name: str) -> Risk:
    from rag.calibrating.types import RISKS  # noqa: PLC0415 - only here

    known = next((one for one in RISKS if one == name), None)
    if known is None:
        raise RagError(f"There is no risk named {name!r}.", hint=f"There are: {', '.join(RISKS)}.")
    return known


def _say(standing: Standing, *, json_output: bool) -> None:
    """Say what holds; exit 2 if a calibration is kept that does not hold."""
    if json_output:
        console.print_json(standing.to_json())
    elif standing.state in {"damaged", "changed"}:
        console.error(standing.told)
    else:
        console.say(standing.told)
    if standing.state in {"damaged", "changed"}:
        raise typer.Exit(2)


def _print(found: Calibrating, standing: Standing) -> None:
    """Print the results of the set at each strictness, and what holds."""
    kept = found.calibration
    table = Table("strictness", "answered", "wrong", "at most wrong", title=f"bounds with {kept.percent} % confidence")
    for level in found.levels:
        mark = " *" if level.strictness == kept.strictness else ""
        table.add_row(f"{level.strictness:g}{mark}", str(level.shown), str(level.wrong), f"{level.bound:.3f}")
    console.show(table)
    console.say(standing.told)


def register(app: typer.Typer) -> None:
    """Add the command to the shell."""
    app.command("calibrate")(calibrate)
