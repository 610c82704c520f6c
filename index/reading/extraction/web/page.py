"""Extract text from HTML: the article of a page, without what a reader would not see."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.errors import CorpusError
from index.reading.decoding import decode
from index.reading.extraction.blocks import Heading, Rendered, render
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.pictures.web import of_page
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.web.blocks import BLOCKS, CONTROLS, Found, Page
from index.reading.extraction.web.hidden import drop_hidden
from index.reading.extraction.web.kept import keep
from index.reading.extraction.web.lists import number_items
from index.reading.extraction.web.marks import write_out
from index.reading.extraction.web.roles import make_tables
from index.reading.extraction.web.styles import Sheets
from index.reading.extraction.web.tables import PageWriter, Tables, without_marks
from index.reading.extraction.writer import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_CHARSET_HEAD = 4096
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|meta|title|article|main|section|div|p|h[1-6]|table|[uo]l|span|br)\b", re.IGNORECASE
)
# Least share of a page's visible text that the article must have; with less, the page is taken whole.
_LEAST_SHARE = 0.35
_LEAST_PAGE = 200  # characters; a page with less text is taken whole
_LEAST_BLOCKS, _MOST_BLOCKS = 3, 50  # blocks that were run together, and blocks that are looked at
# No page that people read has an element with more, and the library's time for them is quadratic in their number.
_MAX_ATTRIBUTES = 250
_DEEP = 400  # libxml2 builds no tree that is deeper than 256
_PIECE = 32_768  # bytes
_MAX_HEADLINES = 50
_MAX_LINE = 1_000  # characters of a title or a headline that are looked at
# In a page with more elements (30 microseconds each), or more steps, no article is looked for. A step: for each of an
# element's children, the library may go through the others and through the text between them. A book of 15,000
# paragraphs stays below both.
_MOST_ELEMENTS = 100_000
_MOST_STEPS = 500_000_000
_SHORT = 70  # characters; a block with fewer is judged by the library by those around it
_SHORT_STEPS = 40


def extract(data: bytes) -> Extract:
    """
    Read an HTML page.

    Raises
    ------
    ExtractionError
        If it is not HTML, or shows no text.

    """
    text = without_marks(_decoded(data))
    if not _MARKUP.search(text[:100_000]):
        raise ExtractionError(
            "named .html, but it is not HTML.", hint="Give it the right extension, such as .txt.", kind="wrong_type"
        )
    tree = _parsed(text)
    vast = _is_vast(tree)
    title, source, day, author, url = (_content_of(tree, "title"), "", "", "", "") if vast else _about(tree)
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2].lower()
    _show(tree)
    keep(tree)
    pictures = Pictures()
    of_page(tree, pictures)
    headlines = [line for line in map(_content, islice(tree.iter("h1"), _MAX_HEADLINES)) if line]
    # The first may be the name of the site; the article's headline is in the title too.
    headline = next((line for line in headlines if not title or line in title or title in line), "")
    extracted = _article(tree, headline, Tables(tree))
    if not extracted.text.strip():
        raise ExtractionError("an HTML page without text.", kind="no_text")
    return Extract(
        extracted.text,
        title=headline or title or next(iter(headlines), ""),
        source=source,
        date=day,
        language=language,
        blocks=extracted.blocks,
        authors=tuple(filter(None, [author])),
        url=url,
        unread=pictures.said(),
    )


def whole(data: bytes, look: Callable[[Any], None] = lambda _: None) -> Rendered:
    """
    Read everything that an HTML text shows: a chapter of a book or the text of a mail, not a page with margins.

    Parameters
    ----------
    data
        The text.
    look
        Called with the tree, before what is hidden is removed from it.

    Returns
    -------
    Rendered
        The text, empty if it shows none.

    Raises
    ------
    ExtractionError
        If it cannot be read.

    """
    text = without_marks(_decoded(data))
    if not text.strip():
        return Rendered()
    tree = _parsed(text)
    look(tree)
    _show(tree)
    writer = PageWriter(Tables(tree))
    Page(writer, outside=CONTROLS).write(tree)
    return writer.rendered()


def _show(tree: Any) -> None:
    """Turn a page's marks and styles into text that says the same; remove what is hidden."""
    sheets = Sheets(tree)
    drop_hidden(tree, sheets)
    write_out(tree, sheets)
    number_items(tree, sheets)
    make_tables(tree, sheets)


