from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clause import ELLIPSIS, SHORT, clause, marked_cuts, opening, statements

TAIL = "und so weiter in vielen Worten, die nur dazu da sind, dass der ganze Satz am Ende länger als kurz ist"
TWO = f"Die Fähre nach Oland kostet seit Mai höchstens 12 Euro; der Bus fährt alle 30 Minuten {TAIL}."


def shown(text: str, words: str) -> str:
    start = text.index(words)
    return marked_cuts(text, *clause(text, start, start + len(words)))


def test_a_long_sentence_is_cut_at_its_semicolons() -> None:
    assert shown(TWO, "12 Euro") == "Die Fähre nach Oland kostet seit Mai höchstens 12 Euro …"
    assert shown(TWO, "30 Minuten") == f"… der Bus fährt alle 30 Minuten {TAIL}."


def test_words_on_both_sides_keep_both() -> None:
    assert shown(TWO, "12 Euro; der Bus") == TWO


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


@pytest.mark.parametrize(
    ("text", "needed", "expected"),
    [
        ("Der Imker Falk Rüter zog nach Bremen, weil er Ruhe suchte.", 20, "Der Imker Falk Rüter zog nach Bremen"),
        ("Der Imker Falk Rüter, 48, zog nach Bremen.", 20, "Der Imker Falk Rüter, 48, zog nach Bremen."),
        ("Weil er Ruhe suchte, zog Falk Rüter nach Bremen.", 3, "Weil er Ruhe suchte, zog Falk Rüter nach Bremen."),
        ("Eine Firma baut Boote, und die Werft Holm baut Masten, die hell sind.", 40, "Eine Firma baut Boote, und die Werft Holm baut Masten"),
        ("Rüter zog um (mit Bienen).", 5, "Rüter zog um"),
        ("", 0, ""),
    ],
)  # fmt: skip
def test_of_a_sentence_that_only_names_something_the_first_statement_is_enough(
    text: str, needed: int, expected: str
) -> None:
    assert text[: opening(text, needed)] == expected


@given(st.text(max_size=60), st.integers(0, 70))
def test_an_opening_has_what_is_needed(text: str, needed: int) -> None:
    end = opening(text, needed)
    assert min(needed, len(text)) <= end <= len(text)


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
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start, end = words[first][0], words[last][1]
    begin, stop = clause(text, start, end)
    assert 0 <= begin <= start <= end <= stop <= len(text)


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
