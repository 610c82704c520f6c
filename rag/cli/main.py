"""The `rag` command."""

from __future__ import annotations

import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from index.errors import EmptiedError, RagError
from rag.cli import assistants as cli_assistants
from rag.cli import calibrating as cli_calibrating
from rag.cli import console
from rag.cli import evaluation as cli_evaluation
from rag.cli import receipts as cli_receipts
from rag.cli import serving as cli_serving
from rag.cli.folder import adding as cli_adding
from rag.cli.folder import collections as cli_collections
from rag.cli.folder import keeping as cli_keeping
from rag.cli.resident import streams
from rag.settings import load_settings

app = typer.Typer(
    name="rag",
    help="Answer questions from a folder of German articles. Each sentence of an answer cites the text that supports it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Corpus = Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")]
IndexDir = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, to standard output.")]
Where = Annotated[
    list[str] | None, typer.Option(help="Search only source=NAME, or collection=NAMES (like --collection).")
]
Collections = Annotated[
    list[str] | None,
    typer.Option(
        "--collection",
        metavar="NAME",
        help="Search this collection: its name, or articles, uploads, all. Can be given several times.",
    ),
]
Warm = Annotated[
    bool | None,
    typer.Option(
        "--warm/--no-warm", help="Start `rag serve` if it is not running, or do not use it.", show_default=False
    ),
]
Since = Annotated[str, typer.Option(help="Only articles dated on or after YYYY-MM-DD.")]
Until = Annotated[str, typer.Option(help="Only articles dated on or before YYYY-MM-DD.")]

INTERRUPTED = 130  # exit code after Ctrl-C
_OPTION = re.compile(r"--?[a-z][\w-]*", re.IGNORECASE | re.ASCII)


