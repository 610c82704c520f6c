"""The shell's manners: exit codes, one-line errors, nothing but JSON on standard output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def rag(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from rag.cli import main; main()", *arguments]
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
        ("compare", "none.json", "none.json"),
        ("compare", "corpus/questions.jsonl", "corpus/questions.jsonl"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    run = rag(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("error: ")
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in run.stderr


@pytest.mark.models
@pytest.mark.parametrize("question", ["", "   ", "?!", "x" * 10_000, "寒武纪想筹集多少资金?"])
def test_questions_that_cannot_be_asked(question: str, tmp_path: Path) -> None:
    run = rag("ask", question, "--index", str(tmp_path / "index"))
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1


@pytest.mark.models
def test_missing_and_empty_corpora(tmp_path: Path) -> None:
    missing = rag("index", str(tmp_path / "none"), "--index", str(tmp_path / "index"))
    (tmp_path / "empty").mkdir()
    empty = rag("index", str(tmp_path / "empty"), "--index", str(tmp_path / "index"))
    for run in (missing, empty):
        assert run.returncode == 2
        assert len(run.stderr.strip().splitlines()) == 1


def test_a_missing_model_names_the_command_that_brings_it() -> None:
    command = [sys.executable, "-c", "from rag.cli import main; main()", "ask", "Wer ist das?"]
    environment = {"PATH": "/usr/bin:/bin", "RAG_EMBEDDING_MODEL": "no-such-model", "HOME": "/nonexistent"}
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=120)
    assert run.returncode == 2
    assert "no-such-model" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
