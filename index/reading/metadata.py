"""Find title, source, date, language and authors: as the file states them, or from the beginning of its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.formats import TABULAR, is_markdown
from index.limits import LONGEST_FIRST_LINE, LONGEST_FRONT_MATTER, LONGEST_TITLE
from index.markup.front_matter import read
from index.reading.about import authors, plausible, stated_day
from index.reading.web_addresses import web_address
from index.text.cldr import language_code
from index.text.written_dates import iso_date
from index.types import Metadata

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePosixPath

    from index.blocks import Block
    from index.reading.extraction.types import Extract

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"

_FENCE = re.compile(r" {0,3}(```|~~~)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TOP_HEADING = re.compile(r" {0,3}#[ \t]+")
_FILE_NAME = re.compile(
    r"\.(?:docx?|odt|pdf|indd|qxp|tex|dvi|pptx?|xlsx?|rtf|txt|html?)$|^(?:untitled|unbenannt|microsoft word - .*)$",
    re.IGNORECASE,
)


def of_extraction(found: Extract, blocks: Sequence[Block], name: PurePosixPath, kind: str) -> Metadata:
    """Return what an extracted file says about itself; the title falls back to its first line, then to its name."""
    # The title of a PDF is often the name of the file that it was made from.
    title = "" if _FILE_NAME.search(found.title) else _shortened(found.title)
    date = plausible(iso_date(found.date))
    # A PDF is often made long after its text was written, so a date in the text takes precedence.
    stated = stated_day(found.text) if (found.dated_by_file or not date) and kind not in TABULAR else ""
    return Metadata(
        title=title or (kind not in TABULAR and _first_of(found.text, blocks)) or name.stem,
        source=_shortened(found.source),
        date=stated or date,
        language=language_code(found.language) or "de",
        authors=authors(found.authors),
        url=web_address(found.url),
        dated_by_file=found.dated_by_file and bool(date) and not stated,
    )


def _first_of(text: str, blocks: Sequence[Block]) -> str:
    """Return the first heading of level 1 near the beginning, else the first line."""
    opening = [one for one in blocks if one.kind != "note" and one.start < LONGEST_FRONT_MATTER]
    top = next((one for one in opening if one.kind == "heading" and one.level == 1), next(iter(opening), None))
    return "" if top is None else _shortened(text[top.start : top.end].partition("\n")[0])


def of_plain_text(text: str, file: PurePosixPath) -> Metadata:
    """Return what the front matter says; the title falls back to the first heading, first line or the file's name."""
    found = read(text)
    title, source = (_shortened(found.get(name), LONGEST_TITLE) for name in ("title", "source"))
    return Metadata(
        title=title or _first_heading(text, found.end, file) or file.stem,
        source=source,
        date=iso_date(found.get("date")),
        language=language_code(found.get("language")) or "de",
        authors=authors([found.get("author")]),
        url=web_address(found.get("url")),
    )


def _first_heading(text: str, body: int, file: PurePosixPath) -> str:
    first = ""
    fenced = False
    opening = text[body : body + LONGEST_FRONT_MATTER]
    if is_markdown(file.name):
        opening = _COMMENT.sub("", opening)
    for match in re.finditer(r"[^\r\n]+", opening):
        line = match.group()
        fenced ^= bool(_FENCE.match(line))
        heading = _TOP_HEADING.match(line) if is_markdown(file.name) and not fenced else None
        if heading and (title := _without_closing(line[heading.end() :])):
            return _shortened(title)
        first = first or _shortened(line.strip().strip(INVISIBLE).lstrip("#").strip())
    return first


def _without_closing(heading: str) -> str:
    """Return a heading without the number signs that may close it: "Titel ##"."""
    heading = heading.strip()
    opened = heading.rstrip("#")
    return opened.rstrip() if opened != heading and opened[-1:] in {" ", "\t"} else heading


def _shortened(line: str, longest: int = LONGEST_FIRST_LINE) -> str:
    line = " ".join(line.split())
    if len(line) <= longest:
        return line
    return line[: longest + 1].rsplit(" ", 1)[0][:longest]
