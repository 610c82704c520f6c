"""
Read ZIP archives as folders: each member is a document of its own, under a path like ``archiv.zip/ordner/datei.pdf``.

Nothing is written to disk, and nothing but the archive is read: a member is found by its entry, never by its path.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.formats import ARCHIVES, NAMES, ZIP, is_zip, recognised
from index.limits import DEEPEST_ARCHIVE, LARGEST_FILE, MOST_ENTRIES
from index.reading.containers.types import LeftOut, Member, Within
from index.reading.extraction.archives.archive import BROKEN, MAX_RATIO
from index.text.spelling import composed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SMALL = 1_000_000  # bytes; below this a high ratio does no harm
_ENTRY = b"PK\x01\x02"
_UTF8 = 0x800  # flag of a name in UTF-8
_ENCRYPTED = 0x1
_UNICODE_PATH = 0x7075
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
# German letters as Windows programs encode them; in the code pages of DOS the same bytes are signs that no name has.
_WINDOWS = frozenset("äöüÄÖÜß".encode("cp1252"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (*BROKEN, struct.error)
_AGAIN = "Pack it again."


def unpack(
    data: bytes, path: str, wanted: Callable[[str], bool], within: Within | None = None
) -> Iterator[Member | LeftOut]:
    """
    Extract the files of an archive, and of archives in it.

    Parameters
    ----------
    data
        The archive's content.
    path
        Its path.
    wanted
        Tells whether the file of a path is read. Others are skipped silently, as they are in a folder.
    within
        The containers that the archive lies in.

    Yields
    ------
    Member or LeftOut
        In the order of their paths. One that cannot be extracted does not keep the others from being read.

    """
    within = within or Within()
    if within.archives >= DEEPEST_ARCHIVE:
        yield LeftOut(path, f"an archive within {DEEPEST_ARCHIVE} others: too deep. Unpack it.")
        return
    within = replace(within, archives=within.archives + 1)
    try:
        archive = _open(data)
    except CorpusError as error:
        yield LeftOut(path, str(error))
        return
    with archive:
        named = sorted(
            ((_name(entry), entry) for entry in archive.infolist() if not entry.is_dir()), key=lambda one: one[0]
        )
        names = _by_folder(f"{path}/{_plain(name)}" for name, _ in named)
        seen: set[str] = set()
        for name, entry in named:
            inner = f"{path}/{_plain(name)}"
            nested = is_zip(name)
            if _is_hidden(name) or not (nested or wanted(inner)):
                continue
            reason = (
                _problem(name, entry)
                or (inner in seen and "a second member with this name; only the first is read.")
                or ""
            )
            seen.add(inner)
            if not reason and nested and within.archives >= DEEPEST_ARCHIVE:
                reason = f"an archive within {DEEPEST_ARCHIVE} others: too deep. Unpack it."
            if reason:
                yield LeftOut(inner, reason)
                continue
            if reason := within.budget.refuses(entry.file_size):
                yield LeftOut(path, f"{reason}; those from {_plain(name)!r} on are not read. Split it.")
                return
            found = _read(archive, entry, inner)
            if nested and isinstance(found, Member):
                yield from unpack(found.data, inner, wanted, within)
            else:
                yield replace(found, names=names, within=within) if isinstance(found, Member) else found


def _by_folder(paths: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, set()).add(name)
    return {folder: frozenset(names) for folder, names in found.items()}


def _open(data: bytes) -> zipfile.ZipFile:
    """
    Open an archive.

    Raises
    ------
    CorpusError
        If it is damaged, is not an archive, or has more than `index.limits.MOST_ENTRIES` entries.

    """
    found = recognised(data)
    if found and found != ZIP:
        raise CorpusError(f"named .zip, but it is {NAMES.get(found, found)}.", hint="Give it the right extension.")
    # zipfile makes an object of some hundred bytes for every entry before any of them can be looked at.
    if data.count(_ENTRY) > MOST_ENTRIES:
        raise CorpusError(f"an archive of more than {MOST_ENTRIES:,} entries; it is not opened.", hint="Split it.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = {entry.filename for entry in archive.infolist()}
    except _BROKEN as error:
        raise CorpusError("a damaged ZIP archive.", hint=_AGAIN) from error
    for kind, mark in ARCHIVES.items():
        if mark.parts and all(any(name.startswith(part) for name in names) for part in mark.parts):
            archive.close()
            raise CorpusError(f"named .zip, but it is {NAMES[kind]}.", hint=f"Name it {mark.suffix}.")
    return archive


def _problem(name: str, entry: zipfile.ZipInfo) -> str:
    """Return why a member is not unpacked; empty if it is."""
    if not _is_inside(name):
        return "a path that leads out of the archive."
    if _CONTROL.search(name):
        return "a name with characters that are not allowed. Rename it."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link; links are not followed."
    if entry.flag_bits & _ENCRYPTED:
        return "protected by a password. Pack it without one."
    if entry.compress_type not in _METHODS:
        return f"packed with a method that is not supported. {_AGAIN}"
    if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        return "unpacks to far more than it should; it is not opened."
    if entry.file_size > LARGEST_FILE:
        return f"larger than {LARGEST_FILE / 1e6:.0f} MB ({entry.file_size / 1e6:.1f} MB). Split the file."
    return ""


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Member | LeftOut:
    try:
        with archive.open(entry) as part:
            data = part.read(entry.file_size + 1)
    except _BROKEN:
        return LeftOut(path, f"damaged in the archive. {_AGAIN}")
    return Member(path, data)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name that a member had where it was packed, its letters composed."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8 and not name.isascii():
        raw = name.encode("cp437", "replace")  # the encoding that Python has decoded it from
        name = _said_in_unicode(entry, raw) or _decoded(raw)
    return composed(name.replace("\\", "/"))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    high = {byte for byte in raw if byte >= 0x80}
    return raw.decode("cp1252" if high <= _WINDOWS else "cp850", "replace")


def _said_in_unicode(entry: zipfile.ZipInfo, raw: bytes) -> str:
    """Return the name that an extra field states in UTF-8; empty if there is none, or if it belongs to another name."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
    return ""


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return not (name.startswith("/") or _DRIVE.match(name) or ".." in parts) and bool(parts[-1])


def _is_hidden(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
    return any(part.startswith(".") for part in parts) or "__MACOSX" in parts


def _plain(name: str) -> str:
    """Return a member's path without empty steps, in the form of a document's path."""
    return "/".join(part for part in PurePosixPath(name).parts if part != "/")
