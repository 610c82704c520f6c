"""Markdown is read as the rendered page shows it, and every block consists of the file's own characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markup.markdown import markdown_units
from index.markup.structure import of_text
from index.segmenting import chunking
from index.segmenting.cleaning import citable
from index.types import Document, Metadata
from tests.growth import Shape, superlinear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.blocks import Block


def blocks_of(text: str, *, extracted: bool = False) -> list[Block]:
    return citable(text, of_text(text, markdown=True, extracted=extracted))


def read(text: str, *, extracted: bool = False) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in blocks_of(text, extracted=extracted)]


def shown(text: str) -> list[str]:
    return [content for _, content in read(text)]


def chunks(text: str, path: str = "a.md") -> list[tuple[tuple[str, ...], str]]:
    document = Document(path, text, Metadata("Titel"), "0" * 64)
    return [(one.headings, one.text) for one in chunking.chunk(document)]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Die nächste Sitzung findet nach Angaben der Verwaltung am\n12. Juni 2025 im Rathaus statt.",
        "Das Fest beginnt wie in jedem Jahr am\n1. Mai 2025 auf dem Markt und dauert drei Tage.",
        "Der Rat hat den Plan\n– so die Verwaltung – am Montag beschlossen.",
        "Der Rat hat den Plan\n- so die Verwaltung - am Montag beschlossen.",
        "Die Linie fährt seit\n3. Mai wieder.",
        "Die Schule hat in der\n1. und 2. Klasse je 20 Kinder.",
        "> Die Sitzung findet am\n> 12. Juni statt.",
        "- Die Sitzung findet am\n  12. Juni statt.",
        "Das Werk hat\n2024 rund 40 Leute beschäftigt.",
    ],
)
def test_a_wrapped_line_is_no_list(paragraph: str) -> None:
    (block,) = blocks_of(f"# Titel\n\n{paragraph}\n\nEnde.")[1:-1]
    assert f"# Titel\n\n{paragraph}\n\nEnde."[block.start : block.end] == paragraph.lstrip("> -")


def test_lists_are_parted_at_their_items() -> None:
    assert read("1. eins\n2. zwei\n   weiter\n\n   Absatz\n10) zehn\n") == [
        ("list_item", "1. eins"),
        ("list_item", "2. zwei\n   weiter"),
        ("paragraph", "Absatz"),
        ("list_item", "10) zehn"),
    ]
    assert read("Termine:\n• eins\n• zwei") == [("paragraph", "Termine:"), ("list_item", "eins"), ("list_item", "zwei")]
    assert read("Termine:\n– eins\n– zwei") == [("paragraph", "Termine:"), ("list_item", "eins"), ("list_item", "zwei")]
    assert read("1. Mai: Fest\n2. Juni: Lauf") == [("list_item", "1. Mai: Fest"), ("list_item", "2. Juni: Lauf")]
    assert read("- Bilder: Sie bleiben ungelesen.") == [("list_item", "Bilder: Sie bleiben ungelesen.")]
    assert shown("> - a\n>   - b\n> 1. c") == ["a", "b", "1. c"]
    assert shown("- a\n  - b\n    - c\n\n      d") == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<!-- geprüft --> Die Gebühr beträgt 18 Euro.", ["Die Gebühr beträgt 18 Euro."]),
        ("<!-- geprüft --> Die Gebühr beträgt\n18 Euro.", ["Die Gebühr beträgt\n18 Euro."]),
        ("<!--\nmehrere\n\nZeilen --> Dahinter.\n\nWeiter.", ["Dahinter.", "Weiter."]),
        ("Davor. <!-- geheim --> Dahinter.", ["Davor.", "Dahinter."]),
        ("Davor. <!-- geheim\nund mehr --> Dahinter.", ["Davor.", "Dahinter."]),
        ("<!-- a --><!-- b -->Text.<!-- c -->", ["Text."]),
        ("- Punkt <!-- geheim -->\n- Zweiter", ["Punkt", "Zweiter"]),
        ("`<!-- kein Kommentar -->` ist Code.", ["`<!-- kein Kommentar -->` ist Code."]),
        ("Davor.\n\n<!-- ohne Ende\n\nalles weg", ["Davor."]),
        ("Davor <!-- ohne Ende im Absatz.\n\nWeiter.", ["Davor <!-- ohne Ende im Absatz.", "Weiter."]),
    ],
)
def test_comments_are_not_read_and_what_stands_beside_them_is(text: str, wanted: list[str]) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Der Eintritt kostet ~~49 €~~ 59 €.", ["Der Eintritt kostet", "59 €."]),
        ("Der Eintritt kostet <del>49 €</del> 59 €.", ["Der Eintritt kostet", "59 €."]),
        ("Der Eintritt kostet <s>49 €</s> 59 €.", ["Der Eintritt kostet", "59 €."]),
        ("~~Ganz gestrichen.~~", []),
        ("~~Alter Satz.~~ Neuer Satz.", ["Neuer Satz."]),
        ("Neuer Satz. ~~Alter\nSatz.~~", ["Neuer Satz."]),
        ("- ~~alt~~\n- neu", ["neu"]),
        ("## ~~Alt~~ Neu", ["Neu"]),
        ("**~~49 €~~ 59 €** im Vorverkauf", ["59 €** im Vorverkauf"]),
        ("`~~kein Strich~~` im Code", ["`~~kein Strich~~` im Code"]),
        ("\\~\\~nicht gestrichen~~", ["\\~\\~nicht gestrichen~~"]),
        ("Rund ~~ 5 und ~~ 6", ["Rund ~~ 5 und ~~ 6"]),
        ("| Was | Preis |\n|---|---|\n| Kranich | ~~12 €~~ 14 € |", ["| Was | Preis |", "| Kranich", "14 €"]),
    ],
)
def test_struck_out_words_are_not_citable(text: str, wanted: list[str]) -> None:
    assert shown(text) == wanted


def test_what_follows_on_struck_out_words_is_found_by_the_beginning_of_its_sentence() -> None:
    text = "# Bad\n\nEs ist offen. Der Eintritt kostet ~~49 €~~ 59 €. Kinder zahlen die Hälfte."
    found = chunks(text)
    assert found[-1] == (("Bad", "Der Eintritt kostet"), "59 €. Kinder zahlen die Hälfte.")
    assert not any("49" in content for _, content in found)


def test_rows_of_tables_are_blocks_and_led_by_the_names_of_their_columns() -> None:
    text = (
        "Preise:\n\nArtikel | Menge | Preis\n--- | --: | :-:\nKranich | 12 | 289,00 €. Netto\nReiher | | 3 €\n\nEnde."
    )
    blocks = blocks_of(text)
    led = [(*(text[span.start : span.end] for span in one.lead), "")[0] for one in blocks]
    assert [(one.kind, text[one.start : one.end], lead) for one, lead in zip(blocks, led, strict=True)] == [
        ("paragraph", "Preise:", ""),
        ("row", "Artikel | Menge | Preis", ""),
        ("row", "Kranich | 12 | 289,00 €. Netto", "Artikel | Menge | Preis"),
        ("row", "Reiher | | 3 €", "Artikel | Menge | Preis"),
        ("paragraph", "Ende.", ""),
    ]
    assert read("> | a | b |\n> |---|---|\n> | 1 | 2 |") == [("row", "| a | b |"), ("row", "| 1 | 2 |")]
    assert read("- | a | b |\n  |---|---|\n  | 1 | 2 |") == [("row", "| a | b |"), ("row", "| 1 | 2 |")]
    # Without a delimiter row this is not a table in Markdown, but its lines are still rows and not running text.
    assert read("| a | b |\n| 1 | 2 |") == [("row", "| a | b |"), ("row", "| 1 | 2 |")]


def test_each_passage_of_a_long_table_names_the_columns() -> None:
    rows = "\n".join(f"| Artikel Nummer {number} | {number} | {number},00 € |" for number in range(100))
    text = f"# Liste\n\n| Artikel | Menge | Einzelpreis |\n|---|---|---|\n{rows}\n"
    found = chunks(text)
    assert len(found) > 3
    assert all("Einzelpreis" in "\n".join([*headings, content]) for headings, content in found)
    assert all(content.count("|") % 4 == 0 for _, content in found[1:])


def test_html_is_read_as_it_is_shown() -> None:
    text = (
        '<div align="center">\n<h1>Titel</h1>\n<p>Ein <b>Satz</b> hier.</p>\n<script>let x = "<p>nein</p>";</script>\n'
        "<noscript>Bitte JavaScript an.</noscript>\n</div>\n\nText mit <b>Fett</b>.\n\n<details><summary>Mehr</summary>\n\n"
        "Innen.\n\n</details>"
    )
    assert shown(text) == ["Titel", "Ein <b>Satz</b> hier.", "Text mit <b>Fett</b>.", "Mehr", "Innen."]


def test_pictures_and_places_of_links_are_not_read() -> None:
    data = "data:image/png;base64," + "iVBORw0KGgo" * 300
    text = (
        f'Davor ![]({data}) dahinter.\n\n![Ein Chip]({data})\n\n<img src="{data}"> Text.\n\n[![Logo](a.png)](b.html)\n\n'
        f'[bild]: {data}\n[1]: https://example.org/x "Titel"\n[2]: Müller, Chips, 2024.\n'
    )
    assert read(text) == [
        ("paragraph", "Davor"),
        ("paragraph", "dahinter."),
        ("caption", "Ein Chip"),
        ("paragraph", "Text."),
        ("caption", "Logo"),
        ("paragraph", "[2]: Müller, Chips, 2024."),
    ]


def test_notes_code_and_headings() -> None:
    text = (
        "Titel\n=====\n\nEs sind 150[^1] Millionen.\n\n[^1]: Ohne Berlin.\n[^2]: Mit Hamburg.\n\n"
        "    eingerückt\n\n~~~\n# kein Titel\n~~~\n\n### Tief ###\nDas ist ein Absatz.\nEr endet hier.\n---\nEnde"
    )
    assert read(text) == [
        ("heading", "Titel"),
        ("paragraph", "Es sind 150[^1] Millionen."),
        ("footnote", "[^1]: Ohne Berlin."),
        ("footnote", "[^2]: Mit Hamburg."),
        ("code", "eingerückt"),
        ("code", "# kein Titel"),
        ("heading", "Tief"),
        ("paragraph", "Das ist ein Absatz.\nEr endet hier."),
        ("paragraph", "Ende"),
    ]


def test_what_is_nested_deeper_than_the_parser_goes_is_read() -> None:
    quoted = "> " * 40 + "Tief im Zitat."
    listed = "\n".join("  " * depth + f"- Punkt {depth}" for depth in range(30))
    assert shown(quoted) == ["Tief im Zitat."]
    assert shown(listed) == [f"Punkt {depth}" for depth in range(30)]


def test_text_taken_out_of_other_formats_has_simple_blocks_only() -> None:
    text = (
        "# Titel\n\nWas | Preis\n\nKranich | Preis: 12 €\n\nVon [1]: https://example.org und ~~5~~ <b>x</b>\n---\n"
        "    weiter am\n12. Juni.\n\n[1]: https://example.org\n\n<div> ist ein Element.\n\n- eins\n- zwei\n\n\\# kein Titel\n"
    )
    assert read(text, extracted=True) == [
        ("heading", "Titel"),
        ("row", "Was | Preis"),
        ("row", "Kranich | Preis: 12 €"),
        ("paragraph", "Von [1]: https://example.org und ~~5~~ <b>x</b>"),
        ("paragraph", "weiter am\n12. Juni."),
        ("paragraph", "[1]: https://example.org"),
        ("paragraph", "<div> ist ein Element."),
        ("list_item", "eins"),
        ("list_item", "zwei"),
        ("paragraph", "\\# kein Titel"),
    ]


BLOCKS = {
    "# {} #": "heading",
    "{}\n---": "heading",
    "{}": "paragraph",
    "> {}": "paragraph",
    "- {}": "list_item",
    "7. {}": "list_item",
    "```\n{}\n```": "code",
    "    {}": "code",
    "| {} |\n|---|": "row",
    "[^n]: {}": "footnote",
    "<p>\n{}\n</p>": "paragraph",
    "<!-- nein --> {}": "paragraph",
    "~~gestrichen.~~ {}": "paragraph",
}
WORDS = st.lists(
    st.sampled_from("Huawei baut Chips für 5,9 Milliarden im Ü\u0308berblick Größe Werk".split()),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(sorted(BLOCKS)), WORDS), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_file_of_random_blocks_comes_back_in_order(given_blocks: list[tuple[str, list[str]]], newline: str) -> None:
    said = [f"{' '.join(words)} Nummer {number}" for number, (_, words) in enumerate(given_blocks)]
    parts = [form.format(one) for (form, _), one in zip(given_blocks, said, strict=True)]
    # A paragraph between the blocks prevents one from continuing the other.
    text = "\n\nDazwischen.\n\n".join(parts).replace("\n", newline)
    found = [one for one in read(text) if one[1] != "Dazwischen."]
    wanted = [BLOCKS[form] for form, _ in given_blocks]
    assert [kind for kind, _ in found] == wanted
    assert all(words in content for (_, content), words in zip(found, said, strict=True))
    ordered(text, blocks_of(text))


def ordered(text: str, blocks: Sequence[Block]) -> None:
    position = 0
    for block in blocks:
        assert position <= block.start < block.end <= len(text)
        assert text[block.start : block.end] == text[block.start : block.end].strip()
        position = block.end


# fmt: off
PIECES = st.sampled_from([
    "~~", "<!--", "-->", "<del>", "</del>", "![](data:a,b)", "`", "\\", "> ", "- ", "1. ", "|", "|-|-|\n", "\n", "\n\n",
    "# ", "    ", "\t", "```", "---\n", "[a]: b/c\n", "[^1]:", "<p>", "</p>", "<script>", "Ab. ", "\x00", "\r", "•", "– ",
])
# fmt: on


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40), st.booleans())
def test_blocks_of_anything_are_in_order(pieces: list[str], extracted: bool) -> None:
    text = "".join(pieces)
    blocks = blocks_of(text, extracted=extracted)
    ordered(text, blocks)
    assert bool(blocks) <= bool(text.strip())


def _uncached(text: str) -> object:
    of_text.cache_clear()
    return blocks_of(text)


@pytest.mark.growth
def test_hostile_markdown_takes_time_in_proportion() -> None:
    pieces = [
        "~~a ",
        "~~a~~",
        "a~~",
        "<!-- ",
        "a <!-- b --> ",
        "<del>",
        "<del>a</del>",
        "![](data:",
        "![](data:a)",
        "`a",
        "``",
        "[a]: b",
    ]
    pieces += [
        "> ",
        "- ",
        "* ",
        "1. ",
        "a\n> ",
        "|a",
        "|a\n|-\n",
        "|a|b\n",
        "<p>",
        "<a ",
        "<script>",
        "</p",
        "[^1]: a\n",
        "a\n---\n",
    ]
    pieces += ["\t", "- a\n  ", "a\n1. ", "```\n", "    a\n", "• a\n", "– a\n", "[", "![", "<img ", "\\~"]
    shapes = [Shape(repr(piece), piece) for piece in pieces]
    assert superlinear(_uncached, shapes=shapes, longest=32_000) == []


def test_rows_of_tables_in_html_are_led_by_the_names_of_their_columns() -> None:
    text = (
        "<table>\n<tr><th>Ware</th><th>Preis</th></tr>\n<tr><td>Stuhl</td><td><del>89</del> 69 €</td></tr>\n"
        "<tr><td>Tisch</td><td>150 €</td></tr>\n</table>\n<p>Danach.</p>\n"
    )
    units = markdown_units(text, 0, extracted=False)
    shown = [
        (unit.kind, text[unit.start : unit.end], " ".join(text[span.start : span.end] for span in unit.lead))
        for unit in units
    ]
    assert shown == [
        ("row", "Ware</th><th>Preis", ""),
        ("row", "Stuhl", "Ware Preis"),
        ("row", "69 €", "Ware Preis Stuhl"),
        ("row", "Tisch</td><td>150 €", "Ware Preis"),
        ("paragraph", "Danach.", ""),
    ]
