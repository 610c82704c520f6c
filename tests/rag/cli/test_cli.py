"""Conventions of the shell: exit codes, one-line errors, and only JSON on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from index.syncing import sync as sync_module
from index.syncing.sync import SyncReport
from rag.cli import main as cli

ROOT = Path(__file__).parents[3]


def rag(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from rag.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=120)


def test_help_names_every_command() -> None:
    run = rag("--help")
    assert run.returncode == 0
    for command in ("index", "search", "ask", "eval", "compare", "models", "doctor", "ui"):
        assert command in run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "Wer?", "--where", "nonsense"),
        ("ask", "Wer?", "--since", "gestern"),
        ("eval", "none.jsonl"),
        ("eval", "corpus/questions.jsonl", "--min", "nonsense=1"),
        ("eval", "corpus/questions.jsonl", "--min", "recall@1"),
        ("eval", "corpus/questions.jsonl", "--format", "xml"),
        ("eval", "corpus/questions.jsonl", "--baseline", "none.json"),
        ("eval", "corpus/questions.jsonl", "--update-baseline"),
        ("eval", "corpus/questions.jsonl", "--baseline", "none/b.json", "--update-baseline"),
        ("eval", "x" * 300),
        ("eval", "corpus"),
        ("eval",),
        ("eval", "--support", "none.jsonl"),
        ("eval", "convert", "none.jsonl", "/nonexistent/set.jsonl"),
        ("search", "Wer?", "--jsn"),
        ("ask", "--jsn", "Wer?"),
        ("search", "Wer?", "-x"),
        ("search", "Wer?", "-k", "viele"),
        ("search", "-21 Grad", "noch eines"),
        ("ask", "Wer ist \udc80?", "--json"),
        ("nonsense",),
        ("compare", "none.json", "none.json"),
        ("compare", "corpus/questions.jsonl", "corpus/questions.jsonl"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    within: Callable[..., SimpleNamespace], arguments: tuple[str, ...]
) -> None:
    assert_one_line(within(*arguments))


@pytest.mark.parametrize("arguments", [("ask", "Wer ist \udc80?"), ("search", "\udc80"), ("search", "Wer?", "--jsn")])
def test_so_it_is_in_a_process_of_its_own(arguments: tuple[str, ...]) -> None:
    assert_one_line(rag(*arguments))


def assert_one_line(run: SimpleNamespace | subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("error: ")
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in run.stderr


@pytest.mark.models
@pytest.mark.parametrize("question", ["", "   ", "?!", "x" * 10_000, "寒武纪想筹集多少资金?"])
def test_questions_that_cannot_be_asked(within: Callable[..., SimpleNamespace], question: str, tmp_path: Path) -> None:
    assert_one_line(within("ask", question, "--index", str(tmp_path / "index")))


@pytest.mark.models
def test_missing_and_empty_corpora(within: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    missing = within("index", str(tmp_path / "none"), "--index", str(tmp_path / "index"))
    (tmp_path / "empty").mkdir()
    empty = within("index", str(tmp_path / "empty"), "--index", str(tmp_path / "index"), "--json")
    search = within("search", "Turm", "--index", str(tmp_path / "index"), "--json")
    assert missing.returncode == 2
    assert len(missing.stderr.strip().splitlines()) == 1
    assert (empty.returncode, json.loads(empty.stdout)["documents"]) == (0, 0)
    assert (search.returncode, json.loads(search.stdout)) == (0, [])


def test_a_missing_model_names_the_command_that_brings_it() -> None:
    command = [sys.executable, "-c", "from rag.cli.main import main; main()", "ask", "Wer ist das?"]
    environment = {"PATH": "/usr/bin:/bin", "RAG_EMBEDDING_MODEL": "no-such-model", "HOME": "/nonexistent"}
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=120)
    assert run.returncode == 2
    assert "no-such-model" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "parsed"),
    [
        (["-21 Grad in Auheim"], ("-21 Grad in Auheim", 5, False)),
        (["-21 Grad in Auheim", "--json", "-k", "3"], ("-21 Grad in Auheim", 3, True)),
        (["--json", "-k3", "-21"], ("-21", 3, True)),
        (["-kalte Nächte?", "--json"], ("-kalte Nächte?", 5, True)),
        (["-- und in Auheim?", "--json"], ("-- und in Auheim?", 5, True)),
        (["--wie=was für Wetter?"], ("--wie=was für Wetter?", 5, False)),
        (["--json", "--", "--json"], ("--json", 5, True)),
        (["-°C", "--since", "2024-01-01"], ("-°C", 5, False)),
        (["--where", "source=a b", "--where=source=-a b", "Wer?"], ("Wer?", 5, False)),
    ],
)
def test_a_question_may_begin_with_a_minus(
    arguments: list[str], parsed: tuple[str, int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int, bool]] = []
    found = SimpleNamespace(search=lambda query, **options: asked.append((query, options["k"], False)) or [])
    monkeypatch.setattr(cli, "_rag", lambda corpus, index: found)
    monkeypatch.setattr(cli.console, "print_json", lambda value: asked.append((*asked.pop()[:2], True)))
    cli.app(["search", *arguments], standalone_mode=False)
    assert asked == [parsed]


@pytest.mark.parametrize(
    ("arguments", "attended", "answer", "emptied", "asked"),
    [
        ([], True, False, None, True),
        ([], True, True, True, True),
        (["--yes"], True, False, True, False),
        (["--yes"], False, False, True, False),
        ([], False, False, False, False),
    ],
)
def test_whoever_sits_there_is_asked_before_an_emptied_folder_empties_the_index(
    arguments: list[str],
    attended: bool,
    answer: bool,
    emptied: bool | None,
    asked: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done: list[bool] = []
    questions: list[str] = []
    report = SyncReport(0, 0, 0, 214, 0, (), 0, 0, 0.1)
    found = SimpleNamespace(
        sync=lambda *, rebuild, empty: done.append(empty) or report,
        settings=SimpleNamespace(corpus=Path("artikel"), index=Path(".rag"), reading=SimpleNamespace(options=None)),
    )
    monkeypatch.setattr(cli, "_rag", lambda corpus, index: found)
    monkeypatch.setattr(sync_module, "emptied", lambda *_: 214)
    monkeypatch.setattr(cli.console, "is_attended", lambda: attended)
    monkeypatch.setattr(cli.typer, "confirm", lambda text, **_: questions.append(text) or answer)
    with suppress(typer.Exit):
        code = cli.app(["index", *arguments], standalone_mode=False)
        assert code == (1 if emptied is None else None)
    assert (done, bool(questions)) == ([] if emptied is None else [emptied], asked)
    assert all("All 214 articles are gone from artikel." in text for text in questions)
    if emptied is None:
        assert "--yes" in capsys.readouterr().err
