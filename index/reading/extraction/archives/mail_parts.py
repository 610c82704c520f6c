"""Take a mail apart: its attachments with their names, and the text of its parts."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.formats import is_json, is_mail, is_zip, suffix_of
from index.reading.decoding import decode
from index.reading.extraction.types import ExtractionError
from index.reading.extraction.writer import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = re.compile(rb"(?:[!-9;-~]+:|From )")
_KNOWN = re.compile(
    rb"^(?:from|to|subject|date|received|return-path|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)
_HEAD = 16_000  # bytes that are looked at
_PICTURE = "image/"
_MAIL = "message/rfc822"
# They prove who wrote a mail, and hold no text.
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_LONGEST_NAME = 100  # characters
# What the library raises over parts that are not of the kind that they state.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Attachment:
    """
    A file or a mail that is attached to a mail.

    Parameters
    ----------
    name
        Its name without folders, unique among the attachments of the mail.
    part
        The part that holds it.

    """

    name: str
    part: EmailMessage

    @property
    def may_be_read(self) -> bool:
        """Whether files with this name's ending are read."""
        return bool(suffix_of(self.name)) or is_zip(self.name) or is_json(self.name)


def message_of(data: bytes) -> EmailMessage:
    """
    Return a mail.

    Raises
    ------
    ExtractionError
        If it is not a mail.

    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # some programs save the mail that they show in UTF-16
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = data[:_HEAD].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not _HEADER.match(head) or not _KNOWN.search(head.partition(b"\n\n")[0]):
        raise ExtractionError(
            "named .eml, but it is not an email.", hint="Give it the right extension.", kind="wrong_type"
        )
    try:
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    except RecursionError as error:
        raise ExtractionError("nested too deeply to be read.", hint="Save it again.") from error


def bodies(message: EmailMessage) -> tuple[EmailMessage | None, EmailMessage | None]:
    """Return the plain text part and the HTML part of a mail, None for each that it does not have."""
    found = (message.get_body((kind,)) for kind in ("plain", "html"))
    plain, page = (part if isinstance(part, EmailMessage) else None for part in found)
    return plain, page


def further_texts(message: EmailMessage) -> tuple[EmailMessage, ...]:
    """Return further parts of a mail's text that stand behind it, such as those that a mailing list appends."""
    return tuple(part for part in _leaves(message) if _is_text(part))


def attachments(message: EmailMessage) -> tuple[Attachment, ...]:
    """
    Return the attachments of a mail.

    Pictures that are shown in its text, and signatures, do not count. Of two with the same name the second is numbered.
    """
    shown = _shown_pictures(message)
    taken: set[str] = set()
    found: list[Attachment] = []
    for part in _leaves(message):
        if _is_text(part) or part.get_content_type() in _SIGNATURES or _is_inline(part, shown):
            continue
        if part.get_content_maintype() == "message" and part.get_content_type() != _MAIL:
            continue  # reports of delivery
        name = _free(_name(part), taken)
        taken.add(name.casefold())
        found.append(Attachment(name, part))
    return tuple(found)


def content_of(attachment: Attachment) -> bytes | None:
    """Return the content of an attachment, None if it is damaged."""
    part = attachment.part
    try:
        if part.get_content_type() != _MAIL:
            data = part.get_payload(decode=True)
            return data if isinstance(data, bytes) else None
        inner = part.get_payload(0)
        if not isinstance(inner, EmailMessage):
            return None
        # Headers as they were written: the same mail must always give the same bytes.
        return inner.as_bytes(policy=policy.default.clone(refold_source="none"))
    except _BROKEN:
        return None


def text_of(part: EmailMessage) -> str:
    """Return the text of a part, by the encoding that it states or, if that is wrong, by its bytes."""
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


def header(message: EmailMessage, name: str) -> str:
    """Return a header in one line, empty if there is none or it cannot be read."""
    try:
        return " ".join(clean(str(message.get(name, ""))).split())
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):  # the library stumbles over some
        return ""


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts of a mail that hold content, except its main text; an attached mail is one part."""
    bodied = {id(part) for part in bodies(message) if part is not None}
    todo: list[tuple[EmailMessage, bool]] = [(message, False)]
    while todo:
        part, alternative = todo.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            alternatives = part.get_content_subtype() == "alternative"
            inner = [one for one in part.get_payload() if isinstance(one, EmailMessage)]
            todo += [(one, alternatives) for one in reversed(inner)]
        elif id(part) not in bodied and not (alternative and not part.get_filename()):
            yield part


def _is_text(part: EmailMessage) -> bool:
    named = part.get_filename() or part.get_content_disposition() == "attachment"
    return part.get_content_maintype() == "text" and not named


def _shown_pictures(message: EmailMessage) -> str:
    """Return the HTML in which pictures are shown, empty if a mail has none."""
    page = bodies(message)[1]
    return "" if page is None else text_of(page)


def _is_inline(part: EmailMessage, page: str) -> bool:
    if not part.get_content_type().startswith(_PICTURE):
        return False
    # Some programs give every attachment an address, others do not mark a picture in the text as inline.
    address = header(part, "content-id").strip("<> ")
    disposition = part.get_content_disposition()
    return disposition == "inline" or bool(address and (disposition is None or f"cid:{address}" in page))


def _name(part: EmailMessage) -> str:
    kind = part.get_content_type()
    inner = part.get_payload(0) if kind == _MAIL and part.is_multipart() else None
    name = _plain(part.get_filename() or "")
    if not name and isinstance(inner, EmailMessage):
        name = _plain(header(inner, "subject").replace("/", "-").replace("\\", "-"))
    if kind == _MAIL:
        return _shortened(name.removesuffix(".eml") or "mail", ".eml") if not is_mail(name) else _shortened(name)
    ending = mimetypes.guess_extension(kind) or ""
    if suffix_of(name) or is_zip(name) or is_json(name) or not suffix_of(ending):
        return _shortened(name or f"attachment{ending}")
    return _shortened(name or "attachment", ending)


def _plain(name: str) -> str:
    """Return a name without folders, and without characters that do not belong in a name."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", clean(name))[-1]
    name = "".join(one for one in name if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    return " ".join(name.split()).strip(". ")


def _shortened(name: str, ending: str = "") -> str:
    stem, dot, suffix = (name + ending).rpartition(".")
    if not dot or len(suffix) > _LONGEST_NAME // 2:
        return (name + ending)[:_LONGEST_NAME]
    return stem[: _LONGEST_NAME - len(suffix) - 1].rstrip(". ") + dot + suffix


def _free(name: str, taken: set[str]) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{suffix}"
    return found
