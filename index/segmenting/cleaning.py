"""Find the parts of a document that belong to the article and may be cited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.blocks import Block
from index.markup.units import CREDIT
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
from index.text import locale
from index.text.sentences import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.types import Span

_MAX_NOTICE = 260  # characters; longer lines are judged by their sentences
_MIN_PROSE = 100
_MIN_OPENING = 60  # a news item's first paragraph may be short
_EDGE = 1500  # characters at each end of a long paragraph that are searched for attached notices
_ENDS_LIKE_PROSE = re.compile(r"[.!?…][\"'“”‘’»«›‹)\]\d]*$")
_INLINE_CREDIT = re.compile(
    rf"(?<=[.!?…“”\"»*_])\s?(\({locale.alternatives('files.credit_in_brackets')}s?\s?:[^()]{{0,200}}\))$"
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(?=\S)")
_NAME = re.compile(r"[a-z0-9]+")  # "__init__" is not emphasised text
_ARTICLE_NUMBER = re.compile(r"^\(ID: ?\d+\) (?=\S)")
_NOT_LETTERS = re.compile(r"[\W_]+")
# Number of consecutive prose blocks that show that the article resumes after a stretch of that kind. Visitors'
# comments are prose themselves, so they need most.
_RESUMES_AFTER = {"jobs": 1, "newsletter": 1, "related": 1, "consent": 1, "comments": 3}


def citable(text: str, found: Sequence[Block]) -> list[Block]:
    """
    Find what a reader would call the article.

    This leaves out the boilerplate of scraped news pages (newsletter and consent texts, job adverts, comment forms and
    rules, subscription and sharing lines, copyright notices), repeated headlines or captions, and notes of what
    was not read. Two kinds of evidence are combined: lines that consist of boilerplate alone, and
    stretches opened by a heading such as "Stellenangebote", which last until ordinary prose resumes. A
    sentence inside an article's paragraph is never dropped for the words it uses.

    Parameters
    ----------
    text, found
        A document's text and its blocks, see `index.types.Document`.

    Returns
    -------
    list[Block]
        Blocks in reading order, without overlap, each within one of those given.

    """
    kept = _drop_boilerplate(text, [block for block in found if block.kind != "note"])
    blocks: list[Block] = []
    recent: list[str] = []
    for one in kept:
        for block in _parts(text, one):
            key = _NOT_LETTERS.sub("", text[block.start : block.end]).casefold()
            # A headline or a caption may be repeated after a line such as a credit.
            window = recent if block.kind in {"heading", "caption"} else recent[-1:]
            long_enough = len(key) >= 8 or block.kind == "caption"  # "Ja." may well be said twice
            if block.kind not in {"list_item", "row", "code"} and long_enough and key in window:
                continue
            recent = [*recent[-1:], key]
            blocks.append(block)
    return blocks


def _drop_boilerplate(text: str, blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    judged: list[str] = []
    for block in blocks:
        verdict, rest = _judge(text, block)
        judged.append(verdict)
        found.append(rest)
    for position in range(1, len(found)):
        # "Facebook" may be a real heading, but not below "Teilen".
        if (
            judged[position - 1] == "notice"
            and not judged[position]
            and _shares(text, *found[position - 1 : position + 1])
        ):
            judged[position] = "notice"
    promoted = _promotions(text, found)
    kept: list[Block] = []
    stretch = ""
    begun = False
    for position, (block, verdict) in enumerate(zip(found, judged, strict=True)):
        if stretch and not _resumes(text, found, judged, position, stretch):
            stretch = verdict if verdict in STRETCHES else stretch
            continue
        stretch = ""
        # Before the article has begun, "Stellenangebote" is its subject, and a line with "(m/w/d)" its headline.
        if verdict in STRETCHES and (begun or verdict == "related"):
            stretch = verdict
        elif verdict == "notice" or position in promoted or (verdict == "job" and begun):
            continue
        else:
            kept.append(block)
            begun = begun or _is_prose(text, block, least=_MIN_OPENING)
    return kept


def _shares(text: str, *lines: Block) -> bool:
    return all(SHARE.fullmatch(text, line.start, line.end) for line in lines)


def _judge(text: str, block: Block) -> tuple[str, Block]:
    """Return ``notice``, ``job``, the kind of stretch that the block opens, or empty; and the block without notices."""
    length = block.end - block.start
    line = " ".join(text[block.start : min(block.end, block.start + _EDGE)].split())
    if block.kind == "code":
        return "", block
    if length <= _MAX_NOTICE:
        bare = line.strip("*_#>[]-–•| \t")
        section = SECTION.fullmatch(bare.rstrip("!?:. …"))
        if section and section.lastgroup:
            return section.lastgroup, block
        if NOTICE.fullmatch(bare.rstrip("!: …")) or NOTICE.fullmatch(bare):
            return "notice", block
        if JOB.search(bare) and not _ENDS_LIKE_PROSE.search(bare):
            return "job", block
    if VOCABULARY.search(text, block.start, block.end):
        end = _trimmed(text, block)
        return ("", replace(block, end=end)) if end > block.start else ("notice", block)
    return "", block


def _trimmed(text: str, block: Block) -> int:
    """Return the end of a block without the notices at its end, or its start if it is all notices."""
    end = block.end
    if end - block.start <= 2 * _EDGE:
        spans = split(text, start=block.start, end=end)
        if sum(s.end - s.start for s in spans if _is_notice(text, s)) > 0.6 * (end - block.start):
            return block.start
    else:
        spans = split(text, start=end - _EDGE, end=end)[1:]
    while spans and _is_notice(text, spans[-1]):
        end = spans.pop().start
        while end > block.start and text[end - 1].isspace():
            end -= 1
    return end


def _is_notice(text: str, span: Span) -> bool:
    line = " ".join(text[span.start : min(span.end, span.start + 600)].split())
    return bool(STRONG.match(_ARTICLE_NUMBER.sub("", line)))


def _promotions(text: str, found: list[Block]) -> set[int]:
    """Return the positions of the items of lists that advertise."""
    result: set[int] = set()
    run: list[int] = []
    for position, block in enumerate([*found, Block(0, 0, "end")]):
        if block.kind == "list_item":
            run.append(position)
            continue
        promoting = sum(_promotes(text, found[item]) for item in run)
        if promoting and 2 * promoting >= len(run):
            result.update(run)
        run = []
    return result


def _promotes(text: str, block: Block) -> bool:
    line = text[block.start : block.end] if block.end - block.start <= _MAX_NOTICE else ""
    return bool(PROMO.search(line)) and not line.endswith(".")


def _resumes(text: str, found: list[Block], judged: list[str], position: int, section: str) -> bool:
    """Tell whether the article resumes at this block, after boilerplate of the given kind."""
    if found[position].kind == "heading" and not judged[position]:
        # A heading belongs to what follows it, but a line right below "Newsletter abonnieren" is its teaser.
        if judged[position - 1] in STRETCHES and found[position].level > 1:
            return False
        position += 1
    needed = _RESUMES_AFTER[section]
    after = found[position : position + needed]
    if len(after) < needed or any(judged[position : position + needed]):
        return False
    return all(_is_prose(text, block) and not _addresses(text, block) for block in after)


def _is_prose(text: str, block: Block, *, least: int = _MIN_PROSE) -> bool:
    return (
        block.kind in {"paragraph", "caption", "footnote"}
        and block.end - block.start >= least
        and bool(_ENDS_LIKE_PROSE.search(text, block.end - 8, block.end))
    )


def _addresses(text: str, block: Block) -> bool:
    return bool(ADDRESS.search(QUOTED.sub("", text[block.start : min(block.end, block.start + _EDGE)])))


def _parts(text: str, block: Block) -> list[Block]:
    """
    Return the parts of a block that may be cited, without the marks that emphasise all of it.

    A credit attached to a caption is split off, so that it is not cited with it and does not hide a repetition.
    """
    start, end = (block.start, block.end) if block.kind == "code" else _unmarked(text, block.start, block.end)
    if block.kind in {"paragraph", "caption", "footnote"}:
        credit = _INLINE_CREDIT.search(text, max(start, end - 260), end)
        if credit and any(letter.isalnum() for letter in text[start : credit.start()]):
            return [
                Block(*_unmarked(text, start, credit.start()), "caption"),
                Block(credit.start(1), credit.end(1), "caption"),
            ]
    if start >= end:
        return []
    kind = "caption" if block.kind == "paragraph" and CREDIT.fullmatch(text, start, end) else block.kind
    return [replace(block, start=start, end=end, kind=kind)]


def _unmarked(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without the emphasis marks around it, if they form a pair that encloses all of it."""
    while opening := _EMPHASIS.match(text, start, end):
        mark = opening[1]
        first, last = opening.end(), end - len(mark)
        closed = last > first and text.startswith(mark, last) and not text[last - 1].isspace()
        if not closed or mark[0] in text[first:last] or _NAME.fullmatch(text, first, last):
            break
        start, end = first, last
    return start, end
