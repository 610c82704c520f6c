"""Measure how much the packed streams of a PDF unpack to, without keeping any of it."""

from __future__ import annotations

import re
import zlib

# Pages and fonts pack about 5 to 1, drawings and tables up to 20 to 1.
LEAST_UNPACKED = 100_000_000  # bytes that any file may unpack to
MOST_EACH = 20  # further bytes for each byte of the file
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
# Reading text does not unpack pictures, and a picture of a white page packs 1000 to 1.
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_BEFORE = 1_000  # bytes before a stream that may state its kind
_PIECE = 65_536
_UNPACKED_PIECE = 1_000_000


def unpacks_to_too_much(data: bytes) -> bool:
    """
    Tell whether the streams of a PDF unpack to more than any honest one does.

    Only streams that are packed once and plainly (zlib) are looked at; for any others there is the memory limit of the
    reading process. Takes time in proportion to the file and to what may be unpacked, and little memory.
    """
    most = LEAST_UNPACKED + MOST_EACH * len(data)
    found = _STREAM.search(data)
    while found:
        end = found.end()
        if not _is_picture(data, found.start()):
            unpacked, end = _unpacked(data, end, most)
            most -= unpacked
            if most < 0:
                return True
        found = _STREAM.search(data, end)
    return False


def _is_picture(data: bytes, start: int) -> bool:
    before = data[max(0, start - _BEFORE) : start]
    return _PICTURE.search(before, before.rfind(b" obj") + 1) is not None


def _unpacked(data: bytes, start: int, most: int) -> tuple[int, int]:
    """Return how many bytes a stream unpacks to, up to a little more than ``most``, and where it ends."""
    unpacker = zlib.decompressobj()
    size, at = 0, start
    view = memoryview(data)
    waiting: bytes | memoryview = b""
    try:
        while size <= most and not unpacker.eof and (waiting or at < len(data)):
            if not waiting:
                waiting = view[at : at + _PIECE]
                at += len(waiting)
            size += len(unpacker.decompress(waiting, _UNPACKED_PIECE))
            waiting = unpacker.unconsumed_tail
    except zlib.error:
        return size, start if at <= start + _PIECE else at - _PIECE
    return size, at - len(waiting) - len(unpacker.unused_data)
