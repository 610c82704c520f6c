"""Prompts for the language model."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from index.text.locale import each
from rag.inference.generation.chat_tokens import flat
from rag.inference.protocol import Message
from rag.limits import PROMPT_EARLIER_ANSWER, PROMPT_EARLIER_QUESTION, PROMPT_QUESTION, PROMPT_TEXT
from rag.query.condense import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence, Query

_TEXT = "Text"
_SYSTEM = each("prompts.system")
ANSWER = each("prompts.answer")
CONFIRM = each("prompts.confirm")
TRANSLATE = each("prompts.translate")
YES_OR_NO = {language: (yes, each("prompts.no")[language]) for language, yes in each("prompts.yes").items()}
_QUESTION = each("prompts.question")
_EARLIER = each("prompts.earlier_question")
_EARLIER_ANSWER = each("prompts.earlier_answer")


def prefix(query: Query, evidence: Sequence[EvidenceSentence]) -> list[Message]:
    """
    Return the conversation up to and including the question; `answer` or `confirm` completes it.

    The model reads the texts once and is asked two things about them. No example is given, because small
    models copy examples; no citation is asked for, because they make them up; and abstaining is not offered,
    because they do it half of the time when the answer is there: whether it is there is asked separately.
    """
    return [Message("system", _SYSTEM[query.language]), Message("user", _texts_and_question(query, evidence))]


def answer(query: Query) -> str:
    """Return the ending that asks for the answer."""
    return f"\n\n{ANSWER[query.language]}"


def confirm(query: Query) -> str:
    """Return the ending that asks, for a one-word reply, whether the texts hold the answer."""
    return f"\n\n{CONFIRM[query.language]}"


def translation(texts: Sequence[str], language: str) -> list[Message]:
    """Return a complete conversation that asks for a translation of sentences of a source into ``language``."""
    return [
        Message("system", TRANSLATE[language]),
        Message("user", f"{_TEXT}: {' '.join(flat(text) for text in texts)[:PROMPT_TEXT]}"),
    ]


def _texts_and_question(query: Query, evidence: Sequence[EvidenceSentence]) -> str:
    # Best first: a small model trusts what it reads first.
    language = query.language
    lines = [f"{_TEXT}:", *(f"- {passage}" for passage in _passages(evidence)), ""]
    if query.standalone != query.question and query.history and not query.context:
        # Two questions in a row would both be answered, so the earlier one is given as context, with its answer.
        question, answer = query.history[-1]
        lines.append(f"{_EARLIER[language]}: {cut(flat(question), PROMPT_EARLIER_QUESTION)}")
        lines.append(f"{_EARLIER_ANSWER[language]}: {flat(answer)[:PROMPT_EARLIER_ANSWER]}")
        lines.append(f"{_QUESTION[language]}: {flat(query.question)[:PROMPT_QUESTION]}")
    else:
        lines.append(f"{_QUESTION[language]}: {flat(query.standalone)[:PROMPT_QUESTION]}")
    return "\n".join(lines)


def _passages(evidence: Sequence[EvidenceSentence]) -> list[str]:
    # Adjacent sentences stay together: "Zu ihren Mitgliedern zählen" says nothing on its own.
    runs: list[list[EvidenceSentence]] = []
    for sentence in evidence:
        last = runs[-1][-1] if runs else None
        if last is not None and last.path == sentence.path and 0 <= sentence.start - last.end <= 2:
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    runs.sort(key=lambda run: -max(sentence.score for sentence in run))
    passages: list[str] = []
    left = PROMPT_TEXT
    for run in runs:
        passage = " ".join(flat(sentence.text) for sentence in run)[:left]
        if passage:
            passages.append(passage)
            left -= len(passage)
    return passages


def fingerprint() -> str:
    """Return a digest of everything the prompts are made of."""
    parts = (_SYSTEM, _TEXT, _QUESTION, _EARLIER, _EARLIER_ANSWER, ANSWER, CONFIRM, TRANSLATE, YES_OR_NO)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
