"""Which file formats are read, and whether a file's content matches its name."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from index.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path, PurePath

PLAIN = (".md", ".txt")
# Files whose text has to be extracted.
EXTRACTED = {
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".pptx": "pptx",
    ".odp": "odp",
    ".xlsx": "xlsx",
    ".ods": "ods",
    ".csv": "csv",
    ".tsv": "csv",
    ".epub": "epub",
    ".eml": "eml",
}
PICTURE = "picture"
# Read by text recognition, if that is installed.
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
EXTRACTED |= dict.fromkeys(PICTURES, PICTURE)
# Formats added by other packages, each named by its suffix without the dot;
# see `index.reading.extraction.types.FormatReader`.
READERS = "quellentreu.readers"
PLUGGED = "plugged "
EXTRACTED |= {f".{point.name.lower()}": PLUGGED + point.name for point in entry_points(group=READERS)}
JSON = "json"
RECOGNITION = "tesseract"
_RECORD = re.compile(r"\.jsonl?/\d+\Z", re.IGNORECASE)
# Formats whose first line is not a title.
TABULAR = frozenset({"xlsx", "ods", "csv"})
KINDS = tuple(dict.fromkeys(EXTRACTED.values()))
SUFFIXES = (*PLAIN, *EXTRACTED)
LISTED = (
    "Markdown, text, HTML, PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), OpenDocument (.odt, .ods, .odp), "
    "tables (.csv, .tsv), books (.epub), emails (.eml) and pictures"
)
# The library that each format needs; the standard library reads the others.
_LIBRARIES = {"html": "trafilatura", "pdf": "pypdfium2", "docx": "docx"} | dict.fromkeys(
    ("odt", "pptx", "odp", "xlsx", "ods", "epub", "eml"), "lxml"
)
NAMES = {
    "html": "an HTML page",
    "pdf": "a PDF",
    "docx": "a Word document (.docx)",
    "odt": "an OpenDocument text (.odt)",
    "pptx": "a PowerPoint presentation (.pptx)",
    "odp": "an OpenDocument presentation (.odp)",
    "xlsx": "an Excel workbook (.xlsx)",
    "ods": "an OpenDocument spreadsheet (.ods)",
    "csv": "a table as text (.csv)",
    "epub": "a book (.epub)",
    "eml": "an email (.eml)",
    PICTURE: "a picture",
}


@dataclass(frozen=True, slots=True)
class ArchiveMark:
    """
    How an archive of a given format is recognised.

    Parameters
    ----------
    suffix
        Its usual suffix.
    mimetype
        What its member ``mimetype`` begins with; empty if the format has none.
    parts
        Members it must have if it has no ``mimetype``: names, or folders ending in a slash.

    """

    suffix: str
    mimetype: bytes = b""
    parts: tuple[str, ...] = ()


_CONTENTS = "[Content_Types].xml"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
ARCHIVES = {
    "docx": ArchiveMark(".docx", parts=(_CONTENTS, "word/")),
    "pptx": ArchiveMark(".pptx", parts=(_CONTENTS, "ppt/")),
    "xlsx": ArchiveMark(".xlsx", parts=(_CONTENTS, "xl/")),
    "odt": ArchiveMark(".odt", _OPEN_DOCUMENT + b"text"),
    "ods": ArchiveMark(".ods", _OPEN_DOCUMENT + b"spreadsheet"),
    "odp": ArchiveMark(".odp", _OPEN_DOCUMENT + b"presentation"),
    "epub": ArchiveMark(".epub", b"application/epub+zip", ("META-INF/container.xml",)),
}
ZIP = "a ZIP archive"

# PDF readers accept the mark anywhere within the first kilobyte, after bytes that are not text.
_PDF = re.compile(rb"[^A-Za-z]{0,1000}%PDF-\d\.\d\s*[\r\n%]")
_HTML_HEAD = 4096
# Possessive throughout, so that a run of comments is not tried in every way it can be divided.
_HTML = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+|(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_OLE = "an old or encrypted Office file"
_MARKS = (
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
)


def suffix_of(name: str) -> str:
    """Return a file name's suffix if it is one of `SUFFIXES`, else an empty string."""
    lowered = name.lower()
    return next((suffix for suffix in SUFFIXES if lowered.endswith(suffix)), "")


