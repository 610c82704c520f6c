"""From a file to a `Document`: finding, decoding and naming."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from typing import TYPE_CHECKING

import yaml

from index.errors import CorpusError
from index.types import Document, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".md", ".txt")
MAX_BYTES = 50_000_000
_MAX_TITLE = 120
_MAX_FRONT_MATTER = 64_000  # characters; a text that merely begins with a rule is not handed to the YAML parser

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Two-byte sequences other than C2 and C3 prove nothing: "Spaß“" in cp1252 holds DF 93, which is valid UTF-8.
_UTF8_PROOF = re.compile(rb"[\xc2\xc3][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_PAIR = re.compile(rb"[\xc4-\xdf][\x80-\xbf]")

_LINE_END = r"(?:\r\n|\n|\r)"
_FRONT_START = re.compile(rf"---[ \t]*{_LINE_END}")
_FRONT_END = re.compile(rf"(?:(?<=\n)|(?<=\r))---[ \t]*(?:{_LINE_END}|\Z)")
_DATE_LINE = re.compile(r"^date[ \t]*:[ \t]*[\"']?([^\s\"'#]+)", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r" {0,3}(```|~~~)")
_TOP_HEADING = re.compile(r" {0,3}#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"


def iter_files(corpus: Path) -> Iterator[Path]:
    """
    Yield the files of a corpus that can be indexed, in a stable order.

    Hidden files and folders are left out, folders behind symbolic links too; a linked file counts where it
    lies inside the corpus.

    Parameters
    ----------
    corpus
        The folder to walk.

    Yields
    ------
    Path
        Files ending in one of `SUFFIXES`, sorted by their path.

    Raises
    ------
    CorpusError
        Where the folder does not exist or is none.

    """
    if not corpus.is_dir():
        reason = "is not a folder" if corpus.exists() else "does not exist"
        raise CorpusError(f"The corpus {corpus} {reason}.", hint="Give the folder that holds the articles.")
    root = corpus.resolve()
    found: list[Path] = []
    for folder, folders, names in os.walk(corpus):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or not name.lower().endswith(SUFFIXES):
                continue
            file = corpus.joinpath(os.path.relpath(folder, corpus), name)
            if file.is_symlink() and not file.resolve().is_relative_to(root):
                continue
            if file.is_file() or not file.exists():  # a dangling link is named as unreadable; a pipe is not opened
                found.append(file)
    yield from sorted(found, key=lambda file: file.relative_to(corpus).parts)


def load(file: Path, corpus: Path) -> Document:
    """
    Read one file.

    Parameters
    ----------
    file
        The file, inside the corpus.
    corpus
        The folder its path is told relative to.

    Returns
    -------
    Document
        The file's text, untouched, and what is known of it.

    Raises
    ------
    CorpusError
        With a one-line reason, where the file is empty, binary, broken, too large or unreadable.

    """
    path = _relative(file, corpus)
    try:
        if not file.is_file():
            raise CorpusError(f"{path}: not a readable file.")
        size = file.stat().st_size
        if size > MAX_BYTES:
            limit = f"{MAX_BYTES / 1e6:.0f} MB"
            raise CorpusError(f"{path}: larger than {limit} ({size / 1e6:.1f} MB).", hint="Split the file.")
        data = file.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error}).") from error
    try:
        text, encoding = decode(data)
    except CorpusError as error:
        raise CorpusError(f"{path}: {error.message}", hint=error.hint) from error
    if not text.strip().strip(_INVISIBLE):
        raise CorpusError(f"{path}: empty file.")
    return Document(
        path=path,
        text=text,
        metadata=_metadata(text, file),
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=encoding,
    )


def decode(data: bytes) -> tuple[str, str]:
    """
    Turn a file's bytes into text, without touching line ends or Unicode forms.

    A byte order mark decides and is left out of the text; else strict UTF-8; else cp1252, unless the bytes
    are plainly UTF-8 with a few broken bytes, which cp1252 would turn into mojibake without a word.

    Parameters
    ----------
    data
        The file's content.

    Returns
    -------
    tuple[str, str]
        The text, and the codec: ``utf-8``, ``utf-16`` or ``cp1252``.

    Raises
    ------
    CorpusError
        Where the bytes are not text, or broken.

    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _checked(data.decode("utf-16"), share=0.1), "utf-16"
        except UnicodeDecodeError as error:
            raise CorpusError(f"broken UTF-16 at byte {error.start}.", hint="Save it as UTF-8.") from error
    if b"\x00" in data:
        raise CorpusError(f"binary file (NUL at byte {data.index(0)}).")
    marked = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if marked else data
    try:
        return _checked(body.decode("utf-8"), share=0.1), "utf-8"
    except UnicodeDecodeError as error:
        broken = error.start + len(data) - len(body)
    if marked or _meant_as_utf8(body):
        raise CorpusError(f"broken UTF-8 at byte {broken}.", hint="Save it as UTF-8.")
    try:
        return _checked(body.decode("cp1252"), share=0.01), "cp1252"
    except UnicodeDecodeError as error:
        raise CorpusError(f"neither UTF-8 nor cp1252 (byte {error.start}).", hint="Save it as UTF-8.") from error


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """
    Read the YAML front matter between two ``---`` lines at the very start of a text.

    What looks like front matter but does not parse to a mapping is ordinary text: nothing is lost, and a text
    that begins with a thematic break is common.

    Parameters
    ----------
    text
        A document's text.

    Returns
    -------
    tuple[dict[str, str], int]
        The values, as they are written (lists joined by commas, nested mappings left out), and the offset at
        which the body starts: 0 where there is no front matter.

    """
    opening = _FRONT_START.match(text)
    closing = _FRONT_END.search(text, opening.end(), opening.end() + _MAX_FRONT_MATTER) if opening else None
    if not opening or not closing:
        return {}, 0
    if closing.end() == opening.end() + _MAX_FRONT_MATTER and closing.end() < len(text):
        return {}, 0
    try:
        # BaseLoader builds only strings, lists and mappings, so "2025-01-05", "1.10" and "No" stay as
        # written.
        values = yaml.load(text[opening.end() : closing.start()], Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, 0
    if not isinstance(values, dict):
        return {}, 0
    return {key: _scalar(value) for key, value in values.items() if isinstance(value, str | list)}, closing.end()


def date_span(document: Document) -> Span | None:
    """Return where a document's front matter states its date, None where it has none."""
    if not document.metadata.date:
        return None
    _, body = front_matter(document.text)
    for match in _DATE_LINE.finditer(document.text, 0, body):
        if _iso_date(match.group(1)) == document.metadata.date:
            return Span(*match.span(1))
    return None


def _scalar(value: str | list[object]) -> str:
    return value if isinstance(value, str) else ", ".join(item for item in value if isinstance(item, str))


def _relative(file: Path, corpus: Path) -> str:
    try:
        path = file.relative_to(corpus).as_posix()
    except ValueError as error:
        raise CorpusError(f"{file} is not inside the corpus {corpus}.") from error
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{path!r}: the file's name is not valid UTF-8.", hint="Rename the file.") from error
    return path


def _checked(text: str, *, share: float) -> str:
    """Return the text if no more than `share` of its characters are control characters."""
    if "\x00" in text or len(_CONTROLS.findall(text)) > share * len(text):
        raise CorpusError("binary file (control characters).")
    return text


def _meant_as_utf8(data: bytes) -> bool:
    if _UTF8_PROOF.search(data):
        return True
    # Greek, Cyrillic, Hebrew ...: pairs count where most high bytes belong to one.
    return 2 * 2 * len(_UTF8_PAIR.findall(data)) > len(_HIGH_BYTE.findall(data)) > 8


def _metadata(text: str, file: Path) -> Metadata:
    values, body = front_matter(text)
    values = {key.lower(): " ".join(value.split()) for key, value in values.items()}
    language = values.get("language", values.get("lang", ""))[:2].lower()
    return Metadata(
        title=values.get("title") or _first_heading(text, body, file) or file.stem,
        source=values.get("source", ""),
        date=_iso_date(values.get("date", "")),
        language=language if re.fullmatch("[a-z]{2}", language) else "de",
    )


def _first_heading(text: str, body: int, file: Path) -> str:
    first = ""
    fenced = False
    for match in re.finditer(r"[^\r\n]+", text[body : body + _MAX_FRONT_MATTER]):
        line = match.group()
        fenced ^= bool(_FENCE.match(line))
        heading = _TOP_HEADING.match(line) if file.suffix.lower() == ".md" and not fenced else None
        if heading and heading.group(1).strip():
            return _shortened(heading.group(1))
        first = first or _shortened(line.strip().strip(_INVISIBLE).lstrip("#").strip())
    return first


def _shortened(line: str) -> str:
    line = " ".join(line.split())
    if len(line) <= _MAX_TITLE:
        return line
    return line[: _MAX_TITLE + 1].rsplit(" ", 1)[0][:_MAX_TITLE]


def _iso_date(value: str) -> str:
    try:
        return dt.datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        return ""
