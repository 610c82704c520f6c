from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.reading.extraction import pdf
from index.reading.extraction.tables.grid import Cell
from index.reading.extraction.types import ExtractionError
from index.reading.extraction.web import page as web
from index.reading.extraction.writer import Writer
from index.segmenting.chunking import chunk
from index.types import Document, Metadata
from tests.files import ENCRYPTED, INSTALLED, lines, make_html, make_pdf

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

FILLER = (
    "<p>Die Gemeinde Talheim hat im Mai 340 Wärmepumpen gefördert, so viele wie nie zuvor.</p>"
    "<p>Insgesamt kostete das Programm 1,7 Millionen Euro, wie die Verwaltung am Montag mitteilte.</p>"
    "<p>Bis zum Jahr 2030 sollen es mehr als 900 Anlagen werden, sagte die Bürgermeisterin.</p>"
)


def refused(read: object, data: bytes) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        read(data)  # type: ignore[operator]
    assert "\n" not in caught.value.message
    return caught.value


# ---- HTML


def test_of_a_page_the_article_is_kept_with_its_headings() -> None:
    found = web.extract(
        make_html(
            "<nav><ul><li><a href='/'>Startseite</a></li></ul></nav><header>Tagblatt für alle</header>"
            f"<main><article><h1>Wärme für Talheim</h1>{FILLER}<h2>Ausblick</h2><ul><li>Anträge ab Mai</li></ul>"
            "<p>Am <time datetime='2025-06-03'>3. Juni</time> beginnt<br>die zweite Runde.</p></article></main>"
            "<aside><p>Mehr zum Thema</p></aside><footer>Impressum und Datenschutz</footer>",
            head="<title>Wärme für Talheim – Tagblatt</title><meta property='og:site_name' content='Tagblatt'>"
            "<meta property='article:published_time' content='2025-06-02T08:00:00+02:00'>",
            language="de-AT",
        )
    )
    assert (found.title, found.source, found.date) == ("Wärme für Talheim", "Tagblatt", "2025-06-02")
    assert found.language == "de"
    assert found.text.startswith("# Wärme für Talheim\n\nDie Gemeinde Talheim")
    assert "\n\n## Ausblick\n\n- Anträge ab Mai\n\nAm 3. Juni beginnt\ndie zweite Runde." in found.text
    assert not any(word in found.text for word in ("Startseite", "Tagblatt", "Mehr zum Thema", "Impressum"))


@pytest.mark.parametrize(
    "hiding",
    [
        "<p style='display: none'>GEHEIM</p>",
        "<p style='color:red;DISPLAY:NONE !important'>GEHEIM</p>",
        "<p style='visibility:hidden'>GEHEIM</p>",
        "<p hidden>GEHEIM</p>",
        "<div hidden=''><p>Außen <b>GEHEIM</b></p></div>",
        "<p aria-hidden='true'>GEHEIM</p>",
        "<!-- GEHEIM -->",
        "<script>GEHEIM</script>",
        "<style>GEHEIM{}</style>",
        "<template><p>GEHEIM</p></template>",
        "<noscript><p>GEHEIM</p></noscript>",
        "<p><span style='font-size:0'>GEHEIM</span>da</p>",
        "<p><span style='font-size: 0.5px'>GEHEIM</span>da</p>",
        "<p style='color:#FFF'>GEHEIM</p>",
        "<p style='color: rgb(255, 255, 255);'>GEHEIM</p>",
        "<p><font color='white'>GEHEIM</font></p>",
        "<p style='opacity:0'>GEHEIM</p>",
        "<p style='position:absolute;left:-9999px'>GEHEIM</p>",
        "<p style='height:0;overflow:hidden'>GEHEIM</p>",
        "<p class='a weg'>GEHEIM</p>",
        "<p id='fort'>GEHEIM</p>",
        "<svg><text>GEHEIM</text></svg>",
        "<textarea>GEHEIM</textarea>",
        "<dialog><p>GEHEIM</p></dialog>",
        "<iframe srcdoc='GEHEIM'>GEHEIM</iframe>",
    ],
)
@pytest.mark.parametrize("long", [True, False], ids=["article", "whole-page"])
def test_what_a_reader_does_not_see_is_left_out(hiding: str, long: bool) -> None:
    head = "<style>/* .da{display:none} */ .weg , p#fort{ display : none }</style>"
    found = web.extract(
        make_html(f"<article>{FILLER * long}<p>Davor steht dies.</p>{hiding} danach.</article>", head=head)
    )
    assert "GEHEIM" not in found.text
    assert "Davor steht dies." in found.text
    assert "danach." in found.text


