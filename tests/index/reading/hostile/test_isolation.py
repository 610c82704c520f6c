"""The reading process: which files it survives, and how its failures are reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from index.reading.extraction.process import isolation, pool, unreadable
from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.process.limits import CORPUS, UPLOADS, Limits, Share
from index.reading.extraction.process.pool import Pool
from index.reading.extraction.process.unreadable import RememberingExtractor, Unreadable
from index.reading.extraction.types import Extract, ExtractionError
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
    [
        ("time.sleep(60)", "too long"),
        ("sys.exit(3)", "broke off"),
        ("import os; os.abort()", "broke off"),
        ("print('nonsense')", "broke off"),
        ("print([1])", "broke off"),
        ("print('{}')", "broke off"),
    ],
    ids=["hangs", "ends", "crashes", "no JSON", "no object", "no answer"],
)
def test_a_reader_that_fails_is_replaced(monkeypatch: pytest.MonkeyPatch, action: str, reason: str) -> None:
    with Reader(replace(CORPUS, patience=0.03 if "sleep" in action else 60)) as reader:
        with monkeypatch.context() as patch:
            patch.setattr(isolation, "_start", lambda: start_as(action))
            with pytest.raises(ExtractionError, match=reason):
                reader.extract(b"x" * 1_000_000, "html")
        assert reader._process is None
        assert reader.extract(make_html("<p>Eins</p>"), "html", CORPUS).text == "Eins\n"


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


def worker_with(line: str) -> str:
    """Return the code of a worker that runs a line of Python instead of reading the first file."""
    return (
        "import json\n"
        "from index.reading.extraction.process import worker\n"
        "request = json.loads(header)\n"
        "worker._allow(request['processor_seconds'], request['memory_bytes'])\n"
        f"def extract(data, kind): {line}\n"
        "worker.extract = extract\n"
        "sys.stdout.write(json.dumps(worker.answer(b'', request['kind'])) + '\\n')\n"
        "sys.stdout.flush()\n"
    )


FEW = Limits(seconds=Share(1, 0, 1), megabytes=Share(50, 0, 50), patience=60)


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux alone")
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_start", lambda: start_as(worker_with("bytearray(60_000_000)")))
    with Reader(FEW) as reader, pytest.raises(ExtractionError, match="too large") as caught:
        reader.extract(b"x", "pdf")
    assert caught.value.kind == "too_large"


def test_memory_is_looked_at_where_the_system_does_not_bound_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_BOUNDS_MEMORY", False)
    action = "held = bytearray(b'x') * 90_000_000\ntime.sleep(60)"
    monkeypatch.setattr(isolation, "_start", lambda: start_as(action))
    with Reader(FEW) as reader, pytest.raises(BrokenOffError, match="more than 50 MB of memory") as caught:
        reader.extract(b"x", "pdf")
    assert (caught.value.kind, caught.value.certain) == ("too_large", True)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_start", lambda: start_as(worker_with("exec('while True: pass')")))
    with Reader(FEW) as reader, pytest.raises(BrokenOffError, match="too long") as caught:
        reader.extract(b"x", "html")
    assert (caught.value.kind, caught.value.certain) == ("too_long", True)


@pytest.mark.parametrize("limits", [CORPUS, UPLOADS])
def test_what_a_file_may_cost_grows_with_it_between_a_floor_and_a_ceiling(limits: Limits) -> None:
    small, middle, large = (limits.of(size) for size in (1_000, 800_000, 50_000_000))
    assert small.processor_seconds < middle.processor_seconds < large.processor_seconds == limits.seconds.ceiling
    assert small.memory_bytes < middle.memory_bytes < large.memory_bytes == limits.megabytes.ceiling * 1e6


def test_uploads_may_cost_less_than_the_corpus() -> None:
    for size in (1, 1_000_000, 50_000_000):
        corpus, uploads = CORPUS.of(size), UPLOADS.of(size)
        assert uploads.processor_seconds < corpus.processor_seconds
        assert uploads.memory_bytes < corpus.memory_bytes


# ---- Interrupted reads are remembered


class Failing:
    """A reader that raises the given errors one after the other, and then returns a text."""

    def __init__(self, *errors: ExtractionError) -> None:
        self.errors = list(errors)
        self.asked = 0

    def extract(self, data: bytes, kind: str) -> Extract:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return Extract("Text\n")


def told(reader: RememberingExtractor, data: bytes = b"x", kind: str = "pdf") -> str:
    try:
        return reader.extract(data, kind).text
    except ExtractionError as error:
        assert "\n" not in error.message
        return f"{error.message} {error.hint}"


SLOW = BrokenOffError("takes too long.", hint="Split it.", kind="too_long")


def test_what_broke_off_is_not_tried_again_also_in_another_run(tmp_path: Path) -> None:
    failing = Failing(SLOW)
    known = Unreadable()
    first = told(RememberingExtractor(failing, CORPUS, known))
    known.write(tmp_path)
    again = told(RememberingExtractor(failing, CORPUS, Unreadable.read(tmp_path)))
    assert failing.asked == 1
    assert again == f"{first} It was not tried again, because neither the file nor its reader has changed."


@pytest.mark.parametrize(
    "change",
    ["content", "kind", "limits", "version", "libraries"],
)
def test_another_file_reader_or_limit_is_another_try(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(SLOW)
    known = Unreadable()
    told(RememberingExtractor(failing, CORPUS, known, "1"))
    unreadable._libraries.cache_clear()
    if change == "libraries":
        monkeypatch.setattr(unreadable.metadata, "version", lambda name: "99")
    limits = UPLOADS if change == "limits" else CORPUS
    reader = RememberingExtractor(failing, limits, known, "2" if change == "version" else "1")
    assert told(reader, b"y" if change == "content" else b"x", "html" if change == "kind" else "pdf") == "Text\n"
    monkeypatch.undo()
    unreadable._libraries.cache_clear()


def test_where_the_machine_may_be_to_blame_a_file_gets_a_second_try(tmp_path: Path) -> None:
    killed = BrokenOffError("broke off.", hint="Save it anew.", certain=False)
    failing = Failing(killed, killed)
    for _ in range(4):
        known = Unreadable.read(tmp_path)
        told(RememberingExtractor(failing, CORPUS, known))
        known.write(tmp_path)
    assert failing.asked == 2
    failing = Failing(killed)
    known = Unreadable()
    reader = RememberingExtractor(failing, CORPUS, known)
    assert [told(reader, b"z") for _ in range(2)] == ["broke off. Save it anew.", "Text\n"]
    assert known._reasons == {}


def test_what_nobody_has_any_more_is_forgotten(tmp_path: Path) -> None:
    known = Unreadable()
    told(RememberingExtractor(Failing(SLOW), CORPUS, known), b"gone")
    known.write(tmp_path)
    assert json.loads((tmp_path / unreadable.FILE).read_text())
    Unreadable.read(tmp_path).write(tmp_path)
    assert not (tmp_path / unreadable.FILE).exists()


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": 1}', '{"a": [1, 2]}', "null", "\x00", '{"a": []}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, content: str) -> None:
    (tmp_path / unreadable.FILE).write_text(content)
    assert Unreadable.read(tmp_path)._reasons == {}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_process_that_others_ended_is_not_held_against_the_file() -> None:
    data = make_pdf([lines("Auf Seite eins steht das.")])
    with Reader() as reader:
        reader.extract(make_html("<p>Eins</p>"), "html")
        assert reader._process is not None
        reader._process.kill()
        with pytest.raises(BrokenOffError, match="broke off") as caught:
            reader.extract(data, "pdf")
        assert not caught.value.certain
        assert "Seite eins" in reader.extract(data, "pdf").text


# ---- Several workers, in turn


class Slow(Reader):
    """A reader that records the files it is given, and waits at the gate before it returns each one."""

    def __init__(self, started: list[str], gate: threading.Semaphore) -> None:
        super().__init__()
        self.started = started
        self.gate = gate

    def extract(self, data: bytes, kind: str, limits: Limits | None = None) -> Extract:
        self.started.append(data.decode())
        assert self.gate.acquire(timeout=60)
        return Extract(data.decode())


class Queue:
    """Files of several clients that wait for a pool of slow readers."""

    def __init__(self, workers: int) -> None:
        self.started: list[str] = []
        self.gate = threading.Semaphore(0)
        self.pool = Pool(workers, lambda: Slow(self.started, self.gate))
        self.threads: list[threading.Thread] = []

    def send(self, name: str, client: str) -> None:
        def read() -> None:
            with self.pool.open(client, CORPUS) as seat:
                assert seat.extract(name.encode(), "pdf").text == name

        before = self.asked()
        self.threads.append(threading.Thread(target=read, daemon=True))
        self.threads[-1].start()
        while self.asked() == before:
            pass

    def asked(self) -> int:
        with self.pool._changed:
            return len(self.started) + sum(len(line) for line in self.pool._waiting.values())

    def finish(self) -> list[str]:
        for _ in self.threads:
            count = len(self.started)
            self.gate.release()
            while len(self.started) == count < len(self.threads):
                pass
        for thread in self.threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self.threads)
        return self.started


@pytest.mark.timeout(60)
def test_one_with_many_files_does_not_starve_the_others() -> None:
    queue = Queue(workers=1)
    for number in range(5):
        queue.send(f"flood{number}", "flood")
    queue.send("corpus0", "corpus")
    queue.send("corpus1", "corpus")
    queue.send("other", "other")
    assert queue.finish() == ["flood0", "corpus0", "other", "flood1", "corpus1", "flood2", "flood3", "flood4"]


@pytest.mark.timeout(60)
def test_a_slow_file_leaves_the_other_workers_to_the_others() -> None:
    queue = Queue(workers=2)
    for number in range(3):
        queue.send(f"flood{number}", "flood")
    queue.send("corpus", "corpus")
    assert queue.started == ["flood0", "flood1"]
    queue.gate.release()
    while len(queue.started) < 3:
        pass
    assert queue.started[2] == "corpus"
    queue.threads, left = queue.threads[1:], len(queue.threads) - 1
    for _ in range(left):
        queue.gate.release()


def test_no_more_files_are_read_at_once_than_there_are_workers() -> None:
    assert 1 <= pool.WORKERS <= 4


def test_processes_are_ended_when_nobody_needs_them() -> None:
    shared = Pool(2)
    with shared.open("a", CORPUS) as seat:
        with shared.open("b", CORPUS) as other:
            assert other.extract(make_html("<p>Eins</p>"), "html").text == "Eins\n"
        process = shared._idle[0]._process
        assert process is not None
        assert process.poll() is None
        assert seat.extract(make_html("<p>Zwei</p>"), "html").text == "Zwei\n"
    assert process.poll() is not None
    assert shared._idle == []
