"""Random blocks come back in order and with their kind, and passages consist of the file's own characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.blocks import packed
from index.reading.extraction.readers import extract
from index.segmenting.chunking import chunk
from index.types import Document, Metadata
from tests.files import make_docx, needs_files
from tests.office import make_epub, make_mail, make_open_document, make_pptx, make_sheet, make_xlsx, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = needs_files
WORDS = st.lists(st.text(st.sampled_from("aßÄz€&<>*_#'\"5é中ب"), min_size=1, max_size=6), min_size=1, max_size=6).map(
    lambda words: f"x {' '.join(words)} y"
)
BLOCKS = st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "item", "row"]), WORDS), min_size=1, max_size=8)
Blocks = list[tuple[str, str]]


def _html(blocks: Blocks) -> str:
    tags = {"heading": "<h2>{}</h2>", "paragraph": "<p>{}</p>", "item": "<ul><li>{}</li></ul>"}
    row = "<table><tr><th>Name</th><th>Wert</th></tr><tr><td>{}</td><td>w</td></tr></table>"
    return "".join(tags.get(kind, row).format(escape(text)) for kind, text in blocks)


def _open_document(blocks: Blocks) -> str:
    tags = {
        "heading": '<text:h text:outline-level="2">{}</text:h>',
        "paragraph": "<text:p>{}</text:p>",
        "item": "<text:list><text:list-item><text:p>{}</text:p></text:list-item></text:list>",
        "row": "<table:table><table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell>"
        "<table:table-cell><text:p>w</text:p></table:table-cell></table:table-row></table:table>",
    }
    return "".join(tags[kind].format(escape(text)) for kind, text in blocks)


def _frame(blocks: Blocks) -> str:
    framed = ("<draw:frame>{}</draw:frame>" if kind == "row" else "<draw:frame><draw:text-box>{}</draw:text-box></draw:frame>"
              for kind, _ in blocks)  # fmt: skip
    inner = (_open_document([block]) for block in blocks)
    return "".join(f"<draw:page>{frame.format(one)}</draw:page>" for frame, one in zip(framed, inner, strict=True))


def _rows(blocks: Blocks) -> Sequence[Sequence[str | None]]:
    return [[text, "w"] if kind == "row" else [text] for kind, text in blocks]


def _word(blocks: Blocks) -> bytes:
    def write(document: Any) -> None:
        for kind, text in blocks:
            if kind == "row":
                cells = document.add_table(1, 2).rows[0].cells
                cells[0].text, cells[1].text = text, "w"
            else:
                document.add_paragraph(text, style={"heading": "Heading 2", "item": "List Bullet"}.get(kind))

    return make_docx(write)


MAKERS: dict[str, Callable[[Blocks], bytes]] = {
    "docx": _word,
    "html": lambda blocks: f"<html><body><article>{_html(blocks)}</article></body></html>".encode(),
    "epub": lambda blocks: make_epub({f"{n}.xhtml": _html([block]) for n, block in enumerate(blocks)}),
    "eml": lambda blocks: bytes(make_mail("Betreff", "\n", page=f"<html><body>{_html(blocks)}</body></html>")),
    "odt": lambda blocks: make_open_document("text", _open_document(blocks)),
    "odp": lambda blocks: make_open_document("presentation", _frame(blocks)),
    "pptx": lambda blocks: make_pptx([shape(text, "title" if kind == "heading" else "") for kind, text in blocks]),
    "xlsx": lambda blocks: make_xlsx({"Blatt": make_sheet(_rows(blocks))}),
    "csv": lambda blocks: "\n".join(f'"{text.replace(chr(34), chr(34) * 2)}";{kind}' for kind, text in blocks).encode(),
}


# The kind that a reader of each format reports for a block. A single cell is a paragraph, and the slides made here
# have no lists.
FULL = {"heading": "heading", "paragraph": "paragraph", "item": "list_item", "row": "row"}
TOLD = dict.fromkeys(("docx", "html", "epub", "eml", "odt", "odp"), FULL) | {
    "pptx": FULL | {"item": "paragraph", "row": "paragraph"},
    "xlsx": dict.fromkeys(FULL, "paragraph") | {"row": "row"},
    "csv": dict.fromkeys(FULL, "row"),
}


@pytest.mark.parametrize("kind", sorted(MAKERS))
@settings(max_examples=30, deadline=None)
@given(blocks=BLOCKS)
def test_texts_come_back_in_order_and_passages_are_their_own_characters(kind: str, blocks: Blocks) -> None:
    found = extract(MAKERS[kind](blocks), kind)
    text = found.text
    told = iter(found.blocks)
    for made, wanted in blocks:
        block = next(one for one in told if wanted in text[one.start : one.end])
        assert kind not in TOLD or block.kind == TOLD[kind][made]
    document = Document(f"a.{kind}", text, Metadata("a"), "0" * 64, kind, structure=packed(found.blocks))
    end = 0
    for one in chunk(document):
        assert one.start >= end
        assert text[one.start : one.end] == one.text
        end = one.end
