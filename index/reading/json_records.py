"""
Read JSON records as documents of their own, under paths like ``meldungen.jsonl/17`` (line, or place in the list).

JSON is read only if the user asks for it: most of it is not text, and no question may be answered from an evaluation
set.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from index.errors import CorpusError
from index.formats import JSON
from index.limits import LONGEST_TITLE, MOST_AUTHORS, MOST_RECORDS
from index.reading.decoding import decode
from index.reading.extraction.types import ExtractionError
from index.reading.extraction.writer import Writer, clean
from index.reading.web_addresses import web_address
from index.text.cldr import language_code
from index.text.written_dates import iso_date
from index.types import Document, Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_LINES = re.compile(r"\r\n|\r|\n")
_LISTS = ("articles", "documents", "records", "items", "entries", "posts", "data", "results", "hits")
_QUESTION = frozenset({"answers", "answers_all", "answerable", "sources", "gold_quotes", "key_points"})
_SETS = frozenset({"corpus.jsonl", "queries.jsonl"})
_BEFORE = re.compile(r"\s*+[\[{]")
_DIGITS = 10  # times in seconds or milliseconds since 1970 have about this many digits, or more


@dataclass(frozen=True, slots=True)
class Fields:
    """
    Names of the fields that hold each part of a record; ``a.b`` is the ``b`` in ``a``.

    Parameters
    ----------
    text
        Fields of the text: all that a record has are read, one after the other, equal texts once.
    title, source, date, language, url, authors
        Fields of what is known about the text: the first that a record has counts, but all of ``authors`` are read.

    """

    text: tuple[str, ...] = ("text", "content", "body", "article", "inhalt")
    title: tuple[str, ...] = ("title", "titel", "headline", "name")
    source: tuple[str, ...] = ("source", "quelle", "publisher", "publication", "site")
    date: tuple[str, ...] = ("date", "datum", "published", "published_at", "publishedAt", "datePublished", "created_at")
    language: tuple[str, ...] = ("language", "lang", "sprache", "inLanguage")
    url: tuple[str, ...] = ("url", "link", "href")
    authors: tuple[str, ...] = ("authors", "author", "autor", "byline", "creator")

    @classmethod
    def parse(cls, written: str) -> Fields | None:
        """
        Read the setting.

        Parameters
        ----------
        written
            ``on``, or names of fields by what they hold: ``text=lead+body,title=headline``. Empty or ``off`` reads none.

        Raises
        ------
        ValueError
            If it is none of these; the message says in one line what is wrong.

        """
        if written.strip().lower() in {"", "off", "0", "false", "no"}:
            return None
        if written.strip().lower() in {"on", "1", "true", "yes"}:
            return cls()
        known = [one.name for one in fields(cls)]
        given: dict[str, tuple[str, ...]] = {}
        for part in written.split(","):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            names = tuple(piece.strip() for piece in value.split("+"))
            if not equals or name not in known or not all(_NAME.fullmatch(piece) for piece in names):
                raise ValueError(
                    f"{part.strip()!r} is neither `on` nor of the form `text=body+lead`; the fields are {', '.join(known)}"
                )
            given[name] = names
        return cls(**given)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that is not read: its path, and the reason in one line."""

    path: str
    reason: str