def is_judgements(file: Path) -> bool:
    """Tell whether a file holds the judgements of an evaluation set in BEIR's format, and so is not a document."""
    return (
        file.suffix.lower() == ".tsv"
        and file.parent.name == "qrels"
        and file.parent.with_name("queries.jsonl").exists()
    )


def are_judgements(path: PurePath, above: Collection[str]) -> bool:
    """Tell the same for a member of an archive; ``above`` are the names in the parent of its folder."""
    return path.suffix.lower() == ".tsv" and path.parent.name == "qrels" and "queries.jsonl" in above


def is_markdown(path: str) -> bool:
    """Tell whether a document's text is Markdown: a Markdown file's own, or the text extracted from another format."""
    return not path.lower().endswith(".txt")


def is_extracted(path: str) -> bool:
    """Tell whether a document's text is extracted from a file of another format."""
    return suffix_of(path) in EXTRACTED or is_record(path)


def is_zip(name: str) -> bool:
    """Tell whether a file is read as a folder."""
    return name.lower().endswith(".zip")


def is_mail(name: str) -> bool:
    """Tell whether a file is a mail; its attachments are read as files of their own."""
    return name.lower().endswith(".eml")


def is_json(name: str) -> bool:
    """Tell whether a file is JSON, whose records are documents if that is asked for."""
    return name.lower().endswith((".json", ".jsonl"))


def is_record(path: str) -> bool:
    """Tell from its path whether a document is a record of a JSON file."""
    return _RECORD.search(path) is not None


def is_picture(name: str) -> bool:
    """Tell whether a file is a picture."""
    return name.lower().endswith(PICTURES)


def check_content(data: bytes, suffix: str) -> None:
    """
    Check that the beginning of a file matches its suffix.

    Parameters
    ----------
    data
        The file's content.
    suffix
        One of `SUFFIXES`.

    Raises
    ------
    CorpusError
        The content has another format; the message says which.

    """
    found = recognised(data)
    wanted = EXTRACTED.get(suffix, "")
    if found == wanted or (wanted in ARCHIVES and found == ZIP) or (wanted == PICTURE and _is_readable_picture(found)):
        return  # the kind of archive is determined when it is opened
    if wanted in ARCHIVES and found == _OLE:
        raise CorpusError(
            f"an old or encrypted Office file, not {suffix}.",
            hint=f"Save it as {suffix}, without a password.",
            kind="encrypted",
        )
    if found:
        hint = "Give it the right extension." if found in NAMES else f"Readable formats: {LISTED}."
        raise CorpusError(f"named {suffix}, but it is {NAMES.get(found, found)}.", hint=hint, kind="wrong_type")
    if wanted in {"pdf", PICTURE} or wanted in ARCHIVES:
        raise CorpusError(
            f"named {suffix}, but it is not {NAMES[wanted]}.", hint="Save it again or rename it.", kind="wrong_type"
        )


def can_read(suffix: str) -> bool:
    """Tell whether the library or program that a format needs is installed."""
    if suffix in PICTURES:
        return shutil.which(RECOGNITION) is not None
    library = _LIBRARIES.get(EXTRACTED.get(suffix, ""))
    return library is None or importlib.util.find_spec(library) is not None


def check_reader(suffix: str) -> None:
    """
    Check that the library for a format is installed.

    Raises
    ------
    CorpusError
        It is not installed; the message names the extra that installs it.

    """
    if suffix in PICTURES:
        return  # the reader of pictures gives a more detailed message
    if not can_read(suffix):
        raise CorpusError(
            f"reading {suffix} files needs the extra `files`.",
            hint="Run `pip install 'quellentreu[files]'`.",
            kind="missing_extra",
        )


def _is_readable_picture(found: str) -> bool:
    return found.startswith("a picture") and "GIF" not in found


def recognised(data: bytes) -> str:
    """Return a format's short name, the description of a format that is not read, or an empty string."""
    if _PDF.match(data):
        return "pdf"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a picture (WebP)"
    for mark, description in _MARKS:
        if data.startswith(mark):
            return description
    return "html" if _HTML.match(data[:_HTML_HEAD]) else ""
