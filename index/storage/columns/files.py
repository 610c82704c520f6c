"""
Arrays in one file, read on demand and checked when they are read.

A file is divided into blocks with a checksum each; the digest of all checksums is in the manifest. So opening costs the
same whatever the size, and a changed byte is noticed when it is read. The checksums are CRC-32: they protect against
damage, not against intent, since whoever can write an index can write its manifest, too.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import tempfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.storage.failures import damaged, noticed, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

BLOCK = 16_384  # bytes
_ALIGNED = 64
_MAPPED_AT_ONCE = 65_536  # bytes that the system maps around each place that is read
_MOST_HELD = 256_000_000  # bytes of a file that are read before its pages are given back to the system
_LEAST_SCRATCH = 64_000_000  # bytes; smaller arrays stay in memory
_MAGIC = b"qtcols01"
_FOOTER = 24  # length of the head, length of the body, magic


class Columns:
    """
    A file of columns, open for reading. Safe to share between threads.

    Parameters
    ----------
    file
        A file that `ColumnsWriter` wrote.
    digest
        The digest that it returned; None if nobody kept it, in which case only the checksums are compared.

    Raises
    ------
    IndexDamagedError
        The file has changed since it was written; changes in the columns are noticed when they are read.

    """

    def __init__(self, file: Path, digest: str | None) -> None:
        self._file = file
        try:
            with file.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                head, body = _ends(stream, size)
                stream.seek(body)
                sums = stream.read(size - _FOOTER - body)
                if digest not in {None, _root(sums, head, body)} or len(sums) != 4 * math.ceil(body / BLOCK):
                    raise damaged(file, "it has changed since it was written")
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise unreadable(file, error) from error
        except ValueError as error:
            raise damaged(file, str(error)) from error
        self._sums = np.frombuffer(sums, dtype="<u4")
        self._bytes = memoryview(self._map)
        self._body = body
        self._read = 0
        self._sound = bytearray(len(self._sums))
        self.check(0, head)
        described = json.loads(self._bytes[:head].tobytes())
        self._columns = {
            name: Column(self, offset, np.dtype(dtype), tuple(shape))
            for name, (offset, dtype, shape) in described.items()
        }

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def check(self, start: int, stop: int) -> None:
        """Compare the blocks that contain a range of bytes with their checksums, each block only once."""
        block, last = start // BLOCK, -(-stop // BLOCK)
        while (block := self._sound.find(0, block, last)) >= 0:
            at = block * BLOCK
            if zlib.crc32(self._bytes[at : min(at + BLOCK, self._body)]) != self._sums[block]:
                raise noticed(self._file, "it has changed since it was written")
            self._sound[block] = 1

    def check_each(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> None:
        """Do the same for many short ranges of blocks, given the first and the last block of each."""
        sound = np.frombuffer(self._sound, np.uint8)
        for further in range(int((last - first).max()) + 1):
            blocks = np.minimum(first + further, last)
            for block in np.unique(blocks[sound[blocks] == 0]).tolist():
                self.check(block * BLOCK, min((block + 1) * BLOCK, self._body))

    def release(self, read: int) -> None:
        """Count bytes read; after many, give the mapped pages back to the system, which can still cache the file."""
        self._read += read
        if self._read > _MOST_HELD:
            self._read = 0
            if hasattr(mmap, "MADV_DONTNEED"):
                self._map.madvise(mmap.MADV_DONTNEED)

    def view(self, start: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """Return bytes as an array, without checking them."""
        count = math.prod(shape)
        return np.frombuffer(self._bytes, dtype=dtype, count=count, offset=start).reshape(shape)


class Column:
    """One array of a file; returned arrays have been checked and must not be written to."""

    def __init__(self, columns: Columns, offset: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        self._columns = columns
        self._offset = offset
        self._row = dtype.itemsize * math.prod(shape[1:])
        self.dtype = dtype
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]

    def all(self) -> NDArray[Any]:
        """Return the whole array."""
        return self.part(0, len(self))

    def part(self, start: int, stop: int) -> NDArray[Any]:
        """Return rows from ``start`` to before ``stop``."""
        self._columns.release((stop - start) * self._row)
        begin = self._offset + start * self._row
        self._columns.check(begin, self._offset + stop * self._row)
        return self._columns.view(begin, self.dtype, (stop - start, *self.shape[1:]))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """Return some rows, copied, in the order of their numbers as given."""
        wanted = np.asarray(rows, dtype=np.int64)
        if not len(wanted) or not self._row:
            return np.empty((len(wanted), *self.shape[1:]), dtype=self.dtype)
        begin = self._offset + wanted * self._row
        self._columns.check_each(begin // BLOCK, (begin + self._row - 1) // BLOCK)
        whole: NDArray[Any] = self._columns.view(self._offset, self.dtype, self.shape)
        self._columns.release(_MAPPED_AT_ONCE * len(wanted))
        found: NDArray[Any] = whole[wanted]
        return found


class Array(Protocol):
    """The reading interface of a column."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    def __len__(self) -> int: ...

    def all(self) -> NDArray[Any]:
        """Return the whole array."""

    def part(self, start: int, stop: int) -> NDArray[Any]:
        """Return rows from ``start`` to before ``stop``."""

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """Return some rows, copied, in the order of their numbers as given."""


