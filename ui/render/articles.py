"""
Render an article as HTML, with every range that can be highlighted marked.

The text is cut here, in code points; the script in the page only chooses which marks are visible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.reading.documents import front_matter
from index.segmenting.cleaning import citable
from rag.retrieval.unread import listed, noted
from ui.render.escaping import byline, escape, isolated, web_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from index.types import Document
    from ui.render.texts import Texts

LONG_TEXT = 120_000
SURROUNDINGS = 8_000
MOST_TOGETHER = 8
"""Number of marks that one piece of text names; naming hundreds in each would make a page a thousand times its text."""
MOST_PAGES_NAMED = 20
_HEADING = re.compile(r"^(#{1,6} +)\S.*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--[^\n]*-->")  # note of what was not read
_BLANK = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Marked:
    """
    A piece of a document's text between two borders of marks.

    Parameters
    ----------
    start, end
        Offsets into the document's text.
    marks
        The keys of the marks that cover all of it.

    """

    start: int
    end: int
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a document, the key of its mark, and the characters that were there when it was cited."""

    key: str
    start: int
    end: int
    quote: str = ""


def body_start(text: str) -> int:
    """Return the offset of the first visible character after a document's front matter."""
    _, offset = front_matter(text)
    blank = _BLANK.match(text, offset)
    return blank.end() if blank else offset


def split_at_marks(start: int, end: int, marks: Mapping[str, tuple[int, int]]) -> list[Marked]:
    """
    Cut a range wherever a mark begins or ends, so that marks may overlap.

    Parameters
    ----------
    start, end
        The range.
    marks
        Key and half-open range of each mark; what lies outside the range is left out.

    Returns
    -------
    list[Marked]
        Adjacent pieces that together make up the range.

    """
    # A single pass over the borders: an article may have tens of thousands of headings, each of them a mark.
    names = list(marks)
    opening: dict[int, list[int]] = {start: [], end: []}
    closing: dict[int, list[int]] = {}
    for number, (low, high) in enumerate(marks.values()):
        if max(low, start) < min(high, end):
            opening.setdefault(max(low, start), []).append(number)
            opening.setdefault(min(high, end), [])
            closing.setdefault(min(high, end), []).append(number)
        else:  # an empty mark, or one outside the range, still cuts at its place
            opening.update((border, opening.get(border, [])) for border in (low, high) if start < border < end)
    pieces: list[Marked] = []
    current: set[int] = set()
    for low, high in pairwise(sorted(opening)):
        current.difference_update(closing.get(low, ()))
        current.update(opening[low])
        pieces.append(Marked(low, high, tuple(names[number] for number in sorted(current))))
    return pieces


