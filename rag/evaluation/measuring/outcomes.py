"""Judge one question's ranking and answer against the gold of its set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.evaluation.measuring import metrics as figures
from rag.evaluation.measuring.injection import is_steered
from rag.evaluation.measuring.points import PRECISION, RECALL, TALK, by_kind, covered
from rag.evaluation.measuring.reliability import CONFIDENCE
from rag.evaluation.types import CheckedCitation, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import Cause, Question
    from rag.types import Answer, EvidenceSentence

Share = tuple[float, float]
_ENOUGH = 0.5  # share of the key points that an answer to an open question needs to be right


@dataclass(frozen=True, slots=True)
class Case:
    """
    A question that has been asked.

    Parameters
    ----------
    question
        The case of the set, with ``sources`` as paths of the index.
    ranked
        Distinct documents, best first.
    answer
        The answer; None in a run of retrieval alone.
    gold
        Places of the gold passages: path, start, end.
    points
        Places of the quotes of each key point, in the order of the key points.

    """

    question: Question
    ranked: tuple[str, ...]
    answer: Answer | None = None
    gold: tuple[tuple[str, int, int], ...] = ()
    points: tuple[tuple[tuple[str, int, int], ...], ...] = ()


def judge(case: Case) -> Outcome:
    """Return the outcome of a question, with its share in each metric."""
    question, answer = case.question, case.answer
    shares: dict[str, Share] = {}
    if question.answerable and question.sources:
        shares |= {name: (value, 1.0) for name, value in figures.ranking(case.ranked, question.sources).items()}
    outcome = Outcome(
        question.id,
        question.question,
        question.answerable,
        question.gold or tuple(point.label for point in question.key_points),
        question.sources,
        case.ranked[:10],
        cause=_cause(case),
        shares=shares,
        kind=question.kind,
    )
    if answer is None:
        return outcome
    citations = tuple(
        CheckedCitation(
            one.path, one.start, one.end, one.quote, is_right((one.path, one.start, one.end), case, one.also)
        )
        for one in answer.citations
    )
    evidence = sorted(answer.evidence, key=lambda sentence: -sentence.score)
    found, _ = covered(question, answer, case.points)
    return replace(
        outcome,
        answer=answer.text,
        abstained=answer.abstained,
        generated=answer.generated,
        correct=_is_right_answer(case, answer),
        evidence=tuple(sentence.text for sentence in evidence),
        citations=citations,
        support=tuple(sentence.support for sentence in answer.sentences),
        shares=shares | _answer_shares(case, answer, citations),
        samples=_samples(answer, evidence),
        extractive=_extractive(case, evidence),
        key_points=tuple((point.label, one) for point, one in zip(question.key_points, found, strict=True)),
    )


def is_correct(question: Question, text: str) -> bool:
    """Tell whether a text contains what the set expects; an abstention contains nothing."""
    if not text or any(figures.contains(text, unwanted) for unwanted in question.forbidden):
        return False
    # If only wrong answers are known, any other answer is right.
    return _holds(question, text) if question.gold else bool(question.forbidden)


def is_right(place: tuple[str, int, int], case: Case, also: Sequence[str] = ()) -> bool:
    """
    Tell whether a cited place is right.

    Parameters
    ----------
    place
        Path, start and end.
    case
        The question. If it has gold passages, the place must overlap one of them; otherwise it must lie in a source.
    also
        Other documents that say the same in the same words.

    """
    cited, begin, end = place
    if not case.gold:
        return not {cited, *also}.isdisjoint(case.question.sources)
    return any(cited == path and begin < stop and start < end for path, start, stop in case.gold)


def _is_right_answer(case: Case, answer: Answer) -> bool:
    """Tell whether an answer is right; for an open question, whether it covers half of the key points."""
    question = case.question
    if question.key_points and not question.judges_answers:
        found, _ = covered(question, answer, case.points)
        return sum(found) >= _ENOUGH * len(found)
    return is_correct(question, "" if answer.abstained else answer.text)


def _open_shares(case: Case, answer: Answer) -> dict[str, Share]:
    found, precision = covered(case.question, answer, case.points)
    if not found:
        return {}
    shares: dict[str, Share] = {RECALL: (float(sum(found)), float(len(found)))}
    if not answer.abstained:
        shares[PRECISION] = precision
    return shares | {by_kind(name, case.question.kind): share for name, share in shares.items()}


def _holds(question: Question, text: str) -> bool:
    if question.answers_all:
        return all(figures.contains(text, wanted) for wanted in question.answers_all)
    return any(figures.contains(text, wanted) for wanted in question.answers)


def _in_evidence(question: Question, answer: Answer) -> bool:
    return _holds(question, " ".join(sentence.text for sentence in answer.evidence))


def _f1(question: Question, text: str) -> float:
    if not text:
        return 0.0
    golds = [" ".join(question.answers_all)] if question.answers_all else question.answers
    return max((figures.f1(text, gold) for gold in golds), default=0.0)


def _answer_shares(case: Case, answer: Answer, citations: Sequence[CheckedCitation]) -> dict[str, Share]:
    question = case.question
    text = "" if answer.abstained else answer.text
    shares: dict[str, Share] = {}
    if not answer.abstained:
        shares["share_generated"] = (float(answer.generated), 1.0)
        # A translation is marked as words that no source carries.
        shown = [sentence for sentence in answer.sentences if sentence.wording == "source"]
        verbatim = sum(figures.is_verbatim(sentence, answer.citations) for sentence in shown)
        shares["share_verbatim"] = (float(verbatim), float(len(shown)))
    if question.kind in {"", "fact"} and not question.seeks_nothing:
        shares["likely_shown"] = (float(bool(answer.likely)), 1.0)
    if answer.likely:
        shares["likely_confirmed"] = (float(figures.is_confirmed(answer)), 1.0)
    if question.injection:
        shares["injection_success_rate"] = (float(is_steered(answer, question)), 1.0)
    if question.kind == "talk" and question.seeks_nothing:
        return {TALK: (float(answer.abstained or bool(answer.citations)), 1.0)}
    if question.seeks_nothing:
        return {}
    if not question.answerable:
        return shares | {"false_answer_rate": (float(not answer.abstained), 1.0)}
    shares |= _open_shares(case, answer)
    shares["false_abstention_rate"] = (float(answer.abstained), 1.0)
    if question.judges_answers:
        shares["answer_contains"] = (float(is_correct(question, text)), 1.0)
    if question.gold:
        shares["evidence_recall"] = (float(_in_evidence(question, answer)), 1.0)
        shares["answer_f1"] = (_f1(question, text), 1.0)
    if not answer.abstained and (case.gold or question.sources):
        # What is shown only because a sentence refers back to it is not cited for the answer.
        said = {number for sentence in answer.sentences if sentence.role == "answer" for number in sentence.citations}
        lent = {number for sentence in answer.sentences for number in sentence.citations} - said
        judged = [citation for number, citation in enumerate(citations) if number not in lent]
        right = sum(citation.right for citation in citations)
        shares["citation_precision"] = (float(sum(citation.right for citation in judged)), float(len(judged)))
        shares["citation_precision_with_context"] = (float(right), float(len(citations)))
        shares["citation_recall"] = (float(right > 0), 1.0)
    return shares


def _samples(answer: Answer, evidence: Sequence[EvidenceSentence]) -> dict[str, float]:
    samples = {"first_evidence_ms": answer.timings.first_evidence_ms, "total_ms": answer.timings.total_ms}
    if answer.timings.first_useful_ms is not None:
        samples["first_useful_ms"] = answer.timings.first_useful_ms
    if answer.timings.first_token_ms is not None:
        samples["first_token_ms"] = answer.timings.first_token_ms
    if answer.confidence is not None:
        samples[CONFIDENCE] = answer.confidence
    if not answer.abstained:
        samples["answer_tokens"] = float(len(figures.tokens(answer.text)))
    if evidence:
        samples["extractive_answer_tokens"] = float(len(figures.tokens(evidence[0].text)))
    return samples


def _extractive(case: Case, evidence: Sequence[EvidenceSentence]) -> dict[str, Share]:
    """Return the shares of the baseline that always quotes the best evidence sentence."""
    question = case.question
    best = evidence[0] if evidence else None
    if question.seeks_nothing:
        return {}
    if not question.answerable:
        return {"false_answer_rate": (float(best is not None), 1.0)}
    text = best.text if best else ""
    shares: dict[str, Share] = {"false_abstention_rate": (float(best is None), 1.0)}
    if question.judges_answers:
        shares["answer_contains"] = (float(is_correct(question, text)), 1.0)
    if question.gold:
        shares["answer_f1"] = (_f1(question, text), 1.0)
    if best is not None and (case.gold or question.sources):
        right = float(is_right((best.path, best.start, best.end), case))
        shares["citation_precision"] = shares["citation_recall"] = (right, 1.0)
    return shares


def _cause(case: Case) -> Cause | None:
    question, answer = case.question, case.answer
    if question.seeks_nothing:
        if question.kind == "other" or answer is None:
            return None
        return "wrongly_abstained" if answer.abstained else "wrong_citation" if answer.citations else None
    if not question.answerable:
        return "wrongly_answered" if answer is not None and not answer.abstained else None
    retrieved = not question.sources or bool(set(question.sources) & set(case.ranked[:10]))
    if answer is None:
        return None if retrieved else "not_retrieved"
    judged = question.judges_answers or bool(question.key_points)
    if not answer.abstained and (not judged or _is_right_answer(case, answer)):
        cited = any(is_right((one.path, one.start, one.end), case, one.also) for one in answer.citations)
        return "wrong_citation" if question.sources and not cited else None
    if not retrieved:
        return "not_retrieved"
    if question.gold and not _in_evidence(question, answer):
        return "not_selected"
    if not answer.abstained:
        return "wrong_answer"
    # Either a draft was written and failed, or the check before it refused.
    return "not_answered" if answer.timings.first_token_ms is not None else "wrongly_abstained"
