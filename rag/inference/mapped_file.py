"""Give back the memory of a file that a library keeps mapped although it rarely reads it again."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

_MAPS = Path("/proc/self/maps")


class MappedFile:
    """
    A file that a library is about to map for reading.

    OpenVINO maps a model's weights and, during its first computation, makes a copy of most of them in a layout for the
    processor. From then on, the pages that it read count as the process's own: a gigabyte for the default models. After
    they are given back, any further access reads them from the file again. On systems other than Linux, nothing is
    given back.

    Parameters
    ----------
    file
        The file. Mappings of it that already exist belong to others and are left alone.

    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._others = set(_places(file))

    def release(self) -> int:
        """Give its pages back to the system, and return the size of its mappings in bytes."""
        # Looked up each time: after an unmapping, the address may belong to other data, which would be wiped.
        places = [place for place in _places(self._file) if place not in self._others]
        if places:
            library = ctypes.CDLL(None)
            for start, length in places:
                library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), mmap.MADV_DONTNEED)
        return sum(length for _, length in places)


def _places(file: Path) -> list[tuple[int, int]]:
    """Return the read-only mappings of a file in this process: address and length in bytes."""
    if sys.platform != "linux":
        return []
    try:
        lines = _MAPS.read_bytes().split(b"\n")
    except OSError:  # a system may forbid it; the memory is then not given back, nothing else
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