def _windows(text: str, marks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges to show: the whole body, or only the surroundings of the marks if it is very long."""
    begin = body_start(text)
    spans = sorted(marks)
    begin = min([begin, *(low for low, _ in spans)])
    if len(text) - begin <= LONG_TEXT:
        return [(begin, len(text))]
    windows: list[tuple[int, int]] = []
    for low, high in spans or [(begin, begin)]:
        first, last = max(begin, low - SURROUNDINGS), min(len(text), high + SURROUNDINGS)
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(last, windows[-1][1]))
        else:
            windows.append((first, last))
    return windows


def set_back(document: Document) -> dict[str, tuple[int, int]]:
    """Return the ranges of a document's text that are not part of the article, such as newsletter notices."""
    text = document.text
    cited = [(block.start, block.end) for block in citable(text, document.blocks)]
    if not cited:
        return {}
    edges = [body_start(text), *(edge for span in cited for edge in span), len(text)]
    gaps = [
        (low, high)
        for low, high in zip(edges[::2], edges[1::2], strict=True)
        if text[low:high].strip("#>*-_|:=~` \t\r\n")
    ]
    return {f"aside{number}": gap for number, gap in enumerate(gaps)}


def text_html(
    text: str,
    start: int,
    end: int,
    marks: Mapping[str, tuple[int, int]],
    asides: Mapping[str, tuple[int, int]],
) -> str:
    """
    Render a range of a text with its marks; each character occurs in the result exactly once.

    Parameters
    ----------
    text, start, end
        The text, and the range.
    marks
        Key and half-open range of each mark.
    asides
        The same for what is not part of the article.

    """
    lines, hashes = {}, {}
    for number, match in enumerate(_HEADING.finditer(text, start, end)):
        lines[f"line{number}"], hashes[f"hash{number}"] = match.span(), match.span(1)
    parts = []
    for piece in split_at_marks(start, end, {**marks, **lines, **hashes, **asides}):
        content = escape(text[piece.start : piece.end])
        if any(key in hashes for key in piece.marks):
            content = f'<span class="q-hashes">{content}</span>'
        if any(key in lines for key in piece.marks):
            content = f'<span class="q-heading">{content}</span>'
        if any(key in asides for key in piece.marks):
            content = f'<span class="q-aside">{content}</span>'
        keys = " ".join([key for key in piece.marks if key in marks][:MOST_TOGETHER])
        if keys:
            content = f'<mark data-marks="{escape(keys)}">{content}</mark>'
        parts.append(content)
    return "".join(parts)


def _places(text: str, quote: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + len(quote))


def relocate(text: str, spans: Iterable[Span]) -> tuple[dict[str, tuple[int, int]], list[Span]]:
    """
    Find where the quotes of an answer are now.

    An answer may be older than the article: conversations are kept in the browser, and files change.

    Parameters
    ----------
    text
        The document's current text.
    spans
        Where the quotes were; a span without a quote is used as it is.

    Returns
    -------
    dict, list
        Half-open ranges by key, using the nearest place if a quote occurs more than once; and the spans whose
        quotes are no longer there.

    """
    found, missing = {}, []
    for span in spans:
        if not span.quote or text[span.start : span.end] == span.quote:
            found[span.key] = (span.start, min(span.end, len(text)))
            continue
        at = span.start
        start = min(_places(text, span.quote), key=lambda place: abs(place - at), default=None)
        if start is None:
            missing.append(span)
        else:
            found[span.key] = (start, start + len(span.quote))
    return found, missing


def article_html(
    document: Document,
    marks: Mapping[str, tuple[int, int]],
    texts: Texts,
    *,
    missing: Sequence[Span] = (),
    page: int | None = None,
    paged: bool = False,
) -> str:
    """
    Render a whole article.

    Parameters
    ----------
    document
        The article; its front matter is not shown.
    marks
        Ranges that can be highlighted: ``c0``, ``c1`` … for the answer's citations, ``e0`` … for evidence.
    texts
        Language of the page.
    missing
        Quotes that the document no longer contains; they are shown above it.
    page
        Page of the citation, if the format has pages.
    paged
        Whether its pages can be shown: a switch then changes between the two views.

    Returns
    -------
    str
        An ``<article>``.

    """
    windows = _windows(document.text, marks.values())
    asides = set_back(document)
    passages = "".join(
        f'<div class="q-text">{text_html(document.text, start, end, marks, asides)}</div>' for start, end in windows
    )
    whole = len(document.text) - body_start(document.text)
    shortened = sum(end - start for start, end in windows) < whole
    notes = f'<p class="q-note">{escape(texts.article_shortened)}</p>' if shortened else ""
    if asides:
        notes += f'<p class="q-note">{escape(texts.article_aside)}</p>'
    if unread := [part.what for part in noted(document)]:
        line = texts.library_unread.format(parts=listed(unread, texts.language))
        notes += f'<p class="q-note q-unread">{isolated(line)}</p>'
    if missing:
        notes += f'<p class="q-note">{escape(texts.article_changed)}</p>'
        notes += "".join(f'<blockquote class="q-gone">{isolated(span.quote)}</blockquote>' for span in missing)
    notes += _machine_note(document, texts)
    metadata = document.metadata
    notes = web_line(metadata) + notes
    return (
        f'<article data-path="{escape(document.path)}" lang="{escape(metadata.language)}">'
        f"<header><h2>{isolated(metadata.title)}</h2>"
        f'<p class="q-byline">{byline(metadata, texts, page=page, label=document.label(page))}</p>{notes}</header>'
        f"{_switch(texts) if paged else ''}{passages}</article>"
    )


def _machine_note(document: Document, texts: Texts) -> str:
    """Say that an article was read by text recognition, and which pages if not all of it."""
    read = document.machine_read
    if not read:
        return ""
    if read[0].start == 0 and not _COMMENT.sub("", document.text[read[0].end :]).strip():
        return f'<p class="q-note">{escape(texts.article_machine_read)}</p>'
    pages = sorted({page for span in read if (page := document.page(span.start))})
    named = ", ".join(str(page) for page in pages[:MOST_PAGES_NAMED]) + (" …" if len(pages) > MOST_PAGES_NAMED else "")
    return f'<p class="q-note">{escape(texts.article_machine_pages)} {named}.</p>'


def _switch(texts: Texts) -> str:
    """Render the buttons that choose between page and text, and the element that a page is drawn in."""
    views = "".join(
        f'<button type="button" class="q-show" data-show="{name}" aria-pressed="false">{escape(words)}</button>'
        for name, words in (("page", texts.sheet_view), ("text", texts.sheet_text_view))
    )
    label = escape(texts.sheet_switch)
    return f'<div class="q-shows" role="group" aria-label="{label}">{views}</div><section id="q-page"></section>'


def gone_html(path: str, spans: Sequence[Span], texts: Texts) -> str:
    """Render what is known of an article that no longer exists: the quotes taken from it."""
    quotes = "".join(f'<blockquote class="q-gone">{isolated(span.quote)}</blockquote>' for span in spans)
    return (
        f'<article data-path="{escape(path)}"><header><h2>{isolated(path)}</h2>'
        f'<p class="q-note">{escape(texts.article_gone)}</p>{quotes}</header></article>'
    )
