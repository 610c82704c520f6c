"""Every analysis of a question, a draft and a sentence takes time in proportion to its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.text import language, sentences
from index.types import Span
from rag import prompts
from rag.exploring import overview, suggestions
from rag.grounding import anchoring, answerability, attribution, clause, context, other_values, pointing
from rag.query import condense as conversation
from rag.query import decompose as decomposition
from rag.query import filters, follow_up
from rag.retrieval import doubles, evidence, unread
from rag.retrieval import recency as dates
from rag.types import EvidenceSentence, Query
from tests.growth import HOSTILE, LONG, MIDDLING, SHORT, Shape, assert_ends, superlinear
from tests.index.test_linear import forget

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCE = "Der Chip kostet 49 Euro a 1 Ab."
ENDLESS = 10**9


def found(text: str, path: str = "a.md", start: int = 0) -> EvidenceSentence:
    return EvidenceSentence(path, start, start + len(text), text, "T", 0.5)


def split(text: str) -> list[EvidenceSentence]:
    return [found(text[span.start : span.end], start=span.start) for span in sentences.split(text)]


def context_of_last(text: str) -> object:
    spans = sentences.split(text)
    return context.context(text, spans[-1], spans[:-1], question="Was kostet der Chip von Huawei in Köln?")


def context_for(question: str) -> object:
    text = "Die Brücke ist neu. Sie ist schön."
    return context.context(text, Span(20, 34), [Span(0, 19)], question=question)


def value_in(text: str) -> object:
    ours = found(SENTENCE)
    return other_values.other_value(
        ours, ((0, len(SENTENCE)),), [ours, found(text, "b.md")], question=text, texts={"a.md": SENTENCE, "b.md": text}
    )


def draft_in(text: str, others: list[EvidenceSentence]) -> object:
    return anchoring.anchor(text, others, question="Was kostet der Chip?")


QUICK: dict[str, Callable[[str], object]] = {
    "content words": follow_up.content_words,
    "question": lambda text: conversation.condense(text, (), max_chars=ENDLESS),
    "history": lambda text: conversation.condense("Und wann?", [(text, text)] * 3, max_chars=1000),
    "long history": lambda text: conversation.condense("Und wann?", [("A?", "B.")] * len(text), max_chars=1000),
    "decompose": lambda text: decomposition.decompose(Query(text, text, "de")),
    "pointers": pointing.pointers,
    "is_row and clause": lambda text: clause.clause(text, len(text) // 2),
    "marked cuts": lambda text: clause.marked_cuts(text, len(text) // 2, len(text) // 2 + 1),
    "settled beginning": lambda text: anchoring.settled_beginning(text, "Wer?"),
    "statements with values": other_values._statements,
    "leans": evidence.leans,
    "what a sentence says": doubles.said,
    "a dateline": lambda text: doubles.said(f"AUHEIM (dpa/{text}"),
    "unread part": lambda text: unread.in_words(text, "de"),
    "unread attachment": lambda text: unread.in_words(f"attachment {text}", "de"),
    "unread sheet": lambda text: unread.in_words(f"the rows of the sheet {text} after the first 7: too man", "de"),
    "dates": dates.asks_for_newest,
    "language": language.detect,
    "script": language.is_latin,
    "filter": filters.folded,
    "prompt": lambda text: prompts.prefix(Query("Und?", text, "de", ((text, text),)), [found(text)]),
    "suggestions": lambda text: suggestions.suggest([("a.md", 0, len(text), text)]),
}
SLOW: dict[str, Callable[[str], object]] = {
    "follow-up": follow_up.is_follow_up,
    "follow-up without words of its own": lambda text: follow_up.is_follow_up(f"Ist es {text}, dass es die sie ihr"),
    "context of a text": context_of_last,
    "context for a question": context_for,
    "long draft": lambda text: draft_in(text, [found(SENTENCE)]),
    "long sentence": lambda text: draft_in(SENTENCE, [found(text)]),
    "many sentences": lambda text: draft_in(SENTENCE, split(text)),
    "draft as long as the sentence": lambda text: draft_in(text, [found(text)]),
    "emphasis": lambda text: anchoring.words_that_answer(text, text, question="Wer?"),
    "second place": lambda text: anchoring.second_place(
        text, anchoring.Anchor(0, 0, 5, 0.5), [found(SENTENCE), found(text, "b.md")], question="Wer?"
    ),
    "other value": value_in,
    "attribution": lambda text: attribution.attribute(text, [found(text)]),
    "coverage": lambda text: answerability._coverage(text, [found(text)]),
    "suggestions of a document": lambda text: suggestions.suggest(
        (one.path, one.start, one.end, one.text) for one in split(text)
    ),
    "topics": lambda text: overview._topics([text], np.zeros(1, dtype=np.int64)),
}


@pytest.mark.parametrize("name", QUICK)
def test_a_long_text_is_read_soon(name: str) -> None:
    assert_ends(QUICK[name], before=forget)


@pytest.mark.parametrize("name", SLOW)
def test_what_is_long_is_compared_soon(name: str) -> None:
    assert_ends(SLOW[name], before=forget, shapes=HOSTILE, size=LONG)


@pytest.mark.growth
@pytest.mark.parametrize("name", QUICK)
def test_a_text_four_times_as_long_takes_about_four_times_as_long(name: str) -> None:
    assert superlinear(QUICK[name], before=forget, longest=MIDDLING) == []


@pytest.mark.growth
@pytest.mark.parametrize("name", SLOW)
def test_what_is_compared_takes_about_four_times_as_long_where_it_is_so_long(name: str) -> None:
    assert superlinear(SLOW[name], before=forget, longest=SHORT) == []


@pytest.mark.growth
@pytest.mark.parametrize("unit", ["dabei ", "dies ", "es ", "die ", "ihr ", "steht es um ", "it takes "])
def test_a_first_clause_and_a_rest_of_the_same_length_are_not_multiplied(unit: str) -> None:
    shape = Shape(unit, unit, tail=", ")
    assert superlinear(lambda text: pointing.pointers(text + text), shapes=[shape]) == []
    assert superlinear(lambda text: follow_up.is_follow_up(text + text), shapes=[shape], longest=MIDDLING) == []