@pytest.mark.parametrize(
    "shown",
    [
        "<p style='color:white;background:#000'>DA</p>",
        "<div style='background-color:navy'><p style='color:#fff'>DA</p></div>",
        "<p style='font-size:10px;line-height:0.9'>DA</p>",
        "<p style='opacity:0.8;margin:0;width:100%'>DA</p>",
        "<p aria-hidden='false' class='da druck'>DA</p>",
        "<details><summary>Mehr</summary><p>DA</p></details>",
    ],
)
def test_what_a_reader_sees_stays(shown: str) -> None:
    head = "<style>.weg .da{display:none} @media print{.druck{display:none}} .weg{color:red}</style>"
    assert "DA" in web.extract(make_html(f"<article><p>Text.</p>{shown}</article>", head=head)).text


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("<meta charset=utf-8>", "utf-8"),
        ("<meta charset='iso-8859-1'>", "cp1252"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=windows-1252'>", "cp1252"),
        ("<meta charset='iso-8859-15'>", "iso-8859-15"),
        ("", "cp1252"),
        ("<meta charset='hex'>", "utf-8"),
        ("<meta charset='utf-16'>", "utf-8"),
    ],
)
def test_the_charset_of_a_page_is_found(head: str, codec: str) -> None:
    page = f"<html><head>{head}</head><body><p>Größe: 5 €, schön.</p></body></html>"
    assert web.extract(page.encode(codec)).text == "Größe: 5 €, schön.\n"


def test_text_that_looks_like_structure_stays_text() -> None:
    page = make_html("<p># kein Titel</p><p>``` kein Code</p><p>&lt;!-- kein Kommentar</p><p>---</p><p>Ende.</p>")
    text = web.extract(page).text
    assert text == "\\# kein Titel\n\n\\``` kein Code\n\n\\<!-- kein Kommentar\n\nEnde.\n"
    document = Document("a.html", text, Metadata("a"), "0" * 64)
    assert [one.headings for one in chunk(document)] == [()]
    assert chunk(document)[-1].text.endswith("Ende.")


def test_markup_in_text_is_not_markup() -> None:
    assert web.extract(make_html("<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;</p>")).text == (
        "<script>alert(1)</script> &amp;\n"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Nur Text, kein Markup.", "not HTML"),
        (b"<html><body><script>x()</script></body></html>", "without text"),
        (b"<p>a\x00b</p>", "binary"),
    ],
)
def test_pages_without_text_are_refused(data: bytes, reason: str) -> None:
    assert reason in refused(web.extract, data).message


def test_deep_and_broken_markup_is_read_or_refused() -> None:
    for data in (b"<div>" * 20_000 + b"Innen", b"<p>" + b"<b>" * 5_000 + b"Text", b"<html><p>a<table><p>b</tr>c"):
        try:
            assert web.extract(data).text.strip()
        except ExtractionError as error:
            assert error.message


# ---- PDF