class Held:
    """An array in memory with the interface of a column."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self.shape: tuple[int, ...] = array.shape

    def __len__(self) -> int:
        return len(self._array)

    def all(self) -> NDArray[Any]:
        """Return the whole array."""
        return self._array

    def part(self, start: int, stop: int) -> NDArray[Any]:
        """Return rows from ``start`` to before ``stop``."""
        return self._array[start:stop]

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """Return some rows, copied."""
        return self._array[np.asarray(rows, dtype=np.int64)]


class ColumnsWriter:
    """
    A new file of columns, to be filled and sealed.

    Parameters
    ----------
    file
        Path of the file, which must not exist yet.
    columns
        Type and shape of each array, by name.

    """

    def __init__(self, file: Path, columns: Mapping[str, tuple[DTypeLike, tuple[int, ...]]]) -> None:
        self._file = file
        kinds = {name: (np.dtype(dtype), shape) for name, (dtype, shape) in columns.items()}
        # The head holds the offsets, and its length depends on their digits: so room is left for the longest possible.
        room = _aligned(len(json.dumps({name: (2**60, k.str, s) for name, (k, s) in kinds.items()})))
        described: dict[str, tuple[int, str, tuple[int, ...]]] = {}
        at = room
        for name, (kind, shape) in kinds.items():
            described[name] = (at, kind.str, shape)
            at = _aligned(at + kind.itemsize * math.prod(shape))
        self._body = at
        head = json.dumps(described).encode()
        self._head = len(head)
        with file.open("xb") as stream:
            stream.write(head)
            # Written in full, not left sparse: a full disk raises here, not by a signal when a page is filled.
            for part in range(self._head, at, 1 << 20):
                stream.write(bytes(min(1 << 20, at - part)))
        self._arrays = {
            name: np.memmap(file, dtype=kind, mode="r+", offset=described[name][0], shape=shape)
            if math.prod(shape)
            else np.zeros(shape, dtype=kind)
            for name, (kind, shape) in kinds.items()
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def release(self) -> None:
        """Release the filled arrays from memory, see `give_back`."""
        for array in self._arrays.values():
            give_back(array)

    def seal(self) -> str:
        """Write the checksums and return their digest."""
        for array in self._arrays.values():
            if isinstance(array, np.memmap):
                array.flush()
        self._arrays.clear()
        with self._file.open("rb") as stream:
            sums = _sums(stream, self._body)
        with self._file.open("ab") as stream:
            stream.write(sums)
            stream.write(self._head.to_bytes(8, "little") + self._body.to_bytes(8, "little") + _MAGIC)
            stream.flush()
            os.fsync(stream.fileno())
        return _root(sums, self._head, self._body)


@contextmanager
def scratch(folder: Path, shape: tuple[int, ...]) -> Iterator[NDArray[np.float32]]:
    """Yield an array of zeros; a large one is mapped from an unnamed file and need not stay in memory."""
    size = 4 * math.prod(shape)
    if size < _LEAST_SCRATCH:
        yield np.zeros(shape, np.float32)
        return
    with tempfile.TemporaryFile(dir=folder) as stream:
        for part in range(0, size, 1 << 20):  # as `ColumnsWriter` does
            stream.write(bytes(min(1 << 20, size - part)))
        stream.flush()
        yield np.memmap(stream, np.float32, "r+", shape=shape)


def give_back(array: NDArray[Any]) -> None:
    """Give the filled pages of a mapped array back to the system, which writes them to disk at its own time."""
    mapped: Any = array.base
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def write(file: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write existing arrays into a new file; return its digest."""
    writer = ColumnsWriter(file, {name: (array.dtype, array.shape) for name, array in arrays.items()})
    for name, array in arrays.items():
        writer[name][...] = array
    return writer.seal()


def digest(file: Path) -> str:
    """Return a file's current digest: as `ColumnsWriter` computes it, or SHA-256 for a file without columns."""
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        try:
            head, body = _ends(stream, size)
        except ValueError:
            stream.seek(0)
            return hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        sums = _sums(stream, body)
        # Readers compare with the checksums in the file, so these must be right, too.
        return _root(sums, head, body) if stream.read() == sums + _footer(head, body) else ""


def is_columns(file: Path) -> bool:
    """Tell from its footer whether a file has columns."""
    with file.open("rb") as stream:
        try:
            _ends(stream, os.fstat(stream.fileno()).st_size)
        except ValueError:
            return False
    return True


def _ends(stream: Any, size: int) -> tuple[int, int]:
    """Return the offsets at which the head and the body of a file end."""
    stream.seek(max(0, size - _FOOTER))
    footer = stream.read()
    head, body = int.from_bytes(footer[:8], "little"), int.from_bytes(footer[8:16], "little")
    if footer[16:] != _MAGIC or not head <= body or body + 4 * math.ceil(body / BLOCK) + _FOOTER != size:
        raise ValueError("it has another form than what was written")
    return head, body


def _footer(head: int, body: int) -> bytes:
    return head.to_bytes(8, "little") + body.to_bytes(8, "little") + _MAGIC


def _sums(stream: Any, body: int) -> bytes:
    found = np.empty(math.ceil(body / BLOCK), dtype="<u4")
    for block in range(len(found)):
        found[block] = zlib.crc32(stream.read(min(BLOCK, body - block * BLOCK)))
    return found.tobytes()


def _root(sums: bytes, head: int, body: int) -> str:
    return hashlib.sha256(sums + _footer(head, body)).hexdigest()


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED
