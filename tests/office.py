"""Make small real files of office formats, e-books and mails for the tests."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from tests.files import make_zip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTENT_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(*parts: tuple[str, str, str]) -> bytes:
    """A part with relationships; each one is an identifier, the last word of its type and a target."""
    entries = "".join(
        f'<Relationship Id="{id_}" Type="{RELATION}/{kind}" Target="{target}"/>' for id_, kind, target in parts
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'.encode()


# ---- Excel

Value = str | float | None
FORMATS = ("General", '#,##0.00 "€"', "0%", "dd.mm.yyyy", "General", ";;;")
BOLD, STRUCK = 4, 6  # numbers of styles; the number of a format is its index in `FORMATS`


def make_sheet(
    rows: Sequence[Sequence[Value | tuple[Value, int]]],
    *,
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
) -> bytes:
    """A worksheet. A cell is a value, or a value and the number of its style. Text beginning with "=" is a formula."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, entry in enumerate(row):
            value, style = entry if isinstance(entry, tuple) else (entry, 0)
            reference = f'r="{_letters(column)}{number}" s="{style}"'
            if isinstance(value, str) and value.startswith("="):
                cells.append(f"<c {reference}><f>{escape(value[1:])}</f></c>")
            elif isinstance(value, str):
                cells.append(f'<c {reference} t="inlineStr"><is><t>{escape(value)}</t></is></c>')
            elif value is not None:
                cells.append(f"<c {reference}><v>{value}</v></c>")
        hidden = ' hidden="1"' if number in hidden_rows else ""
        lines.append(f'<row r="{number}"{hidden}>{"".join(cells)}</row>')
    columns = "".join(f'<col min="{one}" max="{one}" hidden="1"/>' for one in hidden_columns)
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>{''.join(lines)}</sheetData>"
        f"{f'<mergeCells>{ranges}</mergeCells>' if ranges else ''}</worksheet>"
    ).encode()


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def make_xlsx(
    sheets: Mapping[str, bytes], *, hidden: Sequence[str] = (), more: Mapping[str, bytes] | None = None
) -> bytes:
    """A workbook; ``sheets`` maps the names of its worksheets to the worksheets."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"'
        + (' state="hidden"/>' if name in hidden else "/>")
        for number, name in enumerate(sheets, start=1)
    )
    codes = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode={quoteattr(code)}/>' for number, code in enumerate(FORMATS)
    )
    looks = "".join(f'<xf numFmtId="{164 + number}" fontId="{int(number == BOLD)}"/>' for number in range(len(FORMATS)))
    styles = (
        f'<styleSheet xmlns="{main}"><numFmts>{codes}</numFmts><fonts><font/><font><b/></font><font><strike/></font></fonts>'
        f'<cellXfs>{looks}<xf numFmtId="0" fontId="2"/></cellXfs></styleSheet>'
    )
    return make_zip(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": relations(("r", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{RELATION}"><sheets>{listed}</sheets></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": relations(
                ("styles", "styles", "styles.xml"),
                *((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
            ),
            "xl/styles.xml": styles.encode(),
            **{f"xl/worksheets/sheet{number}.xml": data for number, data in enumerate(sheets.values(), start=1)},
            **(more or {}),
        }
    )


# ---- OpenDocument

_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("presentation", "presentation"),
        ("meta", "meta"),
    )
)
_KINDS = {"text": "text", "spreadsheet": "spreadsheet", "presentation": "presentation"}


def make_open_document(
    kind: str, body: str, *, styles: str = "", master: str = "", meta: str = "", more: Mapping[str, bytes] | None = None
) -> bytes:
    """A file; ``kind`` is ``text``, ``spreadsheet`` or ``presentation``, the other texts are XML."""
    return make_zip(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{_KINDS[kind]}".encode(),
            "content.xml": (
                f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
                f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
            ).encode(),
            "styles.xml": (
                f"<office:document-styles {_SPACES}><office:master-styles>{master}</office:master-styles>"
                "</office:document-styles>"
            ).encode(),
            "meta.xml": (
                f'<office:document-meta {_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"<office:meta>{meta}</office:meta></office:document-meta>"
            ).encode(),
            **(more or {}),
        }
    )


# ---- PowerPoint

_DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_SLIDES = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="{RELATION}" {_DRAWING}'


def shape(text: str, kind: str = "", *, hidden: bool = False) -> str:
    """A shape with a paragraph per line. ``kind`` is the type of its placeholder. A line beginning with "<" is XML."""
    paragraphs = "".join(
        f"<a:p>{line}</a:p>" if line.startswith("<") else f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>"
        for line in text.split("\n")
    )
    place = f'<p:ph type="{kind}"/>' if kind else ""
    unseen = ' hidden="1"' if hidden else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"{unseen}/><p:nvPr>{place}</p:nvPr></p:nvSpPr>'
        f"<p:txBody>{paragraphs}</p:txBody></p:sp>"
    )


def make_pptx(
    slides: Sequence[str],
    *,
    notes: Mapping[int, str] | None = None,
    hidden: Sequence[int] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A presentation. A slide is the XML of its shapes; ``notes`` maps the number of a slide, from 0, to its notes."""
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relations(("r", "officeDocument", "ppt/presentation.xml")),
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"r{n}", "slide", f"slides/slide{n}.xml") for n in range(len(slides)))
        ),
        "ppt/presentation.xml": (
            f"<p:presentation {_SLIDES}><p:sldIdLst>"
            + "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(len(slides)))
            + "</p:sldIdLst></p:presentation>"
        ).encode(),
    }
    for number, shapes in enumerate(slides):
        shown = ' show="0"' if number in hidden else ""
        tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
        parts[f"ppt/slides/slide{number}.xml"] = f"<p:sld {_SLIDES}{shown}>{tree}</p:sld>".encode()
    for number, shapes in (notes or {}).items():
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
            ("n", "notesSlide", f"../notesSlides/notes{number}.xml")
        )
        tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
        parts[f"ppt/notesSlides/notes{number}.xml"] = f"<p:notes {_SLIDES}>{tree}</p:notes>".encode()
    return make_zip({**parts, **(more or {})})


