from __future__ import annotations

from dataclasses import replace

import pytest

from index.markup.notes import notes
from index.reading.extraction.opendocument import sheets, slides, text
from index.reading.extraction.sheets import sheet
from index.reading.extraction.types import Extract, ExtractionError
from tests.files import make_zip, needs_files
from tests.office import make_open_document

pytestmark = needs_files
STYLES = (
    '<style:style style:name="S" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="W" style:family="text"><style:text-properties fo:color="#FFFFFF"/></style:style>'
    '<style:style style:name="U" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="B" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="X" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '<style:style style:name="D" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    '<style:style style:name="SS" style:family="text" style:parent-style-name="S"/>'
)  # fmt: skip


def odt(body: str, **options: str) -> Extract:
    return text.extract(make_open_document("text", body, styles=STYLES, **options))  # type: ignore[arg-type]


def ods(body: str) -> str:
    return sheets.extract(make_open_document("spreadsheet", body, styles=STYLES)).text


def cell(shown: str, more: str = "") -> str:
    return f"<table:table-cell{more}><text:p>{shown}</text:p></table:table-cell>"


def row(*texts: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(map(cell, texts))}</table:table-row>"


def table(*rows: str, name: str = "Daten", more: str = "") -> str:
    return f'<table:table table:name="{name}"{more}>{"".join(rows)}</table:table>'


def test_a_text_keeps_headings_lists_notes_and_tables() -> None:
    found = odt(
        '<text:h text:outline-level="1">Bericht</text:h>'
        "<text:p>Es waren 150<text:note><text:note-citation>7</text:note-citation><text:note-body>"
        "<text:p>Ohne Talheim.</text:p></text:note-body></text:note> Millionen<text:s text:c='2'/>Euro auf 10 m"
        '<text:span text:style-name="U">2</text:span>.</text:p>'
        "<text:list><text:list-item><text:p>Anträge ab Mai</text:p><text:list><text:list-item><text:p>tiefer</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        + table(
            f"<table:table-header-rows>{row('Ort', 'Plan')}</table:table-header-rows>",
            row("Nord", "viel"),
            "<table:table-row>"
            + cell("Süd", ' table:number-columns-spanned="2"')
            + "<table:covered-table-cell/></table:table-row>",
        ),
        meta="<meta:creation-date>2025-05-01T10:00:00</meta:creation-date><dc:title>Wärme</dc:title><dc:language>de-DE</dc:language>",
        master="<style:master-page><style:footer><text:p>Stadt Talheim</text:p></style:footer>"
        "<style:header><text:p>Seite 1 von 3</text:p></style:header></style:master-page>",
    )
    assert replace(found, blocks=()) == Extract(
        "# Bericht\n\nEs waren 150 [1] Millionen Euro auf 10 m².\n\n[1] Ohne Talheim.\n\n- Anträge ab Mai\n- tiefer\n\n"
        "Ort | Plan\n\nNord | Plan: viel\n\nSüd\n\nStadt Talheim\n",
        title="Wärme",
        date="2025-05-01",
        language="de-DE",
    )


def test_struck_hidden_and_deleted_text_is_left_out_and_text_boxes_are_not() -> None:
    found = odt(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>GEHEIM1</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:p>Es kostet <text:span text:style-name="SS">GEHEIM2</text:span><text:span text:style-name="H">GEHEIM3</text:span>'
        '<text:span text:style-name="W">GEHEIM4</text:span>59 €.<office:annotation><text:p>GEHEIM5</text:p></office:annotation>'
        "<draw:frame><draw:text-box><text:p>Im Kasten.</text:p></draw:text-box></draw:frame></text:p>"
        '<text:section text:display="none"><text:p>GEHEIM6</text:p></text:section>'
        "<text:table-of-content><text:index-body><text:p>GEHEIM7</text:p></text:index-body></text:table-of-content>"
    )
    assert found.text == "Es kostet 59 €.\n\nIm Kasten.\n"


def test_a_sheet_is_read_as_its_cells_are_shown() -> None:
    value = ' office:value-type="currency" office:value="289"'
    written = ods(
        table(
            row("Artikel", "Preis"),
            f"<table:table-row>{cell('Kranich')}{cell('289,00 €', value)}</table:table-row>",
            '<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>',
            row("Werk", "2024"),
            row("Nord", "5"),
            '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
        )
    )
    assert written == "## Daten\n\nArtikel | Preis\n\nKranich | 289,00 €\n\nWerk | 2024\n\nNord | 5\n"


