"""Read JSON strictly and check the fields of its objects; every error says where it occurred."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)
# What remains of a value, or of an escape in a text, if a JSON object ends too early.
_HALF_VALUE = re.compile(r"t(?:r(?:u)?)?|f(?:a(?:l(?:s)?)?)?|n(?:u(?:l)?)?|-|\\?u?[0-9a-fA-F]{0,3}|")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Record:
    """
    A JSON object, with methods that return a field or say what is wrong with it.

    Parameters
    ----------
    data
        The object.
    where
        The file, and the line if the file has one object per line.
    path
        Path from there to the object, such as ``data[3].paragraphs[1]``; empty for the outermost object.

    """

    data: dict[str, Any]
    where: str
    path: str = ""

    def name(self, field: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{field}" if self.path else field

    def wrong(self, field: str, demand: str, *, hint: str = "") -> DatasetError:
        """Return the error that says what a field must be."""
        return DatasetError(f"{self.where}: the field {self.name(field)!r} {demand}.", hint=hint)

    def text(self, field: str) -> str:
        """Return a text that is not blank."""
        value = self.data.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "is missing or no text")
        return value

    def optional_text(self, field: str) -> str:
        """Return a text; empty if it is missing or null."""
        value = self.data.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(field, "must be a text")
        return value

    def identifier(self, field: str) -> str:
        """Return an id; sets from elsewhere may use numbers."""
        value = self.data.get(field)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text(field)

    def integer(self, field: str) -> int:
        """Return a whole number."""
        value = self.data.get(field)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(field, "is missing or no whole number")
        return value

    def truth(self, field: str, *, default: bool) -> bool:
        """Return true or false; null counts as missing, since other programs write it that way."""
        value = self.data.get(field)
        value = default if value is None else value
        if not isinstance(value, bool):
            raise self.wrong(field, "must be true or false")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of texts, empty if missing or null; a blank one is refused: it would occur in everything."""
        values = self._listed(field)
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(field, "must be a list of texts, none of them blank")
        return tuple(values)

    def identifiers(self, field: str) -> tuple[str, ...]:
        """Return a list of ids, empty if it is missing or null."""
        values = self._listed(field)
        if not isinstance(values, list):
            raise self.wrong(field, "must be a list of texts, none of them blank")
        numbered = [str(value) if type(value) is int else value for value in values]
        return Record({field: numbered}, self.where, self.path).texts(field)

    def _listed(self, field: str) -> object:
        value: object = self.data.get(field)
        return [] if value is None else value

    def records(self, field: str) -> list[Record]:
        """Return a list of objects."""
        values = self.data.get(field)
        if not isinstance(values, list):
            raise self.wrong(field, "is missing or no list")
        for position, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.wrong(f"{field}[{position}]", "is not a JSON object")
        return [Record(value, self.where, f"{self.name(field)}[{index}]") for index, value in enumerate(values)]

    def unused(self, identifier: str, taken: Container[str], *, field: str) -> str:
        """Return the identifier unless it is taken."""
        if identifier in taken:
            raise DatasetError(
                f"{self.where}: the id {identifier!r} ({self.name(field)}) was used before.", hint="Give each its own."
            )
        return identifier


def read_records(file: Path, *, halves: bool = False) -> Iterator[Record]:
    """
    Yield the objects of a file that holds one per line.

    Parameters
    ----------
    file
        The file.
    halves
        Whether a line may break off, as the last line of a killed process does: it is left out, and the log says
        which one. What is written later begins a new line below it.

    """
    for number, line in read_lines(file, halves=halves):
        value = parse(line, file, number)
        if not isinstance(value, dict):
            raise DatasetError(f"{file}:{number}: not a JSON object.", hint="Write one JSON object a line.")
        yield Record(value, f"{file}:{number}")


def read_lines(file: Path, *, halves: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers; only a line feed ends a line."""
    try:
        with file.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                if halves and _breaks_off(raw):
                    _LOG.warning("%s:%d: half a line, left out; whoever wrote it was interrupted.", file, number)
                    continue
                line = _decoded(raw, file, number)
                if line.strip():
                    yield number, line
    except OSError as error:
        raise unreadable(file, error) from error


def begins_with_half(file: Path) -> bool:
    """Tell whether a file begins with a line that breaks off, followed by a JSON object on a line of its own."""
    try:
        with file.open("rb") as stream:
            first, second = stream.readline(), stream.readline()
    except OSError as error:
        raise unreadable(file, error) from error
    try:
        return _breaks_off(first) and isinstance(json.loads(second), dict)
    except (ValueError, RecursionError):
        return False


def _breaks_off(raw: bytes) -> bool:
    """Tell whether a line is only the beginning of a JSON object."""
    text = raw.decode("utf-8-sig", "replace").strip()
    if not text.startswith("{"):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        rest = text[error.pos :]
        ends_early = error.msg.startswith("Unterminated string") or _HALF_VALUE.fullmatch(rest) is not None
        # A line without a line feed is the last one; a disk may have filled it up with anything.
        return ends_early or not raw.endswith(b"\n")
    except (ValueError, RecursionError):
        return False
    return False


def read_whole(file: Path) -> object:
    """Return the JSON value that a file consists of."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error
    return parse(_decoded(raw, file, 1), file)


def unreadable(file: Path, error: OSError) -> DatasetError:
    """Return the error for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return DatasetError(
            f"There is no evaluation set {file}.", hint="Name a .jsonl file, a SQuAD file or a BEIR folder."
        )
    return DatasetError(f"The evaluation set {file} cannot be read: {error.strerror}.", hint="Name a readable file.")


def parse(text: str, file: Path, line: int | None = None) -> object:
    """Return the value of a JSON text: one line of a file, or all of it."""
    try:
        # Tabs and the like within a text are not valid JSON, but are meant literally.
        value: object = json.loads(text, parse_constant=_refuse, strict=False)
        if _SURROGATE.search(text):
            # Half of a surrogate pair is valid JSON, but could be neither printed nor stored later on.
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"{file}:{line or error.lineno}"
        raise DatasetError(f"{place}: not JSON ({error.msg}, column {error.colno}).") from error
    except (ValueError, RecursionError) as error:
        place = f"{file}:{line}" if line else f"{file}"
        raise DatasetError(f"{place}: not JSON ({error}).") from error
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _decoded(raw: bytes, file: Path, line: int) -> str:
    try:
        # Each of several concatenated files may have brought a byte order mark.
        return raw.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        number = line + raw.count(b"\n", 0, error.start)
        raise DatasetError(f"{file}:{number}: not UTF-8 ({error.reason}).", hint="Save the file as UTF-8.") from error
