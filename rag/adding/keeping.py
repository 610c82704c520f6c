"""Keep fetched files, each with a small file beside it that records its origin; see `index.reading.beside`."""

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
    What is known about a file that was fetched.

    Parameters
    ----------
    file
        Its path.
    url
        Its final address, after redirects.
    asked
        The address that was requested; the same, or one that leads there.
    date
        The day that a feed gave; empty if none did.
    etag, last_modified
        As the host sent them.
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
        """What the host is sent to ask whether the page has changed."""
        return Known(self.url, self.etag, self.last_modified)

    def state(self) -> str:
        """Return ``kept``, ``gone``, or, if the file is not what was fetched, ``changed``."""
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return "gone"
        except OSError:
            return "changed"
        return "kept" if digest(data) == self.sha256 else "changed"

    def text(self) -> str:
        """Return the text of the file that is written beside it."""
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
    """Return the digest that identifies a file's content."""
    return hashlib.sha256(data).hexdigest()


@dataclass
class Kept:
    """
    The fetched files of a folder.

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
        """Return what is known about an address; None if it was never added."""
        return self._by_address.get(url)

    def shown(self, file: Path) -> str:
        """Return the path of a file within the folder."""
        return file.relative_to(self.corpus).as_posix()

    def place(self, url: str, suffix: str) -> Path:
        """
        Return the path for a new page, at which there is no file yet.

        Raises
        ------
        RefusedError
            There is none, or its folder leads out of the folder of articles.

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
        Write a file, and beside it what is known about it.

        Parameters
        ----------
        record
            What is known.
        data
            Content of the file; None if it stays as it is.

        Raises
        ------
        RefusedError
            It cannot be written; what was there is unchanged.

        """
        beside = record.file.with_name(record.file.name + ENDING)
        try:
            record.file.parent.mkdir(exist_ok=True)
            with ExitStack() as written:
                # Both are written before either replaces its old version: on a full disk both old ones stay.
                put = None
                if data is not None:
                    put = written.enter_context(staged(record.file, data, mode=_mode(record.file)))
                # This one first, so that an index that is brought up to date in between has the address.
                replace_atomically(beside, record.text().encode(), mode=_mode(beside))
                if put is not None:
                    put()
        except OSError as error:
            kept = "; the earlier file stays as it was" if record.file.exists() else ""
            raise RefusedError(f"cannot be written ({error.strerror or error}){kept}.", kind="place") from error
        self._note(record)


def _new_mode() -> int:
    """Return the permissions of a new file by this process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)  # the strictest, in case another thread makes a file right now
    os.umask(mask)
    return 0o666 & ~mask


_NEW_MODE = _new_mode()  # read once, since two threads doing so at the same time could leave the strict one


def _mode(file: Path) -> int:
    """Return the permissions of a file, or those of a new one if it does not exist."""
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
