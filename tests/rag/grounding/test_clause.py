from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.clause import ELLIPSIS, SHORT, clause, marked_cuts, statements

TAIL = "und so weiter in vielen Worten, die nur dazu da sind, dass der ganze Satz am Ende länger als kurz ist"
TWO = f"Die Fähre nach Oland kostet seit Mai höchstens 12 Euro; der Bus fährt alle 30 Minuten {TAIL}."


def shown(text: str, words: str) -> str:
    return marked_cuts(text, *clause(text, text.index(words) + len(words)))


def test_what_follows_a_semicolon_is_left_out_of_a_long_sentence() -> None:
    assert shown(TWO, "12 Euro") == "Die Fähre nach Oland kostet seit Mai höchstens 12 Euro …"


def test_what_stands_before_is_kept_as_it_may_hold_for_all() -> None:
    assert shown(TWO, "30 Minuten") == TWO
    denial = (
        f"Der Sprecher bestritt, dass die Fähre stillgelegt worden sei; dass 14 Gäste verletzt wurden; dass {TAIL}."
    )
    assert shown(denial, "14 Gäste").startswith("Der Sprecher bestritt, dass")


@pytest.mark.parametrize(
    "text",
    [
        f"Falsch sind nach Ansicht des Amtes diese drei Sätze: Die Steuer steigt; die Rente sinkt um 5 Prozent; {TAIL}.",
        f"„Sie hatte 40 Euro gestohlen; das Amt wusste es; alle schwiegen“, sagte der Zeuge vor Gericht {TAIL}.",
    ],
)
def test_what_a_colon_or_quotation_marks_hold_together_is_not_cut(text: str) -> None:
    assert statements(text) == [(0, len(text))]


def test_a_short_sentence_is_shown_whole() -> None:
    text = "Die Fähre kostet 12 Euro; der Bus fährt alle 30 Minuten."
    assert len(text.split()) <= SHORT
    assert shown(text, "12 Euro") == text
    assert statements(text) == [(0, len(text))]


@pytest.mark.parametrize(
    "text",
    [
        f"Die Fähre nach Oland ist teuer; sie kostet seit Mai höchstens 12 Euro {TAIL}.",
        f"Der Rat lehnte den Tunnel ab; dies freute vor allem die Anwohner {TAIL}.",
        f"The ferry to Oland is dear; it costs 12 euros at most since May {TAIL}.",
    ],
)
def test_a_statement_that_points_back_stays_with_the_one_before_it(text: str) -> None:
    words = text[: text.index(";")].rsplit(maxsplit=1)[-1]
    assert shown(text, words) == text
    assert shown(text, text.split("; ")[1].split()[3]) == text


@pytest.mark.parametrize(
    "text",
    [
        f"Laut Prof. Anne Roth, die am 3. Institut für Moorkunde arbeitet, sinkt er ca. 4 cm im Jahr, z. B. hier, {TAIL}.",
        f"Der Verein, der am 3. Mai 1911 von Dr. h. c. Emil Vogt gegründet wurde, hat u. a. zwölf Abteilungen, {TAIL}.",
    ],
)
def test_commas_abbreviations_and_ordinals_are_no_seams(text: str) -> None:
    assert len(text.split()) > SHORT
    for word in text.split():
        assert shown(text, word) == text


def test_a_hedge_a_condition_and_a_negation_stay_with_the_answer() -> None:
    text = f"Der Neubau soll laut Plan voraussichtlich 2031 fertig sein, falls das Land zahlt, jedoch nicht vorher; {TAIL}."
    kept = shown(text, "2031")
    assert all(word in kept for word in ("soll", "laut", "voraussichtlich", "falls", "nicht"))
    assert kept.endswith(ELLIPSIS)


def test_a_semicolon_inside_a_token_is_no_seam() -> None:
    text = f"Der Wert a;b gilt für alle Felder der Tabelle {TAIL} {TAIL}."
    assert statements(text) == [(0, len(text))]


PIECES = st.sampled_from(
    [
        "Die Fähre",
        "kostet",
        "12 Euro",
        "; ",
        "sie",
        " ",
        ", ",
        "…",
        ".",
        "ca. ",
        "3. ",
        "dort",
        "\n",
        '"',
        "; dies ",
        "ä",
    ]
)
SENTENCES = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=90).map(" ".join))


@given(SENTENCES, st.data())
def test_what_is_shown_lies_in_the_sentence_and_holds_the_words(text: str, data: st.DataObject) -> None:
    words = [match.span() for match in re.finditer(r"\w+", text)] or [(0, len(text))]
    end = words[data.draw(st.integers(0, len(words) - 1))][1]
    begin, stop = clause(text, end)
    assert (begin, stop >= end, stop <= len(text)) == (0, True, True)


@given(SENTENCES, st.data())
def test_without_its_ellipses_what_is_shown_is_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    marked = marked_cuts(text, start, end)
    before, after = marked.startswith(f"{ELLIPSIS} "), marked.endswith(f" {ELLIPSIS}")
    candidates = {marked, marked.removeprefix(f"{ELLIPSIS} ")}
    candidates |= {one.removesuffix(f" {ELLIPSIS}") for one in candidates}
    assert text[start:end] in candidates
    if any(letter.isalnum() for letter in text[:start]):
        assert before
    if any(letter.isalnum() for letter in text[end:]):
        assert after
    assert marked_cuts(text, 0, len(text)) == text


@given(SENTENCES)
def test_statements_are_in_order_and_leave_only_seams_out(text: str) -> None:
    parts = statements(text)
    assert parts[0][0] == 0
    assert parts[-1][1] == len(text)
    for (_, end), (begin, _) in pairwise(parts):
        assert text[end:begin].strip() == ";"
