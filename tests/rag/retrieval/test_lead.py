"""The blocks of a document show what a sentence needs before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.lead import continued_by, led_by
from tests.rag.grounding.test_quotation import article, sentences

if TYPE_CHECKING:
    from index.types import Span


def leads(text: str, name: str = "a.md") -> dict[str, tuple[str | None, str | None]]:
    """Return for each sentence what leads it and what continues it."""
    index = article(text, name)
    whole = index.documents[name].text

    def said(span: Span | None) -> str | None:
        return None if span is None else whole[span.start : span.end]

    return {
        one.text: (said(led_by(index, name, one.start)), said(continued_by(index, name, one.end)))
        for one in sentences(index)
    }


def test_a_row_is_led_by_the_row_that_names_its_columns() -> None:
    found = leads("Preise:\n\n| Was | Preis |\n|---|---|\n| Kranich | 12 € |\n| Reiher | ~~3 €~~ 4 € |\n\nEnde.")
    header = "| Was | Preis |"
    assert found == {
        "Preise:": (None, None),
        header: (None, None),
        "| Kranich | 12 € |": (header, None),
        "| Reiher": (header, None),
        "4 €": (header, None),
        "Ende.": (None, None),
    }


@pytest.mark.parametrize("form", ["> {}", "- {}", "{}"])
def test_so_is_the_last_row_of_a_long_table_in_quotes_and_items_too(form: str) -> None:
    rows = ["| Was | Preis |", "|---|---|", *(f"| Ware {number} | {number} € |" for number in range(700))]
    mark = form.removesuffix("{}")
    rest = "  " if mark == "- " else mark
    text = f"# Liste\n\n{mark}" + f"\n{rest}".join(rows)
    found = leads(text)
    assert found["| Ware 699 | 699 € |"] == ("| Was | Preis |", None)


def test_what_follows_on_struck_out_words_is_led_by_the_beginning_of_its_sentence() -> None:
    found = leads("# Bad\n\nEs ist offen. Der Eintritt kostet ~~49 €~~ 59 €. Kinder zahlen 3 €.\n\n~~Alt.~~ Neu.")
    assert found == {
        "Bad": (None, None),
        "Es ist offen.": (None, None),
        "Der Eintritt kostet": (None, "59 €."),
        "59 €.": ("Der Eintritt kostet", None),
        "Kinder zahlen 3 €.": (None, None),
        "Neu.": (None, None),
    }


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_neither_is_so_in_other_files(name: str) -> None:
    texts = {
        "a.txt": "Der Eintritt kostet ~~49 €~~ 59 €.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "a.csv": "Was;Preis\nA;1\nB;2\n",
    }
    assert set(leads(texts[name], name).values()) == {(None, None)}


PIECES = st.sampled_from(
    [
        "Der Eintritt",
        " kostet ",
        "~~49 €~~",
        " 59 €",
        ". ",
        "\n\n",
        "**",
        "<!-- x -->",
        "| a | b |\n|---|---|\n",
        "| 1 |",
        "- ",
        "\n",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=30))
def test_what_leads_a_sentence_stands_before_it_and_what_goes_on_with_it_is_led_by_it(pieces: list[str]) -> None:
    text = "# Titel\n\n" + "".join(pieces)
    index = article(text)
    for one in sentences(index):
        lead, following = (led_by(index, "a.md", one.start), continued_by(index, "a.md", one.end))
        assert lead is None or lead.end <= one.start
        if following is not None:
            back = led_by(index, "a.md", following.start)
            assert back is not None
            assert back.end == one.end
