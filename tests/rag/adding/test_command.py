"""`rag add` in the shell: exit codes, one-line errors, JSON, and messages if the network should not be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.rag.adding.hosts import Host, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

ROOT = Path(__file__).parents[3]


def rag(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from rag.cli.main import main; main()", "add", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120, env={**os.environ, **variables}
    )


def test_pages_are_added_and_refusals_said(host: Host, folder: Path) -> None:
    host.answers["/a"] = page()
    run = rag(host.url("/a"), host.url("/none"), "--corpus", str(folder), "--allow-private", HF_HUB_OFFLINE="1")
    assert run.returncode == 1
    assert run.stdout.splitlines() == ["added 127.0.0.1/a.html", "1 added, 0 updated, 0 unchanged, 1 refused."]
    assert "HF_HUB_OFFLINE is set" in run.stderr
    assert f"refused {host.url('/none')}: is not there (404)." in run.stderr
    again = rag(host.url("/a"), "--corpus", str(folder), "--allow-private", "--json", HF_HUB_OFFLINE="0")
    assert (again.returncode, again.stderr) == (0, "")
    assert [one["status"] for one in json.loads(again.stdout)] == ["unchanged"]


def test_this_machine_is_not_asked_unless_it_is_allowed(host: Host, folder: Path) -> None:
    host.answers["/a"] = page()
    run = rag(host.url("/a"), "--corpus", str(folder))
    assert run.returncode == 1
    assert "--allow-private" in run.stderr
    assert host.asked == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ftp://example.org/",),
        ("example.org",),
        ("http://example.org/", "--limit", "0"),
        ("http://example.org/", "--limit", "9999"),
        ("http://example.org/", "--corpus", "/nonexistent"),
        tuple(f"http://example.org/{number}" for number in range(101)),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    within: Callable[..., SimpleNamespace], arguments: tuple[str, ...]
) -> None:
    run = within("add", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error: ")
    assert len(run.stderr.strip().splitlines()) == 1
