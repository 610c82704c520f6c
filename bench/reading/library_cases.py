"""Small Word and Excel files that each hold one trap, and large ones to time, for `bench/reading/libraries.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.files import make_docx
from tests.office import BOLD, STRUCK, make_sheet, make_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True, slots=True)
class Case:
    """
    A file with a trap.

    Parameters
    ----------
    name
        The trap.
    make
        The file.
    held, absent
        What the extracted text must contain, and must not contain.
    line
        What a single line of it must contain.

    """

    name: str
    make: Callable[[], bytes]
    held: tuple[str, ...]
    absent: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


def _xml(body: str) -> Callable[[], bytes]:
    """Return a function that makes a document with these elements of WordprocessingML."""

    def write(document: Any) -> None:
        from docx.oxml import parse_xml

        document.add_paragraph("Davor steht ein Satz.")
        root = parse_xml(f'<w:body xmlns:w="{_W}">{body}</w:body>')
        for element in list(root):
            document.element.body.insert(len(document.element.body) - 1, element)

    return lambda: make_docx(write)


def _run(text: str, more: str = "") -> str:
    return f'<w:r><w:rPr>{more}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _row(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def _cell(text: str, more: str = "") -> str:
    return f"<w:tc><w:tcPr>{more}</w:tcPr><w:p>{_run(text)}</w:p></w:tc>"


_MERGED = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>{}</w:tbl>".format(
    _row(_cell("Ort"), _cell("Jahr"), _cell("Wert"))
    + _row(_cell("Nord", '<w:vMerge w:val="restart"/>'), _cell("2022"), _cell("410"))
    + _row(_cell("", "<w:vMerge/>"), _cell("2023"), _cell("415"))
)
_RAISED = '<w:vertAlign w:val="superscript"/>'
WORD = (
    Case("raised mark", _xml(f"<w:p>{_run('Es waren 150')}{_run('2', _RAISED)}</w:p>"), ("150",), ("1502",)),
    Case("struck out", _xml(f"<w:p>{_run('Preis: ')}{_run('49 Euro', '<w:strike/>')}{_run(' 59 Euro')}</w:p>"), ("59 Euro",), ("49 Euro",)),
    Case("deleted", _xml(f'<w:p>{_run("Frist: ")}<w:del w:id="1" w:author="a"><w:r><w:delText>drei</w:delText></w:r></w:del><w:ins w:id="2" w:author="a">{_run("vier")}</w:ins>{_run(" Wochen")}</w:p>'), ("vier Wochen",), ("drei",)),
    Case("content control", _xml(f"<w:sdt><w:sdtContent><w:p>{_run('Antragsteller: Chor Aalen')}</w:p></w:sdtContent></w:sdt>"), ("Chor Aalen",)),
    Case("hidden", _xml(f"<w:p>{_run('Sichtbar')}{_run('Geheim', '<w:vanish/>')}</w:p>"), ("Sichtbar",), ("Geheim",)),
    Case("merged cells", _xml(_MERGED), ("Nord",), (), ("Nord", "415")),
)  # fmt: skip

_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _workbook(sheets: Mapping[str, bytes], **more: Any) -> bytes:
    """Return a workbook that names the types of its parts, which some libraries need."""
    parts = {"workbook": "sheet.main", "styles": "styles"}
    parts |= {f"worksheets/sheet{number}": "worksheet" for number in range(1, len(sheets) + 1)}
    listed = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_OFFICE}.{kind}+xml"/>' for part, kind in parts.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{rels}{listed}</Types>'
    return make_xlsx(sheets, more={"[Content_Types].xml": types.encode()}, **more)


SHEETS = (
    Case("formats", lambda: _workbook({"A": make_sheet([["Ort", "Anteil der Gemeinde", "Preis für die Miete"], ["Nord und Süd", (0.25, 2), (12.5, 1)]])}), ("25%", "50 €")),
    Case("date", lambda: _workbook({"A": make_sheet([["Ort der Sitzung", "Tag, an dem sie ist"], ["Nord und Süd", (45292, 3)]])}), ("2024",), ("45292",)),
    Case("hidden rows", lambda: _workbook({"A": make_sheet([["Ort", "Wert"], ["Nord", "4"], ["Geheim", "5"]], hidden_rows=[3])}), ("Nord",), ("Geheim",)),
    Case("hidden sheet", lambda: _workbook({"A": make_sheet([["Ort", "Wert"]]), "B": make_sheet([["Geheim", "5"]])}, hidden=["B"]), ("Ort",), ("Geheim",)),
    Case("struck out", lambda: _workbook({"A": make_sheet([["Ort", "Wert"], [("Alt", STRUCK), "5"], ["Neu", "6"]])}), ("Neu",), ("Alt",)),
    Case("merged cells", lambda: _workbook({"A": make_sheet([[("Ort", BOLD), ("Jahr", BOLD), ("Wert", BOLD)], ["Nord", 2022, 410], [None, 2023, 415]], merged=["A2:A3"])}), ("Nord",), (), ("Nord", "415")),
)  # fmt: skip


def big_word() -> bytes:
    """Return a document of many paragraphs and a long table."""

    def write(document: Any) -> None:
        for number in range(1500):
            document.add_paragraph(f"Absatz {number}: Der Gemeinderat hat beschlossen, das Gebäude zu erhalten. " * 3)
        table = document.add_table(rows=100, cols=4)
        for row in table.rows:
            for number, cell in enumerate(row.cells):
                cell.text = f"Wert {number}"

    return make_docx(write)


def big_sheet() -> bytes:
    """Return a sheet of many rows."""
    rows: list[list[str | float | None]] = [["Ort", "Menge", "Preis", "Bemerkung"]]
    rows += [[f"Ort {number}", number, number * 1.25, "geprüft und in Ordnung"] for number in range(8000)]
    return _workbook({"A": make_sheet(rows)})
