"""An OpenDocument file: its archive, its styles, and what it says about itself."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives.archive import Archive
from index.reading.extraction.opendocument.names import DC, META, OFFICE, STYLE, TEXT
from index.reading.extraction.opendocument.numbering import Numbering
from index.reading.extraction.opendocument.styles import Styles
from index.reading.extraction.types import ExtractionError
from index.reading.extraction.writer import clean

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself: title, day (``YYYY-MM-DD``), language, authors."""

    title: str = ""
    date: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()


class Package:
    """
    An OpenDocument file.

    Parameters
    ----------
    data
        The file's content.
    kind
        ``odt``, ``ods`` or ``odp``.
    streamed
        See `Archive`.

    Raises
    ------
    ExtractionError
        As for `Archive`; also if its parts are encrypted.

    """

    def __init__(self, data: bytes, kind: str, *, streamed: Callable[[str], bool] = lambda _: False) -> None:
        self.archive = Archive(data, kind, streamed=streamed)
        if b"encryption-data" in self.archive.read("META-INF/manifest.xml"):
            raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted")
        self.styles = Styles()
        self.numbering = Numbering()
        self.master: Any | None = None

    def read_styles(self, content: Any | None = None) -> None:
        """Read the styles of the content, then the common ones; of those with the same name, the first counts."""
        if content is not None:
            self.styles.add(content.iter(f"{STYLE}style"))
            self.numbering.add(content.iter(f"{TEXT}list-style"))
        common = self.archive.xml("styles.xml")
        if common is not None:
            self.styles.add(common.iter(f"{STYLE}style"))
            self.numbering.add(common.iter(f"{TEXT}list-style", f"{TEXT}outline-style"))
            self.master = common.find(f"{OFFICE}master-styles")

    def part_of(self, reference: str) -> Any | None:
        """Return the root element of an object that the content refers to (``./Object 1``), None if there is none."""
        name = posixpath.normpath(posixpath.join("/", reference, "content.xml")).lstrip("/")
        return self.archive.xml(name)

    def about(self) -> About:
        """Return what the file says about itself."""
        root = self.archive.xml("meta.xml")
        meta = None if root is None else root.find(f"{OFFICE}meta")
        if meta is None:
            return About()
        day = meta.findtext(f"{META}creation-date") or meta.findtext(f"{DC}date") or ""
        return About(
            clean(meta.findtext(f"{DC}title") or ""),
            day.strip()[:10],
            (meta.findtext(f"{DC}language") or "").strip(),
            tuple(
                filter(None, [clean(meta.findtext(f"{META}initial-creator") or meta.findtext(f"{DC}creator") or "")])
            ),
        )
