"""Extract text from mails (.eml): who wrote what to whom and when, and the names of attachments."""

from __future__ import annotations

import re
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from index.limits import MOST_ATTACHMENTS
from index.reading.extraction.archives.archive import without_text
from index.reading.extraction.archives.mail_parts import (
    attachments,
    bodies,
    further_texts,
    header,
    message_of,
    text_of,
)
from index.reading.extraction.blocks import Rendered
from index.reading.extraction.language import is_german
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.web import page as web
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from email.message import EmailMessage

    from index.reading.extraction.archives.mail_parts import Attachment

_LABELS = {True: ("Von", "An", "Kopie", "Datum", "Anlagen"), False: ("From", "To", "Copy", "Date", "Attachments")}
_HEADERS = ("from", "to", "cc")
_LEAST_SHARE = 0.2  # of the HTML text of a mail; a shorter plain text only says that there is an HTML version


def extract(data: bytes) -> Extract:
    """
    Read a mail; its attachments are read separately.

    Raises
    ------
    ExtractionError
        If it is not a mail, or has no text.

    """
    message = message_of(data)
    writer = Writer()
    _write(writer, message)
    if not writer.has_text:
        raise without_text("eml")
    day = _day(message)
    written = writer.rendered()
    return Extract(
        written.text,
        title=header(message, "subject"),
        date=day.date().isoformat() if day else "",
        blocks=written.blocks,
        authors=tuple(name or address for name, address in getaddresses([header(message, "from")])),
    )


def _write(writer: Writer, message: EmailMessage) -> None:
    body = _body(message)
    subject = header(message, "subject")
    writer.heading(subject, 1)
    german = is_german(f"{subject} {body.text}")
    attached = attachments(message)
    writer.paragraph("\n".join(_lines(message, attached, german=german)))
    writer.append(body, deeper=1)
    for part in further_texts(message):
        writer.append(_plain(part), deeper=1)
    for one in attached[:MOST_ATTACHMENTS]:
        if not one.may_be_read:
            writer.note(f"attachment {one.name}: not of a kind that is read.")
    if len(attached) > MOST_ATTACHMENTS:
        writer.note(f"attachments after the first {MOST_ATTACHMENTS}: too many")


def _lines(message: EmailMessage, attached: Sequence[Attachment], *, german: bool) -> Iterator[str]:
    labels = _LABELS[german]
    for label, name in zip(labels, _HEADERS, strict=False):
        if value := header(message, name):
            yield f"{label}: {value}"
    if day := _day(message):
        yield f"{labels[3]}: {day:%d.%m.%Y %H:%M}" if german else f"{labels[3]}: {day:%Y-%m-%d %H:%M}"
    if attached:
        yield f"{labels[4]}: {'; '.join(one.name for one in attached[:MOST_ATTACHMENTS])}"


def _day(message: EmailMessage) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(header(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> Rendered:
    """Return the text of a mail: its plain text, or its HTML if there is far more text in that."""
    plain, page = bodies(message)
    said = _plain(plain) if plain is not None else Rendered()
    if page is None:
        return said
    try:
        shown = web.whole(text_of(page).encode("utf-8", "replace"))
    except ExtractionError:
        return said
    return said if len(said.text) >= _LEAST_SHARE * len(shown.text) and said.text.strip() else shown


def _plain(part: EmailMessage) -> Rendered:
    return web.whole(text_of(part).encode()) if part.get_content_type() == "text/html" else _paragraphs(text_of(part))


def _paragraphs(text: str) -> Rendered:
    """Return a plain text in paragraphs."""
    writer = Writer()
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        writer.paragraph(paragraph)
    return writer.rendered()
