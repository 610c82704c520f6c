"""Names, titles and texts of files cannot affect the terminal that they are printed in; JSON is exact."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.printable import lines
from index.progress import Pace, tell
from index.syncing.sync import Note, Skipped, SyncReport
from rag.cli import console, evaluation_tables
from rag.cli import main as cli
from rag.cli.doctor import Finding
from rag.cli.safe_console import SafeConsole
from rag.evaluation.comparing import Change, Comparison
from rag.evaluation.types import Evaluation, Outcome
from rag.inference.weights import ModelStatus
from rag.types import Answer, AnswerSentence, Citation, Delta, EvidenceSentence, Finished, Hit, Timings
from tests.rag.building import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag import RAG

ROOT = Path(__file__).parents[3]
# Sets the title, clears the screen, writes to the clipboard, starts a new line and reverses the text direction.
HOSTILE = "\x1b]0;PWNED\x07\x1b[2J\x1b]52;c;cHduZWQ=\x07\x9b2J\r\nerror: \u202egnihtemos\u2066\U000e0041 :bomb: [red]x[/red] \udc80"
# What the library itself writes: styles, and cursor movements back over a progress bar.
OWN = re.compile(r"\x1b\[[\d;]*m|\x1b\[\?25[lh]|\x1b\[1A|\x1b\[2K|\r(?=\x1b|$)")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    for name in ("_out", "_err"):
        own = SafeConsole(
            file=stream, force_terminal=True, width=200, highlight=False, markup=False, emoji=False, soft_wrap=True
        )
        monkeypatch.setattr(console, name, own)
    return stream


def printed(terminal: Terminal) -> str:
    text = OWN.sub("", terminal.getvalue())
    terminal.seek(0)
    terminal.truncate()
    return text


def answer(text: str, **changes: Any) -> Answer:
    sentence = AnswerSentence(text, 1.0, "kept", (0,), emphasis=((0, 5),))
    translated = AnswerSentence(text, 0.0, "marked", wording="model")
    citation = Citation(text, 0, 5, text, text, "sha")
    found = EvidenceSentence(text, 0, 5, text, text, 0.5)
    whole = Answer(
        text, f"{text}?", text, False, True, "de", (sentence, translated), (citation,), (found,), Timings(1, 1, 1)
    )
    return replace(whole, **{"unanswered": (text,), "following": (text,), **changes})


def grouped(text: str, kind: Any) -> Answer:
    whole = answer(text)
    return replace(whole, kind=kind, sentences=tuple(replace(one, group=text) for one in whole.sentences))


def everything(text: str) -> dict[str, Callable[[], object]]:
    hit = Hit(0, text, 0, 5, text, text, 0.5)
    report = SyncReport(1, 0, 0, 0, 0, (Skipped(text, text),), 1, 1, 0.1, (Note(text, text),))
    outcome = Outcome(text, text, True, (text,), answer=text, cause="wrong_answer")
    evaluation = Evaluation(text, "native", 1, {"recall@1": 0.5}, {}, {}, {}, (outcome,))
    change = Change(text, text, text, text, "", "wrong_answer")
    comparison = Comparison(text, text, 1, (), (change,), (change,), (text,))
    status = ModelStatus(
        text,
        "llm",
        text,
        text,
        default=True,
        present=True,
        verified=True,
        bytes_on_disk=1,
        path=Path("x"),
        problem=text,
    )
    return {
        "error": lambda: console.error(text),
        "note": lambda: console.note(text),
        "report": lambda: console.print_report(report, Path(text.replace("\0", ""))),
        "hits": lambda: console.print_hits([hit]),
        "answer": lambda: console.print_answer(answer(text)),
        "timeline": lambda: console.print_answer(grouped(text, "timeline")),
        "comparison of sides": lambda: console.print_answer(grouped(text, "comparison")),
        "talk": lambda: console.print_answer(answer(text, kind="talk")),
        "abstention": lambda: console.print_answer(answer(text, abstained=True)),
        "stream": lambda: console.print_stream(iter([Delta(text), Finished(answer(text))])),
        "evaluation": lambda: evaluation_tables.print_evaluation(evaluation),
        "comparison": lambda: evaluation_tables.print_comparison(comparison),
        "models": lambda: console.print_models([status]),
        "findings": lambda: console.print_findings([Finding(text, "note", text)]),
    }


@pytest.mark.parametrize("name", everything("x"))
def test_nothing_acts_on_the_terminal(terminal: Terminal, name: str) -> None:
    everything(HOSTILE)[name]()
    shown = printed(terminal)
    assert "PWNED" in shown
    assert shown == lines(shown)
    assert not any(line.strip().startswith("error: \\u202e") for line in shown.splitlines())
    # Names of emojis and styles are printed literally.
    assert ":bomb: [red]x[/red]" in " ".join(shown.split())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(text=st.text(st.characters(codec=None), min_size=1))
def test_no_text_acts_on_the_terminal(terminal: Terminal, text: str) -> None:
    for show in everything(text).values():
        show()
        shown = printed(terminal)
        assert shown == lines(shown)


def test_progress_is_bars_and_names_that_do_nothing(terminal: Terminal) -> None:
    with console.progress():
        tell(HOSTILE, 1, 2)
        tell(HOSTILE, 2, 2)
    shown = OWN.sub("", terminal.getvalue())
    assert "PWNED" in shown
    assert shown.replace("\r", "") == lines(shown.replace("\r", ""))


def test_progress_in_a_log_does_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(console, "_err", SafeConsole(file=stream, emoji=False, markup=False, soft_wrap=True))
    with console.progress():
        tell(HOSTILE, 1, 2)
    assert stream.getvalue() == lines(stream.getvalue())
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("attended", [False, True])
def test_progress_says_how_quickly_it_goes_on_and_how_long_it_takes(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, attended: bool
) -> None:
    now = 0.0
    monkeypatch.setattr(console, "Pace", lambda: Pace(lambda: now))
    monkeypatch.setattr(console, "LOG_SECONDS", 0.0)
    stream = io.StringIO()
    if not attended:
        monkeypatch.setattr(console, "_err", SafeConsole(file=stream, emoji=False, markup=False, soft_wrap=True))
    with console.progress():
        for done in (0, 50, 100):
            now = done / 10
            tell("embedding", done, 1000)
            tell("fetching", done, 1000)
    shown = terminal.getvalue() if attended else stream.getvalue()
    assert "10 passages a second, 2 min left" in shown
    assert shown.count("passages") < shown.count("2 min left")


def test_emphasis_stands_on_its_words_beside_signs_that_are_left_out(terminal: Terminal) -> None:
    sentence = AnswerSentence("Es sind\r\n49 Euro.", 1.0, "kept", (), emphasis=((9, 16),))
    console._out.print(console._shown(sentence))
    assert "\x1b[1m49 Euro\x1b[0m" in terminal.getvalue()


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    given_ = answer(HOSTILE).to_json()
    console.print_json(given_)
    written = capsys.readouterr().out
    assert written == lines(written)
    assert json.loads(written) == given_


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = 'title: "\\e]0;PWNED\\a\\e[2J"\nsource: S\n---\n\nDer Chip\x1b[2J kostet\u202e 49 Euro.\n'
    (folder / "a\x1b[2J\nb.md").write_text(f"---\n{text}", encoding="utf-8")
    (folder / "leer\x1b[2J.md").write_text("", encoding="utf-8")
    made = build(folder, tmp_path / "index", "49 Euro")
    monkeypatch.setattr(cli, "_rag", lambda corpus, index: made)
    return made


@pytest.mark.parametrize("command", [["index"], ["search", "Chip"], ["ask", "Was kostet der Chip?"]])
def test_commands_print_nothing_of_a_file_that_acts(
    rag: RAG, command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    rag.sync()
    cli.app(command, standalone_mode=False)
    output = capfd.readouterr()
    for text in (output.out, output.err):
        assert text == lines(text)
    assert r"\x1b[2J" in output.out + output.err
    if command == ["index"]:
        assert output.err.startswith(r"skipped leer\x1b[2J.md: empty file.")
    cli.app([*command, "--json"], standalone_mode=False)
    written = capfd.readouterr().out
    assert written == lines(written)
    found = json.loads(written)
    if command[0] == "search":
        assert found[0]["path"] == "a\x1b[2J\nb.md"
        assert found[0]["text"].startswith("Der Chip\x1b[2J kostet\u202e")


def test_what_is_logged_does_nothing_to_the_terminal() -> None:
    code = (
        "import logging; from rag.cli import console; console.guard_logs(); log = logging.getLogger('x')\n"
        "log.warning('a %s', '\\x1b[2J\\x9b')\n"
        "try: raise ValueError('\\x1b]0;x\\x07')\n"
        "except ValueError: log.exception('b\\x1b[2J')\n"
        "logging.basicConfig(force=True); log.warning('c\\x1b[2J')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stderr == lines(run.stderr)
    assert run.stderr.count(r"\x1b[2J") == 3
    assert r"ValueError: \x1b]0;x\x07" in run.stderr


def kind_of_answer(kind: Any, *sentences: AnswerSentence, language: str = "de", **changes: Any) -> Answer:
    citations = tuple(Citation("a.md", at, at + 1, f"Stelle {at}", "Titel", "sha") for at in range(len(sentences)))
    numbered = tuple(
        replace(sentence, citations=() if sentence.wording == "app" else (at,)) for at, sentence in enumerate(sentences)
    )
    whole = Answer("Frage?", "Frage?", "Text.", False, True, language, numbered, citations, (), Timings(1, 1, 1))
    return replace(whole, kind=kind, **changes)


def said(text: str, group: str = "", **changes: Any) -> AnswerSentence:
    return replace(AnswerSentence(text, 1.0, "kept", group=group), **changes)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("list", ["- Eins. [1][4]", "- Zwei. [2]", "- Drei. [3]"]),
        ("comparison", ["A", "- Eins. [1]", "- Drei. [3]", "B", "- Zwei. [2]"]),
        ("summary", ["A", "- Eins. [1]", "- Drei. [3]", "B", "- Zwei. [2]"]),
        ("timeline", ["- A: Eins. [1]", "- A: Drei. [3]", "- B: Zwei. [2]"]),
        ("fact", ["Eins. [1]", "Zwei. [2]", "Drei. [3]"]),
    ],
)
def test_each_kind_has_its_form_in_the_shell(terminal: Terminal, kind: str, expected: list[str]) -> None:
    groups = ("", "", "") if kind in ("list", "fact") else ("A", "B", "A")
    sentences = [said(text, group) for text, group in zip(("Eins.", "Zwei.", "Drei."), groups, strict=True)]
    if kind == "list":
        sentences.append(said("eins"))
    sentences.append(said("Gestrichen.", status="withdrawn"))
    console.print_answer(kind_of_answer(kind, *sentences, searched=(3, 5), following=("Und dann?",)))
    shown = printed(terminal).splitlines()
    assert shown[: len(expected)] == expected
    assert shown[len(expected) : len(expected) + 2] == ["In 3 von 5 Artikeln gesucht.", ""]
    assert shown[-2:] == ["Weiterfragen:", "  Und dann?"]
    assert "Gestrichen." not in "".join(shown)


@pytest.mark.parametrize(
    ("language", "quote", "changes", "told"),
    [
        ("en", "Die Werft baut seit dem Mai keine Fähren mehr.", {}, "Quoted in the language of the articles."),
        ("de", "The yard has not built any ferries since May.", {}, "Zitiert in der Sprache der Artikel."),
        ("en", "The yard has not built any ferries since May.", {}, ""),
        ("en", "Siemens, 4711", {}, ""),
        ("en", "Die Werft baut seit dem Mai keine Fähren mehr.", {"abstained": True}, ""),
    ],
)
def test_that_the_sources_are_in_another_language_is_said(
    terminal: Terminal, language: str, quote: str, changes: dict[str, Any], told: str
) -> None:
    cited = Citation("a.md", 0, len(quote), quote, "Titel", "sha")
    shown = said(quote)
    console.print_answer(kind_of_answer("fact", shown, language=language, citations=(cited,), **changes))
    assert [line for line in printed(terminal).splitlines() if "Quoted" in line or "Zitiert" in line] == [told] * bool(
        told
    )
    translated = said("Translated.", status="marked", wording="model")
    console.print_answer(kind_of_answer("fact", shown, translated, language=language, citations=(cited, cited)))
    assert "Quoted in" not in printed(terminal)


def test_context_stands_above_its_item_in_the_shell(terminal: Terminal) -> None:
    lead = said("Die Firma …", role="context")
    console.print_answer(kind_of_answer("timeline", lead, said("Sie baut.", "2025-07"), language="en"))
    assert printed(terminal).splitlines()[:2] == ["- 2025-07: Die Firma … [1]", "  Sie baut. [2]"]


@pytest.mark.parametrize("abstained", [True, False])
def test_a_talk_is_one_line_in_the_shell(terminal: Terminal, abstained: bool) -> None:
    hello = said("Gern\ngeschehen!", wording="app")
    console.print_answer(kind_of_answer("talk", hello, abstained=abstained, citations=(), following=("Wer?",)))
    assert printed(terminal) == "Gern geschehen!\n\nWeiterfragen:\n  Wer?\n"
    console.print_answer(kind_of_answer("other", abstained=abstained, text="Das kann ich nicht."))
    assert printed(terminal) == "Das kann ich nicht.\n"


@pytest.mark.parametrize("abstained", [False, True])
def test_a_side_that_no_article_names_is_said_in_a_sentence(terminal: Terminal, *, abstained: bool) -> None:
    silent = ("Über AMD steht nichts.", "Wann ruht der Teig?")
    console.print_answer(answer("Es liegt dort.", unanswered=silent, abstained=abstained))
    lines = printed(terminal).splitlines()
    assert "Über AMD steht nichts." in lines
    assert "Dazu enthalten die Quellen nichts: Wann ruht der Teig?" in lines
