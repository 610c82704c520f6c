"""Pages of mapped files given back."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from index.mapped_file import MappedFile

MEGABYTE = 2**20
linux = pytest.mark.skipif(sys.platform != "linux", reason="pages are given back on Linux only")


def resident(file: Path) -> int:
    """Return how many bytes of a mapped file are this process's own at the moment."""
    lines = iter(Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.endswith(str(file)):
            return next(1024 * int(one.split()[1]) for one in lines if one.startswith("Rss:"))
    return 0


@linux
@pytest.mark.parametrize("name", ["weights.bin", "with a blank.bin", "mit Größe.bin"])
def test_what_was_read_is_given_back_and_can_be_read_again(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    content = bytes(range(256)) * (4 * MEGABYTE // 256)
    file.write_bytes(content)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == content
        assert resident(file) == 4 * MEGABYTE
        assert MappedFile(file).release() == 4 * MEGABYTE
        assert resident(file) < MEGABYTE
        assert mapped[:] == content


@linux
def test_a_link_is_followed(tmp_path: Path) -> None:
    file, link = tmp_path / "weights.bin", tmp_path / "link.bin"
    file.write_bytes(b"x" * MEGABYTE)
    link.symlink_to(file)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[0] == ord("x")
        assert MappedFile(link).release() == MEGABYTE


@linux
def test_what_is_mapped_for_writing_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"x" * MEGABYTE)
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0, flags=mmap.MAP_PRIVATE) as mapped:
        mapped[:5] = b"other"
        assert MappedFile(file).release() == 0
        assert mapped[:6] == b"otherx"


def test_a_file_that_is_not_mapped_costs_nothing(tmp_path: Path) -> None:
    assert MappedFile(tmp_path / "absent.bin").release() == 0


def test_elsewhere_nothing_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert MappedFile(tmp_path / "weights.bin").release() == 0
