"""
The format of a backup.

A backup is a ZIP archive without compression. Its last member, `backup.json`, names every other one with its size and
SHA-256, under a digest of its own. The members are the manifest of the generation, the stores that it names, and the
files derived from them, under the names that they have in the index.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, BinaryIO, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from index.errors import RagError
from index.storage.manifest import LEFT_OUT, MANIFEST, PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONTENTS = "backup.json"
FORMAT = 1
NOTES = (PLACE, LEFT_OUT)
"""Optional members: included if they exist, but an index is complete without them."""
LONGEST_TEXT = 64 * 1024 * 1024  # bytes; limit of what is read into memory: the list, the manifest, a note
_LONGEST_DIRECTORY = 16 * 1024 * 1024  # bytes; limit of the archive's own list
_PLAIN = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"  # no leading dot: neither a hidden file nor a parent folder
_NAME = re.compile(rf"{re.escape(MANIFEST)}|{re.escape(PLACE)}|{re.escape(LEFT_OUT)}|{_PLAIN}(/{_PLAIN}){{0,7}}")
_BLOCK = 1024 * 1024
_END, _END64 = 22, 76  # bytes of the record that ends an archive; additional bytes with 64 bits


@dataclass(frozen=True, slots=True)
class Part:
    """A member of a backup: its name, its size in bytes, its SHA-256."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    name: Annotated[str, Field(pattern=rf"^(?:{_NAME.pattern})$")]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Contents:
    """
    The content of `backup.json`.

    Parameters
    ----------
    format
        Format of the backup.
    parts
        All other members.
    digest
        SHA-256 of the above.

    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    format: int
    parts: tuple[Part, ...]
    digest: str = ""

    def sealed(self) -> Contents:
        """Return a copy with its digest filled in."""
        text = json.dumps(asdict(replace(self, digest="")), sort_keys=True)
        return replace(self, digest=hashlib.sha256(text.encode()).hexdigest())

    def to_bytes(self) -> bytes:
        """Return the bytes of `backup.json`."""
        return json.dumps(asdict(self), indent=1).encode()


_CONTENTS = TypeAdapter(Contents)


def no_backup(file: Path, reason: str) -> RagError:
    """Return the error for a file that is not a backup, or an incomplete one."""
    return RagError(f"{file} is not a backup that can be restored: {reason}.", hint="The index stays as it was.")


def opened(stream: BinaryIO, file: Path) -> zipfile.ZipFile:
    """
    Open a backup.

    Raises
    ------
    RagError
        It is not an archive, or its list is too large for memory.

    """
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(max(0, size - _END - _END64))
    end = stream.read()
    if len(end) < _END or not end[-_END:].startswith(b"PK\x05\x06") or end[-2:] != b"\0\0":
        raise no_backup(file, "it is not an archive, or its end is missing")
    lengths = [int.from_bytes(end[-10:-6], "little")]
    if end[-_END - 20 :].startswith(b"PK\x06\x07"):
        lengths.append(int.from_bytes(end[-_END - _END64 + 40 : -_END - _END64 + 48], "little"))
    if max(lengths) > _LONGEST_DIRECTORY:
        raise no_backup(file, "it holds more files than an index has")
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError) as error:
        raise no_backup(file, f"it is damaged ({error})") from error


def contents_of(archive: zipfile.ZipFile, file: Path, size: int) -> Contents:
    """
    Return a backup's list of contents, after checking that the archive holds exactly these.

    Parameters
    ----------
    archive, file, size
        The open backup; its path; its size in bytes.

    Raises
    ------
    RagError
        It is not a backup, was changed, or was made by a newer version.

    """
    members = {one.filename: one for one in archive.infolist()}
    plain = all(
        one.compress_type == zipfile.ZIP_STORED and one.file_size == one.compress_size and not one.flag_bits & 1
        for one in members.values()
    )
    # Without compression, the members can only have more bytes than the file if they overlap.
    if not plain or len(members) != len(archive.infolist()) or sum(one.file_size for one in members.values()) > size:
        raise no_backup(file, "it was not made by `rag backup`")
    if CONTENTS not in members or members[CONTENTS].file_size > LONGEST_TEXT:
        raise no_backup(file, f"it has no {CONTENTS}")
    try:
        found = _CONTENTS.validate_json(archive.read(CONTENTS))
    except (ValidationError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise no_backup(file, f"its {CONTENTS} is damaged") from error
    if found.format > FORMAT:
        raise no_backup(file, f"it has format {found.format}, this version reads up to {FORMAT}")
    if found != found.sealed():
        raise no_backup(file, f"its {CONTENTS} has changed since it was written")
    named = {part.name: part.bytes for part in found.parts}
    there = {name: one.file_size for name, one in members.items() if name != CONTENTS}
    if len(named) != len(found.parts) or named != there or MANIFEST not in named:
        raise no_backup(file, f"its files are not those that its {CONTENTS} names")
    return found


def is_backup(file: Path) -> bool:
    """Tell whether a file looks like a backup, complete or not."""
    try:
        with file.open("rb") as stream, opened(stream, file) as archive:
            return CONTENTS in archive.namelist()
    except (OSError, RagError):
        return False


def blocks(stream: BinaryIO) -> Iterable[bytes]:
    """Yield the content of a stream in pieces that fit into memory."""
    while block := stream.read(_BLOCK):
        yield block
