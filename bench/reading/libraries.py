"""
Compare our readers with libraries for the same formats: words in reading order, cases right, speed.

    python -m bench.reading.libraries [pdf] [word] [sheet]

Install the libraries to compare into an environment of its own, with this folder's requirements beside them; a library
that is missing is left out. `docs/reading-libraries.md` has the results and what follows from them.

PDF: the share of words of the twenty known pages (`tests/pages/known`) that come in reading order (longest common
subsequence with the known words, each table row as its cells); the pages with at least 98 % of them; and the questions
on tables for which one line holds value and row. Word and sheets: small files that each hold one trap.
"""

from __future__ import annotations

import importlib
import io
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.reading.library_cases import SHEETS, WORD, Case, big_sheet, big_word
from bench.reading.pages import FOLDER, words
from bench.reading.table_files import FILES
from tests.pages.documents import DOCUMENTS
from tests.pages.known import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GOOD = 0.98
LEAST_SECONDS = 1.0  # of work to time


def _library(name: str) -> Any:
    return importlib.import_module(name)


# ---- PDF


def _pypdfium2(data: bytes) -> str:
    pdf = _library("pypdfium2").PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def _pdfplumber(data: bytes) -> str:
    with _library("pdfplumber").open(io.BytesIO(data)) as pdf:
        return "\n".join(page.extract_text() or "" for page in pdf.pages)


def _pdfminer(data: bytes) -> str:
    return str(_library("pdfminer.high_level").extract_text(io.BytesIO(data)))


def _pypdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in _library("pypdf").PdfReader(io.BytesIO(data)).pages)


def _pymupdf(data: bytes) -> str:
    return "\n".join(page.get_text() for page in _library("pymupdf").open(stream=data, filetype="pdf"))


def _docling(data: bytes) -> str:
    parser = _library("docling_parse.pdf_parser").DoclingPdfParser()
    unit = _library("docling_core.types.doc.page").TextCellUnit.LINE
    document = parser.load(path_or_stream=io.BytesIO(data))
    return "\n".join(cell.text for _, page in document.iterate_pages() for cell in page.iterate_cells(unit_type=unit))


def _markitdown(kind: str) -> Callable[[bytes], str]:
    def read(data: bytes) -> str:
        return str(
            _library("markitdown").MarkItDown().convert_stream(io.BytesIO(data), file_extension=kind).text_content
        )

    return read


def _own(module: str) -> Callable[[bytes], str]:
    return lambda data: str(_library(f"index.reading.extraction.{module}").extract(data).text)


PDF: Mapping[str, Callable[[bytes], str]] = {
    "ours (pypdfium2 for letters)": _own("pdf"),
    "pypdfium2": _pypdfium2,
    "pdfplumber": _pdfplumber,
    "pdfminer.six": _pdfminer,
    "pypdf": _pypdf,
    "PyMuPDF": _pymupdf,
    "docling-parse": _docling,
    "markitdown": _markitdown(".pdf"),
}


def _in_order(known: str, read: str) -> float:
    wanted, found = words(known), words(read.replace("-\n", "").replace("­", ""))
    row = [0] * (len(found) + 1)
    for word in wanted:
        before = 0
        for place, other in enumerate(found, start=1):
            before, row[place] = row[place], before + 1 if word == other else max(row[place], row[place - 1])
    return row[-1] / len(wanted)


def _pages(read: Callable[[bytes], str]) -> tuple[float, int, int]:
    """Return the share of words in order, the pages with at least `GOOD`, and the table questions a line answers."""
    total = held = good = 0.0
    for document in DOCUMENTS:
        known = "\n".join(reading(document.blocks, named=False))
        share = _in_order(known, read((FOLDER / f"{document.name}.pdf").read_bytes()))
        count = len(words(known))
        total, held, good = total + count, held + share * count, good + (share >= GOOD)
    answered = 0
    for file in FILES:
        if file.name.endswith(".pdf"):
            lines = read(file.make()).splitlines()
            answered += sum(any(all(part in line for part in one.line[:2]) for line in lines) for one in file.asked)
    return held / total, int(good), answered


def compare_pdf() -> None:
    files = [path.read_bytes() for path in sorted(FOLDER.glob("*.pdf"))]
    count = sum(len(_library("pypdfium2").PdfDocument(data)) for data in files)
    print(
        "| PDF | words in reading order | pages of 20 right | table questions of 20 | pages/s |\n|---|---|---|---|---|"
    )
    for name, read in PDF.items():
        try:
            share, good, answered = _pages(read)
        except ImportError:
            continue
        seconds = _seconds(lambda read=read: [read(data) for data in files])
        print(f"| {name} | {100 * share:.1f} % | {good} | {answered} | {count / seconds:.0f} |", flush=True)


# ---- Word


def _python_docx(data: bytes) -> str:
    document = _library("docx").Document(io.BytesIO(data))
    rows = [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *rows])


def _mammoth(data: bytes) -> str:
    return str(_library("mammoth").extract_raw_text(io.BytesIO(data)).value)


WORDS: Mapping[str, Callable[[bytes], str]] = {
    "ours (lxml)": _own("word"),
    "python-docx": _python_docx,
    "mammoth": _mammoth,
    "markitdown": _markitdown(".docx"),
}

# ---- Sheets


def _openpyxl(data: bytes) -> str:
    book = _library("openpyxl").load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
    return "\n".join(" | ".join("" if value is None else str(value) for value in row) for row in rows)


def _calamine(data: bytes) -> str:
    book = _library("python_calamine").CalamineWorkbook.from_filelike(io.BytesIO(data))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join(" | ".join(map(str, row)) for row in rows)


SHEET: Mapping[str, Callable[[bytes], str]] = {
    "ours (lxml)": _own("workbook"),
    "openpyxl": _openpyxl,
    "python-calamine": _calamine,
    "markitdown": _markitdown(".xlsx"),
}


def compare_cases(
    kind: str, readers: Mapping[str, Callable[[bytes], str]], cases: Sequence[Case], large: bytes
) -> None:
    print(f"| {kind} | cases of {len(cases)} right | MB/s | wrong |\n|---|---|---|---|")
    for name, read in readers.items():
        wrong = []
        try:
            for case in cases:
                try:
                    text = read(case.make())
                except (OSError, ValueError, KeyError, TypeError):
                    text = ""
                in_line = any(all(part in line for part in case.line) for line in [*text.splitlines(), ""])
                held = all(part in text for part in case.held)
                if not held or not in_line or any(part in text for part in case.absent):
                    wrong.append(case.name)
        except ImportError:
            continue
        speed = len(large) / 1e6 / _seconds(lambda read=read: read(large))
        print(f"| {name} | {len(cases) - len(wrong)} | {speed:.2f} | {', '.join(wrong)} |", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    """Return the least seconds of processor time of several runs."""
    least, spent = float("inf"), 0.0
    while spent < LEAST_SECONDS:
        began = time.process_time()
        work()
        took = time.process_time() - began
        least, spent = min(least, took), spent + took
    return least


def main(kinds: Sequence[str]) -> None:
    if not kinds or "pdf" in kinds:
        compare_pdf()
    if not kinds or "word" in kinds:
        compare_cases("Word", WORDS, WORD, big_word())
    if not kinds or "sheet" in kinds:
        compare_cases("Excel", SHEET, SHEETS, big_sheet())


if __name__ == "__main__":
    main(sys.argv[1:])
