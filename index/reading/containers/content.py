"""Read the content of one member of a container, given its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.formats import is_mail, is_zip
from index.reading.containers.archives import unpack
from index.reading.containers.mails import unpack_mail
from index.reading.containers.types import LeftOut, Within

if TYPE_CHECKING:
    from pathlib import Path


def is_container(name: str) -> bool:
    """Tell by its name whether a file is read as a folder."""
    return is_zip(name) or is_mail(name)


def container_of(file: Path, folder: Path) -> Path | None:
    """Return the container file below ``folder`` that the path of a member leads into; None if there is none."""
    for above in file.parents:
        if above == folder or not above.is_relative_to(folder):
            return None
        if is_container(above.name) and above.is_file():
            return above
    return None


def content(data: bytes, path: str, member: str, within: Within | None = None) -> bytes:
    """
    Return the content of one member.

    Parameters
    ----------
    data
        The container's content.
    path
        Its path.
    member
        The member's path, as `unpack` and `unpack_mail` yield it.
    within
        The containers that this one lies in.

    Raises
    ------
    CorpusError
        If there is no member of that path, or it cannot be unpacked.

    """

    def is_wanted(name: str) -> bool:
        return name == member or (is_container(name) and member.startswith(f"{name}/"))

    for one in (unpack if is_zip(path) else unpack_mail)(data, path, is_wanted, within):
        if isinstance(one, LeftOut):
            if one.path == member:
                raise CorpusError(f"{member}: {one.reason}")
        elif one.path == member:
            return one.data
        else:
            return content(one.data, one.path, member, one.within)
    where = "archive" if is_zip(path) else "email"
    raise CorpusError(f"{member}: no longer in the {where}.", hint="Bring the index up to date with `rag index`.")
