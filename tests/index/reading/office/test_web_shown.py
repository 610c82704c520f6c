"""Web pages are read as a browser shows them: style sheets, repeated content, numbered lists, description lists."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files import INSTALLED, make_html

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from index.reading.extraction.list_numbers import letters, roman
from index.reading.extraction.web import page as web
from index.reading.extraction.web.styles import rules
from tests.index.reading.pages.test_web_tables import FILLER


def read(body: str, head: str = "", *, article: bool = False) -> str:
    """Return the text read from a page. With ``article``, the library that extracts articles is involved."""
    page = f"<main><article><h1>Nachrichten</h1>{FILLER}{body}{FILLER}</article></main>" if article else body
    return web.extract(make_html(page, head=head)).text


@pytest.mark.parametrize(
    ("sheet", "struck"),
    [
        (".alt{text-decoration:line-through}", True),
        ("span.alt { color: red; text-decoration-line : line-through }", True),
        (".preis .alt{text-decoration: red line-through}", True),
        ("p > span.alt{text-decoration:line-through}", True),
        ("div > .alt{text-decoration:line-through}", False),
        (".alt{text-decoration:line-through} p .alt{text-decoration:none}", False),
        (".alt{text-decoration:line-through !important} p .alt{text-decoration:none}", True),
        ("p .alt{text-decoration:line-through} .alt{text-decoration:underline}", True),
        ("@media screen{.alt{text-decoration:line-through}}", True),
        ("@media print{.alt{text-decoration:line-through}}", False),
        ("@charset 'utf-8'; @import url(x.css); .alt{text-decoration:line-through}", True),
        (".neu{text-decoration:line-through}", False),
        (".alt:hover{text-decoration:line-through}", False),
        (".alt{&:hover{text-decoration:line-through}}", False),
    ],
)
def test_a_sheet_strikes_out(sheet: str, *, struck: bool) -> None:
    text = read("<p class='preis'><span class='alt'>70</span> 55 Euro</p>", f"<style>{sheet}</style>")
    assert text == ("55 Euro\n" if struck else "70 55 Euro\n")


@pytest.mark.parametrize(
    ("sheet", "up"),
    [
        (".fn{vertical-align:super}", True),
        (".fn{vertical-align:0.4em;font-size:60%}", True),
        (".fn{vertical-align:2px}", False),
        ("sup{vertical-align:super}", False),
    ],
)
def test_a_sheet_raises_letters(sheet: str, *, up: bool) -> None:
    text = read("<p>Es kamen 250<span class='fn'>3</span> Gäste.</p>", f"<style>{sheet}</style>")
    assert text == ("Es kamen 250 [3] Gäste.\n" if up else "Es kamen 2503 Gäste.\n")


def test_a_rule_of_a_sheet_does_not_undo_what_the_element_says() -> None:
    text = read(
        "<p><b class='a' style='text-decoration:none'>70</b></p>", "<style>.a{text-decoration:line-through}</style>"
    )
    assert text == "70\n"


OUT_OF_SIGHT = "<style>.sr-only,.katex-mathml{position:absolute;clip:rect(0,0,0,0)}</style>"
FORMULA = "<math><semantics><msup><mi>c</mi><mn>2</mn></msup><annotation>{c^2}</annotation></semantics></math>"


@pytest.mark.parametrize("article", [False, True])
@pytest.mark.parametrize("head", ["", OUT_OF_SIGHT])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<span aria-hidden='true'>5<sup>99</sup> €</span><span class='sr-only'>5,99 €</span>", "5,99 €"),
        ("<span class='sr-only'>5,99 €</span><span>5,99 €</span>", "5,99 €"),
        ("<svg aria-hidden='true'></svg><span class='sr-only'>enthalten</span>", "enthalten"),
        ("<i class='icon'></i><span class='visually-hidden'>enthalten</span>", "enthalten"),
        ("<i>enthalten</i><span class='sr-only'> (siehe unten)</span>", "enthalten"),
        (f"<span><span style='display:none'>{FORMULA}</span><img src='x.svg' alt='c'></span>", "c²"),
        (f"<span class='katex'><span class='katex-mathml'>{FORMULA}</span><span class='katex-html' aria-hidden='true'>c2</span></span>", "c²"),
        (f"<mjx-container><svg></svg><mjx-assistive-mml style='clip:rect(0,0,0,0)'>{FORMULA}</mjx-assistive-mml></mjx-container>", "c²"),
        (f"<span hidden>{FORMULA}</span>nichts", "nichts"),
    ],
)  # fmt: skip
def test_what_is_shown_twice_is_read_once(body: str, text: str, head: str, *, article: bool) -> None:
    assert f"Dies ist {text} heute." in read(f"<p>Dies ist {body} heute.</p>", head, article=article)


def test_names_of_columns_out_of_sight_are_read() -> None:
    table = "<table><tr><th><span class='sr-only'>Ort</span></th><th class='sr-only'>Gäste</th></tr><tr><td>Auheim<td>5</table>"
    assert read(table, OUT_OF_SIGHT) == "Ort | Gäste\n\nAuheim | Gäste: 5\n"


@pytest.mark.parametrize("article", [False, True])
@pytest.mark.parametrize(
    ("body", "items"),
    [
        ("<ol><li>a</li><li>b</li></ol>", ["1. a", "2. b"]),
        ("<ol start='7'><li>a<li>b</ol>", ["7. a", "8. b"]),
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        ("<ol type='A'><li>a<li value='27'>b<li>c</ol>", ["A. a", "AA. b", "AB. c"]),
        ("<ol style='list-style-type: lower-roman'><li>a<li>b</ol>", ["i. a", "ii. b"]),
        ("<ol style='list-style: none'><li>a<li>b</ol>", ["a", "b"]),
        ("<ol><li><p>a</p></li><li><b>b</b> und</li></ol>", ["1. a", "2. b und"]),
        ("<ol><li>a<ol type=a><li>b</ol><li>c</ol>", ["1. a", "a. b", "2. c"]),
        ("<ul><li>a<li>b</ul>", ["a", "b"]),
    ],
)
def test_items_have_the_numbers_that_a_browser_shows(body: str, items: list[str], *, article: bool) -> None:
    found = [
        line[2:] for line in read(f"<p>Die Liste:</p>{body}", article=article).split("\n") if line.startswith("- ")
    ]
    assert found == items


def test_the_path_through_a_site_is_no_numbered_list() -> None:
    assert read("<ol class='breadcrumb'><li>Start<li>Amt</ol>") == "- Start\n- Amt\n"


def test_a_sheet_says_how_items_are_numbered() -> None:
    text = read("<ol class='k'><li>a<li>b</ol>", "<style>ol.k{list-style-type:upper-roman}</style>")
    assert text == "- I. a\n- II. b\n"


TABLE = "<table><tr><th>Ort<th>Gäste<tr><td>Auheim<td>5</table>"


@pytest.mark.parametrize("article", [False, True])
@pytest.mark.parametrize(
    "around",
    [
        "<ul><li>Hier: {}</li></ul>",
        "<dl><dt>Hier:</dt><dd>{}</dd></dl>",
        "<details><summary>Hier:</summary>{}</details>",
    ],
)
def test_a_table_within_an_item_or_a_fold_is_a_table(around: str, *, article: bool) -> None:
    assert "Hier:\n\nOrt | Gäste\n\nAuheim | Gäste: 5\n" in read(around.format(TABLE), article=article)


@pytest.mark.parametrize("article", [False, True])
def test_a_list_of_names_keeps_each_value_with_its_name(*, article: bool) -> None:
    text = read(
        "<dl><dt>Preis</dt><dd>5 €</dd><div><dt>Farben</dt><dd>rot</dd><dd>blau</dd></div></dl>", article=article
    )
    assert "Preis | 5 €\n\nFarben | rot | blau" in text


def test_a_list_of_names_and_long_texts_stays_a_text() -> None:
    long = (
        "Ein Bescheid ist ein Schreiben, das sagt, was eine Behörde entschieden hat, und das man anfechten kann. " * 2
    )
    text = read(f"<dl><dt>Bescheid</dt><dd>{long}</dd></dl>")
    assert "|" not in text
    assert [line.removeprefix("- ") for line in text.split("\n") if line] == ["Bescheid", long.strip()]


def test_a_table_in_a_cell_of_a_table_with_headings_stands_behind_it() -> None:
    inner = "<table><tr><th>Tag<th>Zeit<tr><td>Mo<td>9 Uhr</table>"
    text = read(
        f"<table><tr><th>Ort<th>Rat<th>Gäste<tr><td>Auheim<td>Ida {inner} Roth<td>5<tr><td>Talheim<td>Uwe<td>6</table><p>Ende.</p>"
    )
    assert text.split("\n\n") == [
        "Ort | Rat | Gäste",
        "Auheim | Rat: Ida Roth | Gäste: 5",
        "Talheim | Rat: Uwe | Gäste: 6",
        "Tag | Zeit",
        "Mo | Zeit: 9 Uhr",
        "Ende.\n",
    ]


def test_columns_beyond_the_last_that_is_read_are_said() -> None:
    wide = "".join(f"<td>{number}" for number in range(203))
    assert "<!-- not read: the columns of a table after the first 200" in read(f"<table><tr>{wide}<tr>{wide}</table>")


LINKS = "".join(f"<li><a href='/x/{number}'>Amt Nummer {number}</a></li>" for number in range(12))
HOURS = "".join(f"<h3>Amt {number}</h3><ul><li>Mo 9-12</li><li>Di 9-12</li></ul>" for number in range(10))


@pytest.mark.parametrize(
    ("body", "block"),
    [
        (f"<h1>Ämter</h1><p>Hier sind alle.</p><ul>{LINKS}</ul><p>Stand: Mai.</p>", "\n- Amt Nummer 3\n"),
        (f"<h1>Zeiten</h1>{HOURS}", "### Amt 3\n\n- Mo 9-12\n"),
    ],
)
def test_a_short_page_of_lists_keeps_its_blocks(body: str, block: str) -> None:
    assert block in read(body)


@pytest.mark.parametrize(("number", "text"), [(1, "a"), (26, "z"), (27, "aa"), (28, "ab"), (0, "0"), (703, "aaa")])
def test_letters_count_on(number: int, text: str) -> None:
    assert letters(number) == text


@given(st.integers(1, 3999))
def test_roman_numerals_say_their_number(number: int) -> None:
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
    figures = [values[sign] for sign in roman(number)]
    assert sum(-one if one < after else one for one, after in zip(figures, [*figures[1:], 0], strict=True)) == number


@settings(max_examples=200)
@given(st.text(alphabet="a.{}:;@/* \n", max_size=60))
def test_any_sheet_is_read(sheet: str) -> None:
    assert all(selector and "{" not in declarations for selector, declarations in rules(sheet))