REPORT = [
    [
        ("Stadtwerke Talheim", 9, 60, 800),
        *lines("Wasserbericht 2024", size=20, top=760),
        *lines(
            "Die Stadtwerke haben im Jahr 2024 rund 3,1 Millionen Kubik-",
            "meter Trinkwasser abgegeben. Das ist mehr als davor. Für Hard-",
            "und Software wurden 200.000 Euro ausgegeben. Die neue KI-",
            "Steuerung wird erst auf der nächsten Seite beschrieben, und das",
            top=720,
        ),
        ("Seite 1 von 3", 9, 280, 40),
    ],
    [
        ("Stadtwerke Talheim", 9, 60, 800),
        *lines("geschieht hier. Ein neuer Satz nennt 17 Brunnen.", top=760),
        *lines("• Brunnen Nord", "• Brunnen Süd", top=720),
        ("Seite 2 von 3", 9, 280, 40),
    ],
    [
        ("Stadtwerke Talheim", 9, 60, 800),
        *lines("Ausblick", size=14, top=760),
        *lines("Der Preis bleibt bei 1,95 Euro.", top=730),
        ("Seite 3 von 3", 9, 280, 40),
    ],
]


def test_a_pdf_becomes_paragraphs_with_pages() -> None:
    found = pdf.extract(make_pdf(REPORT, title="Wasserbericht", created="D:20250301120000+01'00'"))
    assert (found.title, found.date) == ("Wasserbericht", "2025-03-01")
    assert found.text == (
        "# Wasserbericht 2024\n\n"
        "Die Stadtwerke haben im Jahr 2024 rund 3,1 Millionen Kubikmeter Trinkwasser abgegeben. Das ist mehr als "
        "davor. Für Hard- und Software wurden 200.000 Euro ausgegeben. Die neue KI-Steuerung wird erst auf der "
        "nächsten Seite beschrieben, und das geschieht hier. Ein neuer Satz nennt 17 Brunnen.\n\n"
        "- Brunnen Nord\n- Brunnen Süd\n\n## Ausblick\n\nDer Preis bleibt bei 1,95 Euro.\n"
    )
    document = Document("a.pdf", found.text, Metadata("a"), "0" * 64, "pdf", found.pages)
    pages = {wanted: document.page(found.text.index(wanted)) for wanted in ("Die neue", "geschieht", "Süd", "Preis")}
    assert pages == {"Die neue": 1, "geschieht": 2, "Süd": 2, "Preis": 3}
    assert document.page(0) == 1
    assert {one.headings for one in chunk(document)} >= {("Wasserbericht 2024", "Ausblick")}