# ---- Books


def make_epub(
    chapters: Mapping[str, str],
    *,
    spine: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
    about: str = "",
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A book. ``chapters`` maps file names to the bodies of pages, ``titles`` maps them to the table of contents."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{list(chapters).index(name)}"/>' for name in spine or chapters)
    points = "".join(
        f'<navPoint><navLabel><text>{escape(title)}</text></navLabel><content src="{name}"/></navPoint>'
        for name, title in (titles or {}).items()
    )
    return make_zip(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": (
                b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                b'<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
            ),
            "OEBPS/book.opf": (
                '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f'<metadata>{about}</metadata><manifest>{items}<item id="toc" href="toc.ncx" '
                'media-type="application/x-dtbncx+xml"/></manifest>'
                f"<spine>{order}</spine></package>"
            ).encode(),
            "OEBPS/toc.ncx": f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'.encode(),
            **{
                f"OEBPS/{name}": (
                    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
                    f"<head><title/></head><body>{body}</body></html>"
                ).encode()
                for name, body in chapters.items()
            },
            **(more or {}),
        }
    )


# ---- Mails


def make_mail(
    subject: str,
    text: str,
    *,
    page: str = "",
    date: str = "Tue, 03 Jun 2025 14:05:00 +0200",
    sender: str = "anna@example.org",
) -> EmailMessage:
    """A mail; ``page`` is the same text as HTML."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"], mail["Date"] = subject, sender, "Ben Öz <ben@example.org>", date
    mail.set_content(text)
    if page:
        mail.add_alternative(page, subtype="html")
    return mail
