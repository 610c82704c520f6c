"""Every analysis of the index takes time in proportion to the length of its text, whatever the text is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.markup import front_matter, structure, tables
from index.reading import decoding, documents
from index.reading.extraction.writer import clean
from index.segmenting import chunking
from index.storage.lexical import LexicalIndex
from index.syncing import sync
from index.text import cldr, normal_forms, numerals, sentences, spelling, stems, written_dates
from index.text.compounds import CompoundSplitter
from index.types import Document, Metadata
from tests.growth import (
    LONG,
    MIDDLING,
    RATHER_LONG,
    SHAPES,
    Shape,
    assert_ends,
    at_most,
    superlinear,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LEXICAL = LexicalIndex.build(["Die Fertigung der Chips kostet 5 Euro.", "Eine Halle für Schuhe in Köln.", "a b 1"])


def forget() -> None:
    """Empty the caches, so that each text is analysed from the start."""
    cached = (
        normal_forms._looked_up,
        normal_forms._terms_of,
        stems._stemmed,
        numerals.spelled_out,
        numerals.counted,
        numerals.decade,
        front_matter._block,
        structure.of_text,
    )
    for function in cached:
        function.cache_clear()


def document(text: str, path: str) -> Document:
    return Document(path, text, Metadata("T", "", "", "de"), "x", "utf-8")


def split_compound(text: str) -> object:
    return CompoundSplitter({"chip": 5, "fertigung": 3}).split(text)


QUICK: dict[str, Callable[[str], object]] = {
    "comparable": spelling.comparable,
    "composed": spelling.composed,
    "folded": spelling.folded,
    "stem": stems.stem,
    "digits": numerals.digits,
    "spelled_out": numerals.spelled_out,
    "counted": numerals.counted,
    "decade": numerals.decade,
    "times": lambda text: numerals.times(text, 1000),
    "is_row": tables.is_row,
    "compounds": split_compound,
    "words": normal_forms.words,
    "sentences": sentences.split,
    "front_matter": documents.front_matter,
    "iso_date": written_dates.iso_date,
    "language_code": cldr.language_code,
    "decode": lambda text: decoding.decode(text.encode()),
    "clean": clean,
}
# These also measure functions that they call: `normal_forms.analysed` in "build", `cleaning.citable` in "chunk".
SLOW: dict[str, Callable[[str], object]] = {
    "parse": lambda text: documents.parse(text.encode(), "a.md"),
    "build": lambda text: LexicalIndex.build([text]),
    "scores": LEXICAL.scores,
    "ceiling": LEXICAL.ceiling,
    "chunk": lambda text: chunking.chunk(document(text, "a.md")),
    "chunk plain text": lambda text: chunking.chunk(document(text, "a.txt")),
}


@pytest.mark.parametrize("name", QUICK)
def test_a_long_text_is_read_soon(name: str) -> None:
    assert_ends(QUICK[name], before=forget)


# Chunking has its own test, `segmenting.test_chunking.test_long_runs_come_to_an_end`.
@pytest.mark.parametrize("name", ["parse", "build", "scores", "ceiling"])
def test_a_long_document_is_read_soon(name: str) -> None:
    assert_ends(SLOW[name], before=forget, size=RATHER_LONG)


@pytest.mark.growth
@pytest.mark.parametrize("name", QUICK)
def test_a_text_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    assert superlinear(QUICK[name], before=forget, longest=LONG) == []


@pytest.mark.growth
@pytest.mark.parametrize("name", SLOW)
def test_a_document_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    assert superlinear(SLOW[name], before=forget, longest=MIDDLING) == []


def test_a_folder_with_all_files_renamed_is_compared_once() -> None:
    def renamed(text: str) -> None:
        count = len(text) // 10
        loaded = [Document(f"neu/{n}.md", "", Metadata("T", "", "", "de"), f"{n}", "utf-8") for n in range(count)]
        plan = sync._plan(loaded, {f"{n}.md": str(n) for n in reversed(range(count))})
        assert len(plan.renamed) == count
        assert not plan.added
        assert not plan.removed

    assert_ends(renamed, shapes=[Shape("files", "a")])


def test_what_takes_too_long_fails() -> None:
    def endless(text: str) -> None:
        while text:
            pass

    with pytest.raises(pytest.fail.Exception, match="1 characters of a: not done"), at_most(0.05, "1 characters of a"):
        endless("a")


@pytest.mark.growth
def test_what_is_quadratic_is_found() -> None:
    def compares_all(text: str) -> int:
        return sum(one == other for one in text for other in text[:200])

    def compares_with_all(text: str) -> int:
        return sum(text.count(letter) for letter in text)

    shape = Shape("a", "ab")
    assert superlinear(compares_all, shapes=[shape], longest=MIDDLING) == []
    (found,) = superlinear(compares_with_all, shapes=[shape], longest=MIDDLING)
    assert found.startswith("a: 1")


def test_shapes_have_about_the_size_asked_for() -> None:
    for shape in SHAPES:
        around = len(shape.head) + len(shape.tail)
        assert 0.5 * 10_000 < len(shape.text(10_000)) - around < 1.5 * 10_000, shape.name
