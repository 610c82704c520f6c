"""A host to fetch from, and a folder to add to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.adding.addresses import Addresses
from rag.adding.fetching import Fetcher
from tests.rag.adding.hosts import Host, serving


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    return made


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetcher(slept: list[float]) -> Callable[..., Fetcher]:
    def make(*, allow_private: bool = True, seconds: float = 30, **names: str) -> Fetcher:
        def look_up(host: str, port: int) -> list[str]:
            return [names.get(host.replace(".", "_"), host)]

        return Fetcher(Addresses(allow_private, look_up), sleep=slept.append, clock=lambda: 0.0, seconds=seconds)

    return make
