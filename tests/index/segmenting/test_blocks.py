"""Blocks from the reader to the passage: each has its own characters and the kind that the file gives it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import KINDS, LONGEST_ROW, Block, packed, unpacked
from index.markup.notes import comment
from index.markup.structure import of_text, structured
from index.reading.documents import load, parse
from index.reading.extraction.blocks import (
    Caption,
    Content,
    Footnote,
    Heading,
    Item,
    Note,
    PageMark,
    Paragraph,
    Rendered,
    Row,
    Table,
    clean,
    lowered,
    render,
)
from index.reading.extraction.process import isolation, worker
from index.reading.extraction.readers import extract
from index.reading.extraction.tables.grid import Cell
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.writer import Writer
from index.segmenting.chunking import chunk
from index.storage.store import Store
from index.types import Document, Metadata, Span
from tests.files import make_docx, needs_files
from tests.office import make_open_document, make_pptx, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGES = Path(__file__).parents[2] / "pages"
# fmt: off
SIGNS = st.lists(st.sampled_from(["a", "ß", "Ö", "1", ".", " ", "  ", "\n", "\n\n", "\r\n", "\t", "#", "# ", "- ", "> ", "* ", "2. ", "|", " | ", "```", "~~~", "<!-- ", " -->", "---", "\u200b", "\xad", "\u200c", "\x00", "\\", "é", "中", "ب", "🎉"]), max_size=12).map("".join)
# fmt: on
SAID = st.lists(st.text(st.sampled_from("aßÖ1.é中ب🎉#->|*"), min_size=1, max_size=6), min_size=1, max_size=6).map(
    " ".join
)
TEXTS = SIGNS | SAID
CELLS = st.builds(Cell, TEXTS, st.integers(1, 3), st.integers(1, 3), st.booleans())
CONTENT = st.one_of(
    st.builds(Heading, TEXTS, st.integers(0, 9)),
    *(st.builds(made, TEXTS) for made in (Paragraph, Caption, Footnote, Item, Note)),
    st.builds(Row, st.lists(TEXTS, max_size=4).map(tuple)),
    st.builds(Table, st.lists(st.lists(CELLS, max_size=4).map(tuple), max_size=4).map(tuple), st.booleans()),
    st.just(PageMark()),
)
KIND_OF = {Heading: "heading", Paragraph: "paragraph", Caption: "caption", Footnote: "footnote", Item: "list_item"}


def said(rendered: Rendered) -> list[tuple[str, str]]:
    return [(one.kind, rendered.text[one.start : one.end]) for one in rendered.blocks]


def in_order(text: str, blocks: Sequence[Block]) -> None:
    end = 0
    for one in blocks:
        assert one.kind in KINDS
        assert end <= one.start < one.end <= len(text)
        assert text[one.start : one.end].strip() == text[one.start : one.end]
        end = one.end


def shown(content: Content) -> list[tuple[str, str]]:
    """Return the blocks that must be in the text, except for the rows of tables."""
    match content:
        case Heading(text) | Item(text):
            one = " ".join(clean(text).split())
        case Paragraph(text) | Caption(text) | Footnote(text):
            one = re.sub("\n{2,}", "\n", clean(text))
            one = "" if re.fullmatch("[-*_=~#|>:.+ ]*", one) else one  # a horizontal rule
        case _:
            return []
    return [(KIND_OF[type(content)], one)] if one else []


def unescaped(text: str) -> str:
    return re.sub(r"^\\(?=#{1,6} |```|~~~|<!--)", "", text, flags=re.MULTILINE)


@given(st.lists(CONTENT, max_size=10))
def test_blocks_of_any_file_are_its_texts_in_order(found: list[Content]) -> None:
    rendered = render(found)
    in_order(rendered.text, rendered.blocks)
    told = iter([(kind, unescaped(text)) for kind, text in said(rendered)])
    for kind, text in (one for content in found for one in shown(content)):
        assert (kind, unescaped(text)) in told  # `in` consumes the iterator, so the order is checked too
    if not any(isinstance(one, Table | Row | Note) for one in found):
        assert len(rendered.blocks) == sum(len(shown(one)) for one in found)


@given(st.lists(CONTENT, max_size=10), st.lists(CONTENT, max_size=6), st.integers(0, 4))
def test_what_another_writer_wrote_stands_in_the_text_as_it_is(
    before: list[Content], within: list[Content], levels: int
) -> None:
    inner = render(within)
    outer = render([*before, lowered(inner, levels), Paragraph("Ende.")])
    in_order(outer.text, outer.blocks)
    first = len(render(before).blocks)
    assert said(outer)[first:-1] == said(inner)
    deeper = [one.level for one in outer.blocks[first:-1]]
    assert deeper == [min(6, one.level + levels) if one.kind == "heading" else 0 for one in inner.blocks]
    for one in outer.blocks:
        if one.kind == "heading":
            line = outer.text[outer.text.rfind("\n", 0, one.start) + 1 : one.start]
            assert line == "#" * one.level + " "


@given(st.lists(CONTENT, max_size=10))
def test_blocks_come_back_from_the_form_they_are_kept_in(found: list[Content]) -> None:
    rendered = render(found)
    assert unpacked(packed(rendered.blocks), len(rendered.text)) == rendered.blocks


def test_what_leads_a_block_comes_back_too() -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nEs kostet ~~4 €~~ 5 €.\n"
    blocks = of_text(text, markdown=True)
    assert [one.lead for one in blocks] == [(), (Span(0, 9),), (), (Span(31, 40),)]
    assert unpacked(packed(blocks), len(text)) == blocks


@pytest.mark.parametrize(
    "line",
    ["[[0,5,0,0]]x", "5", "[5]", "[[0,5]]", "[[0,0,0,0]]", "[[0,5,99,0]]", "[[0,5,0,7]]", "[[0,11,0,0]]", "[[-1,5,0,0]]",
     "[[0,5.0,0,0]]", "[[0,true,0,0]]", "[[0,5,0,0,1]]", "[[0,5,0,0,1,1]]", "[[3,5,0,0,3,4]]", '[["a",5,0,0]]', "null",
     '{"a":1}', "[[0,5,1,1],[0,9,0,0]]"],
)  # fmt: skip
def test_what_are_no_blocks_of_a_text_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        unpacked(line, 10)


def test_the_process_that_reads_hands_on_blocks_and_no_others_than_of_its_text() -> None:
    answer = worker.answer(b"Ort;Plan\nNord;3\n", "csv")
    found = isolation._read(json.dumps(answer).encode() + b"\n")
    assert isinstance(found, Extract)
    assert found == extract(b"Ort;Plan\nNord;3\n", "csv")
    assert [one.kind for one in found.blocks] == ["row", "row"]
    answer["extract"]["blocks"] = "[[0,9999,0,0]]"
    assert isolation._read(json.dumps(answer).encode() + b"\n") is None


# ---- The kinds that readers report


def made(content: Sequence[Content], kind: str = "docx") -> Document:
    """Return a document as if a reader had found this content in a file."""
    rendered = render(content)

    class Fake:
        def extract(self, data: bytes, kind: str) -> Extract:
            return Extract(rendered.text, rendered.pages, unread=("page 3: without text",), blocks=rendered.blocks)

    return parse(b"%PDF-1.7\n", "a.pdf", reader=Fake())


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def test_a_file_says_itself_what_its_blocks_are() -> None:
    document = made(
        [
            Heading("C #", 1),
            Item("- von Hand"),
            Item("# kein Titel"),
            Row(("Kranich", "2 Stk. Netto", "289,00 €")),
            Table(((Cell("Bild: Halle"), Cell("1.")), (Cell("- Reiher"), Cell("2. Wahl")))),
            Footnote("[1] Ohne Berlin."),
            Note("picture 3"),
        ]
    )
    assert kinds(document) == [
        ("heading", "C #"),
        ("list_item", "- von Hand"),
        ("list_item", "# kein Titel"),
        ("row", "Kranich | 2 Stk. Netto | 289,00 €"),
        ("row", "Bild: Halle | 1."),
        ("row", "- Reiher | 2. Wahl"),
        ("footnote", "[1] Ohne Berlin."),
        ("note", comment("picture 3")),
        ("note", comment("page 3: without text")),
    ]
    sentences = [document.text[span.start : span.end] for one in chunk(document) for span in one.sentences]
    assert sentences == [text for kind, text in kinds(document) if kind != "note"]


def test_within_a_paragraph_lists_quotes_and_credits_are_known_by_their_lines() -> None:
    paragraphs = [
        "Termine:\n- eins\n- zwei",
        "• drei",
        "1. vier\n2. fünf",
        "> Zitat\n> geht weiter.",
        "Foto: Max",
        "(a | b)",
    ]
    found = kinds(made([Paragraph(one) for one in paragraphs]))
    assert found[:-1] == [
        ("paragraph", "Termine:"),
        ("list_item", "eins"),
        ("list_item", "zwei"),
        ("list_item", "drei"),
        ("list_item", "1. vier"),
        ("list_item", "2. fünf"),
        ("paragraph", "Zitat\n> geht weiter."),
        ("caption", "Foto: Max"),
        ("row", "(a | b)"),
    ]
    # Sentences that only begin like a list item are not list items.
    assert kinds(made([Paragraph("Am\n3. Mai beginnt es.")]))[0] == ("paragraph", "Am\n3. Mai beginnt es.")


@given(st.lists(CONTENT, max_size=8))
def test_blocks_and_passages_of_what_any_reader_says_are_in_order(found: list[Content]) -> None:
    document = made([*found, Paragraph("Ende.")])
    in_order(document.text, document.blocks)
    inside = [(one.start, one.end) for one in document.blocks if one.kind != "note"]
    for passage in chunk(document):
        for span in passage.sentences:
            assert any(start <= span.start < span.end <= end for start, end in inside)


def test_a_text_cannot_forge_a_note() -> None:
    document = made([Paragraph(comment("nichts")), Item(comment("nichts"))])
    assert [kind for kind, _ in kinds(document)] == ["paragraph", "list_item", "note"]


def test_a_row_of_running_texts_is_cited_by_the_sentence_and_any_other_as_a_whole() -> None:
    text = "Ein Satz über die Halle steht hier. " * (LONGEST_ROW // 36 + 1)
    for content, whole in ((Row(("Kranich", "12. Netto", "3 €")), True), (Row(("Kranich", text)), False)):
        (one,) = chunk(made([content]))
        assert (len(one.sentences) == 1) is whole


def test_a_page_begins_where_its_first_block_begins() -> None:
    content = [
        PageMark(),
        Item("eins"),
        PageMark(),
        Item("zwei"),
        PageMark(),
        PageMark(),
        Paragraph("vier"),
        PageMark(),
    ]
    rendered = render(content)
    assert rendered.text == "- eins\n- zwei\n\nvier\n"
    assert rendered.pages == (0, 7, 15, 15, 19)


@needs_files
def test_an_item_at_the_beginning_of_a_slide_is_on_that_slide() -> None:
    bullets = '<a:pPr><a:buChar char="-"/></a:pPr><a:r><a:t>{}</a:t></a:r>'
    slides = [shape(f"<a:p>{bullets.format(text)}</a:p>") for text in ("eins", "zwei")]
    found = extract(make_pptx(slides), "pptx")
    document = Document("a.pptx", found.text, Metadata("a"), "0" * 64, "pptx", found.pages)
    assert [document.page(found.text.index(text)) for text in ("eins", "zwei")] == [1, 2]
    lists = "".join(
        f"<draw:page><draw:frame><draw:text-box><text:list><text:list-item><text:p>{text}</text:p></text:list-item>"
        "</text:list></draw:text-box></draw:frame></draw:page>"
        for text in ("eins", "zwei")
    )
    found = extract(make_open_document("presentation", lists), "odp")
    assert found.pages == (0, found.text.index("- zwei"))


@needs_files
def test_the_rows_of_a_printed_table_are_known_as_such() -> None:
    found = extract((PAGES / "lined.pdf").read_bytes(), "pdf")
    rows = [found.text[one.start : one.end] for one in found.blocks if one.kind == "row"]
    assert len(rows) > 2
    assert all(" | " in row for row in rows)
    assert {one.kind for one in extract((PAGES / "columns.pdf").read_bytes(), "pdf").blocks} <= {"paragraph", "heading"}


def test_markdown_of_elsewhere_is_read_where_no_blocks_come_with_it() -> None:
    writer = Writer()
    writer.heading("Anlage", 1)
    writer.append("# Titel\n\n- eins\n", deeper=1)
    assert said(writer.rendered()) == [("heading", "Anlage"), ("heading", "Titel"), ("list_item", "eins")]
    assert writer.text() == "# Anlage\n\n## Titel\n\n- eins\n"


# ---- What the store keeps


@needs_files
def test_the_store_keeps_the_blocks_of_a_file(tmp_path: Path) -> None:
    def write(document: object) -> None:
        document.add_paragraph("# kein Titel, sondern ein Absatz.")  # type: ignore[attr-defined]
        document.add_paragraph("Ein Punkt.", style="List Bullet")  # type: ignore[attr-defined]

    (tmp_path / "a.docx").write_bytes(make_docx(write))
    (tmp_path / "b.md").write_text("# Titel\n\nEin Satz.\n", "utf-8")
    loaded = [load(tmp_path / name, tmp_path) for name in ("a.docx", "b.md")]
    assert [one.structure is None for one in loaded] == [False, True]
    with Store.create(tmp_path / "s.sqlite", embedding="e", pipeline="p") as store:
        import numpy as np

        none = np.zeros((0, 0), dtype=np.float32)
        with store.transaction():
            for one in loaded:
                store.add(one, (), none, none, none)
        snapshot = store.snapshot(vectors=False)
    for one in loaded:
        assert snapshot.documents[one.path].structure == structured(one).structure
        assert snapshot.documents[one.path].blocks == one.blocks


def test_a_place_in_a_text_is_that_of_its_block() -> None:
    document = Document("a.md", "# Eins\n\nZwei.\n", Metadata("a"), "0" * 64)
    heading, paragraph = document.blocks
    assert [document.block_at(place) for place in (0, 2, 5, 6, 8, 12, 13)] == [
        None, heading, heading, None, paragraph, paragraph, None,
    ]  # fmt: skip
    assert [document.block_behind(place) for place in (0, 2, 3, 8, 9)] == [heading, heading, paragraph, paragraph, None]
    empty = replace(document, text="")
    assert (empty.blocks, empty.block_at(0), empty.block_behind(0)) == ((), None, None)


def test_more_text_than_a_document_may_have_is_refused() -> None:
    with pytest.raises(ExtractionError, match="million characters"):
        render([Paragraph("a" * 2_600_000), Paragraph("b" * 2_600_000)])
