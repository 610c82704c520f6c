"""Open files that are archives (Word, workbooks, slides, OpenDocument, EPUB), and check them before unpacking."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

from index.formats import ARCHIVES, NAMES
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from collections.abc import Callable

# Files of office programs stay far below these: XML packs about 10 to 1, and a long book has a few hundred parts.
MAX_PARTS = 5_000
MAX_PART_BYTES = 100_000_000
MAX_BYTES = 300_000_000
MAX_RATIO = 200
_SMALL = 1_000_000  # bytes; below this a high ratio does no harm
_MAX_MIMETYPE = 200  # bytes
REPAIR = "Open it in its program and save it again."
# What the library raises if an archive is damaged.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    IndexError,
)


def damaged(kind: str) -> ExtractionError:
    """Return the error that says that a file of a kind is damaged."""
    return ExtractionError(f"a damaged {_bare(kind)}.", hint=REPAIR)


def without_text(kind: str) -> ExtractionError:
    """Return the error that says that a file of a kind has no text."""
    return ExtractionError(f"{NAMES[kind].split(' (')[0]} without text.", kind="no_text")


class Archive:
    """
    The parts of a file that is an archive. Nothing is written to disk: a part is found by its name alone.

    Parameters
    ----------
    data
        The file's content.
    kind
        One of `index.formats.ARCHIVES`.
    streamed
        Tells by a part's name whether it is read piece by piece and no further than needed, so that its size does no
        harm.

    Raises
    ------
    ExtractionError
        If it is damaged, protected by a password, of another kind, or a "zip bomb": more or larger parts than any file
        of the kind has.

    """

    def __init__(self, data: bytes, kind: str, *, streamed: Callable[[str], bool] = lambda _: False) -> None:
        self.kind = kind
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except BROKEN as error:
            raise damaged(kind) from error
        # Names are compared without regard to case.
        self._names = {part.filename.lower(): part.filename for part in parts}
        self._check_kind()
        if any(part.flag_bits & 1 for part in parts):
            raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted")
        _check_sizes([part for part in parts if not streamed(part.filename)], len(parts), kind)

    def _check_kind(self) -> None:
        found = next((kind for kind in ARCHIVES if self._is(kind)), "")
        if found != self.kind:
            named = f" ({NAMES[found]})" if found else ""
            raise ExtractionError(
                f"named {ARCHIVES[self.kind].suffix}, but it is another kind of ZIP archive{named}.",
                hint="Give it the right extension.",
                kind="wrong_type",
            )

    def _is(self, kind: str) -> bool:
        mark = ARCHIVES[kind]
        if mark.mimetype and "mimetype" in self._names:
            try:
                with self._zip.open("mimetype") as part:
                    return part.read(_MAX_MIMETYPE).strip().startswith(mark.mimetype)
            except BROKEN as error:
                raise damaged(self.kind) from error
        return bool(mark.parts) and all(
            any(name.startswith(part) for name in self._names) if part.endswith("/") else part.lower() in self._names
            for part in mark.parts
        )

    def has(self, name: str) -> bool:
        """Tell whether there is a part with a name."""
        return name.lower() in self._names

    def read(self, name: str) -> bytes:
        """
        Return a part's content, empty if there is no such part.

        Raises
        ------
        ExtractionError
            If it cannot be unpacked.

        """
        if not self.has(name):
            return b""
        try:
            return self._zip.read(self._names[name.lower()])
        except BROKEN as error:
            raise damaged(self.kind) from error

    def open(self, name: str) -> IO[bytes]:
        """Return a part to be read piece by piece; raises what `read` raises."""
        try:
            return self._zip.open(self._names[name.lower()])
        except BROKEN as error:
            raise damaged(self.kind) from error

    def xml(self, name: str) -> Any | None:
        """Return the root element of a part, None if there is none; raises what `read` raises, also for bad XML."""
        data = self.read(name)
        return parse(data, self.kind) if data else None


def parse(data: bytes, kind: str) -> Any:
    """
    Return the root element of an XML text. Entities are not expanded, and nothing is fetched.

    Raises
    ------
    ExtractionError
        If it is not XML.

    """
    from lxml import etree  # noqa: PLC0415 - an extra

    try:
        return etree.fromstring(data, etree.XMLParser(**SAFE, remove_comments=True, remove_pis=True))
    except (etree.LxmlError, ValueError) as error:
        raise damaged(kind) from error


SAFE = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
"""Options for reading XML: no entities, no network, no unbounded trees."""


def _check_sizes(parts: list[zipfile.ZipInfo], count: int, kind: str) -> None:
    swollen = any(part.file_size > _SMALL and part.file_size > MAX_RATIO * max(1, part.compress_size) for part in parts)
    sizes = [part.file_size for part in parts]
    if swollen or count > MAX_PARTS or max(sizes, default=0) > MAX_PART_BYTES or sum(sizes) > MAX_BYTES:
        name = NAMES[kind].split(" (")[0]
        raise ExtractionError(f"{name} that unpacks to far more than it should; it is not opened.", kind="bomb")


def _bare(kind: str) -> str:
    return NAMES[kind].split(" (")[0].removeprefix("an ").removeprefix("a ")
