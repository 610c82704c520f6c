"""Compute what a question's result rests on."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from rag.evaluation.traces import Basis, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.evaluation.measuring.outcomes import Case
    from rag.evaluation.traces import Trace


def basis_of(case: Case, trace: Trace, documents: Mapping[str, str]) -> Basis:
    """
    Return what the result of a question rests on.

    Parameters
    ----------
    case
        The question as it was asked.
    trace
        What happened while it was answered.
    documents
        Digest of each file, by path.

    """
    question, answer = case.question, case.answer
    passages = [(one.id, one.title, one.text) for one in question.passages]
    asked = digest(question.question, question.history, question.filter, question.kind, passages)
    points = [astuple(point) for point in question.key_points]
    golds = [question.answers, question.answers_all, question.forbidden, question.gold_quotes, points]
    wanted = digest(question.answerable, question.sources, question.gold_spans, question.injection, golds)
    evidence = () if answer is None else tuple(sorted(answer.evidence, key=lambda sentence: -sentence.score))
    paths = {*question.sources, *(one.path for one in evidence)}
    paths |= set() if answer is None else {one.path for one in answer.citations}
    return Basis(
        asked,
        wanted,
        "" if answer is None else answer.kind,
        {path: documents[path] for path in sorted(paths) if path in documents},
        tuple((one.path, one.start, one.end) for one in evidence),
        "" if answer is None else digest(answer.abstained, answer.text),
        trace,
    )