def test_merged_cells_hidden_rows_columns_and_sheets_of_a_sheet() -> None:
    written = ods(
        table(
            '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column table:number-columns-repeated="9"/>',
            row("Linie", "GEHEIM1", "Halt", "Ab"),
            "<table:table-row>"
            + cell("S1", ' table:number-rows-spanned="2"')
            + cell("GEHEIM2")
            + cell("Markt")
            + cell("5:01")
            + "</table:table-row>",
            "<table:table-row><table:covered-table-cell/>"
            + cell("")
            + cell("Hafen")
            + cell("5:09")
            + "</table:table-row>",
            row("GEHEIM3", "", "x", "y", more=' table:visibility="filter"'),
        )
        + table(row("GEHEIM4"), name="Weg", more=' table:style-name="X"')
        + table(row("Letzte"), name="Zwei")
    )
    assert written.startswith(
        "## Daten\n\nLinie | Halt | Ab\n\nS1 | Halt: Markt | Ab: 5:01\n\nS1 | Halt: Hafen | Ab: 5:09\n\n"
    )
    assert "## Zwei\n\nLetzte" in written
    assert "GEHEIM" not in written
    assert notes(written) == ("hidden rows or columns of the sheet Daten", "1 hidden sheet")


def test_a_million_rows_of_a_sheet_are_bounded_and_the_next_is_read() -> None:
    written = ods(
        table(row("Kranich", "12", more=' table:number-rows-repeated="1000000"'))
        + table(row("Alles", "12"), name="Summe")
    )
    assert written.count("Kranich") == sheet.MAX_ROWS
    assert "## Summe\n\nAlles | 12" in written
    assert "too many" in notes(written)[0]


def test_slides_have_their_titles_texts_and_marked_notes() -> None:
    frame = "<draw:frame{}><draw:text-box>{}</draw:text-box></draw:frame>"
    body = (
        '<draw:page draw:name="a">'
        + frame.format(' presentation:class="outline"', "<text:list><text:list-item><text:p>Punkt</text:p></text:list-item></text:list>")
        + frame.format(' presentation:class="title"', "<text:p>Erste Folie</text:p>")
        + frame.format(' presentation:class="footer"', "<text:p>GEHEIM1</text:p>")
        + f"<draw:frame>{table(row('Ort', 'Wert'), row('Nord', '5'))}</draw:frame>"
        + "<presentation:notes>" + frame.format(' presentation:class="notes"', "<text:p>Langsam sprechen.</text:p>")
        + "</presentation:notes></draw:page>"
        '<draw:page draw:style-name="D">' + frame.format("", "<text:p>GEHEIM2</text:p>") + "</draw:page>"
        "<draw:page><draw:g>" + frame.format("", "<text:p>Dritte.</text:p>") + "</draw:g></draw:page>"
    )  # fmt: skip
    found = slides.extract(make_open_document("presentation", body, styles=STYLES))
    assert found.text.startswith(
        "## Erste Folie\n\n- Punkt\n\nOrt | Wert\n\nNord | 5\n\n### Notizen\n\nLangsam sprechen.\n\nDritte.\n"
    )
    assert notes(found.text) == ("1 hidden slide",)
    assert [found.text[page:].split("\n")[0] for page in found.pages] == ["## Erste Folie", "Dritte.", "Dritte."]


MANIFEST = b'<manifest:manifest xmlns:manifest="m"><manifest:encryption-data/></manifest:manifest>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(make_open_document("text", "<text:p/>"), "without text", id="empty"),
        pytest.param(make_open_document("spreadsheet", table(row("x"))), "OpenDocument spreadsheet", id="ods"),
        pytest.param(make_open_document("text", "<text:p>x"), "damaged", id="no-xml"),
        pytest.param(
            make_open_document("text", "", more={"META-INF/manifest.xml": MANIFEST}), "password", id="encrypted"
        ),
        pytest.param(make_open_document("text", " " * 30_000_000), "unpacks to far more", id="bomb"),
        pytest.param(make_zip({"mimetype": b"application/vnd.oasis.opendocument.text"}), "damaged", id="nothing"),
        pytest.param(make_open_document("text", "<text:p>x</text:p>")[:500], "damaged", id="cut"),
    ],
)
def test_a_text_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        text.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


