"""Text out of mails (.eml): who wrote what to whom and when, and what is attached."""

from __future__ import annotations

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.formats import EXTRACTED, PICTURE, PLAIN, check_content, is_markdown, suffix_of
from index.reading.decoding import decode
from index.reading.extraction.archives.archive import without_text
from index.reading.extraction.blocks import Rendered
from index.reading.extraction.language import is_german
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.web import page as web
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

MAX_DEPTH = 3  # a mail within a mail within a mail
MAX_ATTACHMENTS = 50  # of a mail, those of mails within it too
_LABELS = {True: ("Von", "An", "Kopie", "Datum"), False: ("From", "To", "Copy", "Date")}
_HEADERS = ("from", "to", "cc")
_HEADER = re.compile(rb"(?:[!-9;-~]+:|From )")
_KNOWN = re.compile(
    rb"^(?:from|to|subject|date|received|return-path|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+)")
_HEAD = 16_000  # bytes that are looked at
_LEAST_SHARE = 0.2  # of the text that a mail shows in HTML; with less, its plain text only says that there is one
_PICTURE = "image/"


def extract(data: bytes) -> Extract:
    """
    Read a mail and what is attached to it.

    Raises
    ------
    ExtractionError
        It is no mail; or it has no text.

    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # as some programs save what they show
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = data[:_HEAD].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not _HEADER.match(head) or not _KNOWN.search(head.partition(b"\n\n")[0]):
        raise ExtractionError("named .eml, but it is not a mail.", hint="Give it the right ending.", kind="wrong_type")
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    writer = Writer()
    _Mail(writer).write(message, level=1, depth=1)
    if not writer.has_text:
        raise without_text("eml")
    day = _day(message)
    written = writer.rendered()
    return Extract(
        written.text,
        title=_header(message, "subject"),
        date=day.date().isoformat() if day else "",
        blocks=written.blocks,
        authors=tuple(name or address for name, address in getaddresses([_header(message, "from")])),
    )


class _Mail:
    """Writes a mail, and mails and files within it as sections."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._attachments = 0

    def write(self, message: EmailMessage, *, level: int, depth: int) -> None:
        """Write a mail whose subject is a heading of a level; ``depth`` counts the mails around it, itself too."""
        body = _body(message)
        subject = _header(message, "subject")
        self._writer.heading(subject, level)
        german = is_german(f"{subject} {body.text}")
        self._writer.paragraph("\n".join(_lines(message, german=german)))
        self._writer.append(body, deeper=level)
        for part in _attached(message):
            self._attachments += 1
            if self._attachments > MAX_ATTACHMENTS:
                self._writer.note(f"attachments after the first {MAX_ATTACHMENTS}: too many")
                return
            self._attach(part, level=level + 1, depth=depth)

    def _attach(self, part: EmailMessage, *, level: int, depth: int) -> None:
        name = " ".join(clean(part.get_filename() or "").split())
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            if not isinstance(inner, EmailMessage):
                return
            if depth >= MAX_DEPTH:
                self._writer.note(f"a mail within {MAX_DEPTH} others: too deep")
                return
            self.write(inner, level=level, depth=depth + 1)
            return
        try:
            written = self._read(part, name, depth)
        except (ExtractionError, CorpusError) as error:
            self._writer.note(f"attachment {name or part.get_content_type()}: {error.message}")
            return
        if written.text.strip():
            self._writer.heading(name, level)
            self._writer.append(written, deeper=level)

    def _read(self, part: EmailMessage, name: str, depth: int) -> Rendered:
        """Return what an attachment says."""
        from index.reading.extraction.readers import extract as read  # noqa: PLC0415 - which reads mails too

        suffix = suffix_of(name)
        if not suffix:
            if part.get_content_maintype() == "text":
                return _plain(part)
            raise ExtractionError("not of a kind that is read.", kind="unknown_type")
        if EXTRACTED.get(suffix) == PICTURE:
            raise ExtractionError("a picture; text on it is not read.", kind="scanned")
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        if not data.strip():
            raise ExtractionError("empty.", kind="no_text")
        check_content(data, suffix)
        if suffix in PLAIN:
            text = decode(data)[0]
            return _paragraphs(text, headings=is_markdown(name))
        if EXTRACTED[suffix] == "eml":
            if depth >= MAX_DEPTH:
                raise ExtractionError(f"a mail within {MAX_DEPTH} others: too deep", kind="too_large")
            inner = BytesParser(EmailMessage, policy=policy.default).parsebytes(data.lstrip())
            within = _Mail(Writer())
            within._attachments = self._attachments
            within.write(inner, level=1, depth=depth + 1)
            self._attachments = within._attachments
            return within._writer.rendered()
        found = read(data, EXTRACTED[suffix])
        return Rendered(found.text, found.blocks)


def _header(message: EmailMessage, name: str) -> str:
    """Return a header in one line, empty where there is none or it cannot be read."""
    try:
        return " ".join(clean(str(message.get(name, ""))).split())
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):  # the library stumbles over some
        return ""


def _lines(message: EmailMessage, *, german: bool) -> Iterator[str]:
    labels = _LABELS[german]
    for label, name in zip(labels, _HEADERS, strict=False):
        if value := _header(message, name):
            yield f"{label}: {value}"
    if day := _day(message):
        yield f"{labels[-1]}: {day:%d.%m.%Y %H:%M}" if german else f"{labels[-1]}: {day:%Y-%m-%d %H:%M}"


def _day(message: EmailMessage) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> Rendered:
    """Return what a mail says: its plain text, or its HTML where that alone says it."""
    plain = message.get_body(("plain",))
    page = message.get_body(("html",))
    said = _plain(plain) if isinstance(plain, EmailMessage) else Rendered()
    if not isinstance(page, EmailMessage):
        return said
    try:
        shown = web.whole(_content(page).encode("utf-8", "replace"))
    except ExtractionError:
        return said
    return said if len(said.text) >= _LEAST_SHARE * len(shown.text) and said.text.strip() else shown


def _attached(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield what is attached to a mail; pictures that are shown in its text are none of it."""
    if not message.is_multipart():
        if message.get_content_maintype() != "text":
            yield message
        return
    for part in message.iter_attachments():
        inline = part.get_content_disposition() == "inline" or part.get("content-id")
        if not (inline and part.get_content_type().startswith(_PICTURE)):
            yield part


def _plain(part: EmailMessage) -> Rendered:
    return web.whole(_content(part).encode()) if part.get_content_type() == "text/html" else _paragraphs(_content(part))


def _content(part: EmailMessage) -> str:
    """Return the text of a part, by what it says of its encoding or, where that is wrong, by its bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    named = part.get_content_charset("")
    if named:
        try:
            return data.decode("cp1252" if named in {"iso-8859-1", "us-ascii"} and not data.isascii() else named)
        except (UnicodeDecodeError, LookupError):
            pass
    try:
        return decode(data)[0]
    except CorpusError:
        return data.decode("utf-8", "replace")


def _paragraphs(text: str, *, headings: bool = False) -> Rendered:
    """Return a plain text in paragraphs; its headings only where it is Markdown itself."""
    writer = Writer()
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        heading = _HEADING.fullmatch(paragraph.strip()) if headings else None
        if heading:
            writer.heading(heading[2], len(heading[1]))
        else:
            writer.paragraph(paragraph)
    return writer.rendered()