class _AskingCommand(TyperCommand):
    """A command whose question may begin with a minus sign: "-21 Grad in Auheim"."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Whether an option takes a value, by each of its names.
        options = {
            name: not getattr(option, "is_flag", False)
            for option in self.get_params(ctx)
            for name in (*option.opts, *option.secondary_opts)
            if name.startswith("-")
        }
        return super().parse_args(ctx, _questions_last(args, options))


def _questions_last(args: list[str], options: dict[str, bool]) -> list[str]:
    """Put texts that have the dash but not the form of an option behind "--", where nothing is read as an option."""
    before: list[str] = []
    questions: list[str] = []
    rest = iter(args)
    for text in rest:
        if text == "--":
            return [*before, "--", *questions, *rest]
        name = text.partition("=")[0]
        unlike = not _OPTION.fullmatch(name) or any(character.isspace() for character in text)
        if len(text) > 1 and text.startswith("-") and unlike and name not in options:
            questions.append(text)
            continue
        before.append(text)
        if options.get(text):
            before.extend(value for value in (next(rest, None),) if value is not None)
    return [*before, "--", *questions] if questions else before


@app.command("index")
def index_command(
    corpus_folder: Annotated[Path | None, typer.Argument(metavar="[CORPUS]", help="Folder of articles.")] = None,
    corpus: Corpus = None,
    index: IndexDir = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build a completely new index, then replace the old one.")
    ] = False,
    collection: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Index this named collection instead; its folder is needed only the first time."
        ),
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Empty the index without asking if the folder has no articles.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Then keep the index up to date until Ctrl-C.")] = False,
    every: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=86_400,
            help="With --watch: check the folder every so many seconds instead of waiting for the system to report changes.",
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(
            metavar="N/M",
            help="Only embed share N of M of the folder, as one of M workers. Run `rag index` when all are done.",
        ),
    ] = None,
    json_output: Json = False,
) -> None:
    """Bring the index up to date with the folder."""
    if watch and json_output:
        raise RagError("--watch keeps running and prints no JSON document.", hint="Leave out --json.")
    if share is not None and (watch or rebuild):
        hint = "Leave out --watch and --rebuild; run `rag index` afterwards."
        raise RagError("--share only prepares the articles.", hint=hint)
    rag = _rag(corpus if collection else corpus_folder or corpus, index)
    if share is not None:
        cli_keeping.prepare_share(rag, share, collection, corpus_folder, json_output=json_output)
        return
    yes = yes or cli_keeping.lets_it_be_emptied(rag, collection, corpus_folder)
    try:
        with console.progress():
            if collection:
                report = rag.sync(collection=collection, corpus=corpus_folder, rebuild=rebuild, empty=yes)
            else:
                report = rag.sync(rebuild=rebuild, empty=yes)
    except EmptiedError as error:
        if not watch:
            raise
        console.error(f"{error}")
        cli_keeping.watch(rag, every, collection)
        return
    except KeyboardInterrupt:
        console.error("Stopped. What has been embedded is kept; run the same command to continue.")
        raise typer.Exit(INTERRUPTED) from None
    if json_output:
        console.print_json(report.to_json())
    else:
        made = cli_collections.place_of(rag, collection, None)[1] if collection else None
        console.print_report(report, made or rag.settings.index)
    if watch:
        cli_keeping.watch(rag, every, collection)


@app.command(cls=_AskingCommand)
def search(
    query: Annotated[str, typer.Argument(help="Words or a question to search for.")],
    k: Annotated[int, typer.Option("-k", help="Number of passages.")] = 5,
    corpus: Corpus = None,
    index: IndexDir = None,
    where: Where = None,
    collection: Collections = None,
    since: Since = "",
    until: Until = "",
    warm: Warm = None,
    json_output: Json = False,
) -> None:
    """Show the passages nearest to a query."""
    del warm  # read by `rag.cli.resident.client`
    hits = _rag(corpus, index).search(query, k=k, filter=_filter(where, since, until, collection))
    if json_output:
        console.print_json([hit.to_json() for hit in hits])
    else:
        console.print_hits(hits)


@app.command(cls=_AskingCommand)
def ask(
    question: Annotated[str, typer.Argument(help="The question, in German or English.")],
    corpus: Corpus = None,
    index: IndexDir = None,
    where: Where = None,
    collection: Collections = None,
    since: Since = "",
    until: Until = "",
    strictness: Annotated[
        float | None, typer.Option(help="How likely it must be that there is an answer, 0 to 1; 0 always answers.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="What is asked for, such as list or summary; detected if not given.")
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Also save the answer as a page that `rag verify` can check."),
    ] = None,
    warm: Warm = None,
    json_output: Json = False,
) -> None:
    """Answer a question, with numbered citations."""
    del warm
    options: Any = {"strictness": strictness, "kind": kind}
    if receipt is not None:
        cli_receipts.check_place(receipt)
    rag = _rag(corpus, index)
    restrict = _filter(where, since, until, collection)
    if strictness is None:
        _warn_of_bound(rag, restrict.get("collection", ""))
    if json_output:
        answer = rag.located(rag.ask(question, filter=restrict, **options))
        console.print_json(answer.to_json())
    else:
        answer = console.print_stream(rag.stream(question, filter=restrict, **options))
    if receipt is not None and answer is not None:
        cli_receipts.write(receipt, rag.receipt(answer))


@app.command()
def models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models to fetch; the default models if none is named.")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch missing models and repair damaged ones.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --fetch: fetch models again even if they are there.")
    ] = False,
    json_output: Json = False,
) -> None:
    """List the models with their licence and source, and whether they are installed and verified."""
    from rag.inference.choosing import runtimes  # noqa: PLC0415
    from rag.inference.weights import DEFAULT_EMBEDDING, DEFAULT_LLM, installed  # noqa: PLC0415

    machine = load_settings().machine
    with console.progress():
        if fetch:
            for name in names or (DEFAULT_EMBEDDING, DEFAULT_LLM):
                runtimes.fetch(name, machine, force=force)
        statuses = installed(verify=True)
    if json_output:
        console.print_json([console.model_json(status) for status in statuses])
    else:
        console.print_models(statuses)
    if any(status.problem and status.default for status in statuses):
        raise typer.Exit(1)


@app.command()
def doctor(
    corpus: Corpus = None,
    index: IndexDir = None,
    collection: cli_collections.Collection = "",
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte of the index and report all damage.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Read every byte of the index and repair what `rag index` can repair.")
    ] = False,
    json_output: Json = False,
) -> None:
    """
    Check environment, models, index, memory and disk, and say what to repair.

    Exit code 1 if something must be repaired.
    """
    from rag.cli.doctor import examine  # noqa: PLC0415

    settings = cli_collections.settings_for(corpus, index, collection)
    with cli_collections.meant(collection):
        mended = cli_keeping.repair(settings) if repair else []
    for line in mended:
        console.note(f"repaired: {line}")
    findings = examine(settings, deep=deep or repair, collection=collection)
    if json_output:
        console.print_json([finding.to_json() for finding in findings])
    else:
        console.print_findings(findings)
    if any(finding.level == "broken" for finding in findings):
        raise typer.Exit(1)


def _rag(corpus: Path | None, index: Path | None) -> Any:
    if (client := streams.client()) is not None:
        return client.open_rag(corpus, index)
    from rag.client import RAG  # noqa: PLC0415 - `rag --help` needs no index

    return RAG(load_settings(corpus=corpus, index=index))


def _warn_of_bound(rag: Any, asked: str) -> None:
    """Say in one line if a bound measured for the collection that is asked does not hold."""
    standing = rag.calibration(asked) if asked in rag.collection_names() else rag.calibration()
    if standing.state in {"changed", "damaged"}:
        console.note(standing.told)


def _filter(where: list[str] | None, since: str, until: str, collections: list[str] | None) -> dict[str, str]:
    restrict: dict[str, str] = {}
    for text in where or ():
        key, sign, value = text.partition("=")
        if key not in {"source", "collection"} or not sign or not value:
            hint = "Write --where source=NAME or --where collection=uploads."
            raise RagError(f"--where {text} cannot be read.", hint=hint)
        restrict[key] = value
    if collections:
        restrict["collection"] = cli_collections.asked(restrict.get("collection", ""), collections)
    from datetime import date  # noqa: PLC0415

    for name, day in (("since", since), ("until", until)):
        try:
            if day:
                restrict[name] = date.fromisoformat(day).isoformat()
        except ValueError as error:
            raise RagError(f"--{name} {day} is not a date.", hint="Write it as YYYY-MM-DD.") from error
    return restrict


def _register() -> None:
    """Add the commands of the other modules, only once: several commands may run in one process."""
    if "verify" in _own_commands():
        return
    cli_calibrating.register(app)
    cli_evaluation.register(app)
    cli_receipts.register(app)
    cli_keeping.register(app)
    cli_serving.register(app, run)
    cli_assistants.register(app)
    cli_adding.register(app)
    cli_collections.register(app)


def _own_commands() -> list[str]:
    return [str(command.name or getattr(command.callback, "__name__", "")) for command in app.registered_commands]


def _refuse(error: TyperException) -> int:
    """Say in one line what was wrong with a command, unless it was named alone, so that its help has been shown."""
    context: Any = getattr(error, "ctx", None)
    told: Any = getattr(error, "format_message", lambda: str(error))
    message = "" if type(error).__name__ == "NoArgsIsHelpError" else told()
    if message:
        hint = f" See `{context.command_path} --help`." if context is not None else ""
        console.error(message.rstrip(".") + "." + hint)
    return 2


def run(words: list[str]) -> int:
    """Run a command, given its words, and return its exit code; an error is one line on standard error."""
    try:
        return int(app(words, prog_name="rag", standalone_mode=False) or 0)
    except RagError as error:
        console.error(str(error))
        return 2
    except TyperException as error:
        return _refuse(error)
    except typer.Abort:
        console.error("Stopped.")
        return 1


def main() -> None:
    """Run the command; bad input ends in one line on standard error and exit code 2."""
    console.guard_logs()
    _register()
    # The browser app adds its own command, so that this package need not know of it. Importing it takes seconds,
    # so it is not imported for this package's own commands.
    if sys.argv[1:2] not in [[name] for name in (*_own_commands(), cli_collections.commands.info.name)]:
        there = {*_own_commands(), *(group.name for group in app.registered_groups)}
        for point in (one for one in entry_points(group="rag.commands") if one.name not in there):
            loaded = point.load()
            if isinstance(loaded, typer.Typer):  # several commands under one name
                app.add_typer(loaded, name=point.name)
            else:
                app.command(point.name)(loaded)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        sys.exit(run(sys.argv[1:]))
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, `rag search ... | head`
        sys.exit(0)


if __name__ == "__main__":
    main()
