"""The time to render an article and the sentences of an answer grows no faster than their length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Document, Metadata
from rag.types import AnswerSentence, Citation
from tests.growth import LONG, MIDDLING, SHORT, Shape, assert_ends, superlinear
from tests.index.test_linear import forget
from ui.render import articles, sentences
from ui.render.escaping import escape
from ui.render.texts import DE

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 20), st.integers(0, 20)))


def document(text: str) -> Document:
    return Document("a.md", text, Metadata("T", "", "", "de"), "x", "utf-8")


def article(text: str) -> object:
    spans = [articles.Span(f"c{number}", number, number + 40, text[number : number + 40]) for number in range(5)]
    found, missing = articles.relocate(text, spans)
    return articles.article_html(document(text), found, DE, missing=missing)


def moved_quotes(text: str) -> object:
    half = len(text) // 2
    return articles.relocate(
        text, [articles.Span("c0", 1, 9, text[half:]), articles.Span("c1", 1, half, f"{text[:half]}!")]
    )


def answer(text: str) -> object:
    size = len(text)
    emphasis = tuple((place, place + 1) for place in range(0, size, 3))
    sentence = AnswerSentence(text, 1.0, "kept", (0,), emphasis=emphasis)
    citation: Any = Citation("a.md", size - 1, size, text[-1:], "T", "x")
    return sentences.sentences_html([sentence, sentence], [citation], DE, {"a.md": document(text)})


QUICK: dict[str, Callable[[str], object]] = {
    "escape": escape,
    "body": articles.body_start,
    "quotes that have moved": moved_quotes,
}
SLOW: dict[str, Callable[[str], object]] = {"article": article, "answer": answer}


@pytest.mark.parametrize("name", QUICK)
def test_a_long_text_is_shown_soon(name: str) -> None:
    assert_ends(QUICK[name], before=forget)


@pytest.mark.parametrize("name", SLOW)
def test_a_long_page_is_made_soon(name: str) -> None:
    assert_ends(SLOW[name], before=forget, size=MIDDLING if name == "answer" else LONG)


@pytest.mark.growth
@pytest.mark.parametrize("name", QUICK)
def test_a_text_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    assert superlinear(QUICK[name], before=forget, longest=LONG) == []


@pytest.mark.growth
@pytest.mark.parametrize("name", SLOW)
def test_a_page_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    assert superlinear(SLOW[name], before=forget, longest=SHORT if name == "answer" else MIDDLING) == []


def test_many_marks_in_a_long_text_are_not_multiplied() -> None:
    def marked(text: str) -> object:
        marks = {f"e{place}": (place, place + 10) for place in range(0, len(text), 20)}
        return articles.split_at_marks(0, len(text), marks)

    assert_ends(marked, shapes=[Shape("marks", "a")])


def test_marks_that_cover_everything_do_not_multiply_a_text_of_headings() -> None:
    text = "# a\n" * 2_000
    marks = {f"e{number}": (0, len(text)) for number in range(500)}
    html = articles.article_html(document(text), marks, DE)
    assert len(html) < 100 * len(text)
    assert 'data-marks="e0 e1' in html


@given(SPANS, st.integers(0, 10), st.integers(10, 20))
def test_pieces_adjoin_and_carry_the_marks_that_cover_them(
    marks: dict[str, tuple[int, int]], start: int, end: int
) -> None:
    pieces = articles.split_at_marks(start, end, marks)
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert not pieces or (pieces[0].start, pieces[-1].end) == (start, end)
    for piece in pieces:
        covering = [key for key, (low, high) in marks.items() if low <= piece.start and piece.end <= high]
        assert list(piece.marks) == covering
        assert not any(piece.start < border < piece.end for span in marks.values() for border in span)
