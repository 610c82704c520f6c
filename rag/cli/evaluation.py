"""`rag eval`, `rag eval convert` and `rag compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from index.errors import RagError
from rag.cli import console, evaluation_tables
from rag.cli.folder.collections import Collection, meant, settings_for

if TYPE_CHECKING:
    from rag.evaluation.gates import Bound
    from rag.evaluation.types import Evaluation, Format

_FORMS = ("text", "markdown", "html", "json")  # of a comparison


class _DefaultGroup(TyperGroup):
    """A group that runs a set if none of its commands is named: `rag eval SET`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


evaluation_app = typer.Typer(cls=_DefaultGroup, help="Run an evaluation set.", add_completion=False)


@evaluation_app.command("run")
def run(
    dataset: Annotated[
        Path | None,
        typer.Argument(metavar="SET", help="Question set: JSONL in the native format, SQuAD JSON, or a BEIR folder."),
    ] = None,
    minimum: Annotated[
        list[str] | None, typer.Option("--min", help="METRIC=VALUE: the metric must be at least this.")
    ] = None,
    maximum: Annotated[
        list[str] | None, typer.Option("--max", help="METRIC=VALUE: the metric must be at most this.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Earlier run; fail if a metric is worse by more than a paired test allows.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write this run to the file of --baseline instead of comparing.")
    ] = False,
    since: Annotated[
        Path | None,
        typer.Option(help="Earlier run (--json or baseline); ask the model only about what may have changed."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Maximum number of questions to ask.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed for the selection with --limit.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask every question again instead of reusing answers of an earlier run.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="native, squad or beir; detected if not given.")] = "",
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Evaluate retrieval only, without the language model.")
    ] = False,
    support: Annotated[
        Path | None,
        typer.Option(help="Measure the support score on this file in MEMERAG's format instead of asking a set."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write report.md, junit.xml and report.html to this folder.")
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(help="Write the run to this file as JUnit XML: one test case per question, then the bounds."),
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    collection: Collection = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
) -> None:
    """
    Run an evaluation set. Exit code 0 if every bound holds, 1 if one does not, 2 for bad input.

    `rag eval convert tasks.jsonl OUT.jsonl` converts NoMIRACL's tasks to a set.
    """
    from rag.client import RAG  # noqa: PLC0415
    from rag.evaluation import check, parse_bound  # noqa: PLC0415 - only here
    from rag.evaluation.baseline import check_baseline, limits_of_baseline, write_baseline  # noqa: PLC0415
    from rag.evaluation.measuring.statistics import METRICS  # noqa: PLC0415

    bounds = [parse_bound(text, "min", METRICS) for text in minimum or ()]
    bounds += [parse_bound(text, "max", METRICS) for text in maximum or ()]
    _check_options(dataset, support, baseline, junit, update_baseline=update_baseline)
    if since is not None:
        _check_since(since, support, fresh=fresh, retrieval_only=retrieval_only)
    with console.progress(), meant(collection):
        rag = RAG(settings_for(corpus, index, collection))
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
                "since": since,
            },
        )
    if json_output:
        console.print_json(result.to_json())
    else:
        evaluation_tables.print_evaluation(result)
    if since is not None:
        console.note(_kept(result, since))
    if report is not None:
        from rag.evaluation.report import write_report  # noqa: PLC0415 - draws with matplotlib

        for file in write_report(result, report):
            console.note(f"written: {file}")
    broken = check(result.metrics, _measured(result, bounds) if since is not None else bounds)
    if baseline is not None and update_baseline:
        write_baseline(result, baseline)
        console.note(f"written: {baseline}")
    elif baseline is not None:
        broken += check_baseline(result, baseline, sampled=limit is not None)
        for line in limits_of_baseline(result, baseline):
            console.note(line)
    if junit is not None:
        is_bounded = bool(bounds) or (baseline is not None and not update_baseline)
        _write_junit(result, junit, broken if is_bounded else None)
    for line in broken:
        console.error(line)
    if broken:
        raise typer.Exit(1)


@evaluation_app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="The file tasks.jsonl of NoMIRACL.")],
    target: Annotated[Path, typer.Argument(help="Question set to write.")],
) -> None:
    """Convert NoMIRACL's tasks to a native set whose questions contain their own passages."""
    from rag.evaluation.datasets import convert_nomiracl  # noqa: PLC0415 - only here

    console.note(f"{convert_nomiracl(source, target)} questions written to {target}")


