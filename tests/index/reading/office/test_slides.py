from __future__ import annotations

import pytest

from index.markup.notes import notes
from index.reading.extraction.slides import presentation as slides
from index.reading.extraction.types import ExtractionError
from tests.files import make_zip, needs_files
from tests.office import make_pptx, make_xlsx, relations, shape

pytestmark = needs_files
TABLE = (
    "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow='1'/>"
    "<a:tr><a:tc rowSpan='1' gridSpan='1'><a:txBody><a:p><a:r><a:t>Ort</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc gridSpan='2'><a:txBody><a:p><a:r><a:t>Amt</a:t></a:r></a:p></a:txBody></a:tc><a:tc hMerge='1'><a:txBody/></a:tc></a:tr>"
    "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>Nord</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>Kasse</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>Bad</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
    "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
)


def test_slides_come_in_order_with_titles_lists_tables_and_marked_notes() -> None:
    found = slides.extract(
        make_pptx(
            [
                shape("Erster Punkt\nZweiter Punkt", "body")
                + shape("Wärme für Talheim", "ctrTitle")
                + shape("7", "sldNum"),
                shape("Zahlen", "title") + TABLE + f"<p:grpSp>{shape('In der Gruppe.')}</p:grpSp>",
            ],
            notes={0: shape("Langsam sprechen.", "body") + shape("1", "sldNum")},
        )
    )
    assert found.text == (
        "## Wärme für Talheim\n\n- Erster Punkt\n- Zweiter Punkt\n\n### Notizen\n\nLangsam sprechen.\n\n"
        "## Zahlen\n\nOrt | Amt\n\nNord | Amt: Kasse | Amt: Bad\n\nIn der Gruppe.\n"
    )
    assert [found.text[page:].split("\n")[0] for page in found.pages] == ["## Wärme für Talheim", "## Zahlen"]


def test_struck_hidden_and_raised_text() -> None:
    struck = '<a:r><a:rPr strike="sngStrike"/><a:t>49 €</a:t></a:r><a:r><a:t> 59 €</a:t></a:r>'
    mark = '<a:r><a:t>150</a:t></a:r><a:r><a:rPr baseline="30000"/><a:t>2</a:t></a:r><a:r><a:t> Millionen</a:t></a:r>'
    found = slides.extract(
        make_pptx(
            [shape(f"{struck}\n{mark}") + shape("GEHEIM1", hidden=True), shape("GEHEIM2"), shape("Ende.")], hidden=[1]
        )
    )
    assert found.text.startswith("59 €\n\n150 [2] Millionen\n\nEnde.\n")
    assert "GEHEIM" not in found.text
    assert notes(found.text) == ("1 hidden slide",)
    # The third slide keeps its number even if the second is hidden.
    assert found.pages[0] == 0
    assert found.text[found.pages[2] :].startswith("Ende.")


def test_a_diagram_is_read_from_its_part() -> None:
    frame = (
        '<p:graphicFrame><a:graphic><a:graphicData><dgm:relIds xmlns:dgm="d" r:dm="d1"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )
    data = (
        b'<dgm:dataModel xmlns:dgm="d" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst>'
        b"<dgm:pt><dgm:t><a:p><a:r><a:t>Planen</a:t></a:r></a:p></dgm:t></dgm:pt>"
        b"<dgm:pt><dgm:t><a:p><a:r><a:t>Bauen</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    more = {
        "ppt/slides/_rels/slide0.xml.rels": relations(("d1", "diagramData", "../diagrams/data1.xml")),
        "ppt/diagrams/data1.xml": data,
    }
    assert slides.extract(make_pptx([frame], more=more)).text == "- Planen\n- Bauen\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(make_pptx([]), "without text", id="empty"),
        pytest.param(make_pptx([shape("x")])[:400], "damaged", id="cut"),
        pytest.param(make_pptx(["<p:sp>"]), "damaged", id="no-xml"),
        pytest.param(make_xlsx({}), "Excel workbook", id="xlsx"),
        pytest.param(make_zip({"[Content_Types].xml": b"", "ppt/a": b""}), "damaged", id="nothing"),
        pytest.param(make_pptx([" " * 30_000_000]), "unpacks to far more", id="bomb"),
    ],
)
def test_a_presentation_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        slides.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


def test_a_formula_is_written_in_one_line_and_a_programs_title_is_none() -> None:
    formula = (
        '<a:r><a:t>Es gilt</a:t></a:r><a14:m xmlns:a14="a"><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
        "<m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></a14:m>"
    )
    about = (
        '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="d">'
        "<dc:title>PowerPoint-Präsentation</dc:title><dcterms:created>2025-05-01T10:00:00Z</dcterms:created></cp:coreProperties>"
    )
    found = slides.extract(make_pptx([shape(formula)], more={"docProps/core.xml": about.encode()}))
    assert found.text == "Es gilt a/2\n"
    assert (found.title, found.date) == ("", "2025-05-01")


def numbered(text: str, kind: str, *, level: int = 0, more: str = "") -> str:
    numbering = f'<a:buAutoNum type="{kind}"{more}/>' if kind else ""
    return f'<a:pPr lvl="{level}">{numbering}</a:pPr><a:r><a:t>{text}</a:t></a:r>'


def test_items_have_the_numbers_that_one_sees() -> None:
    lines = (
        numbered("erst", "arabicPeriod"),
        numbered("fein", "alphaLcParenR", level=1),
        numbered("feiner", "alphaLcParenR", level=1),
        numbered("dann", "arabicPeriod"),
        numbered("ohne", ""),
        numbered("neu", "romanUcParenBoth", more=' startAt="4"'),
    )
    text = slides.extract(make_pptx([shape("\n".join(lines), "body")])).text
    assert text.split("\n")[:6] == ["- 1. erst", "- a) fein", "- b) feiner", "- 2. dann", "- ohne", "- (IV) neu"]
