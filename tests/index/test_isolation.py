"""The reading process: what it survives, and what its end is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.extraction import isolation
from index.extraction.isolation import Reader, RememberingReader
from index.extraction.types import ExtractionError
from tests.files import article, lines, make_docx, make_html, make_pdf, needs_files

pytestmark = needs_files

SCRIPT = """
import sys, time
header = sys.stdin.buffer.readline()
{action}
"""


def start_as(action: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(action=action)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_one_process_reads_file_after_file() -> None:
    with Reader() as reader:
        assert reader.extract(make_html("<p>Eins</p>"), "html").text == "Eins\n"
        process = reader._process
        assert process is not None
        with pytest.raises(ExtractionError, match="damaged"):
            reader.extract(b"PK\x03\x04", "docx")
        assert reader.extract(make_docx(article), "docx").text.startswith("# Bericht")
        found = reader.extract(make_pdf([lines("Auf Seite eins steht das."), lines("Auf Seite zwei jenes.")]), "pdf")
        assert found.pages == (0, 27)
        assert reader._process is process
    assert process.returncode is not None


@pytest.mark.parametrize(
    ("action", "reason"),
    [("time.sleep(60)", "too long"), ("sys.exit(3)", "broke off"), ("import os; os.abort()", "broke off")],
    ids=["hangs", "ends", "crashes"],
)
def test_a_reader_that_fails_is_replaced(monkeypatch: pytest.MonkeyPatch, action: str, reason: str) -> None:
    with Reader(seconds=1.5 if "sleep" in action else 60) as reader:
        with monkeypatch.context() as patch:
            patch.setattr(isolation, "_start", lambda: start_as(action))
            with pytest.raises(ExtractionError, match=reason):
                reader.extract(b"x" * 1_000_000, "html")
        assert reader._process is None
        reader._seconds = 60
        assert reader.extract(make_html("<p>Eins</p>"), "html").text == "Eins\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_passwords_of_the_environment_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_API_KEY", "geheim")
    monkeypatch.setenv("LC_TIME", "C")
    with Reader() as reader:
        reader.extract(make_html("<p>Eins</p>"), "html")
        assert reader._process is not None
        seen = Path(f"/proc/{reader._process.pid}/environ").read_bytes().split(b"\0")
    assert b"LC_TIME=C" in seen
    assert not [entry for entry in seen if entry.startswith(b"RAG_") or b"geheim" in entry]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory hold on Linux")
def test_memory_is_bounded() -> None:
    code = (
        "from index.extraction import worker\n"
        "worker.extract = lambda data, kind: bytearray(worker.MEMORY_BYTES)\n"
        "worker._bound()\nprint(worker.answer(b'', 'pdf')['reason'])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert run.stdout.startswith("too large")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    action = (
        "from index.extraction import worker\nworker.PROCESSOR_SECONDS = 0\nworker._allow_time()\nwhile True: pass\n"
    )
    monkeypatch.setattr(isolation, "_start", lambda: start_as(action))
    with Reader() as reader, pytest.raises(ExtractionError, match="too long") as caught:
        reader.extract(b"x", "html")
    assert caught.value.kind == "too_long"


def test_what_a_killed_process_could_not_read_is_not_held_against_the_file() -> None:
    data = make_pdf([lines("Auf Seite eins steht das.")])
    with RememberingReader({}) as reader:
        reader.extract(make_html("<p>Eins</p>"), "html")
        assert reader._process is not None
        reader._process.kill()
        with pytest.raises(ExtractionError, match="broke off"):
            reader.extract(data, "pdf")
        assert reader.refused == {}
        assert "Seite eins" in reader.extract(data, "pdf").text
