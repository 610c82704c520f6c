"""Resolve references between the parts of an Office file (Open Packaging Conventions)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.reading.extraction.archives.archive import Archive


_TEMPLATE = "2013-01-27T09:14:16Z"  # python-pptx: a file has the date of its template unless another is set


@dataclass(frozen=True, slots=True)
class Relation:
    """A part that another one refers to: the kind of relation (the last word of its type), and the part's name."""

    kind: str
    target: str


def relations(archive: Archive, part: str = "") -> dict[str, Relation]:
    """Return the parts within the file that a part (by default the file itself) refers to, by their identifiers."""
    folder, name = posixpath.split(part)
    root = archive.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, Relation] = {}
    for one in root if root is not None else ():
        if not isinstance(one.tag, str) or one.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/" + folder, one.get("Target", ""))).lstrip("/")
        found[one.get("Id", "")] = Relation(one.get("Type", "").rsplit("/", 1)[-1], target)
    return found


def main_part(archive: Archive, default: str) -> str:
    """Return the name of the part that holds the document itself."""
    kinds = {one.kind: one.target for one in relations(archive).values()}
    return kinds.get("officeDocument", default)


def relation_of(element: Any, name: str = "id") -> str:
    """Return the identifier of the relation that an element refers to."""
    return next(
        (value for key, value in element.attrib.items() if key.startswith("{") and key.endswith(f"}}{name}")), ""
    )


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself."""

    title: str = ""
    date: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()


def about(archive: Archive) -> About:
    """Return title, day of creation, language and authors."""
    root = archive.xml("docProps/core.xml")
    if root is None:
        return About()
    values = {
        one.tag.rsplit("}", 1)[-1]: (one.text or "").strip() for one in root.iterchildren() if isinstance(one.tag, str)
    }
    created = values.get("created", "")
    day = "" if created == _TEMPLATE else created[:10]
    return About(
        values.get("title", ""), day, values.get("language", ""), tuple(filter(None, [values.get("creator", "")]))
    )
