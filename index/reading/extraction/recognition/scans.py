"""Let text recognition read scanned pages and pictures, page by page, and put the results where they belong."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from index.formats import PICTURE, RECOGNITION
from index.limits import MOST_SCANNED_PAGES
from index.reading.extraction.types import MAX_TEXT, Extract, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.types import Extractor

NO_PAGE = "no_page"
INSTALL = "Install the packages tesseract-ocr and tesseract-ocr-deu (Debian, Ubuntu) or tesseract-lang (Homebrew)."
OFF = "off"
AUTO = "auto"
_WANTED = ("deu", "eng")
_UNREADABLE = frozenset({"scanned", "garbled"})
_LANGUAGES = re.compile(r"[A-Za-z_]{2,20}(?:/[A-Za-z_]{2,20})?(?:\+[A-Za-z_]{2,20}(?:/[A-Za-z_]{2,20})?)*")
_SECONDS = 20
_MOST_SLOW = 3  # pages that run out of time before the others of the file are given up


@dataclass(frozen=True, slots=True)
class Recognition:
    """
    The installed program that reads pictures.

    Parameters
    ----------
    languages
        The languages to read: ``deu+eng``.
    version
        The version of the program.
    program
        Its path: the process that reads files may have been started with another search path.

    """

    languages: str
    version: str
    program: str = RECOGNITION


def is_languages(written: str) -> bool:
    """Tell whether a setting names languages in the program's form, or is ``auto`` or ``off``."""
    return written in {AUTO, OFF} or _LANGUAGES.fullmatch(written) is not None


def installed(languages: str = AUTO) -> Recognition | None:
    """
    Look for the program.

    Parameters
    ----------
    languages
        ``auto`` asks for German and English, as far as they are installed; ``off`` for nothing.

    Returns
    -------
    Recognition or None
        None if it is switched off, is missing, or has none of the languages.

    """
    program = shutil.which(RECOGNITION)
    return None if languages == OFF or program is None else _asked(program, languages)


@lru_cache(maxsize=8)
def _asked(program: str, languages: str) -> Recognition | None:
    try:
        listed, about = (_said(program, option) for option in ("--list-langs", "--version"))
    except (OSError, subprocess.SubprocessError):
        return None
    known = {line.strip() for line in listed.splitlines()[1:]}
    wanted = _WANTED if languages == AUTO else languages.split("+")
    there = [one for one in wanted if one in known]
    version = re.search(r"\d[\w.]{0,20}", about)
    return Recognition("+".join(there), version[0] if version else "", program) if there else None