def _parsed(text: str) -> Any:
    from lxml import html  # noqa: PLC0415 - an extra
    from lxml.etree import LxmlError  # noqa: PLC0415

    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, collect_ids=False
    )
    encoded = text.encode("utf-8", "replace")
    try:
        _check_attributes(encoded)
        return html.document_fromstring(encoded, parser=parser)
    except (LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError("HTML that cannot be read.", hint="Open it in a browser and save it again.") from error


class _Deep(Exception):  # noqa: N818 - the end of a search, not an error
    """Elements are nested so deeply that the parser that builds the tree stops here."""


class _Attributes:
    """Target of a parser that builds nothing, and keeps only the largest number of attributes."""

    def __init__(self) -> None:
        self.most = 0
        self._depth = 0

    def start(self, _: str, attributes: Mapping[str, str]) -> None:
        self.most = max(self.most, len(attributes))
        self._depth += 1
        # Without a tree the parser has no bound on depth, and searches all open tags for each closing one.
        if self._depth > _DEEP:
            raise _Deep

    def end(self, _: str) -> None:
        self._depth -= 1

    def data(self, _: str) -> None:
        pass

    def close(self) -> None:
        pass


def _check_attributes(encoded: bytes) -> None:
    """Raise an `ExtractionError` if an element has too many attributes for a tree to be built."""
    from lxml import etree  # noqa: PLC0415 - an extra

    found = _Attributes()
    parser = etree.HTMLParser(target=found, encoding="utf-8", no_network=True)
    with suppress(_Deep):
        for start in range(0, len(encoded), _PIECE):  # in pieces: the parser cannot stop within one
            parser.feed(encoded[start : start + _PIECE])
        parser.close()
    if found.most > _MAX_ATTRIBUTES:
        raise ExtractionError(
            f"an HTML page with an element of more than {_MAX_ATTRIBUTES} attributes.",
            hint="Open it in a browser and save its text.",
        )


def _decoded(data: bytes) -> str:
    if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        declared = _CHARSET.search(data[:_CHARSET_HEAD])
        name = declared[1].decode("ascii").lower() if declared else "utf-8"
        # Every browser reads a page that declares Latin-1 as cp1252.
        name = "cp1252" if name in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"} else name
        # A page whose declaration can be read as ASCII is neither UTF-16 nor UTF-32, whatever it declares.
        if not name.startswith("utf") and _is_text_codec(name):
            try:
                return data.decode(name)
            except (UnicodeDecodeError, LookupError):
                pass  # the declaration may be wrong
    try:
        return decode(data)[0]
    except CorpusError as error:
        raise ExtractionError(error.message, hint=error.hint, kind=error.kind) from error


def _is_text_codec(name: str) -> bool:
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return False
    # "hex" and "zlib" are codecs too.
    odd = codec.name in {"idna", "punycode"} or "escape" in codec.name
    return bool(getattr(codec, "_is_text_encoding", True)) and not odd


def _about(tree: Any) -> tuple[str, str, str, str, str]:
    """Return title, publication, date, authors and address, as the page states them."""
    from trafilatura.metadata import extract_metadata  # noqa: PLC0415 - an extra

    # Only dates that the page states; the extensive search guesses from any number in the text.
    limits = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
    try:
        about = extract_metadata(tree, None, limits, extensive=False)
    except Exception:  # noqa: BLE001 - a page is no less readable for odd metadata
        return "", "", "", "", ""
    day = about.date or ""
    try:
        day = date.fromisoformat(day[:10]).isoformat()
    except ValueError:
        day = ""
    title, source, author = (clean((said or "")[:_MAX_LINE]) for said in (about.title, about.sitename, about.author))
    return title, source, day, author, about.url or ""


def _article(tree: Any, headline: str, tables: Tables) -> Rendered:
    """Return the article of a page; the whole page if it holds none."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - an extra

    everything = PageWriter(tables)
    Page(everything).write(tree)
    shown = everything.rendered()
    found = None
    if len(shown.text) >= _LEAST_PAGE and not _is_vast(tree):
        try:
            found = bare_extraction(tree, include_comments=False, include_tables=True, favor_recall=True)
        except Exception:  # noqa: BLE001 - the whole page is the way out, whatever the library stumbles over
            found = None
    body = getattr(found, "body", None)
    if body is None:
        return shown
    writer = PageWriter(tables)
    Found(writer).write(body)
    article = writer.rendered()
    if len(article.text) < _LEAST_SHARE * len(shown.text) or _ran_together(article.text, shown.text):
        return shown
    if headline and not article.text.startswith("# ") and headline not in article.text:
        return render([Heading(headline, 1), article])
    return article


def _ran_together(article: str, shown: str) -> bool:
    """Tell whether the library found no article and took all text as one paragraph."""
    longest = max(article.split("\n"), key=len)
    blocks = [line.lstrip("#- ") for line in shown.split("\n") if line]
    within = sum(block in longest for block in blocks[:_MOST_BLOCKS])
    return longest.lstrip("#- ") not in blocks and within >= _LEAST_BLOCKS


def _content(element: Any) -> str:
    """Return the beginning of an element's text, in one line."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part[:_MAX_LINE])
        length += len(part)
        if length >= _MAX_LINE:
            break
    return " ".join(clean("".join(parts)).split())[:_MAX_LINE]


def _content_of(tree: Any, tag: str) -> str:
    found = tree.find(f".//{tag}")
    return "" if found is None else _content(found)


def _is_vast(tree: Any) -> bool:
    """
    Tell whether the library would take too long over a page.

    The number of its steps is quadratic in the number of children of an element, and in that of short blocks: for each
    of these, a part of the library searches the blocks around it for a long one.
    """
    widths: dict[Any, int] = {}
    texts: dict[Any, int] = {}
    short = rows = 0
    spans: list[tuple[int, int]] = []
    for count, element in enumerate(tree.iter(), start=1):
        if count > _MOST_ELEMENTS:
            return True
        rows += element.tag == "tr"
        if element.tag in {"td", "th"} and ("colspan" in element.attrib or "rowspan" in element.attrib):
            spans.append((_span(element, "colspan"), _span(element, "rowspan")))
        short += element.tag in BLOCKS and len(element.text or "") < _SHORT
        parent = element.getparent()
        widths[parent] = widths.get(parent, 0) + 1
        texts[parent] = texts.get(parent, 0) + len(element.tail or "")
    # The library makes a cell for each place that one spans.
    if sum(columns * min(down, rows) for columns, down in spans) > _MOST_ELEMENTS:
        return True
    broad = sum(width * (width + texts[parent]) for parent, width in widths.items())
    return broad + _SHORT_STEPS * short**2 > _MOST_STEPS


def _span(cell: Any, name: str) -> int:
    """Return how many columns or rows a cell says it spans, at least 1."""
    said = re.match(r"\s*(\d{1,9})", cell.get(name, ""))
    return max(1, int(said[1])) if said else 1
