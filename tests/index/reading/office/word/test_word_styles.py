from __future__ import annotations

import pytest

from tests.files import INSTALLED
from tests.index.word_files import cell, paragraph, read, row, run, style, table

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

GONE, UP = "<w:rPr><w:strike/></w:rPr>", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
UNSEEN = "<w:rPr><w:vanish/></w:rPr>"


def named(name: str) -> str:
    return f'<w:pStyle w:val="{name}"/>'


def with_style(name: str) -> str:
    return f'<w:rStyle w:val="{name}"/>'


@pytest.mark.parametrize("look", [GONE, UNSEEN, "<w:rPr><w:dstrike/></w:rPr>"])
def test_what_a_style_strikes_out_or_hides_holds_for_styles_based_on_it(look: str) -> None:
    styles = style("Weg", look, kind="character") + style("WegRot", "", kind="character", based_on="Weg")
    text = read(paragraph(run("Jetzt 8 Euro"), run(" statt 9 Euro", with_style("WegRot"))), styles=styles)
    assert text == "Jetzt 8 Euro\n"


def test_a_style_may_take_back_what_its_base_says_and_a_run_what_its_style_says() -> None:
    styles = style("Weg", GONE, kind="character") + style(
        "Da", '<w:rPr><w:strike w:val="0"/></w:rPr>', kind="character", based_on="Weg"
    )
    text = read(
        paragraph(run("eins ", with_style("Da")), run("zwei ", with_style("Weg") + '<w:strike w:val="false"/>')),
        styles=styles,
    )
    assert text == "eins zwei\n"


def test_a_paragraphs_style_strikes_its_runs_out_and_a_second_strike_takes_it_back() -> None:
    styles = style("Alt", GONE) + style("Durch", GONE, kind="character")
    text = read(
        paragraph(run("Vierzig."), properties=named("Alt")),
        paragraph(run("Fünfzig."), properties=""),
        paragraph(run("Sechzig.", with_style("Durch")), properties=named("Alt")),
        paragraph(run("Siebzig.", with_style("Durch") + "<w:strike/>"), properties=named("Alt")),
        styles=styles,
    )
    assert text == "Fünfzig.\n\nSechzig.\n"


def test_what_the_document_hides_by_default_only_a_run_shows() -> None:
    styles = f"<w:docDefaults><w:rPrDefault>{UNSEEN}</w:rPrDefault></w:docDefaults>{style('Alt', UNSEEN)}"
    text = read(
        paragraph(run("Nein."), properties=named("Alt")), paragraph(run("Ja.", '<w:vanish w:val="0"/>')), styles=styles
    )
    assert text == "Ja.\n"


def test_raised_letters_of_inherited_styles() -> None:
    styles = style("Hoch", UP, kind="character") + style("Zeichen", "", kind="character", based_on="Hoch")
    runs = run("Es kamen 250"), run("7", with_style("Zeichen")), run(" Gäste.")
    assert read(paragraph(*runs), styles=styles) == "Es kamen 250 [7] Gäste.\n"
    lowered = run("7", with_style("Zeichen") + '<w:vertAlign w:val="baseline"/>')
    assert read(paragraph(runs[0], lowered, runs[2]), styles=styles) == "Es kamen 2507 Gäste.\n"


def test_headings_by_level_and_by_the_style_they_are_based_on() -> None:
    outline = '<w:pPr><w:outlineLvl w:val="{}"/></w:pPr>'
    styles = (
        style("Kapitel", outline.format(1))
        + style("KapitelBlau", "", based_on="Kapitel")
        + style("Wie1", "", based_on="Heading1")
        + style("KeinKapitel", outline.format(9), based_on="Kapitel")
    )
    text = read(
        *(paragraph(run(name), properties=named(name)) for name in ("KapitelBlau", "Wie1", "KeinKapitel")),
        paragraph(run("Direkt"), properties='<w:outlineLvl w:val="2"/>'),
        styles=styles,
    )
    assert text == "## KapitelBlau\n\n# Wie1\n\nKeinKapitel\n\n### Direkt\n"


def test_items_of_lists_by_the_style_they_are_based_on() -> None:
    numbered = '<w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr>'
    styles = style("Liste", numbered) + style("ListeEng", "", based_on="Liste")
    none = named("ListeEng") + '<w:numPr><w:numId w:val="0"/></w:numPr>'
    text = read(
        paragraph(run("Ein Punkt"), properties=named("ListeEng")),
        paragraph(run("Keiner"), properties=none),
        styles=styles,
    )
    assert text == "- Ein Punkt\n\nKeiner\n"


def test_styles_that_are_based_on_each_other_end() -> None:
    styles = style("A", "", based_on="B") + style("B", "", based_on="A")
    assert read(paragraph(run("Da."), properties=named("A")), styles=styles) == "Da.\n"


def test_white_letters_of_a_style_are_read_on_a_ground_of_its_own_only() -> None:
    white = '<w:rPr><w:color w:val="FFFFFF"/></w:rPr>'
    styles = style("Weiss", white) + style("Band", '<w:pPr><w:shd w:val="clear" w:fill="000080"/></w:pPr>' + white)
    text = read(
        paragraph(run("Unsichtbar"), properties=named("Weiss")),
        paragraph(run("Titel"), properties=named("Band")),
        styles=styles,
    )
    assert text == "Titel\n"


@pytest.mark.parametrize(
    ("look", "headed"), [('w:firstRow="1"', True), ('w:val="04A0"', True), ('w:firstRow="0"', False)]
)
def test_a_tables_style_sets_off_its_first_row(look: str, *, headed: bool) -> None:
    part = '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr>'
    styles = style("Gitter", part, kind="table") + style("GitterBlau", "", kind="table", based_on="Gitter")
    text = read(
        table(
            row(cell("Ort"), cell("Rat")),
            row(cell("Auheim"), cell("Ida Roth")),
            properties=f'<w:tblStyle w:val="GitterBlau"/><w:tblLook {look}/>',
        ),
        styles=styles,
    )
    assert text == f"Ort | Rat\n\nAuheim | {'Rat: ' if headed else ''}Ida Roth\n"
