"""Files that try to cost a reader more than they should, by kind of file. Each shape grows with a number."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from tests.files import lines, make_docx, make_html, make_pdf, make_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SOME = "<p>Die Gemeinde Talheim hat im Mai 340 Wärmepumpen gefördert, so viele wie nie zuvor, sagte sie.</p>" * 3


def _repeated(unit: str, *, before: str = SOME, after: str = "", every: int = 1) -> Callable[[int], bytes]:
    return lambda count: make_html(before + unit * (count // every) + after)


def _numbered(unit: str, *, head: str = "", before: str = SOME, every: int = 1) -> Callable[[int], bytes]:
    return lambda count: make_html(
        before + "".join(unit.replace("@", str(number)) for number in range(count // every)), head=head
    )


def _styled(unit: str) -> Callable[[int], bytes]:
    return lambda count: make_html(f"{SOME}<p style='{unit * count}'>Text</p>")


def _sheet(unit: str) -> Callable[[int], bytes]:
    return lambda count: make_html(SOME, head=f"<style>{unit * count}</style>")


def _head(unit: str) -> Callable[[int], bytes]:
    return lambda count: make_html(SOME, head="".join(unit.replace("@", str(number)) for number in range(count)))


# Each shape comes with a number that is large enough to expose a reader whose time is not linear.
HTML: dict[str, tuple[Callable[[int], bytes], int]] = {
    "attributes of one element": (
        lambda count: make_html("<p " + " ".join(f"a{n}=x" for n in range(count)) + ">Text</p>" + SOME),
        8_000,
    ),
    "attributes of many elements": (_numbered("<p id=i@ a=1 b=2 c=3 d=4 style='x:y' class='q r'>Satz @.</p>"), 400),
    "hidden parts": (_repeated("<i hidden>a</i>b", before=SOME + "<p>"), 12_000),
    "white parts": (_repeated("<span style='color:#fff'>a</span> b "), 8_000),
    "white parts in a long style": (
        lambda count: make_html(
            f"<div style='{'top:1;' * count}'>" + SOME + "<span style='color:#fff'>a</span>" * (count // 4)
        ),
        4_000,
    ),
    "white parts, nested": (_repeated("<span style='color:white'>a "), 1_500),
    "white fonts": (_repeated("<font color=white>a"), 1_500),
    "half a colour": (_styled(";color:rgba(255,255,255"), 4_000),
    "half a colour without end": (_styled(";color:rgba(1,"), 4_000),
    "a style of blanks": (_styled("    "), 8_000),
    "a style of fonts": (_styled(";font: 1 "), 8_000),
    "comments of a sheet": (_sheet("/* "), 20_000),
    "brackets of a sheet": (_sheet("{"), 30_000),
    "blanks and brackets of a sheet": (
        lambda count: make_html(SOME, head=f"<style>{' ' * count}{'{' * count}"),
        20_000,
    ),
    "rules of a sheet": (_head("<style>.a@{display:none}</style>"), 800),
    "nested boxes": (_repeated("<div>"), 3_000),
    "nested tables": (_repeated("<table><tr><td>a"), 3_000),
    "nested lists": (_repeated("<ul><li>a"), 3_000),
    "formatting that is never closed": (_repeated("<b><p>"), 1_500),
    "closing tags": (lambda count: make_html(SOME + "<div>" * count + "</p></b>" * count), 3_000),
    "empty paragraphs": (_repeated("<p></p>"), 2_000),
    "empty parts": (_repeated("<b></b>", before=SOME + "<p>"), 3_000),
    "line breaks": (_repeated("a<br>", before=SOME + "<p>"), 2_000),
    "times in a paragraph": (_repeated("<time>a</time> b ", before=SOME + "<p>"), 8_000),
    "cells of one row": (_repeated("<td>a", before=SOME + "<table><tr>"), 10_000),
    "rows of one table": (_repeated("<tr><td>a", before=SOME + "<table>"), 1_500),
    "cells that span rows": (_repeated("<tr><td rowspan=9999>a<td>b", before=SOME + "<table>"), 400),
    "cells that span everything": (_repeated("<tr><td rowspan=99999 colspan=999>a", before=SOME + "<table>"), 400),
    "header rows": (_repeated("<tr><th>a<th>b", before=SOME + "<table>"), 1_500),
    "tables": (_repeated("<table><tr><th>a<td>b</table>"), 600),
    "tables in cells": (_repeated("<table><tr><td rowspan=9>a<td>b", every=4), 1_500),
    "a wide head and many rows": (
        lambda count: make_html(
            SOME + "<table><tr>" + "<th>Spalte</th>" * 150 + ("<tr>" + "<td>1</td>" * 3) * count + "</table>"
        ),
        400,
    ),
    "raised letters": (_repeated("a<sup>2</sup>", before=SOME + "<p>"), 2_000),
    "raised letters, nested": (_repeated("<sup>a<sub>", before=SOME + "<p>"), 2_000),
    "struck-out letters": (_repeated("a<del>b</del><s>c</s>", before=SOME + "<p>"), 2_000),
    "formulas": (_repeated("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> ", before=SOME + "<p>"), 600),
    "a formula of many parts": (_repeated("<msup><mi>a</mi><mn>2</mn></msup>", before=SOME + "<p><math>"), 800),
    "nested formulas": (_repeated("<mfrac><mn>1</mn>", before=SOME + "<p><math>"), 800),
    "names and values": (_repeated("<dt>a</dt><dd>b</dd>", before=SOME + "<dl>"), 1_000),
    "lists of names, nested": (_repeated("<dl><dt>a</dt><dd>"), 1_500),
    "numbered items": (_repeated("<li>a", before=SOME + "<ol reversed>"), 1_500),
    "numbered lists, nested": (_repeated("<ol><li>"), 1_500),
    "texts to be read aloud": (
        _repeated("<i>a</i><b class=sr-only>b</b>", before=SOME + "<p>"),
        1_500,
    ),
    "formulas that are hidden": (
        _repeated("<span hidden><math><mn>1</mn></math></span><img> ", before=SOME + "<p>"),
        600,
    ),
    "rules that strike out": (_head("<style>.a@ .b@ .c, p .d{text-decoration:line-through}</style>"), 800),
    "struck out by many rules": (
        lambda count: make_html(
            SOME + "<p class='a b'><b class='a b'>x</b>y" * (count // 4),
            head=f"<style>{'.b .a .a{text-decoration:none}' * count}</style>",
        ),
        1_500,
    ),
    "plain blocks of an article": (_repeated("<div>a</div>", before=f"<article>{SOME}"), 2_000),
    "plain blocks within each other": (_repeated("<div>a", before=f"<article>{SOME}"), 1_500),
    "tables by their roles": (
        _repeated("<div role=row><b role=cell>a</b><b role=cell>b</b></div>", before=SOME + "<div role=table>"),
        1_000,
    ),
    "tables by their roles, nested": (_repeated("<div role=table><div role=row><b role=cell>a</b>"), 1_000),
    "sections and sums of a table": (
        _repeated("<tr><th colspan=2>A<tr><td>a<td>1<tr><td>Summe<td>1", before=SOME + "<table><tr><th>x<th>y"),
        400,
    ),
    "headlines and a long title": (
        lambda count: make_html(
            "".join(f"<h1>Titel {n}</h1>" for n in range(count)), head=f"<title>{'xy ' * count}</title>"
        ),
        1_500,
    ),
    "nested headlines": (_repeated("<h1>a "), 2_000),
    "links": (_numbered("<a href='/2024/03/@'>Text @</a> "), 1_500),
    "code": (_repeated("<code>a</code>"), 8_000),
    "figures": (_repeated("<figure><figcaption>a</figcaption></figure>"), 800),
    "sentences": (_numbered("<p>Satz Nummer @ steht hier und sagt etwas anderes als die vielen davor.</p>"), 1_500),
    "the same sentence": (_repeated("<p>Der Satz steht hier und sagt immer wieder dasselbe, immer wieder.</p>"), 1_500),
    "a long word": (_repeated("a" * 20, before="<p>"), 4_000),
    "blanks": (_repeated(" " * 20, before="<p>a", after="b"), 4_000),
    "empty lines": (_repeated(" \r\n", before="<pre>a", after="b"), 8_000),
    "dates": (_repeated("12.03.2024 "), 3_000),
    "dates of the head": (_head("<meta property='article:published_time' content='x@'>"), 1_500),
    "data of the head": (_head("<script type='application/ld+json'>{\"author\": {</script>"), 1_500),
    "half tags": (_repeated("<a b='"), 10_000),
    "half comments": (_repeated("<!--"), 20_000),
    "half entities": (_repeated("&a"), 8_000),
}

PDF: dict[str, tuple[Callable[[int], bytes], int]] = {
    "pages": (lambda count: make_pdf([lines(f"Auf Seite {n} steht dies.") for n in range(count)]), 40),
    "empty pages": (lambda count: make_pdf([lines("Auf der ersten Seite steht dies."), *[[]] * count]), 100),
    "lines of one paragraph": (
        lambda count: make_pdf(
            [
                [(f"wort {n} und", 2, 60, 800 - n % 300 * 2.4) for n in range(first, min(first + 300, count))]
                for first in range(0, count, 300)
            ]
        ),
        1_500,
    ),
    "a line of many blanks at the edge": (
        lambda count: make_pdf([lines(f"Seite{' ' * count}x"), lines(f"Seite{' ' * count}x", "Text hier, damit.")]),
        300,
    ),
    "white letters": (
        lambda count: make_pdf([lines(*["Weiß auf Weiß"] * count)], drawn="1 1 1 rg 0 0 1 rg 5 5 9 9 re f " * 50),
        100,
    ),
    "shapes": (
        lambda count: make_pdf([lines("Unter vielen Formen steht dies.")], drawn="1 1 9 9 re f " * count),
        2_000,
    ),
    "things below things": (
        lambda count: make_pdf([lines("Text steht hier, recht lang.")], drawn="q " * count),
        20_000,
    ),
}


def pdf_of(content: bytes, *, kind: bytes = b"", resources: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A PDF of one page; ``kind`` is added to the dictionary of its content, ``more`` are objects from number 6 on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> "
        + resources
        + b" >> >>",
        packed(content, kind),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, data) for number, data in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Size %d /Root 1 0 R >>\n%%%%EOF\n" % (len(objects) + 1)


def packed(content: bytes, kind: bytes = b"") -> bytes:
    """A compressed stream of a PDF."""
    data = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(data), kind, data)


def forms(depth: int, each: int) -> bytes:
    """A PDF with ``depth`` forms; each form draws the next one ``each`` times."""
    text = b"BT /F1 11 Tf (Ein Satz steht hier auf diesem Blatt.) Tj ET "
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> /XObject << /A %d 0 R >> >>"
    more = [packed(b"/A Do " * each, form % (7 + number)) for number in range(depth - 1)]
    return pdf_of(
        text + b"/A Do",
        resources=b"/XObject << /A 6 0 R >>",
        more=[*more, packed(text, form.split(b" /XObject <<")[0] + b" >>")],
    )


def _runs(run: str) -> Callable[[int], bytes]:
    return lambda count: with_body(f"<w:p>{run * count}</w:p>")


def with_body(body: str) -> bytes:
    """A Word document with this body."""
    data = make_docx(lambda document: None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["word/document.xml"]
    head, tail = xml.split(b"<w:body>")[0], xml[xml.index(b"<w:sectPr") :]
    parts["word/document.xml"] = head + b"<w:body>" + body.encode() + tail
    return make_zip(parts)


WHITE = "<w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>a</w:t></w:r>"
DOCX: dict[str, tuple[Callable[[int], bytes], int]] = {
    "paragraphs": (lambda count: with_body("<w:p><w:r><w:t>Ein Satz.</w:t></w:r></w:p>" * count), 1_000),
    "runs": (_runs("<w:r><w:t>a</w:t></w:r>"), 2_000),
    "white runs": (_runs(WHITE), 2_000),
    "paragraphs of white runs": (lambda count: with_body(f"<w:p>{WHITE}</w:p>" * count), 2_000),
    "nested controls": (
        lambda count: with_body(
            "<w:sdt><w:sdtContent>" * 50 + f"<w:p>{WHITE}</w:p>" * count + "</w:sdtContent></w:sdt>" * 50
        ),
        500,
    ),
    "cells": (lambda count: with_body(f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * count}</w:tr></w:tbl>"), 2_000),
    "rows": (lambda count: with_body(f"<w:tbl>{'<w:tr><w:tc><w:p/></w:tc></w:tr>' * count}</w:tbl>"), 1_000),
    "empty paragraphs": (lambda count: with_body("<w:p/>" * count), 3_000),
    "a long word": (lambda count: with_body(f"<w:p><w:r><w:t>{'a' * count}</w:t></w:r></w:p>"), 200_000),
    "fields that do not end": (_runs("<w:r><w:fldChar w:fldCharType='begin'/><w:t>a</w:t></w:r>"), 2_000),
    "text boxes": (_runs("<w:r><w:txbxContent><w:p><w:r><w:t>a</w:t></w:r></w:p></w:txbxContent></w:r>"), 1_000),
    "paragraphs without ends": (
        lambda count: with_body("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>" * count),
        2_000,
    ),
    "items of lists": (
        lambda count: with_body(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>"
            * count
        ),
        1_500,
    ),
    "tabs": (_runs("<w:r><w:tab/></w:r>"), 2_000),
}
