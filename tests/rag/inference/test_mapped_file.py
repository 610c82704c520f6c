"""Releasing the pages of mapped files."""

from __future__ import annotations

import mmap
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag.inference import mapped_file
from rag.inference.mapped_file import MappedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 2**20
linux = pytest.mark.skipif(sys.platform != "linux", reason="pages are given back on Linux only")


def resident() -> int:
    """Return how many bytes of mapped files this process has in memory."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssFile:"))


@contextmanager
def mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as found:
        yield found


@linux
@pytest.mark.parametrize(
    "name", ["weights.bin", "with a blank.bin", "mit Größe.bin", "line\u2028and\rline.bin", "a\nb.bin"]
)
def test_what_was_read_is_given_back_and_can_be_read_again(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    content = bytes(range(256)) * (4 * MEGABYTE // 256)
    file.write_bytes(content)
    ours = MappedFile(file)
    with mapped(file) as found:
        assert found[:] == content
        before = resident()
        assert ours.release() == 4 * MEGABYTE
        assert before - resident() > 3 * MEGABYTE
        assert found[:] == content
    assert ours.release() == 0


@linux
def test_a_link_is_followed(tmp_path: Path) -> None:
    file, link = tmp_path / "weights.bin", tmp_path / "link.bin"
    file.write_bytes(b"x" * MEGABYTE)
    link.symlink_to(file)
    ours = MappedFile(link)
    with mapped(file):
        assert ours.release() == MEGABYTE


@linux
def test_what_others_mapped_before_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"x" * MEGABYTE)
    with mapped(file):
        ours = MappedFile(file)
        assert ours.release() == 0
        with mapped(file):
            assert ours.release() == MEGABYTE


@linux
def test_what_lies_where_the_file_was_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"x" * 8 * MEGABYTE)
    ours = MappedFile(file)
    with mapped(file) as found:
        assert found[0] == ord("x")
        assert ours.release() == 8 * MEGABYTE
    # The system often reuses the freed addresses for one of these arrays.
    others = [np.full(8 * MEGABYTE - 64, 7, dtype=np.uint8) for _ in range(4)]
    assert ours.release() == 0
    assert all(bool((other == 7).all()) for other in others)


@linux
def test_what_is_mapped_for_writing_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"x" * MEGABYTE)
    ours = MappedFile(file)
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0, flags=mmap.MAP_PRIVATE) as written:
        written[:5] = b"other"
        assert ours.release() == 0
        assert written[:6] == b"otherx"


@linux
@pytest.mark.parametrize("elsewhere", [True, False])
def test_where_the_system_does_not_tell_nothing_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"x" * MEGABYTE)
    ours = MappedFile(file)
    with mapped(file):
        assert ours.release() == MEGABYTE
        if elsewhere:
            monkeypatch.setattr(sys, "platform", "win32")
        else:
            monkeypatch.setattr(mapped_file, "_MAPS", tmp_path / "absent")
        assert ours.release() == 0
