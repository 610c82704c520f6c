from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files import INSTALLED
from tests.index.word_files import SPACES, paragraph, read, row, run, style, table

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from lxml import etree

from index.reading.extraction.list_numbers import formatted
from index.reading.extraction.word.numbering import Numbering
from index.reading.extraction.word.styles import Styles


def level(place: int, text: str, kind: str = "decimal", more: str = "", start: int = 1) -> str:
    return f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def numbering(*levels: str, more: str = "") -> str:
    return (
        f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'
    )


def item(text: str, place: int = 0, number: int = 1, more: str = "") -> str:
    listed = f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(run(text), properties=more + listed)


def test_numbers_of_several_levels_count_as_one_sees_them() -> None:
    text = read(
        item("Anfang"),
        item("Zweck", 1),
        item("Ort", 1),
        item("Ende"),
        item("Zweck", 1),
        item("Genau", 2),
        numbering=numbering(level(0, "%1."), level(1, "%1.%2"), level(2, "%3)", "lowerLetter")),
    )
    assert text == "- 1. Anfang\n- 1.1 Zweck\n- 1.2 Ort\n- 2. Ende\n- 2.1 Zweck\n- a) Genau\n"


def test_headings_have_their_numbers_by_their_styles() -> None:
    styles = style(
        "Paragraf",
        '<w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>',
    ) + style("ParagrafNeu", "", based_on="Paragraf")
    named = '<w:pStyle w:val="ParagrafNeu"/>'
    text = read(
        paragraph(run("Gebühren"), properties=named),
        paragraph(run("Haftung"), properties=named),
        styles=styles,
        numbering=numbering(level(0, "§ %1", start=4)),
    )
    assert text == "## § 4 Gebühren\n\n## § 5 Haftung\n"


def test_lists_that_begin_anew_and_lists_that_go_on() -> None:
    anew = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        '</w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>'
    )
    text = read(
        item("a"), item("b"), item("c", number=2), item("d", number=3), numbering=numbering(level(0, "%1)"), more=anew)
    )
    assert text == "- 1) a\n- 2) b\n- 1) c\n- 2) d\n"


def test_a_level_that_is_never_set_back_and_one_in_plain_figures() -> None:
    levels = (
        level(0, "%1", "upperRoman"),
        level(1, "%1.%2", more='<w:isLgl/><w:lvlRestart w:val="0"/>'),
    )
    text = read(item("a"), item("b", 1), item("c"), item("d", 1), numbering=numbering(*levels))
    assert text == "- I a\n- 1.1 b\n- II c\n- 2.2 d\n"


def test_bullets_and_signs_without_letters_are_no_numbers() -> None:
    text = read(item("a"), item("b", 1), numbering=numbering(level(0, "\uf0b7", "bullet"), level(1, "–", "none")))
    assert text == "- a\n- b\n"


def test_an_empty_paragraph_counts_and_a_deleted_one_does_not() -> None:
    deleted = "<w:p><w:pPr>{}<w:rPr><w:del/></w:rPr></w:pPr><w:del><w:r><w:delText>weg</w:delText></w:r></w:del></w:p>"
    listed = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    text = read(item("a"), item(""), deleted.format(listed), item("d"), numbering=numbering(level(0, "%1.")))
    assert text == "- 1. a\n- 3. d\n"


def test_a_column_of_numbers_in_a_table_is_read() -> None:
    def numbered(text: str) -> str:
        return f"<w:tc>{item('')}</w:tc><w:tc>{paragraph(run(text))}</w:tc>"

    text = read(table(row(numbered("Kreide")), row(numbered("Tafel"))), numbering=numbering(level(0, "%1")))
    assert text == "1 | Kreide\n\n2 | Tafel\n"


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (14, "lowerRoman", "xiv"),
        (1999, "upperRoman", "MCMXCIX"),
        (4000, "upperRoman", "4000"),
        (28, "lowerLetter", "bb"),
        (9_999_999, "upperLetter", "9999999"),
        (7, "decimalZero", "07"),
        (3, "ordinal", "3."),
        (0, "upperRoman", "0"),
        (5, "chicago", "5"),
        (5, "none", ""),
    ],
)
def test_numbers_are_written_by_their_format(number: int, kind: str, text: str) -> None:
    assert formatted(number, kind) == text


@given(st.lists(st.integers(0, 3), max_size=20))
def test_numbers_of_one_list_are_all_different_and_in_order(steps: list[int]) -> None:
    levels = [0]
    for step in steps:
        levels.append(min(step, levels[-1] + 1))
    plain = numbering(*(level(place, ".".join(f"%{one + 1}" for one in range(place + 1))) for place in range(4)))
    root = etree.fromstring(f"<w:numbering {SPACES}>{plain}</w:numbering>")
    counted = Numbering(root, Styles(etree.fromstring(f"<w:styles {SPACES}/>")))
    keys = [tuple(map(int, counted.label("1", str(place)).split("."))) for place in levels]
    assert all(len(key) == place + 1 for key, place in zip(keys, levels, strict=True))
    assert keys == sorted(set(keys))
