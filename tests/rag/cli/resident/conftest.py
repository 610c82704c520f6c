"""Fixtures: a folder for sockets, and a folder with articles."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from rag.cli import main
from rag.cli.resident import server
from tests.rag.cli.resident.homes import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def runtime() -> Iterator[str]:
    """Yield a folder with a short path, because the path of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield folder


@pytest.fixture
def home(tmp_path: Path, runtime: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    monkeypatch.delenv("RAG_SERVE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(server, "_TICK_SECONDS", 0.02)
    monkeypatch.setattr(main.app, "registered_commands", [*main.app.registered_commands])
    monkeypatch.setattr(main.app, "registered_groups", [*main.app.registered_groups])
    home = Home(tmp_path)
    monkeypatch.setattr("rag.client.RAG", lambda settings: home.open())
    return home
