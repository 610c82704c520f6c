"""`llm`, LangChain and LlamaIndex against the running app, from another environment; see `bench/clients/run.py`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import served
from ui.server.credentials import Credentials

SCRIPT = Path(__file__).parents[4] / "bench" / "clients" / "run.py"
PYTHON = os.environ.get("QUELLENTREU_CLIENTS", "")
PASSWORD = "Nur-fuer-Leser"


@pytest.mark.skipif(not PYTHON, reason="QUELLENTREU_CLIENTS names no Python with other clients")
def test_other_clients(corpus: Path, tmp_path: Path) -> None:
    engine = ScriptedEngine("4 Milliarden Yuan", confirms=lambda page: "Everest" not in page)
    rag = synced(corpus, tmp_path / "index", engine)
    with served(rag, credentials=Credentials.of("leser", PASSWORD)) as url:
        command = [PYTHON, SCRIPT, url, "--key", PASSWORD, "--question", "Wie viele Yuan will Cambricon aufnehmen?"]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    print(run.stdout, run.stderr)
    assert run.returncode == 0
    assert "FAILED" not in run.stdout
    assert any(line.partition(": ")[2] != "not installed" for line in run.stdout.splitlines())
