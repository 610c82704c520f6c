"""A user's own files: a collection beside the corpus, with an index of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from index.collections.file_names import safe_name
from index.collections.private_files import FOLDER_MODE, private_folder, tighten, tighten_folder
from index.collections.union import prefixed
from index.collections.upload_types import Upload, UploadLimits
from index.errors import CorpusError, IndexDamagedError, IndexMismatchError, IndexMissingError, RagError
from index.formats import LISTED, suffix_of
from index.limits import LONGEST_NOTE, MOST_OWN_SCANNED_PAGES
from index.progress import told
from index.reading import documents
from index.reading.extraction.process.limits import UPLOADS
from index.reading.extraction.process.pool import shared
from index.reading.extraction.process.unreadable import RememberingExtractor, Unreadable
from index.reading.gathering import of_content
from index.reading.options import ReadingOptions
from index.segmenting import chunking
from index.storage.integrity import damages
from index.storage.left_out import left_out
from index.storage.manifest import stamp
from index.storage.reader import Index
from index.syncing.sync import remove_index, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from index.progress import Progress
    from index.protocols import Embedder
    from index.types import Document

# No file of a corpus has such a path, because hidden folders are skipped.
PREFIX = ".uploads/"
_HELD = frozenset({"files", "index", "owners"})
_UNFINISHED = ".upload-"
_ABANDONED_SECONDS = 3600.0


class Uploads:
    """
    The user's own files.

    Questions are answered from them if a filter's ``collection`` says so. They are copied into a folder of this
    machine and stay there until they are removed; rebuilding the index of the corpus does not touch them. Safe to
    share between threads: a question continues with the index that it began with.

    Parameters
    ----------
    folder
        Folder of the files and their index; created with the first file.
    limits
        The limits of the collection.
    embedder
        Returns the embedding model.
    removed
        Called when files have been removed, so that others can discard what they know of them.
    admit
        Reserves room for a file of the given number of bytes while it is added, or raises an error; see
        `rag.runtime.owned_collections`.

    """

    def __init__(
        self,
        folder: Path,
        limits: UploadLimits,
        embedder: Callable[[], Embedder],
        *,
        removed: Callable[[], None],
        admit: Callable[[int], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.limits = limits
        self._folder = folder
        self._admit = admit
        self._files = folder / "files"
        self._index_dir = folder / "index"
        self._embedder = embedder
        self._removed = removed
        self._opened: Index | None = None
        self._looked = False
        self._stamp: tuple[int, int, int] | None = None
        self._unreadable = Unreadable()
        self._lock = threading.RLock()

    def add(self, name: str, data: bytes, *, progress: Progress | None = None) -> Upload:
        """
        Add a file.

        Parameters
        ----------
        name
            The user's name for it; characters that are unsafe in a file's name are removed, and a number is added if
            another file has that name.
        data
            Its content.
        progress
            Callback that is told the progress.

        Returns
        -------
        The file in the collection.

        Raises
        ------
        CorpusError
            The file cannot be used; ``kind`` says why. The collection stays as it was.
        RagError
            The index cannot be written, or the model cannot be loaded.

        """
        safe = safe_name(name)
        suffix = suffix_of(safe)
        if not self.limits.files:
            raise CorpusError(f"{safe}: users' own files are switched off.", hint="See RAG_UPLOAD_FILES.", kind="off")
        if not suffix:
            raise CorpusError(
                f"{safe}: of a kind that is not read.", hint=f"Readable formats: {LISTED}.", kind="unknown_type"
            )
        self._check_size(safe, len(data))
        try:
            with shared().open(str(self._index_dir), UPLOADS) as seat:
                reader = RememberingExtractor(seat, UPLOADS, self._unreadable)
                found = of_content(data, safe, reader, self._options()).documents
        except CorpusError as error:
            raise CorpusError(f"{safe}: {error.message}", hint=error.hint, kind=error.kind) from error
        if not any(map(chunking.chunk, found)):
            raise CorpusError(f"{safe}: contains no sentence that could be cited.", kind="no_text")
        with self._lock:
            self._check_room(safe, data)
            file = self._free(safe)
            with told(progress), self._admit(len(data)):
                try:
                    self._write(file, data)
                    self._sync(found)
                except BaseException as error:
                    file.unlink(missing_ok=True)
                    if isinstance(error, OSError):
                        reason = error.strerror or error
                        hint = "Make room there, or make it writable."
                        raise RagError(f"{safe}: cannot be written to {self._files} ({reason}).", hint=hint) from error
                    raise
            added = next((upload for upload in self.list() if upload.name == file.name), None)
            if added is None:
                raise CorpusError(f"{safe}: disappeared while being added.", hint="Try again.", kind="broken_off")
            return added

    def add_file(self, file: str | Path, *, progress: Progress | None = None) -> Upload:
        """Add a copy of a file; see `add`."""
        file = Path(file).expanduser()
        try:
            self._check_size(file.name, file.stat().st_size)
            data = file.read_bytes()
        except OSError as error:
            raise CorpusError(f"{file}: cannot be read ({error.strerror or error}).") from error
        return self.add(file.name, data, progress=progress)

    def list(self) -> list[Upload]:
        """Return the files in order of names."""
        index = self.index()
        found: dict[str, Document] = {}
        for document in () if index is None else index.documents.values():
            name = _file_of(document)
            if name not in found or document.path == PREFIX + name:  # a mail's attachments are not listed as files
                found[name] = document
        uploads = [self._upload(name, document) for name, document in found.items()]
        return sorted(uploads, key=lambda upload: upload.name.casefold())

    def count(self) -> int:
        """Return the number of files in the folder, without opening their index."""
        return sum(1 for _ in self._all())

    def remove(self, name: str) -> None:
        """
        Remove a file and what is known of it.

        Parameters
        ----------
        name
            Its name, or its path in citations.

        Raises
        ------
        CorpusError
            There is none with that name.

        """
        name = name.removeprefix(PREFIX)
        with self._lock:
            if name not in {upload.name for upload in self.list()}:
                raise CorpusError(f"There is no own file named {name}.", hint="See `RAG.uploads.list()`.")
            (self._files / name).unlink(missing_ok=True)
            self._sync()
            self._removed()

    def clear(self) -> int:
        """Remove all files and what is known of them; return how many there were."""
        with self._lock:
            count = len(self.list())
            shutil.rmtree(self._files, ignore_errors=True)
            self._sync()
            self._removed()
            return count

    def index(self) -> Index | None:
        """Return the files' index, whose paths begin with `PREFIX`; None if there are no files."""
        if self._looked:
            return self._opened
        with self._lock:
            if not self._looked:
                self._sweep()
                self._open()
                if self._opened is not None and not self._mirrors(self._opened):
                    # The program ended while files were added or removed. The sync may not help (a file may no longer
                    # be readable), so it is tried only once.
                    with suppress(RagError):
                        self._sync()
            return self._opened

    def refresh(self) -> None:
        """Make the next question open the files' index again, if another process has changed it."""
        with self._lock:
            if self._looked and self._stamp != stamp(self._index_dir):
                self._looked = False

    @property
    def files_folder(self) -> Path:
        """The folder of the files, each under its path without `PREFIX`."""
        return self._files

    def _sweep(self) -> None:
        """Delete temporary files that were left when the program ended while adding files."""
        oldest = time.time() - _ABANDONED_SECONDS  # another process may still be writing a younger one
        for left in self._files.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):
                if left.stat().st_mtime < oldest:
                    left.unlink()

    def _mirrors(self, index: Index) -> bool:
        names = {file.relative_to(self._files).as_posix() for file in self._all()}
        return names == set(map(_file_of, index.documents.values()))

    def _open(self) -> None:
        self._stamp = stamp(self._index_dir)  # taken first, so that a change made meanwhile is seen the next time
        if not any(self._all()):
            if self._index_dir.is_dir():  # the program ended while the files were removed
                with suppress(RagError):
                    remove_index(self._index_dir)
            self._opened, self._looked = None, True
            return
        self.tighten()
        embedding = self._embedder().fingerprint
        try:
            index = self._checked(embedding)
        except (IndexMissingError, IndexMismatchError, IndexDamagedError):
            # The files are still there, so rebuilding loses nothing; a change of model may be the reason.
            if not self._rebuild(self._embedder()):
                self._opened, self._looked = None, True
                return
            index = Index.open(self._index_dir, embedding=embedding)
        self._opened, self._looked = prefixed(index, PREFIX), True

    def _checked(self, embedding: str) -> Index:
        """Open the index after a full check: it is small, and the user cannot repair it."""
        index, found = Index.open(self._index_dir, embedding=embedding), damages(self._index_dir)
        if found:
            raise IndexDamagedError(found[0])
        return index

    def _sync(self, fresh: Sequence[Document] = ()) -> None:
        """Bring the index up to date with the files and open it; users of the old one can continue with it."""
        if not any(self._all()):
            remove_index(self._index_dir)
        else:
            embedder = self._embedder()
            private_folder(self._index_dir)  # so that files in it are private before their own rights are set
            known = {document.sha256: document for document in fresh}
            try:
                sync(
                    self._files,
                    self._index_dir,
                    embedder,
                    known=known,
                    limits=UPLOADS,
                    options=self._options(),
                )
            except (IndexMismatchError, IndexDamagedError):
                self._rebuild(embedder)
            except CorpusError:  # none of the remaining files can be read any more
                remove_index(self._index_dir)
        self._open()

    def _rebuild(self, embedder: Embedder) -> bool:
        """Rebuild the index; tell whether there is one. There is none if no file can be read any more."""
        private_folder(self._index_dir)
        try:
            sync(
                self._files,
                self._index_dir,
                embedder,
                rebuild=True,
                limits=UPLOADS,
                options=self._options(),
            )
        except CorpusError:
            return False
        self.tighten()
        return True

    def _options(self) -> ReadingOptions:
        return ReadingOptions(languages=self.limits.languages, scanned_pages=MOST_OWN_SCANNED_PAGES)

    def tighten(self) -> None:
        """Remove all rights of others, which files have that an earlier version or another umask made."""
        tighten_folder(self._folder, holding=_HELD)
        for folder in (self._files, self._index_dir):
            tighten(folder)

    def _all(self) -> Iterable[Path]:
        with suppress(OSError):
            yield from documents.iter_files(self._files) if self._files.is_dir() else ()

    def _write(self, file: Path, data: bytes) -> None:
        """Write a file completely or not at all, readable by its owner alone."""
        self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        private_folder(file.parent)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _upload(self, name: str, document: Document) -> Upload:
        try:
            size = (self._files / name).stat().st_size
        except OSError:
            size = 0
        pages = len(document.pages) or None
        inside = [one for one in left_out(self._index_dir) if one.path.startswith(f"{name}/")]
        attached = tuple(f"{one.path.removeprefix(f'{name}/')}: {one.reason}"[:LONGEST_NOTE] for one in inside)
        unread = (*documents.not_read(document), *attached)
        return Upload(document.path, name, document.metadata.title, size, len(document.text), pages, unread)

    def _check_size(self, name: str, size: int) -> None:
        most = min(self.limits.file_bytes, documents.MAX_BYTES)
        if size > most:
            raise CorpusError(
                f"{name}: larger than {most / 1e6:.0f} MB ({size / 1e6:.1f} MB).",
                hint="Split the file.",
                kind="too_large",
            )

    def _check_room(self, name: str, data: bytes) -> None:
        index, size = self.index(), len(data)
        digest = hashlib.sha256(data).hexdigest()
        for other in () if index is None else index.documents.values():
            if other.sha256 == digest and other.path == PREFIX + _file_of(other):
                raise CorpusError(f"{name}: already added, as {other.path.removeprefix(PREFIX)}.", kind="known")
        sizes = [file.stat().st_size for file in self._all()]
        if len(sizes) >= self.limits.files:
            raise CorpusError(f"{name}: there are already {len(sizes)} files.", hint="Remove some first.", kind="full")
        if sum(sizes) + size > self.limits.total_bytes:
            limit = f"{self.limits.total_bytes / 1e6:.0f} MB"
            raise CorpusError(
                f"{name}: your files would take more than {limit} in total.", hint="Remove some first.", kind="full"
            )

    def _free(self, name: str) -> Path:
        """Return a free path for a name, adding a number if needed; case is ignored, as on many disks."""
        taken = {file.name.casefold() for file in self._all()}
        suffix = suffix_of(name)
        stem = name[: -len(suffix)]
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        return self._files / name


def _file_of(document: Document) -> str:
    """Return the name of the file that a document was read from; for an attachment, that of the mail."""
    return document.path.removeprefix(PREFIX).partition("/")[0]


__all__ = ["PREFIX", "Upload", "UploadLimits", "Uploads"]
