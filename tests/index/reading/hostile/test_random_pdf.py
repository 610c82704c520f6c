"""Random blocks of a PDF come back in order, with their kind and on their page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from index.blocks import packed
from index.reading.extraction.pdf import extract
from index.segmenting.chunking import chunk
from index.types import Document, Metadata
from tests.files import make_pdf, needs_files
from tests.index.test_pdf_layouts import ragged

if TYPE_CHECKING:
    from tests.files import Line

pytestmark = needs_files
VOCABULARY = (
    "Talheim Mühle Wasser Korn Gemeinde Förderung Straße Größe Öfen Übergang Änderung Vertrag Lieferung Schrauben "
    "der die das und mit von seit über für nicht auch wird hat bleibt kostet misst 5 1912 14,5 3.400 20 € § & é"
).split()
NAMES = "Ware Menge Preis Gewicht Länge Tiefe Höhe Breite Kosten Jahr Ort Anzahl".split()
LEFT, TOP, BOTTOM = 60, 770, 90
WIDTH = 440  # points
Block = tuple[str, list[list[str]]]  # kind, and rows of cells; all kinds but tables have one row of one cell


def sentences(most: int) -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=most)
    return words.map(lambda found: f"Auch {' '.join(found)} heute")


@st.composite
def tables(draw: st.DrawFn) -> Block:
    width = draw(st.integers(2, 4))
    # The heads are unique (see `BLOCKS`): a table with the same head on the next page could be a continuation.
    head = draw(st.lists(st.sampled_from(NAMES), min_size=width, max_size=width, unique=True))
    kind = draw(st.sampled_from(["table", "unruled table"]))
    # Without lines, two rows above a line of text look like three lines of text.
    least = 1 if kind == "table" else 3
    names = draw(st.lists(st.sampled_from(VOCABULARY[:14]), min_size=least, max_size=5, unique=True))
    values = [[str(draw(st.integers(0, 9999))) for _ in range(width - 1)] for _ in names]
    return kind, [head, *([name, *row] for name, row in zip(names, values, strict=True))]


# A heading is recognised because its letters are larger than most of the file, so the file needs enough other text.
OPENING: Block = ("paragraph", [[f"Am Anfang {' '.join(VOCABULARY[:30] * 5)} steht das."]])
CLOSING: Block = ("paragraph", [[f"Am Ende {' '.join(VOCABULARY[14:] * 5)} steht das."]])
BLOCKS = st.lists(
    st.one_of(
        sentences(4).map(lambda text: ("heading", [[text]])),
        sentences(60).map(lambda text: ("paragraph", [[f"{text}."]])),
        sentences(20).map(lambda text: ("item", [[text]])),
        tables(),
    ),
    min_size=1,
    max_size=14,
    unique_by=lambda block: str(block[1][0]),
)


@dataclass
class Setting:
    """Sets blocks one below the other, and starts a new page when a block does not fit."""

    pages: list[list[Line]] = field(default_factory=lambda: [[("Seite 1", 9, 280, 40)]])
    drawn: list[str] = field(default_factory=lambda: [""])
    high: float = TOP
    pages_of: list[int] = field(default_factory=list)

    def put(self, block: Block) -> None:
        kind, rows = block
        size = {"heading": 17}.get(kind, 11)
        indent = 18 if kind == "item" else 0
        # `ragged` measures letters of size 11. Lines must be full, because a line that ends early ends its paragraph.
        wide = (WIDTH - indent) * 11 / size
        texts = [] if "table" in kind else [line[0] for line in ragged(rows[0][0], 0, wide, 0)]
        # A paragraph may continue on the next page. Every other block stands on one page.
        table = "table" in kind
        whole = 20 * len(rows) if table else {"heading": 1.25 * size * len(texts) + 60}.get(kind, 1.25 * size * 2)
        self.make_room(whole)
        self.pages_of.append(len(self.pages))
        if table:
            self.table(rows, ruled=kind == "table")
        for number, text in enumerate(texts):
            self.make_room(0)
            if kind == "item" and number == 0:
                self.pages[-1].append(("•", size, LEFT, self.high))
            self.pages[-1].append((text, size, LEFT + indent, self.high))
            self.high -= 1.25 * size
        self.high -= 14 if kind != "item" else 6

    def make_room(self, high: float) -> None:
        if self.high - high < BOTTOM:
            self.pages.append([(f"Seite {len(self.pages) + 1}", 9, 280, 40)])
            self.drawn.append("")
            self.high = TOP

    def table(self, rows: list[list[str]], *, ruled: bool) -> None:
        top, wide, right = self.high + 13, 110, LEFT + 110 * len(rows[0])
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                self.pages[-1].append((text, 11, LEFT + 5 + wide * place, self.high - 20 * number))
        bottom = top - 20 * len(rows)
        lines = [f"{LEFT} {top - 20 * n} m {right} {top - 20 * n} l S" for n in range(len(rows) + 1)]
        lines += [f"{LEFT + wide * n} {bottom} m {LEFT + wide * n} {top} l S" for n in range(len(rows[0]) + 1)]
        self.drawn[-1] += " ".join(lines if ruled else []) + " "
        self.high = bottom - 13


def drawn_pdf(setting: Setting) -> bytes:
    """Return the pages as a PDF, each with its own drawn lines."""
    return make_pdf(setting.pages, drawn=setting.drawn)


@settings(max_examples=25, deadline=None)
@given(blocks=BLOCKS)
def test_texts_come_back_in_order_on_their_pages_and_passages_are_their_own_characters(blocks: list[Block]) -> None:
    blocks = [OPENING, *blocks, CLOSING]
    setting = Setting()
    for block in blocks:
        setting.put(block)
    found = extract(drawn_pdf(setting))
    text = found.text
    document = Document("a.pdf", text, Metadata("a"), "0" * 64, "pdf", found.pages, packed(found.blocks))
    told = iter(found.blocks)
    for (kind, rows), page in zip(blocks, setting.pages_of, strict=True):
        for row in rows:
            block = next((one for one in told if _holds(text[one.start : one.end], row, kind)), None)
            assert block is not None, (kind, row, text)
            wanted = {"item": "list_item", "table": "row", "unruled table": "row"}.get(kind, kind)
            assert block.kind == wanted, (kind, row, text)
            assert document.page(block.start) == page
    end = 0
    for one in chunk(document):
        assert one.start >= end
        assert text[one.start : one.end] == one.text
        end = one.end


def _holds(text: str, row: list[str], kind: str) -> bool:
    if "table" not in kind:
        return row[0] == " ".join(text.lstrip("#-• ").split())
    cells = [cell.rpartition(": ")[2] for cell in text.split(" | ")]
    return cells == row
