"""The end of a command's process: output is printed, exit handlers run, and threads that load weights finish."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CODE = """
import atexit, sys, threading, time
from rag.cli import entry
atexit.register(print, "registered")
class Slow:
    def __del__(self): print("taken apart")
kept = Slow()
threading.Thread(target=lambda: (time.sleep(0.3), print("loaded"))).start()
def main():
    print("answer")
    sys.exit({code})
entry.main = main
sys.argv = ["rag", {command!r}]
entry.command()
"""


def ended(command: str, code: object) -> tuple[int, list[str], str]:
    run = subprocess.run(
        [sys.executable, "-c", CODE.format(command=command, code=code)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    return run.returncode, run.stdout.splitlines(), run.stderr


@pytest.mark.parametrize("code", [0, 1, 2, None])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_ends_without_taking_the_models_apart(command: str, code: int | None) -> None:
    assert ended(command, code) == (code or 0, ["answer", "loaded", "registered"], "")


def test_other_commands_end_as_any_program() -> None:
    assert ended("index", 1) == (1, ["answer", "loaded", "registered", "taken apart"], "")
    code, out, err = ended("ask", "'a text'")
    assert (code, out[0], err) == (1, "answer", "a text\n")