def records(data: bytes, path: str, wanted: Fields, *, beside: Iterable[str] = ()) -> Iterator[Document | BadRecord]:
    """
    Make documents from a file's records.

    Parameters
    ----------
    data
        The file's content.
    path
        Its path; ``.jsonl`` has one record per line, ``.json`` is one record or a list of them.
    wanted
        Names of the fields of a record.
    beside
        Names of the files in the same folder.

    Yields
    ------
    Document or BadRecord
        In the order of the file. A record that cannot be read does not keep the others from being read.

    Raises
    ------
    CorpusError
        If the file is not JSON, or is an evaluation set.

    """
    name = PurePosixPath(path).name.lower()
    if name in _SETS and "queries.jsonl" in {one.lower() for one in beside}:
        raise _is_set()
    if not data.strip():
        raise CorpusError("empty file.", kind="no_text")
    if data.startswith(b"PK\x03\x04") or (b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise CorpusError(f"named {PurePosixPath(path).suffix}, but it is not JSON.", kind="wrong_type")
    text = decode(data)[0]
    found = _lines(text) if name.endswith(".jsonl") else iter(_values(text))
    for count, (number, record) in enumerate(found, start=1):
        if count > MOST_RECORDS:
            yield BadRecord(path, f"more than {MOST_RECORDS:,} records; the rest is not read. Split the file.")
            return
        place = f"{path}/{number}"
        if isinstance(record, str):
            yield BadRecord(place, record)
        elif count == 1 and _is_question(record):
            raise _is_set()
        else:
            yield _document(record, place, wanted)


def _is_set() -> CorpusError:
    return CorpusError("an evaluation set, not a document.", hint="Keep it in another folder.", kind="wrong_type")


def _is_question(record: Any) -> bool:
    return isinstance(record, dict) and "question" in record and not _QUESTION.isdisjoint(record)


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the number of each line with its record, or with a string that says why it cannot be read."""
    for number, line in enumerate(_LINES.split(text), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except RecursionError:
            yield number, f"line {number}: nested too deeply to be read."
        except ValueError as error:
            yield number, f"line {number}: not JSON ({_said(error)})."
        else:
            yield number, value if isinstance(value, dict) else f"line {number}: not an object in braces."


def _values(text: str) -> list[tuple[int, Any]]:
    """Return the records of a JSON text, each with its number in the list."""
    if not _BEFORE.match(text):
        raise CorpusError("not JSON: it begins with neither a brace nor a bracket.", kind="wrong_type")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise CorpusError("nested too deeply to be read.", kind="damaged") from error
    except json.JSONDecodeError as error:
        raise CorpusError(f"not JSON (line {error.lineno}: {_said(error)}).", kind="damaged") from error
    except ValueError as error:
        raise CorpusError(f"not JSON ({_said(error)}).", kind="damaged") from error
    if isinstance(value, dict):
        listed = next((value[name] for name in _LISTS if _is_list(value.get(name))), None)
        if listed is not None and any("paragraphs" in one for one in listed if isinstance(one, dict)):
            raise _is_set()  # SQuAD's
        value = [value] if listed is None else listed
    return [
        (number, one if isinstance(one, dict) else f"record {number}: not an object in braces.")
        for number, one in enumerate(value, start=1)
    ]


def _is_list(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _said(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[0].lower()}{error.msg[1:]}, column {error.colno}"
    return "a number with too many digits" if "digits" in str(error) else "not valid"


def _document(record: Mapping[str, Any], path: str, wanted: Fields) -> Document | BadRecord:
    parts = _texts(record, wanted.text)
    if not parts:
        place = f"{'line' if '.jsonl/' in path.lower() else 'record'} {path.rpartition('/')[2]}"
        return BadRecord(path, f"{place}: no text in {' or '.join(wanted.text)}.")
    title = _first(record, wanted.title)[:LONGEST_TITLE]
    writer = Writer()
    try:
        writer.heading(title, 1)
        for part in parts:
            for paragraph in _PARAGRAPH.split(_LINES.sub("\n", part)):
                writer.paragraph(paragraph)
    except ExtractionError as error:
        return BadRecord(path, f"{error.message} {error.hint}")
    text = writer.text()
    if not text.strip("# \n"):
        return BadRecord(path, "without text.")
    about = Metadata(
        title=title or clean(parts[0]).partition("\n")[0][:LONGEST_TITLE],
        source=_first(record, wanted.source)[:LONGEST_TITLE],
        date=_day(record, wanted.date),
        language=language_code(_first(record, wanted.language)) or "de",
        authors=tuple(_texts(record, wanted.authors, nested="name")[:MOST_AUTHORS]),
        url=web_address(_first(record, wanted.url)),
    )
    # The digest covers what is shown, not the whole record: a document does not change when a click counter goes up.
    told = json.dumps([text, about.source, about.date, about.language, about.authors, about.url])
    return Document(path, text, about, hashlib.sha256(told.encode("utf-8", "replace")).hexdigest(), JSON)


@cache
def _way(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _value(record: Mapping[str, Any], name: str) -> Any:
    value: Any = record.get(name)
    if value is None:
        value = record
        for step in _way(name):
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _texts(record: Mapping[str, Any], names: Iterable[str], *, nested: str = "text") -> list[str]:
    """Return the distinct texts of fields in order; of a list, its texts and the ``nested`` fields of its objects."""
    found: dict[str, None] = {}
    for name in names:
        value = _value(record, name)
        for one in value if isinstance(value, list) else [value]:
            text = one.get(nested) if isinstance(one, dict) else one
            if isinstance(text, str) and text.strip():
                found.setdefault(text.strip())
    return list(found)


def _first(record: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return the first of these fields that a record has, in one line; if it is an object, that object's name."""
    for name in names:
        value = _value(record, name)
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return " ".join(clean(value).split())
    return ""


def _day(record: Mapping[str, Any], names: Iterable[str]) -> str:
    import datetime as dt  # noqa: PLC0415 - only for times as numbers

    for name in names:
        value = _value(record, name)
        if isinstance(value, int | float) and not isinstance(value, bool) and len(str(int(abs(value)))) >= _DIGITS - 1:
            seconds = value / 1000 if value > 10**11 else value
            try:
                return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
            except (ValueError, OverflowError, OSError):
                continue
        if isinstance(value, str) and (day := iso_date(value)):
            return day
    return ""
