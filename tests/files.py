"""Make small real files of several formats for the tests."""

from __future__ import annotations

import importlib.util
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INSTALLED = all(importlib.util.find_spec(name) for name in ("docx", "pypdfium2", "trafilatura"))
needs_files = pytest.mark.skipif(not INSTALLED, reason="the extra `files` is not installed")

Line = tuple[str, float, float, float]  # text, size, left, bottom


def lines(*texts: str, size: float = 11, left: float = 60, top: float = 700, pitch: float = 14) -> list[Line]:
    """Lines of one paragraph, one below the other."""
    return [(text, size, left, top - number * pitch) for number, text in enumerate(texts)]


def make_pdf(
    pages: Sequence[Sequence[Line]],
    *,
    title: str = "",
    created: str = "",
    encrypt: str = "",
    drawn: str | Sequence[str] = "",
    rotate: int = 0,
    annotations: Sequence[str] = (),
) -> bytes:
    """
    A PDF with one standard font.

    ``encrypt`` is added to the trailer unchanged. ``drawn`` is drawn before the text of each page; if it is a list, it
    has one entry per page. ``rotate`` turns each page. ``annotations`` are added to each page, as dictionaries without
    their brackets; fields among them make up a form.
    """
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    for one in annotations:
        objects.append(b"<< /Type /Annot /F 4 %s >>" % one.encode("cp1252"))
    notes = b" ".join(b"%d 0 R" % (4 + number) for number in range(len(annotations)))
    if annotations:
        form = b"/AcroForm << /Fields [%s] /DR << /Font << /Helv 3 0 R >> >> /DA (/Helv 11 Tf 0 g) >>" % notes
        objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % form
    more_of_page = b"/Rotate %d /Annots [%s]" % (rotate, notes) if rotate or annotations else b""
    kids = []
    for number, page in enumerate(pages):
        before = drawn if isinstance(drawn, str) else drawn[number]
        content = b"q %s Q\n" % before.encode("cp1252") + b"".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (size, left, bottom, _literal(text))
            for text, size, left, bottom in page
        )
        packed = zlib.compress(content)
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> %s >>" % (len(objects), more_of_page)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    objects.append(b"<< /Title (%s) /CreationDate (%s) >>" % (_literal(title), created.encode()))
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    more = f" {encrypt}".encode()
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R%s >>\n" % (len(objects) + 1, len(objects), more))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def _literal(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


ENCRYPTED = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /Length 40 /O <" + "ab" * 32 + "> /U <" + "cd" * 32 + "> >> "
    "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
)


def make_docx(write: Callable[[Any], None], *, title: str = "", created: Any = None, language: str = "") -> bytes:
    """A Word document; ``write`` fills it with python-docx."""
    import docx

    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = "Redaktion"
    document.core_properties.language = language
    if created is not None:
        document.core_properties.created = created
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def article(document: Any) -> None:
    """Write headings, paragraphs, a list and a table."""
    document.add_heading("Bericht zur Wärmepumpe", level=1)
    document.add_paragraph("Die Gemeinde Talheim hat 340 Wärmepumpen gefördert. Das kostete 1,7 Millionen Euro.")
    document.add_heading("Ausblick", level=2)
    document.add_paragraph("Bis 2030 sollen es 900 werden.")
    document.add_paragraph("Anträge ab Mai", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("Jahr", "Pumpen"), ("2024", "340")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


def make_zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_html(body: str, *, head: str = "", language: str = "de") -> bytes:
    page = f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return page.encode()
