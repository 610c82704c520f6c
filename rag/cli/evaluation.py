"""`rag eval`, `rag eval convert` and `rag compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from index.errors import RagError
from rag.cli import console
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.evaluation.types import Evaluation, Format


class _DefaultGroup(TyperGroup):
    """A group that runs a set where no command of its own is named: `rag eval SET`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


evaluation_app = typer.Typer(cls=_DefaultGroup, help="Run an evaluation set.", add_completion=False)


@evaluation_app.command("run")
def run(
    dataset: Annotated[
        Path | None,
        typer.Argument(metavar="SET", help="JSONL in the native format, SQuAD JSON, or a BEIR folder."),
    ] = None,
    minimum: Annotated[list[str] | None, typer.Option("--min", help="METRIC=VALUE that must be reached.")] = None,
    maximum: Annotated[list[str] | None, typer.Option("--max", help="METRIC=VALUE not to be exceeded.")] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Earlier run; fail where a metric is worse by more than a paired test allows.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write this run to --baseline instead.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only so many questions.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw for --limit.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask all anew; use no answer of an earlier run.")] = False,
    format_: Annotated[str, typer.Option("--format", help="native, squad or beir; found out where not given.")] = "",
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Leave the language model out.")] = False,
    support: Annotated[
        Path | None, typer.Option(help="Measure the support score on a file in MEMERAG's format instead.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for report.md, junit.xml and report.html of the run.")
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
) -> None:
    """
    Run an evaluation set: exit 0 when every bound holds, 1 when one does not, 2 for bad input.

    `rag eval convert tasks.jsonl OUT.jsonl` turns NoMIRACL's tasks into a set.
    """
    from rag.client import RAG  # noqa: PLC0415
    from rag.evaluation import check, parse_bound  # noqa: PLC0415 - only here
    from rag.evaluation.baseline import check_baseline, write_baseline  # noqa: PLC0415
    from rag.evaluation.comparison import read  # noqa: PLC0415
    from rag.evaluation.measuring.statistics import METRICS  # noqa: PLC0415

    bounds = [parse_bound(text, "min", METRICS) for text in minimum or ()]
    bounds += [parse_bound(text, "max", METRICS) for text in maximum or ()]
    if (dataset is None) == (support is None):
        raise RagError("Name one evaluation set, or a file after --support.", hint="See `rag eval --help`.")
    if update_baseline and baseline is None:
        raise RagError("--update-baseline needs --baseline FILE.", hint="Say where to write it.")
    if baseline is not None and update_baseline and not baseline.parent.is_dir():
        raise RagError(f"There is no folder {baseline.parent} for the baseline.", hint="Make it first.")
    if baseline is not None and not update_baseline:
        read(baseline)  # before minutes are spent
    with console.progress():
        rag = RAG(load_settings(corpus=corpus, index=index))
        result = _result(
            rag,
            dataset,
            support,
            {
                "format": _format(format_),
                "limit": limit,
                "seed": seed,
                "fresh": fresh,
                "retrieval_only": retrieval_only,
            },
        )
    if json_output:
        console.print_json(result.to_json())
    else:
        console.print_evaluation(result)
    if report is not None:
        from rag.evaluation.report import write_report  # noqa: PLC0415 - draws with matplotlib

        for file in write_report(result, report):
            console.note(f"written: {file}")
    broken = check(result.metrics, bounds)
    if baseline is not None and update_baseline:
        write_baseline(result, baseline)
        console.note(f"written: {baseline}")
    elif baseline is not None:
        broken += check_baseline(result, baseline, sampled=limit is not None)
    for line in broken:
        console.error(line)
    if broken:
        raise typer.Exit(1)


@evaluation_app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="NoMIRACL's tasks.jsonl.")],
    target: Annotated[Path, typer.Argument(help="Set to write.")],
) -> None:
    """Turn NoMIRACL's tasks into a native set whose questions bring their own passages."""
    from rag.evaluation.datasets import convert_nomiracl  # noqa: PLC0415 - only here

    console.note(f"{convert_nomiracl(source, target)} questions written to {target}")


def compare(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="What `rag eval --json` printed earlier.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="What it printed later.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
) -> None:
    """Show what got better and what worse between two evaluation runs, with a paired test."""
    from rag.evaluation import comparison  # noqa: PLC0415 - only here

    result = comparison.compare(comparison.read(before), comparison.read(after))
    if json_output:
        console.print_json(result.to_json())
    else:
        console.print_comparison(result)


def _result(rag: Any, dataset: Path | None, support: Path | None, options: dict[str, Any]) -> Evaluation:
    from rag.evaluation import evaluate  # noqa: PLC0415 - only here
    from rag.evaluation.measuring.support import evaluate_support  # noqa: PLC0415

    if support is not None:
        return evaluate_support(rag, support, limit=options["limit"])
    assert dataset is not None  # noqa: S101 - one of the two is there
    return evaluate(rag, dataset, **options)


def _format(name: str) -> Format | None:
    from rag.evaluation.types import FORMATS  # noqa: PLC0415 - only here

    if name and name not in FORMATS:
        raise RagError(f"There is no format {name!r}.", hint=f"There are: {', '.join(FORMATS)}.")
    return next((known for known in FORMATS if known == name), None)


def register(app: typer.Typer) -> None:
    """Add the commands to the shell."""
    app.add_typer(evaluation_app, name="eval")
    app.command("compare")(compare)
