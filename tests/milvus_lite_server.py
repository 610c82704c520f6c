"""A Milvus server for tests: Milvus Lite, which has the same interface as other servers, in this process."""

from __future__ import annotations

import importlib.util
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from index.storage.vectors import milvus_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_milvus = pytest.mark.skipif(
    importlib.util.find_spec("pymilvus") is None or importlib.util.find_spec("milvus_lite") is None,
    reason="the extra `milvus` and milvus-lite are not installed",
)


class Running:
    """A Milvus server that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.server: Any = None
        self.start()

    @property
    def setting(self) -> str:
        return f"milvus://127.0.0.1:{self.port}"

    def start(self) -> None:
        milvus_server._pymilvus()  # first, because it quiets the logs
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self.server, self.database, port = start_server_in_thread(str(self._folder), port=self.port)
        assert port == self.port

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop(grace=0).wait()
            self.database.close()
            self.server = None

    def collections(self) -> list[str]:
        return sorted(self.database.list_collections())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    one = Running(folder)
    try:
        yield one
    finally:
        one.stop()
        milvus_server.server.cache_clear()
