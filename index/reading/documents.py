"""Find the files of a corpus, and read each as a `Document`."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from index.blocks import Block, packed
from index.errors import CorpusError
from index.formats import (
    EXTRACTED,
    SUFFIXES,
    check_content,
    check_reader,
    is_json,
    is_judgements,
    is_record,
    is_zip,
    suffix_of,
)
from index.limits import LARGEST_FILE, LONGEST_NOTE
from index.markup.front_matter import front_matter, read
from index.markup.notes import comment
from index.markup.notes import notes as left_out
from index.markup.structure import of_extract, of_text
from index.reading.beside import about_of, described
from index.reading.decoding import decode
from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.recognition.scans import Scans, installed
from index.reading.extraction.types import ExtractionError, Extractor
from index.reading.metadata import INVISIBLE, of_extraction, of_plain_text
from index.types import Document, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_BYTES = LARGEST_FILE


class Entry(NamedTuple):
    """A file: its path in the corpus, its place on disk, and its status from the system (None for a link)."""

    path: str
    place: str
    status: os.stat_result | None


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a folder holds.

    Parameters
    ----------
    entries
        Files that can be indexed, folder by folder in the order of their names.
    left_out
        Path and reason for files and folders that are left out.

    """

    entries: tuple[Entry, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(Path(one.place) for one in self.entries)


def find(corpus: Path, *, json_files: bool = False) -> Found:
    """
    Look for the files of a corpus that can be indexed.

    Hidden files and folders are skipped. Folders behind symbolic links are left out; a linked file counts if it lies
    inside the corpus.

    Parameters
    ----------
    corpus
        The folder to walk.
    json_files
        Whether JSON files count.

    Returns
    -------
    Found
        Files ending in one of `SUFFIXES`, archives, and what was left out.

    Raises
    ------
    CorpusError
        If the folder does not exist, is not a folder, or cannot be read.

    """
    if not corpus.is_dir():
        reason = "is not a folder" if corpus.exists() else "does not exist"
        raise CorpusError(f"The corpus {corpus} {reason}.", hint="Name the folder that contains the articles.")
    root = corpus.resolve()
    files: list[Entry] = []
    left_out: list[tuple[str, str]] = []

    def unreadable(error: OSError) -> None:
        reason = error.strerror or str(error)
        if Path(error.filename) == corpus:
            hint = "Make it readable for your account."
            raise CorpusError(f"The corpus {corpus} cannot be read ({reason}).", hint=hint)
        left_out.append((_shown(Path(error.filename), corpus), f"the folder cannot be read ({reason})."))

    for entry, path in _walked(corpus, left_out, unreadable):
        name = entry.name.lower()
        if not (name.endswith(SUFFIXES) or is_zip(name) or (json_files and is_json(name))):
            continue
        if name.endswith(".tsv") and is_judgements(corpus / path):
            continue
        status = _status(entry.path)
        if status is None and (reason := _link_problem(corpus / path, root)):
            left_out.append((_shown(corpus / path, corpus), reason))
        elif status is not None or _may_be_file(corpus / path):
            files.append(Entry(path, entry.path, status))
    return Found(tuple(files), tuple(sorted(left_out)))


def _walked(
    corpus: Path, left_out: list[tuple[str, str]], unreadable: Callable[[OSError], None]
) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield files that are not hidden, each with its path, in the order of names; there may be a great many."""
    walk = [_listed(f"{corpus}", "", unreadable)]
    while walk:
        one = next(walk[-1], None)
        if one is None:
            walk.pop()
            continue
        entry, path = one
        if entry.name.startswith("."):
            continue
        if not _is_folder(entry):
            yield entry, path
        elif entry.is_symlink():
            left_out.append((_shown(corpus / path, corpus), "a link to a folder; links are not followed."))
        else:
            walk.append(_listed(entry.path, f"{path}/", unreadable))


def _listed(folder: str, path: str, unreadable: Callable[[OSError], None]) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield the entries of a folder in the order of names, each with its path; ``path`` is the folder's own."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except OSError as error:
        unreadable(error)
        return
    for entry in entries:
        yield entry, path + entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _status(file: str) -> os.stat_result | None:
    """Return the status of a file; None if it is a link, not a regular file, or inaccessible."""
    try:
        found = os.lstat(file)
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def iter_files(corpus: Path) -> Iterator[Path]:
    """Yield the files that `find` finds and `load` reads, in a stable order."""
    yield from (file for file in find(corpus).files if not is_zip(file.name))


def _link_problem(file: Path, root: Path) -> str:
    """Return why a link is not followed; empty if it is followed, or if the file is not a link."""
    if not file.is_symlink():
        return ""
    try:
        target = file.resolve()
    except (OSError, RuntimeError):  # before Python 3.13 a loop raises the latter
        return "a link that leads to itself."
    if not target.is_relative_to(root):
        return "a link to a place outside of the folder."
    return "a link that leads to itself." if target.is_symlink() else ""


def _may_be_file(file: Path) -> bool:
    # A dangling link counts, so that it is reported as unreadable, and so does what is inaccessible; a pipe does not.
    try:
        return file.is_file() or not file.exists()
    except OSError:
        return True


def _shown(file: Path, corpus: Path) -> str:
    """Return a path in a form that can be printed."""
    return file.relative_to(corpus).as_posix().encode("utf-8", "replace").decode()


def load(
    file: Path, corpus: Path, *, reader: Extractor | None = None, known: Mapping[str, Document] | None = None
) -> Document:
    """
    Read one file.

    Parameters
    ----------
    file
        The file, inside the corpus.
    corpus
        The folder that its path is relative to.
    reader
        Extracts the text of files that are not plain text; None starts a reader for this file alone.
    known
        Documents by the digest of their files: text that was extracted before is not extracted again.

    Returns
    -------
    Document
        The file's text, untouched, and what is known about it.

    Raises
    ------
    CorpusError
        With a one-line reason, if the file is empty, binary, broken, too large, unreadable or not what its name
        says.

    """
    path = relative(file, corpus)
    data = content(file, corpus)
    try:
        return described(parse(data, path, reader=reader, known=known), about_of(file))
    except CorpusError as error:
        raise CorpusError(f"{path}: {error.message}", hint=error.hint, kind=error.kind) from error


def content(file: Path, corpus: Path, most: int | None = None) -> bytes:
    """
    Return what a file holds.

    Parameters
    ----------
    file, corpus
        See `load`.
    most
        Largest size in bytes; `MAX_BYTES` if None.

    Raises
    ------
    CorpusError
        If the file is larger, or cannot be read.

    """
    most = MAX_BYTES if most is None else most
    path = relative(file, corpus)
    try:
        if not file.is_file():
            raise CorpusError(f"{path}: not a readable file.")
        size = file.stat().st_size
        if size > most:
            raise CorpusError(
                f"{path}: larger than {most / 1e6:.0f} MB ({size / 1e6:.1f} MB).",
                hint="Split the file.",
                kind="too_large",
            )
        return file.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error}).") from error


def parse(
    data: bytes, path: str, *, reader: Extractor | None = None, known: Mapping[str, Document] | None = None
) -> Document:
    """
    Make a document from a file's content; see `load`.

    Raises
    ------
    CorpusError
        If the content cannot be used; the message is written to follow the file's name.

    """
    name = PurePosixPath(path)
    suffix = suffix_of(path)
    if not data.strip():
        raise CorpusError("empty file.", kind="no_text")
    check_content(data, suffix)
    digest = hashlib.sha256(data).hexdigest()
    if suffix in EXTRACTED:
        before = known.get(digest) if known else None
        if before is not None and before.encoding == EXTRACTED[suffix]:
            title = before.metadata.title
            renamed = name.stem if title == PurePosixPath(before.path).stem else title
            return replace(before, path=path, metadata=replace(before.metadata, title=renamed))
        return _extracted(data, path, suffix, digest, reader)
    text, encoding = decode(data)
    if not text.strip().strip(INVISIBLE):
        raise CorpusError("empty file.", kind="no_text")
    return Document(path=path, text=text, metadata=of_plain_text(text, name), sha256=digest, encoding=encoding)


def _extracted(data: bytes, path: str, suffix: str, digest: str, reader: Extractor | None) -> Document:
    check_reader(suffix)
    kind = EXTRACTED[suffix]
    try:
        if reader is None:
            with Reader() as own:
                found = Scans(own, installed()).extract(data, kind)
        else:
            found = reader.extract(data, kind)
    except ExtractionError as error:
        raise CorpusError(error.message, hint=error.hint, kind=error.kind) from error
    text = found.text
    blocks = [*of_extract(text, found.blocks)] or [*of_text(text, markdown=True, extracted=True)]
    metadata = of_extraction(found, blocks, PurePosixPath(path), kind)
    for line in found.unread:
        note = comment(line)
        blocks.append(Block(len(text) + 1, len(text) + 1 + len(note), "note"))
        text += f"\n{note}\n"
    return Document(
        path,
        text,
        metadata,
        digest,
        kind,
        found.pages,
        packed(blocks),
        machine_read=tuple(Span(*span) for span in found.machine_read),
        labels=found.labels,
    )


def relative(file: Path, corpus: Path) -> str:
    """Return a file's path in the form that documents have; raise a `CorpusError` if that is impossible."""
    try:
        path = file.relative_to(corpus).as_posix()
    except ValueError as error:
        raise CorpusError(f"{file} is not inside the corpus {corpus}.") from error
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{path!r}: the file's name is not valid UTF-8.", hint="Rename the file.") from error
    return path


def unread(document: Document) -> tuple[str, ...]:
    """Return the parts of a file that were not read, one line each; they are noted in its text."""
    return left_out(document.text) if document.encoding in EXTRACTED.values() else ()


def not_read(document: Document) -> tuple[str, ...]:
    """Return what `notes` does without "not read: ", with each line cut to `index.limits.LONGEST_NOTE`."""
    return tuple(line.removeprefix("not read: ")[:LONGEST_NOTE] for line in notes(document))


def notes(document: Document) -> tuple[str, ...]:
    """Return what could not be read of a file whose text could: one line each."""
    if document.encoding in EXTRACTED.values() or is_record(document.path):
        return tuple(f"not read: {note}" for note in left_out(document.text))
    found = read(document.text)
    date = found.get("date")
    undated = (
        (f"front matter: the date {date[:60]!r} is not a valid date.",) if date and not document.metadata.date else ()
    )
    return (*found.notes, *undated)


__all__ = [
    "MAX_BYTES",
    "Found",
    "content",
    "find",
    "front_matter",
    "iter_files",
    "load",
    "not_read",
    "notes",
    "parse",
    "relative",
    "unread",
]
