"""No character of a text can control a terminal, and JSON keeps every character."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CorpusError, RagError
from index.printable import escaped, held, json_escaped, lines, one_line

ANY = st.text(st.characters(codec=None))
# Control characters (C0 and C1), direction marks, overrides and isolates, line separators, tags and lone surrogates.
ACTING = [*map(chr, (*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F)), *map(chr, range(0x2028, 0x202F))]
ACTING += [*map(chr, range(0x2066, 0x2070)), "\ufff9", "\U000e0041", "\ud800", "\udfff"]


@pytest.mark.parametrize("sign", ACTING)
def test_each_is_shown_by_its_number(sign: str) -> None:
    for text in (escaped(f"a{sign}b"), one_line(f"a{sign}b")):
        assert sign not in text or text == "a b"
        assert text.isprintable()
    assert f"{ord(sign):x}" in escaped(sign)


def test_what_stands_in_german_texts_stays() -> None:
    text = "„Größe“ – 50 % von 1 000 € · CO₂ ﬁ e\u0301 Stadt\u00adbrücke 👩\u200d💻 «ça» שלום"
    assert escaped(text) == one_line(text) == lines(text) == text


@given(ANY)
def test_no_character_that_controls_or_reorders_is_left(text: str) -> None:
    for shown in (escaped(text), one_line(text)):
        categories = {unicodedata.category(sign) for sign in shown}
        assert not categories & {"Cc", "Cs", "Zl", "Zp"}
        assert not {unicodedata.bidirectional(sign) for sign in shown} & {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }
    left = {sign for sign in lines(text) if unicodedata.category(sign) == "Cc"}
    assert left <= {"\n", "\t"}


@given(ANY)
def test_json_is_exact_and_shows_nothing_that_acts(text: str) -> None:
    written = json_escaped(json.dumps({text: [text]}, ensure_ascii=False, indent=2))
    assert json.loads(written) == {text: [text]}
    assert written == lines(written)


def test_an_error_is_one_line_that_does_nothing_to_the_terminal() -> None:
    error = CorpusError("a\x1b]0;Titel\x07.md: broken\r\n  off.", hint="Rename \u202ea.md.")
    assert str(error) == r"a\x1b]0;Titel\x07.md: broken off. Rename \u202ea.md."
    assert isinstance(error, RagError)
    assert error.args == (error.message,)


def test_one_is_not_several() -> None:
    assert held(1, 1) == "1 article, 1 passage"
    assert held(0, 2) == "0 articles, 2 passages"
