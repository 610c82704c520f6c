"""Give back the memory of a file that a library keeps mapped although it rarely looks at it again."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

_MAPS = Path("/proc/self/maps")


class MappedFile:
    """
    A file that something is about to map for reading.

    OpenVINO maps a model's weights and, while it first computes, lays a copy of most of them out for the processor. The
    pages that it read count as the process's own from then on: a gigabyte for the default models. Whoever reads them
    again after they were given back gets them from the file. Elsewhere than on Linux nothing is given back.

    Parameters
    ----------
    file
        What is mapped of it already belongs to others and is left alone.

    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._others = set(_places(file))

    def release(self) -> int:
        """Give its pages back to the system, and return how many bytes of the file were looked at."""
        # Looked up each time: where nothing is mapped any more, something else may lie by now, and would be wiped.
        places = [place for place in _places(self._file) if place not in self._others]
        if places:
            library = ctypes.CDLL(None)
            for start, length in places:
                library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), mmap.MADV_DONTNEED)
        return sum(length for _, length in places)


def _places(file: Path) -> list[tuple[int, int]]:
    """Return where a file is mapped in this process, and not for writing: address and length in bytes."""
    if sys.platform != "linux":
        return []
    try:
        lines = _MAPS.read_bytes().split(b"\n")
    except OSError:  # a system may forbid it; then it costs memory and nothing else
        return []
    # Addresses, rights, offset, device, inode, path: see proc(5). A line feed in a path is written as \012.
    wanted = os.fsencode(file.resolve()).replace(b"\n", b"\\012")
    found = []
    for line in lines:
        if line.endswith(wanted):
            span, rights, *_, path = line.split(maxsplit=5)
            if path == wanted and rights.startswith(b"r-"):
                start, end = (int(number, 16) for number in span.split(b"-"))
                found.append((start, end - start))
    return found
