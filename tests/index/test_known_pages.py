"""Pages set with a browser, LaTeX and LibreOffice are read with few errors; see `bench/reading/pages.py`."""

from __future__ import annotations

import pytest

from bench.reading.pages import FOLDER, compared, measured, words
from tests.files import needs_files

MOST = 0.02  # share of a document's words that may be wrong


@needs_files
@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.pdf")))
def test_the_words_of_a_page_come_in_the_order_in_which_they_are_read(name: str) -> None:
    errors, _, _ = measured(name)
    assert errors.words > 100
    assert errors.rate <= MOST, f"{errors.wrong} of {errors.words} words are wrong"


def test_words_left_out_added_and_changed_are_counted() -> None:
    assert compared("eins zwei drei vier", "eins drei vier").wrong == 1
    assert compared("eins zwei drei vier", "eins zwei drei drei vier").wrong == 1
    assert compared("eins zwei drei vier", "eins zwo drei vier") == compared("a b c d", "a x c d")
    assert compared("eins zwei drei vier", "drei vier eins zwei").rate == 1.0


def test_signs_of_structure_are_no_words() -> None:
    assert words("# Preise\n\n- Ente | Preis: 3 €\n\n[1] Note") == ["Preise", "Ente", "Preis:", "3", "€", "1", "Note"]
