"""What people see in a terminal: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from index import printable
from index.printable import escaped, held, one_line
from index.progress import EMBEDDING, Pace, duration, told
from rag.cli.safe_console import CurrentConsole
from rag.retrieval.unread import by_document, listed
from rag.types import Delta, EvidenceReady, Finished, Likely
from rag.types.arrangement import ITEMISED, is_in_another_language, is_talk, parts, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from index.syncing.sync import SyncReport
    from rag.cli.doctor import Finding
    from rag.inference.weights import ModelStatus
    from rag.types import Answer, AnswerSentence, Event, Hit

# Without a terminal, a step reports its progress this often.
LOG_SECONDS = 5.0
_BREAK = re.compile("[\x07-\r\x85\u2028\u2029]")


_out = CurrentConsole(stderr=False)
_err = CurrentConsole(stderr=True)


class _SafeRecord(logging.LogRecord):
    def getMessage(self) -> str:  # noqa: N802 - the library's name
        """Return the message without characters that would act on a terminal."""
        return printable.lines(super().getMessage())


class _SafeFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record, those of an exception included."""
        return printable.lines(super().format(record))


def guard_logs() -> None:
    """Keep logged text from acting on the terminal, whichever library logs it."""
    logging.setLogRecordFactory(_SafeRecord)
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_SafeFormatter())


def error(message: str) -> None:
    """Print one line to standard error."""
    _err.print(Text("error: ", style="bold red") + Text(one_line(" ".join(message.split()))))


def is_attended() -> bool:
    """Tell whether a person is at the terminal who can be asked something."""
    return sys.stdin.isatty() and _err.is_terminal


def show(*values: RenderableType) -> None:
    """Print tables and lines to standard output; no character of them acts on the terminal."""
    _out.print(*values)


def note(message: str) -> None:
    """Print a line to standard error, so that it is not mixed with results."""
    _err.print(one_line(message))


def say(message: str, style: str = "") -> None:
    """Print a line to standard output."""
    _out.print(Text(one_line(message), style=style))