def test_pages_without_text_keep_the_count() -> None:
    found = pdf.extract(make_pdf([[], lines("Auf der zweiten Seite steht der erste Satz."), [], lines("Vier.")]))
    document = Document("a.pdf", found.text, Metadata("a"), "0" * 64, "pdf", found.pages)
    assert [document.page(found.text.index(wanted)) for wanted in ("Auf", "Vier")] == [2, 4]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(make_pdf(REPORT, encrypt=ENCRYPTED), "password", id="encrypted"),
        pytest.param(make_pdf([[], []]), "without text", id="scan"),
        pytest.param(b"%PDF-1.7\nkaputt", "damaged", id="damaged"),
        pytest.param(make_pdf(REPORT)[:200], "damaged", id="cut"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    error = refused(pdf.extract, data)
    assert reason in error.message
    assert error.hint


@pytest.mark.parametrize("bound", ["_MOST_ELEMENTS", "_MOST_STEPS"])
def test_of_a_vast_page_the_text_is_kept_though_its_article_is_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    page = make_html(
        f"<nav>Startseite</nav><h1>Förderung läuft</h1>{FILLER}<p>Am <time>3. Juni</time> ist <i hidden>nie</i>Schluss.</p>",
        head="<title>Förderung läuft – Tagblatt</title>",
    )
    found = web.extract(page)
    monkeypatch.setattr(web, bound, 5)
    vast = web.extract(page)
    assert vast.title == found.title == "Förderung läuft"
    assert vast.text == found.text
    assert "Am 3. Juni ist Schluss." in vast.text


def test_a_book_of_many_paragraphs_is_no_vast_page() -> None:
    from lxml import html

    tree = html.document_fromstring("<body>" + f"<p>{'Ein Absatz. ' * 6}</p>\n" * 15_000)
    assert not web._is_vast(tree)
    assert web._is_vast(html.document_fromstring("<body>" + "<br>" * 100_001))
    wide = "<body><table>" + "<tr><td {}>a" * 20
    assert not web._is_vast(html.document_fromstring(wide.replace("{}", "colspan=3 rowspan=20")))
    assert web._is_vast(html.document_fromstring(wide.replace("{}", "colspan=999 rowspan=65534")))
    assert web._is_vast(html.document_fromstring("<body><table><tr><td colspan=999999999>a"))


@pytest.mark.parametrize("depth", [3, 300])
def test_an_element_of_very_many_attributes_is_refused(depth: int) -> None:
    many = " ".join(f"a{number}=x" for number in range(300))
    data = make_html(f"<p>Text</p>{'<div>' * depth}<p {many}>Text</p>")
    assert "attributes" in refused(web.extract, data).message
    few = make_html(f"<p {' '.join(f'data-a{number}=x' for number in range(200))}>Text</p>")
    assert web.extract(few).text == "Text\n"


def test_hidden_parts_leave_the_text_between_them_where_it_was() -> None:
    page = make_html(
        "<p>a<i hidden>X</i>b<i hidden>X</i>c<b>d</b>e<i hidden>X<b hidden>X</b></i>f</p><div hidden>X</div>g"
    )
    assert web.extract(page).text == "abcdef\n\ng\n"


@pytest.mark.parametrize(
    "sheet", ["/* p{display:none} ", "a{}/* p{display:none} */b{}", "{{ p{display:none}", "@x{ p{display:none}"]
)
def test_what_is_no_rule_of_a_sheet_hides_nothing(sheet: str) -> None:
    assert (
        web.extract(make_html("<p class='a'>Text</p>", head=f"<style>{sheet.replace('p{', '.a{')}</style>")).text
        == "Text\n"
    )


def test_what_stands_alike_on_all_pages_is_the_text_where_there_is_no_other() -> None:
    assert "Immer dieselbe Zeile" in pdf.extract(make_pdf([lines("Immer dieselbe Zeile hier.")] * 4)).text


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert "more than 2 pages" in refused(pdf.extract, make_pdf(REPORT)).message


# ---- All

PIECES = st.text(st.characters(codec="utf-8"), max_size=60)
BLOCKS = st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "item", "row"]), PIECES), max_size=12)


@given(BLOCKS)
def test_offsets_hold_in_whatever_is_written(blocks: list[tuple[str, str]]) -> None:
    writer = Writer()
    for kind, text in blocks:
        if kind == "row":
            writer.table([[Cell(text), Cell(text)]] * 2)
            continue
        start = writer.heading(text, 2) if kind == "heading" else getattr(writer, kind)(text)
        if start is not None:
            assert writer.text()[start:].strip()
    text = writer.text()
    assert len(text) == writer.length + bool(text)
    text.encode()
    document = Document("a.docx", text, Metadata("a"), "0" * 64, "docx")
    end = 0
    for one in chunk(document):
        assert one.start >= end
        assert text[one.start : one.end] == one.text
        end = one.end


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=40), max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_pages_of_any_pdf_are_in_order(pages: list[list[str]]) -> None:
    data = make_pdf([lines(*texts) for texts in pages])
    try:
        found = pdf.extract(data)
    except ExtractionError:
        return
    assert len(found.pages) <= len(pages)
    assert list(found.pages) == sorted(found.pages)
    assert found.pages[0] == 0
    assert found.pages[-1] <= len(found.text)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["pdf", "docx", "html"]))
def test_any_bytes_give_text_or_a_reason(data: bytes, kind: str) -> None:
    from index.reading.extraction.process.worker import answer

    marks = {"pdf": b"%PDF-1.4\n", "docx": b"PK\x03\x04", "html": b"<html><p>"}
    found = answer(marks[kind] + data, kind)
    assert found.get("reason") or found["extract"]["text"].strip()
