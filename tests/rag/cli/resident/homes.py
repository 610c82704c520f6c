"""Articles with a resident process in a thread of the test, and a client that only sends and reads."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.cli import main
from rag.cli.resident import client
from rag.cli.resident.place import Place, place_of
from rag.cli.resident.protocol import VERSION, Reader, send
from rag.cli.resident.server import Resident
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag import RAG

ARTICLES = {
    "hafen.md": "---\ntitle: Der Hafen\nsource: Bote\ndate: 2024-05-02\n---\n\nDer Hafen von Talheim kostet zwölf Millionen Euro.\n",
    "turm.md": "---\ntitle: Der Turm\nsource: Blatt\ndate: 2023-01-02\n---\n\nDer Turm von Auheim ist neunzig Meter hoch.\n",
}


class Home:
    """Articles in the test's own folder, which is the current folder."""

    def __init__(self, folder: Path) -> None:
        (folder / "corpus").mkdir()
        for name, text in ARTICLES.items():
            (folder / "corpus" / name).write_text(text, encoding="utf-8")
        self.folder = folder
        self.engine = ScriptedEngine(
            says=lambda page: ["neunzig Meter" if "Wie hoch" in page else "zwölf Millionen Euro"]
        )
        self.rag = self.open()
        self.resident: Resident | None = None

    def open(self, **settings: Any) -> RAG:
        """Return an index, opened as a new process would open it."""
        return synced(self.folder / "corpus", self.folder / ".rag", self.engine, **settings)

    @property
    def place(self) -> Place:
        return place_of(None, None)

    @contextmanager
    def serving(self, rag: RAG | None = None, **options: Any) -> Iterator[Resident]:
        """Run a resident process in a thread of this process."""
        listening = threading.Event()
        options = {"idle_seconds": 600.0} | options
        self.resident = Resident(rag or self.open(), self.place, main.run, **options)
        thread = threading.Thread(target=self.resident.serve, args=(listening.set,))
        thread.start()
        try:
            assert listening.wait(20)
            yield self.resident
        finally:
            self.resident.stop()
            thread.join(20)
            assert not thread.is_alive()


def asking(home: Home, words: list[str]) -> socket.socket:
    """Send a command in the same way as the client."""
    connection = client.connect(home.place)
    assert connection is not None
    connection.settimeout(20)
    terminal = {"out": False, "err": False, "size": None, "environ": {}}
    send(connection, {"v": VERSION, "do": "run", "words": words, "cwd": str(home.folder), "terminal": terminal})
    return connection


def told(connection: socket.socket) -> list[dict[str, Any]]:
    reader, found = Reader(connection, 10**7), []
    while (message := reader.next()) is not None:
        found.append(message)
    return [message for message in found if message != {"begun": True}]
