"""The files that citations name, in the folder of articles or among the user's own files."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from index.collections.registry import PREFIX as COLLECTIONS
from index.collections.registry import Registry
from index.collections.uploads import PREFIX
from index.errors import CorpusError, IndexDamagedError, RagError
from index.formats import EXTRACTED, is_json, is_mail, is_zip, suffix_of
from index.limits import LARGEST_ARCHIVE
from index.reading.containers.content import content as member_content
from index.reading.containers.content import is_container
from index.reading.documents import content, parse
from index.reading.json_records import BadRecord, Fields, records
from index.storage import manifest as manifests
from index.storage.store import Store
from rag.receipts.types import Found

if TYPE_CHECKING:
    from pathlib import Path

    from index.types import Document
    from rag.settings import Settings

_LONGEST_PATH = 4096
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|^[A-Za-z]:")
_MISSING = "the file is not there"


class Files:
    """
    Reads the files, each one once.

    For formats other than Markdown and text, the text is the one that the index keeps, if the index has the file;
    otherwise it is extracted anew, in a separate process.

    Parameters
    ----------
    settings
        Settings that say where the articles, the index and the user's own files are.

    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._named = Registry(settings.index)
        self._read: dict[tuple[str, str], Found] = {}

    def find(self, path: str, sha256: str) -> Found:
        """
        Return the document of a path, see `rag.receipts.types.Sources`.

        Raises
        ------
        RagError
            The path leads out of the folder, or to something that is not a document.

        """
        key = path, sha256
        if key not in self._read:
            self._read[key] = self._find(path, sha256)
        return self._read[key]

    def _find(self, path: str, sha256: str) -> Found:
        folder, index, inner = self._place(path)
        parts = inner.split("/")
        if len(path) > _LONGEST_PATH or _UNSAFE.search(path) or any(not part or part[0] == "." for part in parts):
            raise RagError(f"The path {path[:200]!r} is not that of a document in the folder.")
        if folder is None:
            return Found("missing", reason="there is no such collection")
        if not folder.is_dir():
            return Found("missing", reason=f"the folder {folder} is not there")
        try:
            file, rest = _on_disk(folder, parts)
            if file is None:
                return Found("missing", reason=_MISSING)
            document = self._document(file, folder, inner, rest, index, sha256)
        except (CorpusError, OSError, ValueError) as error:
            reason = error.message if isinstance(error, CorpusError) else str(getattr(error, "strerror", "") or error)
            return Found("missing", reason=f"the file cannot be read ({reason.rstrip('.')})")
        return Found("same" if document.sha256 == sha256 else "changed", document)

    def _place(self, path: str) -> tuple[Path | None, Path, str]:
        """Return the folder that a path leads into (None if there is none), its index's folder, and the path within."""
        settings = self._settings
        if path.startswith(PREFIX):
            return settings.uploads_folder / "files", settings.uploads_folder / "index", path.removeprefix(PREFIX)
        if (found := self._named.find(path)) is not None:
            return found[0].folder, found[0].index_dir, found[1]
        if path.startswith(COLLECTIONS):
            return None, settings.index, path.removeprefix(COLLECTIONS)
        return settings.corpus, settings.index, path

    def _document(self, file: Path, folder: Path, path: str, rest: str, index: Path, sha256: str) -> Document:
        data = content(file, folder, LARGEST_ARCHIVE if is_zip(file.name) else None)
        at = path.removesuffix(f"/{rest}") if rest else path
        if rest and is_container(file.name):
            rest_file, _, number = rest.rpartition("/") if _is_record(rest) else (rest, "", "")
            data = member_content(data, at, f"{at}/{rest_file}")
            at, rest = f"{at}/{rest_file}", number
        if rest:
            wanted = Fields.parse(self._settings.reading.json_files) or Fields()
            for record in records(data, at, wanted):
                if record.path == path:
                    if isinstance(record, BadRecord):
                        raise CorpusError(record.reason)
                    return record
            raise CorpusError(f"{path}: the file has no such record.")
        extracted = suffix_of(path) in EXTRACTED
        kept = _kept(index, sha256) if extracted and hashlib.sha256(data).hexdigest() == sha256 else None
        return parse(data, path, known={sha256: kept} if kept else None)


def _on_disk(folder: Path, parts: list[str]) -> tuple[Path | None, str]:
    """
    Return the file that a path leads to, and the part of the path that lies within that file.

    Raises
    ------
    RagError
        A link leads out of the folder.

    """
    file = folder
    for number, part in enumerate(parts, start=1):
        file = file / part
        if not os.path.lexists(file):
            return None, ""
        try:
            inside = file.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError):  # before Python 3.13, a loop of links raises the latter
            inside = False
        if not inside:
            raise RagError(f"The path {'/'.join(parts)!r} leads out of the folder {folder} by a link.")
        rest = "/".join(parts[number:])
        if file.is_file():
            holds = is_container(part) or (is_json(part) and rest.isdecimal())
            # A mail is itself a document, and each attachment is another.
            return (file, rest) if bool(rest) == holds or is_mail(part) else (None, "")
    return None, ""


def _is_record(rest: str) -> bool:
    name, _, number = rest.rpartition("/")
    return is_json(name) and number.isdecimal()


def _kept(index: Path, sha256: str) -> Document | None:
    """Return the text that an index keeps of a file; None if it has none, or is damaged."""
    try:
        manifest = manifests.read(index)
        if manifest is None:
            return None
        for segment in reversed(manifest.segments):
            with Store(index / segment.store) as store:
                if (found := store.document_of_file(sha256)) is not None:
                    return found
    except (RagError, IndexDamagedError, OSError):
        pass
    return None
