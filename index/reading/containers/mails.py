"""
Read mails as folders: each attachment is a document of its own, under a path like ``mail.eml/Rechnung.pdf``.

A mail is taken apart in this process, without bounds on time and memory. So it must have been read before by the
bounded process, which takes it apart in the same way; see `index.reading.gathering`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.formats import is_mail
from index.limits import DEEPEST_MAIL, MOST_ATTACHMENTS
from index.reading.containers.types import LeftOut, Member, Within
from index.reading.extraction.archives.mail_parts import attachments, content_of, message_of
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def unpack_mail(
    data: bytes, path: str, wanted: Callable[[str], bool], within: Within | None = None
) -> Iterator[Member | LeftOut]:
    """
    Extract the attachments of a mail, but not those of a mail attached to it, nor the members of an attached archive.

    Parameters
    ----------
    data
        The mail.
    path
        Its path.
    wanted
        Tells whether the file of a path is read. Others are skipped: the text of the mail names them.
    within
        The containers that the mail lies in.

    Yields
    ------
    Member or LeftOut
        In the order of the mail, at most `index.limits.MOST_ATTACHMENTS`; the text of the mail says if there are more.

    """
    within = within or Within()
    within = replace(within, mails=within.mails + 1)
    try:
        found = attachments(message_of(data))[:MOST_ATTACHMENTS]
    except ExtractionError as error:
        yield LeftOut(path, error.message)
        return
    for one in found:
        inner = f"{path}/{one.name}"
        if not wanted(inner):
            continue
        if is_mail(inner) and within.mails >= DEEPEST_MAIL:
            yield LeftOut(inner, f"an email within {DEEPEST_MAIL} others: too deep. Save it as a file.")
            continue
        content = content_of(one)
        if content is None:
            yield LeftOut(inner, "damaged in the email.")
            continue
        if reason := within.budget.refuses(len(content)):
            yield LeftOut(path, f"{reason}; those from {one.name!r} on are not read.")
            return
        yield Member(inner, content, within=within)
