"""`rag users` and `rag tokens`."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from index.errors import RagError
from tests.ui.people.making import quick_hashes
from ui.command import ui
from ui.people.command import tokens, users
from ui.people.file import PeopleFile
from ui.people.passwords import fits

ROOT = Path(__file__).parents[3]
PASSWORD = "ein langes Passwort"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quick_hashes(monkeypatch)
    monkeypatch.setenv("RAG_USERS", str(tmp_path / "users.json"))


def run(group: Any, *given: str, said: str = "", wrong: str = "") -> str:
    result = CliRunner().invoke(group, given, input=said)
    if wrong:
        assert isinstance(result.exception, RagError), result.output
        assert wrong in str(result.exception)
        assert "\n" not in str(result.exception)
    else:
        assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_users_come_and_go(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "users.json")
    run(users, "add", "anna", "--role", "editor", said=f"{PASSWORD}\n")
    run(users, "add", "bert", "--no-password")
    assert run(users, "list").splitlines() == ["anna\teditor\tpassword", "bert\treader\tproxy"]
    run(users, "password", "anna", said="ein anderes Passwort\n")
    assert fits("ein anderes Passwort", file.read().the_user("anna").hash)
    secret = run(tokens, "add", "bot", "--user", "anna", "--role", "editor", "--days", "3").strip()
    alone = run(tokens, "add", "alone").strip()
    shown = run(tokens, "list")
    assert secret not in shown
    identifiers = [line.split("\t")[0] for line in shown.splitlines()]
    run(tokens, "revoke", identifiers[1])
    run(users, "remove", "anna")
    assert run(tokens, "list") == ""
    audit = tmp_path / "users.json.audit.jsonl"
    lines = [json.loads(line) for line in audit.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == [
        *("user added", "user added", "password changed", "token added", "token added", "token revoked", "user removed")
    ]
    assert {line["by"] for line in lines} == {"shell"}
    for kept in (audit, file.path):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert not any(word in kept.read_text("utf-8") for word in (PASSWORD, secret, alone))


def test_what_cannot_be_done_is_said_in_one_line_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(users, "list", wrong="no users file")
    run(users, "add", "a:b", said=f"{PASSWORD}\n", wrong="no colon")
    run(users, "add", "anna", "--role", "king", said=f"{PASSWORD}\n", wrong="reader or editor")
    run(users, "add", "anna", said="kurz\n", wrong="10 to 1000")
    run(users, "add", "anna", said="", wrong="10 to 1000")
    assert not (tmp_path / "users.json").exists()
    run(users, "add", "anna", said=f"{PASSWORD}\n")
    run(users, "add", "anna", said=f"{PASSWORD}\n", wrong="already")
    run(users, "remove", "bert", wrong="no user")
    run(users, "password", "bert", said=f"{PASSWORD}\n", wrong="no user")
    run(tokens, "add", "bot", "--user", "bert", wrong="no user")
    run(tokens, "add", "bot", "--user", "anna", "--role", "editor", wrong="cannot be an editor's")
    run(tokens, "revoke", "abc", wrong="no token")
    assert len((tmp_path / "users.json.audit.jsonl").read_text("utf-8").splitlines()) == 1
    monkeypatch.delenv("RAG_USERS")
    run(users, "list", wrong="RAG_USERS")


MAIN = """
import sys
from importlib.metadata import EntryPoint
from rag.cli import main
points = [EntryPoint(name, f"ui.people.command:{name}", "rag.commands") for name in ("users", "tokens")]
main.entry_points = lambda group: points if group == "rag.commands" else []
sys.argv = ["rag", *sys.argv[1:]]
main.main()
"""


def test_both_are_commands_of_rag(tmp_path: Path) -> None:
    def rag(*given: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", MAIN, *given, "--users", str(tmp_path / "users.json")]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, input="")

    assert rag("tokens", "add", "bot").stdout.startswith("qt_")
    refused = rag("users", "remove", "anna")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)


def test_no_password_is_taken_as_an_argument() -> None:
    assert CliRunner().invoke(users, ["add", "anna", PASSWORD]).exit_code == 2
    assert CliRunner().invoke(users, ["password", "anna", "--password", PASSWORD]).exit_code == 2


def test_nothing_is_changed_that_cannot_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "users.json.audit.jsonl").mkdir()
    run(users, "add", "anna", said=f"{PASSWORD}\n", wrong="audit")
    assert not (tmp_path / "users.json").exists()


@pytest.mark.parametrize(
    ("given", "password", "wrong"),
    [
        ((), PASSWORD, "takes only one of them"),
        (("--ask-password",), "", "takes only one of them"),
        (("--user-header", "X-User"), "", "--forwarded-from"),
        (("--user-header", "Cookie", "--forwarded-from", "127.0.0.1"), "", "cannot be a header"),
        (("--user-header", "a b", "--forwarded-from", "127.0.0.1"), "", "cannot be a header"),
    ],
)
def test_the_app_refuses_what_does_not_go_together(
    monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], password: str, wrong: str
) -> None:
    run(users, "add", "anna", said=f"{PASSWORD}\n")
    monkeypatch.setenv("RAG_UI_PASSWORD", password)
    command = typer.Typer()
    command.command()(ui)
    assert run(command, *given, wrong=wrong) == ""


def test_a_header_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_USERS")
    command = typer.Typer()
    command.command()(ui)
    run(command, "--user-header", "X-User", "--forwarded-from", "127.0.0.1", wrong="--users FILE")
    monkeypatch.setenv("RAG_USERS", "/nowhere/users.json")
    assert run(command, wrong="no users file") == ""