def print_json(value: object) -> None:
    """Print one JSON document to standard output."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    _out.console.file.write(printable.json_escaped(text) + "\n")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a block's progress, bars on a terminal, a line for each step elsewhere; yield the function that shows it."""
    if not _err.is_terminal:
        with told(show := _log_progress()):
            yield show
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
    )
    with Progress(*columns, console=_err.console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        paces: dict[str, Pace] = {}

        def show(description: str, done: int, total: int) -> None:
            description = one_line(description)
            if description not in tasks:
                tasks[description] = bars.add_task(description, total=total or None, pace="")
            pace = _pace(paces, description, done, total)
            bars.update(tasks[description], completed=done, total=total or None, pace=pace)

        with told(show):
            yield show


def _log_progress() -> Callable[[str, int, int], None]:
    said: dict[str, float] = {}
    paces: dict[str, Pace] = {}

    def show(description: str, done: int, total: int) -> None:
        description = one_line(description)
        now = time.monotonic()
        pace = _pace(paces, description, done, total)
        if now - said.get(description, -LOG_SECONDS) >= LOG_SECONDS:
            said[description] = now
            share = f"{description}: {done * 100 // total} %" if total else description
            _err.print(f"{share}, {pace}" if pace else share)

    return show


def _pace(paces: dict[str, Pace], description: str, done: int, total: int) -> str:
    """Return in words how quickly a step proceeds; empty if it is not known yet."""
    found = paces.setdefault(description, Pace()).after(done, total)
    if found is None:
        return ""
    rate, left = found
    # Other steps count bytes or other things.
    each = f"{rate:,.{0 if rate >= 10 else 1}f} passages a second, " if description == EMBEDDING else ""
    return f"{each}{duration(left)} left"


def print_report(report: SyncReport, index_dir: Path) -> None:
    """Print what a sync did."""
    parts = ("added", "changed", "renamed", "removed", "unchanged")
    _out.print(", ".join(f"{getattr(report, part)} {part}" for part in parts))
    for file in report.skipped:
        _err.print(f"skipped {escaped(file.path)}: {one_line(file.reason)}")
    for note in report.notes:
        _err.print(f"{escaped(note.path)}: {one_line(note.text)}" if note.path else one_line(note.text))
    _out.print(f"{held(report.documents, report.chunks)} in {escaped(str(index_dir))} ({report.seconds:.1f} s)")


def print_hits(hits: Sequence[Hit]) -> None:
    """Print passages."""
    if not hits:
        _out.print("Nothing found.")
    for number, hit in enumerate(hits, start=1):
        _out.print(Text(f"{number}. {one_line(hit.title)}", style="bold"))
        _out.print(Text(f"   {escaped(hit.path)} [{hit.start}:{hit.end}]  score {hit.score:.3f}", style="dim"))
        if hit.also:
            _out.print(Text(f"   the same in {', '.join(map(escaped, hit.also))}", style="dim"))
        _out.print(f"   {' '.join(hit.text.split())}\n")


def print_stream(events: Iterator[Event]) -> Answer | None:
    """
    Print an answer as it comes: evidence and provisional text on a terminal's standard error, then the answer.

    Returns
    -------
    The answer; None if the events end without one.

    """
    answer = None
    for event in events:
        if isinstance(event, EvidenceReady) and _err.is_terminal:
            _err.print(Text(f"{len(event.evidence.sentences)} sentences of evidence; reading …", style="dim"))
        elif isinstance(event, Likely) and _err.is_terminal:
            _err.print(Text(f"{' '.join(event.sentence.text.split())} (likely; reading …)", style="dim italic"))
        elif isinstance(event, Delta) and _err.is_terminal:
            _err.print(Text(" ".join(event.text.split()), style="dim italic"))
        elif isinstance(event, Finished):
            answer = event.answer
            print_answer(answer)
    return answer


def print_answer(answer: Answer) -> None:
    """Print a checked answer in the form of its kind, with its citations and questions to ask next."""
    if is_talk(answer):
        _out.print(one_line(said(answer)))
        _print_following(answer)
        return
    german = answer.language == "de"
    if answer.standalone_question != answer.question:
        _out.print(Text(f"({one_line(answer.standalone_question)})", style="dim"))
    if answer.abstained:
        _out.print(Text(one_line(answer.text), style="bold"))
        nearest = sorted(answer.evidence, key=lambda sentence: -sentence.score)[:3]
        if nearest:
            _out.print("Am nächsten kommt:" if german else "The nearest sentences:")
        for near in nearest:
            _out.print(f"  {escaped(near.path)} [{near.start}:{near.end}] {' '.join(near.text.split())}")
        _print_silent(answer)
        _print_searched(answer)
        _print_unread(answer)
        _print_following(answer)
        return
    _print_sentences(answer)
    _print_silent(answer)
    _print_searched(answer)
    _print_is_in_another_language(answer)
    _out.print("")
    _print_citations(answer)
    _print_unread(answer)
    _print_following(answer)


def _print_sentences(answer: Answer) -> None:
    """Print the parts one below the other, each under its label, items of a list with a dash; then a translation."""
    shown = [sentence for sentence in answer.sentences if sentence.status != "withdrawn"]
    labelled = False
    for part in parts((sentence for sentence in shown if sentence.wording != "model"), answer.kind):
        # A date is printed before each of its events, any other label above what belongs to it.
        dated = bool(part.group) and answer.kind == "timeline"
        if part.group and not dated:
            _out.print(Text(one_line(part.group), style="bold"))
        elif labelled and not part.group:  # it does not belong to the part above
            _out.print()
        labelled = bool(part.group)
        sign = "- " if answer.kind in ITEMISED else ""
        for unit in part.units:
            lead = f"{sign}{one_line(part.group)}: " if dated else sign
            for sentence in unit:
                _out.print(Text(lead) + _shown(sentence))
                lead = " " * len(sign)
    label = "Maschinelle Übersetzung, nicht geprüft" if answer.language == "de" else "Machine translation, not checked"
    for sentence in shown:
        if sentence.wording == "model":
            _out.print(Text(f"{label}: {one_line(sentence.text)}", style="italic"))


def _print_citations(answer: Answer) -> None:
    """Print the quotes that support the sentences, and where they are."""
    for number, citation in enumerate(answer.citations, start=1):
        _out.print(f"[{number}] {one_line(citation.title)}")
        page = f", {'Seite' if answer.language == 'de' else 'page'} {citation.page}" if citation.page else ""
        page += f" ({escaped(citation.page_label)})" if citation.page_label else ""
        read = "von einer Maschine gelesen" if answer.language == "de" else "read by machine"
        place = f"{escaped(citation.path)} [{citation.start}:{citation.end}]{page}"
        _out.print(Text(f"    {place}{f', {read}' if citation.machine_read else ''}", style="dim"))
        if citation.also:
            also = "auch in" if answer.language == "de" else "also in"
            _out.print(Text(f"    {also} {', '.join(map(escaped, citation.also))}", style="dim"))
        _out.print(f"    „{' '.join(citation.quote.split())}“")


def _print_silent(answer: Answer) -> None:
    """Print what the sources do not answer: a question is introduced by words, a sentence says it itself."""
    silent = "Dazu enthalten die Quellen nichts:" if answer.language == "de" else "The sources are silent on:"
    for part in answer.unanswered:
        _out.print(f"{silent} {one_line(part)}" if part.endswith("?") else one_line(part))


def _print_searched(answer: Answer) -> None:
    """Print how many articles were searched, if the answer says so."""
    if answer.searched is None:
        return
    looked, there = answer.searched
    german = f"In {looked} von {there} Artikeln gesucht."
    _out.print(Text(german if answer.language == "de" else f"Looked in {looked} of {there} articles.", style="dim"))


def _print_is_in_another_language(answer: Answer) -> None:
    """Print that the sources are in another language than the question, if they are."""
    if is_in_another_language(answer):
        german = "Zitiert in der Sprache der Artikel."
        _out.print(Text(german if answer.language == "de" else "Quoted in the language of the articles.", style="dim"))


def _print_following(answer: Answer) -> None:
    """Print questions to ask next."""
    if answer.following:
        _out.print(Text("\nWeiterfragen:" if answer.language == "de" else "\nAsk next:", style="dim"))
    for question in answer.following:
        _out.print(Text(f"  {one_line(question)}", style="dim"))


def _print_unread(answer: Answer) -> None:
    """Print what was not read of the documents that an answer rests on, or might have rested on."""
    for path, missing in by_document(answer.unread).items():
        not_read = "Nicht gelesen in" if answer.language == "de" else "Not read in"
        _out.print(Text(one_line(f"{not_read} {path}: {listed(missing, answer.language)}"), style="yellow"))


def _shown(sentence: AnswerSentence) -> Text:
    """Return a sentence on one line, on a terminal with the words that answer in bold, followed by its citations."""
    # Replaced one for one: the emphasis counts characters, and the library leaves some of these out.
    text = Text(_BREAK.sub(" ", sentence.text))
    for start, end in sentence.emphasis:
        text.stylize("bold", start, end)
    marks = "".join(f"[{number + 1}]" for number in sentence.citations)
    return text.append(f" {marks}", style="dim")


def print_models(statuses: Sequence[ModelStatus]) -> None:
    """Print the catalogue and which of its models are here."""
    table = Table("model", "kind", "licence", "state", "vouched for by", "size")
    for status in statuses:
        verified = {True: "verified", False: "damaged", None: "here, not checked"}[status.verified]
        state = verified if status.present or status.verified is False else "not here"
        name = f"{status.name} (default)" if status.default else status.name
        vouched = {"catalogue": "the catalogue", "program": "this program", "record": "its record *"}.get(
            status.vouched, ""
        )
        table.add_row(name, status.kind, status.licence, state, vouched, f"{status.bytes_on_disk / 1e6:.0f} MB")
    _out.print(table)
    if any(status.vouched == "record" for status in statuses):
        _out.print("* made on this machine from files of the catalogue, and compared with the record written then.")
    for status in statuses:
        _out.print(one_line(f"{status.name}: {status.source}"))
    for status in statuses:
        if status.problem:
            _err.print(one_line(f"{status.name}: {status.problem}"))


def model_json(status: ModelStatus) -> dict[str, Any]:
    """Return the object that `rag models --json` prints for a model."""
    return {
        "name": status.name,
        "kind": status.kind,
        "licence": status.licence,
        "source": status.source,
        "default": status.default,
        "present": status.present,
        "verified": status.verified,
        "vouched": status.vouched,
        "bytes": status.bytes_on_disk,
        "path": str(status.path),
        "problem": status.problem,
    }


def print_findings(findings: Sequence[Finding]) -> None:
    """Print what `rag doctor` found."""
    signs = {"fine": ("ok", "green"), "note": ("note", "yellow"), "broken": ("fix", "red")}
    for finding in findings:
        sign, colour = signs[finding.level]
        _out.print(Text(f"{sign:5}", style=colour) + Text(one_line(f"{finding.subject}: {finding.message}")))
