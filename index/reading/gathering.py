"""Gather the documents of a folder: its files, members of archives, and records of JSON files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.formats import are_judgements, is_json, is_mail, is_picture, is_zip, suffix_of
from index.limits import LARGEST_ARCHIVE
from index.printable import one_line
from index.reading import documents
from index.reading.beside import about_of, described
from index.reading.containers.archives import unpack
from index.reading.containers.mails import unpack_mail
from index.reading.containers.types import LeftOut, Member, Within
from index.reading.extraction.recognition.scans import INSTALL, OFF, Scans, installed
from index.reading.json_records import BadRecord, records
from index.reading.options import ReadingOptions
from index.types import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.markup.front_matter import FrontMatter
    from index.reading.documents import Entry
    from index.reading.extraction.types import Extractor
_MOST_BAD = 20  # unreadable records of a file that are reported one by one; further ones are only counted
_NO_TEXT = "no_text"
Unchanged = Callable[[Sequence["Entry"]], Sequence[int]]
_FOR_RECOGNITION = ("only a picture", "mapped to wrong characters")


@dataclass(frozen=True, slots=True)
class Gathered:
    """
    What a folder holds.

    Parameters
    ----------
    documents
        The documents that were read, in the order of their files.
    left_out
        Path and reason for everything that could not be read.
    missed
        What was not read for want of text recognition, in one line; empty if nothing.
    reread
        Digests of files that have not changed, but whose text differs from what was read before.
    kinds
        Why paths were left out, as an `index.errors.CorpusError.kind`; some paths have none.
    entries
        All files of the folder.
    unchanged
        For each of ``entries``, whether it was not read because it has not changed.
    read
        The documents of every file that was read, by the file's path.
    unfinished
        Paths of files that were not read completely.

    """

    documents: tuple[Document, ...]
    left_out: tuple[tuple[str, str], ...]
    missed: str = ""
    reread: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    entries: Sequence[Entry] = ()
    unchanged: Sequence[int] = ()
    read: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    unfinished: frozenset[str] = frozenset()


class Known(Mapping[str, Document]):
    """
    Documents by the digests of their files, made only when one is asked for.

    Parameters
    ----------
    make
        Returns the documents; called once.
    more
        Further documents that are known already; they take precedence.

    """

    def __init__(self, make: Callable[[], Mapping[str, Document]], more: Mapping[str, Document] | None = None) -> None:
        self._make = make
        self._more = more or {}

    @cached_property
    def _all(self) -> dict[str, Document]:
        return {**self._make(), **self._more}

    def __getitem__(self, digest: str) -> Document:
        return self._all[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def gather(
    corpus: Path,
    reader: Extractor,
    *,
    known: Mapping[str, Document] | None = None,
    options: ReadingOptions | None = None,
    unchanged: Unchanged = lambda entries: bytes(len(entries)),
) -> Gathered:
    """
    Read all documents of a folder.

    Parameters
    ----------
    corpus
        The folder.
    reader
        Extracts the text of files that are not plain text.
    known
        Documents by the digest of their files, see `index.reading.documents.load`.
    options
        Which files are read, and how.
    unchanged
        Tells for each file whether it need not be read.

    Raises
    ------
    CorpusError
        If the folder cannot be read.

    """
    options = options or ReadingOptions()
    found = documents.find(corpus, json_files=options.json is not None)
    gathering = _Gathering(reader, {} if known is None else known, options, left_out=list(found.left_out))
    same = unchanged(found.entries)
    for entry, is_same in zip(found.entries, same, strict=True):
        if not is_same:
            gathering.look(entry, corpus)
    return replace(gathering.gathered(), entries=found.entries, unchanged=same)


def of_content(data: bytes, path: str, reader: Extractor, options: ReadingOptions) -> Gathered:
    """
    Read one file that is not in a folder yet.

    Parameters
    ----------
    data
        Its content.
    path
        Its name.
    reader, options
        See `gather`.

    Raises
    ------
    CorpusError
        If neither it nor anything in it can be read; the message is written to follow the file's name.

    """
    gathering = _Gathering(reader, {}, options, left_out=[])
    try:
        gathering.content(data, path)
    except CorpusError as error:
        if not gathering.documents:
            raise
        gathering.left_out.append((path, str(error)))
    return gathering.gathered()


def holds_documents(corpus: Path, options: ReadingOptions | None = None) -> bool:
    """Tell whether a folder has files that are read; raises what `gather` raises."""
    options = options or ReadingOptions()
    pictures = installed(options.languages) is not None
    found = documents.find(corpus, json_files=options.json is not None)
    return any(pictures or not is_picture(file.name) for file in found.files)


@dataclass
class _Gathering:
    reader: Extractor
    known: Mapping[str, Document]
    options: ReadingOptions
    left_out: list[tuple[str, str]]
    documents: list[Document] = field(default_factory=list)
    reread: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    read: dict[str, Sequence[Document]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._recognition = installed(self.options.languages)
        self._scans = Scans(self.reader, self._recognition, most=self.options.scanned_pages)
        self._usable: Mapping[str, Document] = self.known if self._recognition is None else Known(self._wholly_read)
        self._pictures = 0
        self._scanned = 0

    def _wholly_read(self) -> dict[str, Document]:
        # What was read before text recognition was installed is read again.
        return {digest: one for digest, one in self.known.items() if not _is_half_read(one)}

    def look(self, entry: Entry, corpus: Path) -> None:
        """Read a file, and keep its documents and whether anything of it was left out."""
        before, rest = len(self.documents), (len(self.left_out), self._pictures, self._scanned)
        self.file(Path(entry.place), corpus)
        self.read[entry.path] = self.documents[before:]
        if rest != (len(self.left_out), self._pictures, self._scanned):
            self.unfinished.add(entry.path)

    def file(self, file: Path, corpus: Path) -> None:
        """Read a file and everything in it."""
        if is_picture(file.name) and self._recognition is None:
            self._pictures += 1
            return
        path = file.relative_to(corpus).as_posix()
        try:
            if is_zip(file.name):
                self._archive(documents.content(file, corpus, LARGEST_ARCHIVE), documents.relative(file, corpus))
            elif is_json(file.name):
                beside = [one.name for one in file.parent.iterdir()]
                self._records(documents.content(file, corpus), documents.relative(file, corpus), beside)
            else:
                self.content(documents.content(file, corpus), documents.relative(file, corpus), about=about_of(file))
        except CorpusError as error:
            self._leave_out(path, error)

    def gathered(self) -> Gathered:
        """Return what was read."""
        return Gathered(
            tuple(self.documents),
            tuple(self.left_out),
            self._missed(),
            frozenset(self.reread),
            self.kinds,
            read=self.read,
            unfinished=frozenset(self.unfinished),
        )

    def _missed(self) -> str:
        """Return what text recognition would have read, had it been installed."""
        if self.options.languages == OFF or self._recognition is not None or not (self._pictures or self._scanned):
            return ""
        counts = ((self._scanned, "scanned file"), (self._pictures, "picture"))
        what = " and ".join(f"{count} {name}{'s' if count > 1 else ''}" for count, name in counts if count)
        return f"{what} not read, because text recognition is not installed. {INSTALL}"

    def content(
        self, data: bytes, path: str, within: Within | None = None, *, about: FrontMatter | None = None
    ) -> None:
        """
        Read what a file holds, and what is attached to it if it is a mail.

        Raises
        ------
        CorpusError
            If the file itself cannot be read; its attachments may have been read.

        """
        try:
            document = documents.parse(data, path, reader=self._scans, known=self._usable)
            self._add(described(document, about) if about is not None else document)
        except CorpusError as error:
            # The reader's process takes a mail apart within bounds on time and memory. One that fails there is not
            # taken apart here, where there are none.
            if is_mail(path) and error.kind == _NO_TEXT:
                self._attached(data, path, within)
            raise
        if is_mail(path):
            self._attached(data, path, within)

    def _archive(self, data: bytes, path: str, within: Within | None = None) -> None:
        before = len(self.documents), len(self.left_out), self._pictures
        self._members(unpack(data, path, self._is_wanted, within))
        if before == (len(self.documents), len(self.left_out), self._pictures):
            self.left_out.append((path, "an archive without readable files."))

    def _attached(self, data: bytes, path: str, within: Within | None) -> None:
        self._members(unpack_mail(data, path, lambda name: is_zip(name) or self._is_wanted(name), within))

    def _members(self, found: Iterable[Member | LeftOut]) -> None:
        for member in found:
            if isinstance(member, LeftOut):
                self.left_out.append((member.path, member.reason))
                continue
            try:
                self._member(member, PurePosixPath(member.path))
            except CorpusError as error:
                self._leave_out(member.path, error)

    def _member(self, member: Member, path: PurePosixPath) -> None:
        if is_zip(path.name):
            self._archive(member.data, member.path, member.within)
        elif is_json(path.name):
            self._records(member.data, member.path, member.names.get(str(path.parent), ()))
        elif is_picture(path.name) and self._recognition is None:
            self._pictures += 1
        elif not are_judgements(path, member.names.get(str(path.parent.parent), ())):
            self.content(member.data, member.path, member.within)

    def _is_wanted(self, path: str) -> bool:
        return bool(suffix_of(path)) or (is_json(path) and self.options.json is not None)

    def _records(self, data: bytes, path: str, beside: Iterable[str]) -> None:
        if self.options.json is None:
            return
        bad = 0
        for record in records(data, path, self.options.json, beside=beside):
            if isinstance(record, BadRecord):
                bad += 1
                if bad <= _MOST_BAD:
                    self.left_out.append((record.path, record.reason))
            else:
                self._add(record)
        if bad > _MOST_BAD:
            self.left_out.append((path, f"and {bad - _MOST_BAD} more records that cannot be read."))

    def _add(self, document: Document) -> None:
        self.documents.append(document)
        self._scanned += _is_half_read(document)
        before = self.known.get(document.sha256)
        if before is not None and before.text != document.text:
            self.reread.add(document.sha256)

    def _leave_out(self, path: str, error: CorpusError) -> None:
        self._scanned += error.kind == "scanned"
        self.kinds[path] = error.kind
        self.left_out.append((path, str(error).removeprefix(f"{one_line(path)}: ")))


def _is_half_read(document: Document) -> bool:
    """Tell whether a document has pages that only text recognition can read."""
    if document.encoding != "pdf" or not any(said in document.text for said in _FOR_RECOGNITION):
        return False
    return any(note.endswith(_FOR_RECOGNITION) for note in documents.notes(document))
