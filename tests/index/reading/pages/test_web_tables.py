from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files import INSTALLED, make_html

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from index.reading.extraction.web import page as web

FILLER = "".join(
    f"<p>Im Ort Auheim wurde im Jahr {year} viel gebaut, und der Rat sprach lange darüber.</p>"
    for year in range(1990, 2000)
)


def read(body: str, *, article: bool = False) -> str:
    """Return the text read from a page. With ``article``, the library that extracts articles is involved."""
    page = f"<main><article><h1>Nachrichten</h1>{FILLER}{body}{FILLER}</article></main>" if article else body
    return web.extract(make_html(page)).text


@pytest.mark.parametrize("article", [False, True])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Es kamen 250<sup>3</sup> Gäste.</p>", "Es kamen 250 [3] Gäste."),
        ("<p>Es kamen <b>250</b><sup>3</sup> Gäste.</p>", "Es kamen 250 [3] Gäste."),
        ("<p>Es kamen <b>250<sup>3</sup></b> Gäste.</p>", "Es kamen 250 [3] Gäste."),
        ("<p>Es kamen 250<sup><a href='#n3'>[3]</a></sup> Gäste.</p>", "Es kamen 250 [3] Gäste."),
        ("<p>Es kamen 250<span style='vertical-align: super'>3</span> Gäste.</p>", "Es kamen 250 [3] Gäste."),
        ("<p>Das Beet misst 40 m<sup>2</sup> und 10<sup>6</sup> Keime.</p>", "Das Beet misst 40 m² und 10⁶ Keime."),
        ("<p>Der Bus kostet <s>3</s> 4 Euro.</p>", "Der Bus kostet 4 Euro."),
        ("<p>Der Bus kostet <del>3</del> <ins>4</ins> Euro.</p>", "Der Bus kostet 4 Euro."),
        ("<p>Der Bus kostet <span style='text-decoration:line-through'>3</span> 4 Euro.</p>", "Der Bus kostet 4 Euro."),
        (
            "<p>Es gilt <math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></math>.</p>",
            "Es gilt x²=a/b.",
        ),
    ],
)
def test_raised_and_struck_out_letters_and_formulas(body: str, text: str, *, article: bool) -> None:
    assert text in read(body, article=article)


PRICES = (
    "<table><caption>Preise</caption><thead><tr><th>Karte</th><th>Kind</th><th>Senior</th></tr></thead><tbody>"
    "<tr><td>Tag</td><td></td><td>7,50 €</td></tr><tr><td rowspan=2>Woche</td><td>11 €</td><td>19 €</td></tr>"
    "<tr><td colspan='2'>auch am Abend</td></tr></tbody></table>"
)


@pytest.mark.parametrize("article", [False, True])
def test_each_row_of_a_table_can_be_read_alone(*, article: bool) -> None:
    text = read(PRICES, article=article)
    begin = text.index("Preise")
    assert text[begin:].strip().split("\n\n")[:5] == [
        "Preise",
        "Karte | Kind | Senior",
        "Tag | Senior: 7,50 €",
        "Woche | Kind: 11 € | Senior: 19 €",
        "Woche | Kind / Senior: auch am Abend",
    ]


def test_a_table_that_lays_out_a_page_is_text() -> None:
    long = "Ein langer Absatz, der nur in einer Zelle steht, weil die Seite alt ist. " * 5
    text = read(f"<table><tr><td>{long}</td><td>{long}</td></tr><tr><td>{long}</td><td>{long}</td></tr></table>")
    assert "|" not in text
    assert text.count("Ein langer Absatz") == 20


def test_a_table_within_a_table_is_one_of_its_own() -> None:
    text = read(
        "<table><tr><td><p>Links.</p></td><td><table><tr><th>A</th><th>B</th></tr><tr><td>x</td><td>1</td></tr></table></td></tr></table>"
    )
    assert text.split("\n\n") == ["Links.", "A | B", "x | B: 1\n"]


def test_the_characters_of_a_table_put_aside_cannot_be_written_by_a_page() -> None:
    mark, end = "\U0010fff0", "\U0010fff1"
    assert read(f"<p>Vorn {mark}0{mark} hinten{end}.</p>{PRICES}").startswith("Vorn 0 hinten.\n\nPreise\n\n")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["td", "th"]), st.integers(-1, 4), st.integers(-1, 4)), max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_no_cell_is_lost(rows: list[list[tuple[str, int, int]]]) -> None:
    markup, names = "", []
    for i, row in enumerate(rows):
        markup += "<tr>"
        for j, (tag, columns, down) in enumerate(row):
            names.append(f"zelle{i}x{j}")
            markup += f'<{tag} colspan="{columns}" rowspan="{down}">{names[-1]}</{tag}>'
        markup += "</tr>"
    text = read(f"<p>Anfang.</p><table>{markup}</table><p>Ende.</p>")
    assert all(name in text for name in names)
    assert text.startswith("Anfang.")
    assert text.endswith("Ende.\n")


@pytest.mark.parametrize("look", ["text-decoration:line-through", "visibility:hidden", "width:0"])
def test_a_cell_that_is_struck_out_or_hidden_keeps_its_place(look: str) -> None:
    head = "<tr><th>Ware</th><th>Alt</th><th>Neu</th></tr>"
    text = read(f"<table>{head}<tr><td>Apfel</td><td style='{look}'>3</td><td>4</td></tr></table>")
    assert "Neu: 4" in text
    assert ("Alt: 3" in text) == (look == "width:0")


def test_a_cell_that_takes_no_place_is_gone() -> None:
    text = read(
        "<table><tr><th>A</th><th>B</th></tr><tr><td style='display:none'>x</td><td>1</td><td>2</td></tr></table>"
    )
    assert text.endswith("A: 1 | B: 2\n")


def test_rows_stand_in_the_order_of_head_and_foot() -> None:
    text = read(
        "<table><tfoot><tr><td>Summe<td>3</tfoot><thead><tr><th>Ware<th>Preis</thead><tr><td>A<td>1<tr><td>B<td>2</table>"
    )
    assert text.strip().split("\n\n") == ["Ware | Preis", "A | Preis: 1", "B | Preis: 2", "Summe | Preis: 3"]


def test_a_page_within_a_form_and_an_articles_header_are_read() -> None:
    assert read(f"<form><h1>Rathaus</h1>{FILLER}<input value='Suche'></form>").startswith("# Rathaus\n\nIm Ort")
    lead = "<header><h1>Umbau</h1><p>Der Umbau kostet 80 Millionen Euro, sagt der Rat.</p></header>"
    text = read(f"<article>{lead}{FILLER}</article>")
    assert "Der Umbau kostet 80 Millionen Euro" in text
    assert text.count("Umbau") == 2


def test_a_footnote_at_the_foot_of_a_page_is_no_part_of_its_first_figure() -> None:
    assert read("<p><sup>1</sup>12 Prozent der Befragten</p>") == "[1] 12 Prozent der Befragten\n"
