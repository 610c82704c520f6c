"""The files that were fetched, and what is known of each: in a small file beside it, see `index.reading.beside`."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from index.atomic import replace_atomically, staged
from index.reading.beside import ENDING, written
from index.reading.web_addresses import web_address
from rag.adding.naming import names
from rag.adding.types import Known, RefusedError

if TYPE_CHECKING:
    from index.markup.front_matter import FrontMatter


@dataclass(frozen=True, slots=True)
class Record:
    """
    What is known of a file that was fetched.

    Parameters
    ----------
    file
        Where it lies.
    url
        Where it came from in the end.
    asked
        The address that was asked for; the same, or one that leads there.
    date
        The day that a feed named; empty where none.
    etag, last_modified
        What the host said.
    sha256
        Digest of the bytes that were fetched.

    """

    file: Path
    url: str
    asked: str
    sha256: str
    date: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def known(self) -> Known:
        """What the host is asked by."""
        return Known(self.url, self.etag, self.last_modified)

    def state(self) -> str:
        """Return ``kept``, ``gone``, or ``changed`` where the file is not what was fetched."""
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return "gone"
        except OSError:
            return "changed"
        return "kept" if digest(data) == self.sha256 else "changed"

    def text(self) -> str:
        """Return what is written beside the file."""
        values = {
            "url": self.url,
            "asked": self.asked if self.asked != self.url else "",
            "date": self.date,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "sha256": self.sha256,
        }
        given = {name: value for name, value in values.items() if value}
        return yaml.safe_dump(
            given, allow_unicode=True, sort_keys=False, width=10_000, explicit_start=True, explicit_end=True
        )


def digest(data: bytes) -> str:
    """Return the digest that a file is known by."""
    return hashlib.sha256(data).hexdigest()


@dataclass
class Kept:
    """
    What of a folder was fetched.

    Parameters
    ----------
    corpus
        The folder of articles.

    """

    corpus: Path
    _by_address: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder, folders, files in os.walk(self.corpus):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name.endswith(ENDING) and not name.startswith("."):
                    place = Path(folder, name)
                    self._note(_record(place.with_name(name.removesuffix(ENDING)), written(place)))

    def _note(self, record: Record | None) -> None:
        if record is not None:
            self._by_address[record.url] = record
            self._by_address.setdefault(record.asked, record)

    def of(self, url: str) -> Record | None:
        """Return what is known of an address; None where it was never added."""
        return self._by_address.get(url)

    def shown(self, file: Path) -> str:
        """Return where a file lies within the folder."""
        return file.relative_to(self.corpus).as_posix()

    def place(self, url: str, suffix: str) -> Path:
        """
        Return where a new page goes: a place at which nothing lies.

        Raises
        ------
        RefusedError
            There is none, or its folder leads out of the articles.

        """
        root = self.corpus.resolve()
        for name in names(url, suffix):
            file = self.corpus / name
            if not file.parent.resolve().is_relative_to(root) or (file.parent.exists() and not file.parent.is_dir()):
                raise RefusedError(f"{file.parent.name} is not a folder of the articles.", kind="place")
            taken = (file, file.with_name(file.name + ENDING))
            if not any(one.exists() or one.is_symlink() for one in taken):
                return file
        raise RefusedError("a file of that name is there already, and is another's.", kind="place")

    def write(self, record: Record, data: bytes | None) -> None:
        """
        Write a file, and beside it what is known of it.

        Parameters
        ----------
        record
            What is known.
        data
            The file; None where it stays as it is.

        Raises
        ------
        RefusedError
            It cannot be written; what was there is as it was.

        """
        beside = record.file.with_name(record.file.name + ENDING)
        try:
            record.file.parent.mkdir(exist_ok=True)
            with ExitStack() as written:
                # Both are on the disk before one of them takes its place: on a full disk the old two stay.
                put = None
                if data is not None:
                    put = written.enter_context(staged(record.file, data, mode=_mode(record.file)))
                # First, so that an index that is brought up to date in between has the address.
                replace_atomically(beside, record.text().encode(), mode=_mode(beside))
                if put is not None:
                    put()
        except OSError as error:
            kept = "; the earlier file stays as it was" if record.file.exists() else ""
            raise RefusedError(f"cannot be written ({error.strerror or error}){kept}.", kind="place") from error
        self._note(record)


def _new_mode() -> int:
    """Return what a new file may be used for, as this process was told; it can only be asked for by setting it."""
    mask = os.umask(0o077)  # the strictest, in case that another thread makes a file right now
    os.umask(mask)
    return 0o666 & ~mask


_NEW_MODE = _new_mode()  # once, since two threads that ask at the same time would leave the strict one


def _mode(file: Path) -> int:
    """Return the permissions of a file, or those of a new one where it is not there."""
    try:
        return stat.S_IMODE(file.stat().st_mode) & 0o777
    except FileNotFoundError:
        return _NEW_MODE


def _record(file: Path, about: FrontMatter) -> Record | None:
    values = {name: str(value) for name, value in about.values.items()}
    url = web_address(values.get("url", ""))
    if not url:
        return None
    found = {name: values.get(name, "") for name in ("date", "etag", "last_modified", "sha256")}
    return Record(file, url, web_address(values.get("asked", "")) or url, **found)
