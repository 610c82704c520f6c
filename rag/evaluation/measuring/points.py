"""Tell which key points of an open question an answer covers, and how many of its sentences cover one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from index.text.stems import stem, stop_words
from rag.evaluation.measuring import metrics as figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import KeyPoint, Question
    from rag.types import Answer, AnswerSentence, EvidenceSentence

    Span = tuple[str, int, int]
    Share = tuple[float, float]

RECALL = "key_point_recall"
PRECISION = "sentence_precision"
TALK = "talk_failure_rate"
_HALF = 0.5
_SIX_TENTHS = (6, 10)  # as a fraction: 3 of 5 stems are enough, which 0.6 * 5 may miss by rounding


def covers(sentence: AnswerSentence, answer: Answer, point: KeyPoint, spans: Sequence[Span]) -> bool:
    """
    Tell whether a shown sentence covers a key point.

    It does if it cites at least half of the characters of one of the point's quotes, contains one of its answers as
    whole tokens in a row, or has six tenths of the content stems of one of its quotes.

    Parameters
    ----------
    sentence, answer
        A sentence, and the answer that it is part of.
    point
        The key point.
    spans
        Places of its quotes: path, start and end in code points.

    """
    cited = [answer.citations[number] for number in sentence.citations]
    return _covers(sentence.text, [(one.path, one.start, one.end) for one in cited], point, spans)


def alone_covers(sentence: EvidenceSentence, point: KeyPoint, spans: Sequence[Span]) -> bool:
    """Tell whether a sentence of an article would cover a key point if it were shown; see `covers`."""
    return _covers(sentence.text, [(sentence.path, sentence.start, sentence.end)], point, spans)


def covered(question: Question, answer: Answer, spans: Sequence[Sequence[Span]]) -> tuple[tuple[bool, ...], Share]:
    """
    Return which key points an answer covers, and the share of its shown sentences that cover one.

    Parameters
    ----------
    question
        The question, with key points.
    answer
        The answer; an abstention shows nothing.
    spans
        Places of the quotes of each key point, in the order of the key points.

    Returns
    -------
    tuple[tuple[bool, ...], Share]
        For each key point whether it is covered; then the number of sentences that cover one, and of all sentences.

    """
    shown = [] if answer.abstained else [one for one in answer.sentences if one.status != "withdrawn"]
    table = [
        [covers(sentence, answer, point, places) for point, places in zip(question.key_points, spans, strict=True)]
        for sentence in shown
    ]
    found = tuple(any(row[number] for row in table) for number in range(len(question.key_points)))
    return found, (float(sum(any(row) for row in table)), float(len(table)))


def by_kind(metric: str, kind: str) -> str:
    """Return the name of a metric that is restricted to questions of one kind."""
    return f"{metric}/{kind}"


def _covers(text: str, cited: Sequence[Span], point: KeyPoint, spans: Sequence[Span]) -> bool:
    if any(_is_half(span, cited) for span in spans) or any(figures.contains(text, wanted) for wanted in point.answers):
        return True
    given = _content(text)
    return any(_has_most(given, _content(quote.quote)) for quote in point.quotes)


def _is_half(span: Span, cited: Sequence[Span]) -> bool:
    path, start, end = span
    # Citations may overlap each other, so characters are counted once.
    within = sorted((max(start, a), min(end, b)) for name, a, b in cited if name == path and a < end and start < b)
    reached, shared = start, 0
    for a, b in within:
        shared += max(0, b - max(a, reached))
        reached = max(reached, b)
    return shared >= math.ceil(_HALF * (end - start)) > 0


def _content(text: str) -> frozenset[str]:
    return frozenset(stem(token) for token in figures.tokens(text) if token not in stop_words())


def _has_most(given: frozenset[str], wanted: frozenset[str]) -> bool:
    part, whole = _SIX_TENTHS
    return bool(wanted) and len(given & wanted) * whole >= len(wanted) * part
