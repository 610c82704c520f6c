"""Pictures that may contain unread text are counted. Icons and pictures with a description are not counted."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest

from index.markup.notes import notes
from index.reading.extraction.pictures.counting import Pictures, says_something, size_of
from index.reading.extraction.readers import extract
from tests.files import make_docx, needs_files
from tests.office import make_epub, make_open_document, make_pptx, shape

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_files
TEXT = "Die Mühle von Talheim mahlt seit 1912 Korn, und das Wasser treibt sie an."


def png(width: int = 300, height: int = 200, colour: int = 0) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def said(data: bytes, kind: str) -> tuple[str, ...]:
    found = extract(data, kind)
    assert "picture" not in found.text.partition("<!--")[0]
    return (*notes(found.text), *found.unread)


# ---- Word


def with_pictures(document: Any) -> None:
    from docx.shared import Cm

    document.add_paragraph(TEXT)
    document.add_picture(io.BytesIO(png()), width=Cm(8))
    document.add_picture(io.BytesIO(png()), width=Cm(8))  # the same picture counts once
    document.add_picture(io.BytesIO(png(40, 40)), width=Cm(1))
    described, named, decorated, deleted = (
        document.add_picture(io.BytesIO(png(colour=one)), width=Cm(8))._inline for one in range(1, 5)
    )
    described.docPr.set("descr", "Lageplan der Mühle")
    named.docPr.set("descr", "Ein Bild, das Text enthält. Automatisch generierte Beschreibung")
    mark = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
    decorated.docPr.makeelement(mark)
    decorated.docPr.append(decorated.docPr.makeelement(mark, {"val": "1"}))
    run = deleted.getparent().getparent()
    run.getparent().replace(run, gone := run.makeelement(run.tag.replace("}r", "}del")))
    gone.append(run)


def test_a_word_document_counts_what_may_hold_text() -> None:
    assert said(make_docx(with_pictures), "docx") == ("2 pictures",)


def test_pictures_as_earlier_versions_of_word_write_them() -> None:
    from docx.oxml import parse_xml

    def write(document: Any) -> None:
        spaces = (
            'xmlns:v="urn:schemas-microsoft-com:vml" '
            'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        )
        for number, shaped in enumerate(
            (
                'style="width:200pt;height:3in"',
                'style="width:20pt;height:20pt"',
                'style="width:9cm;height:9cm" alt="Plan"',
            )
        ):
            run = document.add_paragraph(TEXT).add_run()
            run._r.append(
                parse_xml(f'<w:pict {spaces}><v:shape {shaped}><v:imagedata r:id="p{number}"/></v:shape></w:pict>')
            )

    assert said(make_docx(write), "docx") == ("1 picture",)


def test_a_word_document_without_pictures_says_nothing() -> None:
    assert said(make_docx(lambda document: document.add_paragraph(TEXT)), "docx") == ()


# ---- OpenDocument


def frame(name: str, width: str, height: str, inner: str = "") -> str:
    return (
        f'<draw:frame xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" svg:width="{width}" '
        f'svg:height="{height}"><draw:image xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xlink:href="Pictures/{name}.png"/>{inner}</draw:frame>'
    )


FRAMES = (
    frame("a", "8cm", "6cm")
    + frame("b", "0.8cm", "0.8cm")
    + frame("c", "80mm", "2.5in", "<svg:desc>Lageplan</svg:desc>")
    + frame("d", "8cm", "6cm", "<draw:object/>")
    + frame("e", "", "")
)


def test_an_open_document_text_counts_likewise() -> None:
    body = f"<text:p>{TEXT}{FRAMES}</text:p><text:tracked-changes>{frame('x', '8cm', '8cm')}</text:tracked-changes>"
    assert said(make_open_document("text", body), "odt") == ("2 pictures",)


def test_slides_of_open_documents_count_likewise_and_pictures_alone_once() -> None:
    box = f"<draw:frame><draw:text-box><text:p>{TEXT}</text:p></draw:text-box></draw:frame>"
    slides = f"<draw:page>{box}{FRAMES}</draw:page><draw:page>{frame('z', '20cm', '10cm')}</draw:page>"
    assert said(make_open_document("presentation", slides), "odp") == (
        "slide 2: without text, only a picture",
        "2 pictures",
    )


# ---- PowerPoint


def slide_picture(name: str, *, side: int = 3_000_000, words: str = "") -> str:
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="4" name="x" descr="{words}"/><p:nvPr/></p:nvPicPr><p:blipFill>'
        f'<a:blip r:embed="{name}"/></p:blipFill><p:spPr><a:xfrm><a:ext cx="{side}" cy="{side}"/></a:xfrm></p:spPr></p:pic>'
    )


def test_a_presentation_counts_likewise_and_pictures_alone_once() -> None:
    full = shape(TEXT) + slide_picture("a") + slide_picture("b", side=300_000) + slide_picture("c", words="Der Plan")
    grouped = shape(TEXT) + f"<p:grpSp>{slide_picture('a', words='Bild 3')}</p:grpSp>"
    assert said(make_pptx([full, grouped, slide_picture("a"), shape("")], hidden=[3]), "pptx") == (
        "slide 3: without text, only a picture",
        "2 pictures",
        "1 hidden slide",
    )


# ---- pages and books


def data(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


@pytest.mark.parametrize(
    ("image", "count"),
    [
        (f'<img src="{data(png())}">', 1),
        (f'<img src="{data(png())}" alt="">', 1),
        (f'<img src="{data(png())}" alt="Lageplan der Mühle">', 0),
        (f'<img src="{data(png())}" alt="plan.png">', 1),
        (f'<img src="{data(png(24, 24))}">', 0),
        (f'<img src="{data(png())}" width="20" height="20">', 0),
        ('<img src="data:image/png;base64,AAAA">', 0),
        ('<img src="data:image/svg+xml,%3Csvg%3E" width="400" height="400">', 0),
        ('<img src="plan.png" width="640" height="480">', 1),
        ('<img src="plan.png" style="width: 640px; height: 480px">', 1),
        ('<img src="plan.png" width="640" height="480" alt="">', 0),
        ('<img src="plan.png" width="640" height="480" alt="Plan">', 0),
        ('<img src="plan.png" width="90" height="90">', 0),
        ('<img src="plan.png" width="100%">', 0),
        ('<img src="plan.png">', 0),
        ('<img src="plan.png" width="640" height="480" style="display:none">', 0),
        ('<nav><img src="plan.png" width="640" height="480"></nav>', 0),
        ('<img src="a.png" width="640" height="480"><img src="a.png" width="640" height="480">', 1),
    ],
)
def test_a_page_counts_what_is_in_it_and_large_ones_without_words(image: str, count: int) -> None:
    page = f"<html><body><article><h1>Mühle</h1><p>{TEXT}</p>{image}<p>{TEXT}</p></article></body></html>"
    assert said(page.encode(), "html") == (() if not count else ("1 picture",))


def test_around_the_article_nothing_is_counted() -> None:
    page = f'<html><body><img src="{data(png())}"><article><p>{TEXT}</p></article></body></html>'
    assert said(page.encode(), "html") == ()


def test_a_book_counts_what_its_chapters_show() -> None:
    body = (
        f'<p>{TEXT}</p><img src="../bilder/a.png"/><img src="../bilder/b.png" alt="Karte des Tals"/>'
        '<img src="../bilder/c.png"/><img src="../bilder/weg.png"/><img src="../bilder/a.png"/>'
    )
    pictures = {"OEBPS/bilder/a.png": png(), "OEBPS/bilder/b.png": png(colour=1), "OEBPS/bilder/c.png": png(20, 20)}
    assert said(make_epub({"text/eins.xhtml": body, "text/zwei.xhtml": body}, more=pictures), "epub") == ("1 picture",)


# ---- what counts


@pytest.mark.parametrize("words", ["", " ", "Bild 12", "IMG_2041.JPG", "image1.png", "Grafik", "12", "Scan 3"])
def test_names_say_nothing(words: str) -> None:
    assert not says_something(words)


@pytest.mark.parametrize("words", ["Lageplan", "Bild der Mühle von 1912", "Logo der Stadt"])
def test_words_say_something(words: str) -> None:
    assert says_something(words)


def test_lines_and_icons_are_no_text_and_what_says_no_size_may_be() -> None:
    pictures = Pictures()
    sizes: list[tuple[float, float] | None] = [(500, 10), (30, 400), (90, 90), None, (200, 100)]
    for number, size in enumerate(sizes):
        pictures.add(number, size=size)
    assert pictures.said() == ("2 pictures",)


@pytest.mark.parametrize("make", [lambda: b"", lambda: b"GIF89a", lambda: png()[:30], lambda: b"x" * 999])
def test_what_is_no_picture_has_no_size(make: Callable[[], bytes]) -> None:
    assert size_of(make()) in {None, (225.0, 150.0)}
