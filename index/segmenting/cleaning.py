"""Which parts of a document are the article, and may be cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.reading.extraction.notes import is_note
from index.reading.front_matter import front_matter
from index.segmenting.boilerplate import (
    ADDRESS,
    JOB,
    NOTICE,
    PROMO,
    QUOTED,
    SECTION,
    SHARE,
    STRETCHES,
    STRONG,
    VOCABULARY,
)
from index.segmenting.markdown import markdown_units
from index.segmenting.units import CREDIT, Unit, units
from index.text.sentences import split

if TYPE_CHECKING:
    from index.types import Span

_MAX_NOTICE = 260  # characters; longer lines are judged by their sentences
_MIN_PROSE = 100
_MIN_OPENING = 60  # a news item's first paragraph may be short
_EDGE = 1500  # how much of a long paragraph's beginning and end is searched for glued-on notices
_ENDS_LIKE_PROSE = re.compile(r"[.!?…][\"'“”‘’»«›‹)\]\d]*$")
_INLINE_CREDIT = re.compile(
    r"(?<=[.!?…“”\"»*_])\s?(\((?:Bild|Foto|Grafik|Quelle|Image|Photo|Credit)s?\s?:[^()]{0,200}\))$"
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(?=\S)")
_NAME = re.compile(r"[a-z0-9]+")  # "__init__" is no emphasis
_ARTICLE_NUMBER = re.compile(r"^\(ID: ?\d+\) (?=\S)")
_NOT_LETTERS = re.compile(r"[\W_]+")
# How many prose units in a row show that the article goes on after a stretch of that kind. Visitors' comments
# are
# prose themselves, so theirs is the hardest to leave.
_RESUMES_AFTER = {"jobs": 1, "newsletter": 1, "related": 1, "consent": 1, "comments": 3}


@dataclass(frozen=True, slots=True)
class Block:
    """
    A stretch of a document that may be cited.

    Parameters
    ----------
    start, end
        Offsets into the document's text.
    kind
        ``heading``, ``paragraph``, ``list_item``, ``row`` (of a table), ``caption`` or ``code``.
    level
        1 to 6 for a heading, else 0.
    lead
        What belongs before it and does not stand there: the row that names a table's columns, or the beginning of a
        sentence that goes on behind struck-out words. It helps to find the block and is no part of it.

    """

    start: int
    end: int
    kind: str = "paragraph"
    level: int = 0
    lead: str = ""


def citable(document_text: str, *, markdown: bool, extracted: bool = False) -> list[Block]:
    """
    Find what a reader would call the article.

    Front matter and the boilerplate of scraped news pages are left out: newsletter and consent texts, job
    adverts, comment forms and rules, subscription and sharing lines, copyright notices, and headlines or
    captions that come twice. Two kinds of evidence are combined: lines that are nothing but boilerplate, and
    stretches that a heading such as "Stellenangebote" opens, which last until ordinary prose resumes. A
    sentence inside an article's paragraph is never dropped for the words it uses.

    Parameters
    ----------
    document_text
        The whole text, front matter included.
    markdown
        Whether to read it as Markdown. In plain text a short line without a final stop, alone between blank
        lines, is a heading.
    extracted
        Whether the Markdown was taken out of a file of another format, see `index.reading.extraction.writer`: then it
        has headings, paragraphs and lists only.

    Returns
    -------
    list[Block]
        Blocks in reading order, without overlap.

    """
    _, body = front_matter(document_text)
    found = markdown_units(document_text, body, extracted=extracted) if markdown else units(document_text, body)
    if extracted:
        found = [unit for unit in found if not is_note(document_text, unit.start)]
    kept = _drop_boilerplate(document_text, found)
    blocks: list[Block] = []
    recent: list[str] = []
    for unit in kept:
        for block in _blocks(document_text, unit):
            key = _NOT_LETTERS.sub("", document_text[block.start : block.end]).casefold()
            # A headline or a caption may come again with a line such as a credit in between.
            window = recent if block.kind in {"heading", "caption"} else recent[-1:]
            long_enough = len(key) >= 8 or block.kind == "caption"  # "Ja." may well be said twice
            if block.kind not in {"list_item", "row", "code"} and long_enough and key in window:
                continue
            recent = [*recent[-1:], key]
            blocks.append(block)
    return blocks


def _drop_boilerplate(text: str, found: list[Unit]) -> list[Unit]:
    judged = [_judge(text, unit) for unit in found]
    for position in range(1, len(found)):
        # "Facebook" may be a heading, but not below "Teilen".
        if (
            judged[position - 1] == "notice"
            and not judged[position]
            and _shares(text, *found[position - 1 : position + 1])
        ):
            judged[position] = "notice"
    promoted = _promotions(text, found)
    kept: list[Unit] = []
    stretch = ""
    begun = False
    for position, (unit, verdict) in enumerate(zip(found, judged, strict=True)):
        if stretch and not _resumes(text, found, judged, position, stretch):
            stretch = verdict if verdict in STRETCHES else stretch
            continue
        stretch = ""
        # Before the article has begun, "Stellenangebote" is what it is about, and "(m/w/d)" its headline.
        if verdict in STRETCHES and (begun or verdict == "related"):
            stretch = verdict
        elif verdict == "notice" or position in promoted or (verdict == "job" and begun):
            continue
        else:
            kept.append(unit)
            begun = begun or _is_prose(text, unit, least=_MIN_OPENING)
    return kept


def _shares(text: str, *lines: Unit) -> bool:
    return all(SHARE.fullmatch(text, line.start, line.end) for line in lines)


def _judge(text: str, unit: Unit) -> str:
    """Return ``notice``, ``job``, the kind of stretch the unit opens, or nothing."""
    length = unit.end - unit.start
    line = " ".join(text[unit.start : min(unit.end, unit.start + _EDGE)].split())
    if unit.kind == "code":
        return ""
    if length <= _MAX_NOTICE:
        bare = line.strip("*_#>[]-–•| \t")
        section = SECTION.fullmatch(bare.rstrip("!?:. …"))
        if section and section.lastgroup:
            return section.lastgroup
        if NOTICE.fullmatch(bare.rstrip("!: …")) or NOTICE.fullmatch(bare):
            return "notice"
        if JOB.search(bare) and not _ENDS_LIKE_PROSE.search(bare):
            return "job"
    if VOCABULARY.search(text, unit.start, unit.end):
        _trim(text, unit)
        if unit.start >= unit.end:
            return "notice"
    return ""


def _trim(text: str, unit: Unit) -> None:
    """Cut notices off both ends of a unit; nothing is left of one that is all notices."""
    if unit.end - unit.start <= 2 * _EDGE:
        spans = split(text, start=unit.start, end=unit.end)
        if sum(s.end - s.start for s in spans if _is_notice(text, s)) > 0.6 * (unit.end - unit.start):
            unit.start = unit.end
            return
    else:
        spans = split(text, start=unit.end - _EDGE, end=unit.end)[1:]
    while spans and _is_notice(text, spans[-1]):
        unit.end = spans.pop().start
        while unit.end > unit.start and text[unit.end - 1].isspace():
            unit.end -= 1


def _is_notice(text: str, span: Span) -> bool:
    line = " ".join(text[span.start : min(span.end, span.start + 600)].split())
    return bool(STRONG.match(_ARTICLE_NUMBER.sub("", line)))


def _promotions(text: str, found: list[Unit]) -> set[int]:
    """Return the positions of lists that advertise."""
    result: set[int] = set()
    run: list[int] = []
    for position, unit in enumerate([*found, Unit(0, 0, "end")]):
        if unit.kind == "list_item":
            run.append(position)
            continue
        promoting = sum(_promotes(text, found[item]) for item in run)
        if promoting and 2 * promoting >= len(run):
            result.update(run)
        run = []
    return result


def _promotes(text: str, unit: Unit) -> bool:
    line = text[unit.start : unit.end] if unit.end - unit.start <= _MAX_NOTICE else ""
    return bool(PROMO.search(line)) and not line.endswith(".")


def _resumes(text: str, found: list[Unit], judged: list[str], position: int, section: str) -> bool:
    """Tell whether the article goes on at this unit, after boilerplate of the given kind."""
    if found[position].kind == "heading" and not judged[position]:
        # A heading belongs to what follows it, but a line right below "Newsletter abonnieren" is its teaser.
        if judged[position - 1] in STRETCHES and found[position].level > 1:
            return False
        position += 1
    needed = _RESUMES_AFTER[section]
    after = found[position : position + needed]
    if len(after) < needed or any(judged[position : position + needed]):
        return False
    return all(_is_prose(text, unit) and not _addresses(text, unit) for unit in after)


def _is_prose(text: str, unit: Unit, *, least: int = _MIN_PROSE) -> bool:
    return (
        unit.kind in {"paragraph", "caption"}
        and unit.end - unit.start >= least
        and bool(_ENDS_LIKE_PROSE.search(text, unit.end - 8, unit.end))
    )


def _addresses(text: str, unit: Unit) -> bool:
    return bool(ADDRESS.search(QUOTED.sub("", text[unit.start : min(unit.end, unit.start + _EDGE)])))


def _blocks(text: str, unit: Unit) -> list[Block]:
    """
    Return what of a unit may be cited, without the marks that emphasise all of it.

    A credit glued to a caption is set apart: it is not cited with it, nor hides that it comes twice.
    """
    start, end = (unit.start, unit.end) if unit.kind == "code" else _unmarked(text, unit.start, unit.end)
    if unit.kind in {"paragraph", "caption"}:
        credit = _INLINE_CREDIT.search(text, max(start, end - 260), end)
        if credit and any(letter.isalnum() for letter in text[start : credit.start()]):
            return [
                Block(*_unmarked(text, start, credit.start()), "caption"),
                Block(credit.start(1), credit.end(1), "caption"),
            ]
    if start >= end:
        return []
    kind = "caption" if unit.kind == "paragraph" and CREDIT.fullmatch(text, start, end) else unit.kind
    return [Block(start, end, kind, unit.level, unit.lead)]


def _unmarked(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without the marks of emphasis around it, where they belong together and hold all of it."""
    while opening := _EMPHASIS.match(text, start, end):
        mark = opening[1]
        first, last = opening.end(), end - len(mark)
        closed = last > first and text.startswith(mark, last) and not text[last - 1].isspace()
        if not closed or mark[0] in text[first:last] or _NAME.fullmatch(text, first, last):
            break
        start, end = first, last
    return start, end