def test_an_empty_sheet_and_an_encrypted_one_say_so() -> None:
    for more, reason in ((None, "without text"), ({"META-INF/manifest.xml": MANIFEST}, "password")):
        with pytest.raises(ExtractionError) as caught:
            sheets.extract(make_open_document("spreadsheet", table(row("")), more=more))
        assert reason in caught.value.message


def test_a_formula_is_written_in_one_line() -> None:
    math = (
        b'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mfrac><mi>a</mi><mn>2</mn></mfrac>'
        b"<mo>=</mo><msup><mi>c</mi><mn>2</mn></msup></mrow><annotation>a over 2</annotation></semantics></math>"
    )
    link = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="./Object 1"'
    body = f"<text:p>Es gilt <draw:frame><draw:object {link}/></draw:frame> immer.</text:p>"
    data = make_open_document("text", body, more={"Object 1/content.xml": math})
    assert text.extract(data).text == "Es gilt a/2=c² immer.\n"
    outside = make_open_document("text", body.replace("./Object 1", "../../etc"))
    assert text.extract(outside).text == "Es gilt immer.\n"


LEVELS = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" text:display-levels="2"/>'
    '<text:list-level-style-number text:level="3" style:num-format="a" style:num-prefix="(" style:num-suffix=")"/>'
    '<text:list-level-style-bullet text:level="4" text:bullet-char="•"/></text:list-style>'
)


def listed(*items: str, more: str = "") -> str:
    inner = "".join(
        f"<text:list-item>{one if one.startswith('<') else f'<text:p>{one}</text:p>'}</text:list-item>" for one in items
    )
    return f"<text:list{more}>{inner}</text:list>"


def test_items_have_the_numbers_that_one_sees() -> None:
    own = ' text:style-name="L"'
    deep = listed("fein", "feiner")
    body = listed("Anfang", f"<text:p>Zweck</text:p>{listed('Ort', f'<text:p>Zeit</text:p>{deep}')}", more=own)
    on = listed("geht weiter", more=f'{own} text:continue-numbering="true"')
    anew = listed("beginnt neu", "<text:p>zwei</text:p><text:p>gehört dazu</text:p>", more=own)
    found = text.extract(make_open_document("text", body + on + "<text:p>Und:</text:p>" + anew, styles=LEVELS)).text
    assert found.split("\n\n") == [
        "- 1. Anfang\n- 2. Zweck\n- 2.1 Ort\n- 2.2 Zeit\n- (a) fein\n- (b) feiner\n- 3. geht weiter",
        "Und:",
        "- 1. beginnt neu\n- 2. zwei\n- gehört dazu\n",
    ]


def test_an_item_may_say_its_number() -> None:
    body = '<text:list text:style-name="L"><text:list-item text:start-value="7"><text:p>a</text:p></text:list-item></text:list>'
    assert text.extract(make_open_document("text", body, styles=LEVELS)).text == "- 7. a\n"


def test_headings_have_the_numbers_of_the_outline() -> None:
    outline = (
        '<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        '<text:outline-level-style text:level="3" style:num-format=""/></text:outline-style>'
    )
    heads = [(1, "Zweck"), (2, "Ort"), (2, ""), (3, "Saal"), (1, "Ende")]
    body = "".join(f'<text:h text:outline-level="{level}">{name}</text:h>' for level, name in heads)
    found = odt(body + '<text:h text:outline-level="1" text:is-list-header="true">Anhang</text:h>', master=outline).text
    assert found.split("\n\n") == ["# I. Zweck", "## I.1 Ort", "### Saal", "# II. Ende", "# Anhang\n"]


def test_a_span_may_take_back_what_its_paragraph_says() -> None:
    styles = (
        '<style:style style:name="PS" style:family="paragraph"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="N" style:family="text"><style:text-properties style:text-line-through-style="none"/></style:style>'
    )
    body = '<text:p text:style-name="PS">Alt <text:tab/><text:note/><text:span text:style-name="N">neu</text:span></text:p>'
    assert text.extract(make_open_document("text", body, styles=styles)).text == "neu\n"


def test_columns_of_a_table_beyond_the_last_that_is_read_are_said() -> None:
    wide = row(*(str(number) for number in range(202)))
    found = odt(f"<table:table>{wide}{wide}</table:table>").text
    assert "<!-- not read: the columns of a table after the first 200: too many -->" in found
    assert "not read" not in odt(f"<table:table>{row('a', 'b')}{row('c', 'd')}</table:table>").text
