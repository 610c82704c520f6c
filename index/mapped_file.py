"""Give back the memory of a file that a library keeps mapped although it rarely looks at it again."""

from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

_MAPS = Path("/proc/self/maps")


class MappedFile:
    """
    The places where this process has mapped a file for reading.

    OpenVINO maps a model's weights and, while it first computes, lays a copy of most of them out for the processor. The
    pages that it read count as the process's own from then on: a gigabyte for the default models. Whoever reads them
    again after they were given back gets them from the file, so nothing can be lost; what is mapped for writing is left
    alone. Elsewhere than on Linux there are no places, and nothing is given back.

    Parameters
    ----------
    file
        Mapped by now.

    """

    def __init__(self, file: Path) -> None:
        self._places: list[tuple[int, int]] = []
        if sys.platform != "linux" or not _MAPS.is_file():
            return
        wanted = str(file.resolve())
        for line in _MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            # Addresses, rights, offset, device, inode, path: see proc(5).
            span, rights, *_, path = line.split(maxsplit=5)
            if path == wanted and rights.startswith("r-"):
                start, end = (int(number, 16) for number in span.split("-"))
                self._places.append((start, end - start))

    def release(self) -> int:
        """Give its pages back to the system, and return how many bytes were looked at."""
        if not self._places:
            return 0
        library = ctypes.CDLL(None, use_errno=True)
        for start, length in self._places:
            library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), mmap.MADV_DONTNEED)
        return sum(length for _, length in self._places)