def compare(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="Output of `rag eval --json` for the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="Output of `rag eval --json` for the later run.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
    format_: Annotated[
        str,
        typer.Option("--format", help="Output format: text, markdown (for a pull request), html (one page) or json."),
    ] = "text",
) -> None:
    """Show which answers got better or worse between two evaluation runs, and why."""
    from rag.evaluation import comparing  # noqa: PLC0415 - only here
    from rag.evaluation.comparing.html import render_html  # noqa: PLC0415
    from rag.evaluation.comparing.markdown import render_markdown  # noqa: PLC0415

    if format_ not in _FORMS:
        raise RagError(f"There is no format {format_!r}.", hint=f"There are: {', '.join(_FORMS)}.")
    result = comparing.compare(comparing.read(before), comparing.read(after))
    if json_output or format_ == "json":
        console.print_json(result.to_json())
    elif format_ == "text":
        evaluation_tables.print_comparison(result)
    else:
        typer.echo({"markdown": render_markdown, "html": render_html}[format_](result), nl=False)


def _result(rag: Any, dataset: Path | None, support: Path | None, options: dict[str, Any]) -> Evaluation:
    from rag.evaluation import evaluate  # noqa: PLC0415 - only here
    from rag.evaluation.measuring.support import evaluate_support  # noqa: PLC0415

    if support is not None:
        return evaluate_support(rag, support, limit=options["limit"])
    assert dataset is not None  # noqa: S101 - one of the two is there
    return evaluate(rag, dataset, **options)


def _check_options(
    dataset: Path | None, support: Path | None, baseline: Path | None, junit: Path | None, *, update_baseline: bool
) -> None:
    """Refuse options that cannot work, before minutes are spent."""
    from rag.evaluation.comparing import read  # noqa: PLC0415 - only here

    if (dataset is None) == (support is None):
        raise RagError("Name one evaluation set, or a file after --support.", hint="See `rag eval --help`.")
    if update_baseline and baseline is None:
        raise RagError("--update-baseline needs --baseline FILE.", hint="Name the file to write.")
    if baseline is not None and update_baseline:
        _check_place(baseline, "the baseline")
    elif baseline is not None:
        read(baseline)
    if junit is not None:
        _check_place(junit, "the JUnit file")


def _check_since(since: Path, support: Path | None, *, fresh: bool, retrieval_only: bool) -> None:
    from rag.evaluation.keeping.since import replies_of  # noqa: PLC0415 - only here

    if fresh or retrieval_only or support is not None:
        other = "--fresh" if fresh else "--retrieval-only" if retrieval_only else "--support"
        raise RagError(f"--since cannot be combined with {other}.", hint="Leave out one of the two.")
    if not replies_of(since):
        console.note(f"{since} has no replies of the model (an older version wrote it): every question is asked again.")


def _kept(result: Evaluation, since: Path) -> str:
    others = "" if result.kept == result.n else "; the others were asked again, in this run or one since then"
    return f"{result.kept} of {result.n} questions kept from {since}{others}"


def _measured(result: Evaluation, bounds: list[Bound]) -> list[Bound]:
    from rag.evaluation.gates import measured  # noqa: PLC0415 - only here

    held, left_out = measured(result.metrics, bounds)
    if left_out:
        console.note(f"not measured, so their bounds are not checked: {', '.join(left_out)}")
    return held


def _check_place(file: Path, what: str) -> None:
    if file.is_dir():
        raise RagError(f"{file} is a folder; {what} is a file.", hint="Name a file in it.")
    if not file.parent.is_dir():
        raise RagError(f"There is no folder {file.parent} for {what}.", hint="Create it first.")


def _write_junit(result: Evaluation, file: Path, broken: list[str] | None) -> None:
    from rag.evaluation.report.junit import render_junit  # noqa: PLC0415 - only here
    from rag.inference.weights.cache import write_text_atomically  # noqa: PLC0415

    try:
        write_text_atomically(file, render_junit(result, broken))
    except OSError as error:
        raise RagError(f"{file} cannot be written: {error.strerror}.", hint="Name another file.") from error
    console.note(f"written: {file}")


def _format(name: str) -> Format | None:
    from rag.evaluation.types import FORMATS  # noqa: PLC0415 - only here

    if name and name not in FORMATS:
        raise RagError(f"There is no format {name!r}.", hint=f"There are: {', '.join(FORMATS)}.")
    return next((known for known in FORMATS if known == name), None)


def register(app: typer.Typer) -> None:
    """Add the commands to the shell."""
    app.add_typer(evaluation_app, name="eval")
    app.command("compare")(compare)
