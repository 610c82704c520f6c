"""Judge the answers of one system: plain functions of the lines that worker.py wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from rag.evaluation.measuring.metrics import tokens
from rag.evaluation.measuring.outcomes import is_correct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.evaluation.types import Question

# A citation points at the gold passage if both share this many words in a row, or all words of the shorter one.
SHARED_WORDS = 5
# Phrases, German and English, which say that the sources do not hold the answer; the same for all systems. If a library
# has a sign of its own (LlamaIndex's "Empty Response", this project's `abstained`), that counts as well.
ABSTENTIONS = (
    r"\b(?:nicht|kein(?:e|en|er|em|es)?)\b[^.!?]{0,80}\b(?:enthalten|enthält|erwähn\w+|angegeben|genannt|gefunden"
    r"|bekannt|beantwort\w+|hervor|informationen?|angaben?|hinweise?|antwort)\b"
    r"|\b(?:weiß|wissen)\b[^.!?]{0,20}\bnicht\b"
    r"|(?:\bnot|n['’]t|\bno|\bnone)\b[^.!?]{0,80}\b(?:mention\w*|contain\w*|provid\w*|state\w*|specif\w*"
    r"|information|helpful|found|answer\w*|know|enough|indicat\w*)\b"
)
_ABSTAINS = re.compile(ABSTENTIONS, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one system; None if there was nothing to measure."""

    asked: int
    retrieval_ms: float | None
    first_token_s: float | None
    total_s: float | None
    first_token_processor_s: float | None
    processor_s: float | None
    prompt_tokens: float | None
    answer_contains: float | None
    by_document: float | None
    by_span: float | None
    cited_words: float | None
    with_citation: float | None
    false_answer_rate: float | None
    false_abstention_rate: float | None


def abstains(record: Mapping[str, Any]) -> bool:
    """Tell whether an answer says, by the library's sign or in words, that the sources do not hold it."""
    return bool(record["abstained"]) or not record["text"].strip() or bool(_ABSTAINS.search(record["text"]))


def points_at(cited: str, gold: str) -> bool:
    """Tell whether a cited text and a gold passage share `SHARED_WORDS` words in a row, or all of the shorter one."""
    one, other = tokens(cited), tokens(gold)
    width = min(SHARED_WORDS, len(one), len(other))
    return width > 0 and not _runs(one, width).isdisjoint(_runs(other, width))


def judge(questions: Sequence[Question], records: Iterable[Mapping[str, Any]]) -> Figures:
    """Return the figures of one system over the questions that it has answered."""
    answered = {record["id"]: record for record in records}
    pairs = [(question, answered[question.id]) for question in questions if question.id in answered]
    good = [(question, record) for question, record in pairs if question.answerable]
    bad = [record for question, record in pairs if not question.answerable]
    given = [(question, record) for question, record in good if not abstains(record)]
    cited = [(question, one) for question, record in given for one in record["citations"]]
    written = [record for _, record in pairs if record["first_token_seconds"] is not None]
    return Figures(
        asked=len(pairs),
        retrieval_ms=_median(1000 * record["retrieval_seconds"] for _, record in pairs),
        first_token_s=_median(record["first_token_seconds"] for record in written),
        total_s=_median(record["total_seconds"] for _, record in pairs),
        first_token_processor_s=_median(_noted(written, "first_token_processor_seconds")),
        processor_s=_median(_noted((record for _, record in pairs), "processor_seconds")),
        prompt_tokens=_median(record["prompt_tokens"] for _, record in pairs),
        # Judged on what is shown, whether or not it also sounds like an abstention.
        answer_contains=_share(is_correct(question, record["text"]) for question, record in good),
        by_document=_share(one["document"] in question.sources for question, one in cited),
        by_span=_share(any(points_at(one["text"], gold) for gold in question.gold_quotes) for question, one in cited),
        cited_words=_median(len(tokens(one["text"])) for _, one in cited),
        with_citation=_share(bool(record["citations"]) for _, record in given),
        false_answer_rate=_share(not abstains(record) for record in bad),
        false_abstention_rate=_share(abstains(record) for _, record in good),
    )


def _runs(words: Sequence[str], width: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + width]) for start in range(len(words) - width + 1)}


def _noted(records: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    """Return the values of a figure that older results may lack: processor time was added after the first trial."""
    return [record[name] for record in records if name in record]


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(median(found)) if found else None


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None