def _said(program: str, option: str) -> str:
    done = subprocess.run([program, option], capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - fixed
    return done.stdout.decode("utf-8", "replace")


class Scans:
    """
    An extractor that also reads scanned pages and pictures.

    Parameters
    ----------
    extractor
        Reads everything else, and single pages on request.
    recognition
        None if it is not installed; then scanned pages and pictures are not read.
    most
        Most scanned pages of a file that are read.

    """

    def __init__(
        self, extractor: Extractor, recognition: Recognition | None, *, most: int = MOST_SCANNED_PAGES
    ) -> None:
        self._extractor = extractor
        self._recognition = recognition
        self._most = most

    def extract(self, data: bytes, kind: str) -> Extract:
        """Read a file's text; see `index.reading.extraction.types.Extractor`."""
        if kind == PICTURE:
            if self._recognition is None:
                raise ExtractionError(
                    "a picture, and no text recognition is installed.", hint=INSTALL, kind="no_recognition"
                )
            return self._whole(data, ExtractionError("a picture without text that could be read.", kind="no_text"))
        if kind != "pdf" or self._recognition is None:
            return self._extractor.extract(data, kind)
        try:
            found = self._extractor.extract(data, kind)
        except ExtractionError as error:
            if error.kind not in _UNREADABLE:
                raise
            return self._whole(data, error)
        return self._with_scanned(data, found) if found.scanned else found

    def _page(self, data: bytes, number: int) -> Extract:
        known = self._recognition or Recognition("", "")
        return self._extractor.extract(data, f"ocr {number} {known.languages} {known.version or '-'} {known.program}")

    def _has(self, data: bytes, number: int) -> bool:
        try:
            self._page(data, number)
        except ExtractionError as error:
            return error.kind != NO_PAGE
        return True

    def _whole(self, data: bytes, otherwise: ExtractionError) -> Extract:
        """Read all pages of a file that has no text of its own; raise ``otherwise`` if no page has any."""
        texts: list[str] = []
        unread: list[str] = []
        slow = 0
        failure: ExtractionError | None = None
        for number in range(1, self._most + 1):
            try:
                found = self._page(data, number)
            except ExtractionError as error:
                if error.kind == NO_PAGE:
                    break
                if number == 1 and error.kind == "no_recognition":
                    raise
                texts.append("")
                failure = failure or (error if error.kind != "no_text" else None)
                unread.append(f"page {number}: {error.message.rstrip('.')}")
                slow += error.kind == "too_long"
                if slow >= _MOST_SLOW:
                    unread.append(f"pages from {number + 1} on: reading them takes too long")
                    break
            else:
                texts.append(found.text)
                unread += [f"page {number}: {said}" for said in found.unread]
        else:
            if self._has(data, self._most + 1):
                unread.append(f"pages from {self._most + 1} on: only {self._most} scanned pages of a file are read")
        if not any(texts):
            raise failure or otherwise
        text = ""
        pages = []
        for one in texts:
            text += "\n" if text and one else ""
            pages.append(len(text))
            text += one
        _check(text)
        return Extract(text, tuple(pages), unread=tuple(unread), machine_read=((0, len(text)),))

    def _with_scanned(self, data: bytes, found: Extract) -> Extract:
        """Put the text of single scanned pages between that of the others."""
        texts: dict[int, str] = {}
        unread: list[str] = []
        slow = 0
        for number in found.scanned[: self._most]:
            if slow >= _MOST_SLOW:
                unread.append(f"page {number}: not tried, since others take too long")
                continue
            try:
                read = self._page(data, number)
            except ExtractionError as error:
                unread.append(f"page {number}: {error.message.rstrip('.')}")
                slow += error.kind == "too_long"
                continue
            texts[number] = read.text
            unread += [f"page {number}: {said}" for said in read.unread]
        if left := found.scanned[self._most :]:
            unread.append(f"pages from {left[0]} on: only {self._most} scanned pages of a file are read")
        others = [line for line in found.unread if not _is_of(line, found.scanned)]
        return replace(_inserted(found, texts), unread=(*others, *unread), scanned=())


def _inserted(found: Extract, texts: dict[int, str]) -> Extract:
    text = ""
    pages: list[int] = []
    read: list[tuple[int, int]] = []
    done = 0
    for number in range(1, max(len(found.pages), *texts, 0) + 1):
        # Pages behind the last one with text have no start.
        start = found.pages[number - 1] if number <= len(found.pages) else len(found.text)
        if number in texts:
            text += found.text[done:start]
            done = start
            if text and not text.endswith("\n\n"):
                text = text.rstrip("\n ") + "\n\n"
            pages.append(len(text))
            read.append((len(text), len(text) + len(texts[number])))
            text += texts[number].rstrip("\n") + "\n\n"
        else:
            text += found.text[done:start]
            done = start
            pages.append(len(text))
    text = (text + found.text[done:]).rstrip("\n") + "\n"
    _check(text)
    return replace(
        found,
        text=text,
        pages=tuple(pages),
        blocks=(),  # their places have moved, so they are parsed from the text
        machine_read=tuple((low, min(high, len(text))) for low, high in read),
    )


def _is_of(line: str, pages: Sequence[int]) -> bool:
    """Tell whether a line says that these pages were not read."""
    match = re.match(r"pages? (\d+)(?:-(\d+))?: (?:without text|with letters)", line)
    return match is not None and int(match[1]) in pages and int(match[2] or match[1]) in pages


def _check(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ExtractionError(
            f"more than {MAX_TEXT / 1e6:.0f} million characters of text.", hint="Split the file.", kind="too_large"
        )
