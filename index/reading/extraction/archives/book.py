"""Extract text from books (.epub): their chapters in reading order."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from index.reading.extraction.archives.archive import Archive, damaged, without_text
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.pictures.web import of_chapter
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.web import page as web
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES = {"application/xhtml+xml", "text/html", "application/xml"}
_DC = "{http://purl.org/dc/elements/1.1/}"
_MOST_NAMED = 10_000  # chapters of a table of contents


def extract(data: bytes) -> Extract:
    """
    Read a book.

    Raises
    ------
    ExtractionError
        If it is not a book, is damaged, protected, unpacks to far more than it should, or has no text.

    """
    archive = Archive(data, "epub")
    part = _package_part(archive)
    package = archive.xml(part)
    if package is None:
        raise damaged("epub")
    locked = _locked(archive)
    titles = _titles(archive, part, package)
    writer = Writer()
    left_out = 0
    pictures = Pictures()
    for chapter in _spine(package, part):
        if chapter in locked:
            raise ExtractionError("protected against copying.", hint="Use a copy without protection.", kind="encrypted")
        page = archive.read(chapter)
        if not page.strip():
            continue
        try:
            written = web.whole(page, partial(_count, archive, chapter, pictures))
        except ExtractionError:
            left_out += 1
            continue
        title = titles.get(chapter, "")
        if title and written.blocks and written.blocks[0].kind != "heading":
            writer.heading(title, 1)
        writer.append(written)
    if not writer.has_text:
        raise without_text("epub")
    if left_out:
        writer.note(f"{left_out} damaged chapter{'s' if left_out > 1 else ''}")
    for line in pictures.said():
        writer.note(line)
    about = {
        name: clean(package.findtext(f".//{_DC}{name}") or "") for name in ("title", "language", "date", "publisher")
    }
    written = writer.rendered()
    return Extract(
        written.text,
        title=about["title"],
        source=about["publisher"],
        date=about["date"][:10],
        language=about["language"],
        blocks=written.blocks,
        authors=tuple(clean("".join(one.itertext())) for one in package.iterfind(f".//{_DC}creator")),
        url=next((one for name in ("source", "identifier") for one in _named(package, name) if "://" in one), ""),
    )


def _count(archive: Archive, chapter: str, pictures: Pictures, tree: Any) -> None:
    """Count the pictures of a chapter."""

    def read(reference: str) -> bytes:
        try:
            return archive.read(_resolved(chapter, reference))
        except ExtractionError:
            return b""

    of_chapter(tree, read, pictures)


def _named(package: Any, name: str) -> list[str]:
    return [clean(one.text or "") for one in package.iterfind(f".//{_DC}{name}")]


def _package_part(archive: Archive) -> str:
    """Return the name of the part that lists the book's other parts."""
    container = archive.xml("META-INF/container.xml")
    root = None if container is None else container.find(".//{*}rootfile")
    return "" if root is None else _resolved("", root.get("full-path", ""))


def _resolved(part: str, reference: str) -> str:
    """Return the name of the part that another one refers to; no name leads out of the file."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), path)).lstrip("/")


def _items(package: Any) -> dict[str, Any]:
    return {item.get("id", ""): item for item in package.iterfind("{*}manifest/{*}item")}


def _spine(package: Any, part: str) -> Iterator[str]:
    """Yield the chapters in reading order, each once, without the table of contents."""
    items = _items(package)
    seen: set[str] = set()
    for reference in package.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item is None or item.get("media-type", "") not in _PAGES:
            continue
        name = _resolved(part, item.get("href", ""))
        if name not in seen and "nav" not in item.get("properties", "").split():
            yield name
        seen.add(name)


def _locked(archive: Archive) -> set[str]:
    """Return the parts that are encrypted; fonts often are."""
    root = archive.xml("META-INF/encryption.xml")
    return set() if root is None else {_resolved("", one.get("URI", "")) for one in root.iter("{*}CipherReference")}


def _titles(archive: Archive, part: str, package: Any) -> dict[str, str]:
    """Return the titles of chapters in the table of contents, by the names of their parts."""
    found: dict[str, str] = {}
    for item in _items(package).values():
        name = _resolved(part, item.get("href", ""))
        try:
            if "nav" in item.get("properties", "").split():
                root = archive.xml(name)
                links = () if root is None else root.iter("{http://www.w3.org/1999/xhtml}a")
                named = [(link.get("href", ""), "".join(link.itertext())) for link in links]
            elif item.get("media-type") == "application/x-dtbncx+xml":
                root = archive.xml(name)
                points = () if root is None else root.iter("{*}navPoint")
                named = [_point(point) for point in points]
            else:
                continue
        except ExtractionError:  # a book is no less readable without its table of contents
            continue
        for reference, title in named[:_MOST_NAMED]:
            if "#" not in reference:
                found.setdefault(_resolved(name, reference), " ".join(title.split()))
    return found


def _point(point: Any) -> tuple[str, str]:
    content = point.find("{*}content")
    return ("" if content is None else content.get("src", "")), point.findtext("{*}navLabel/{*}text") or ""
