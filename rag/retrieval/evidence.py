"""Pick the sentences an answer may rest on, within a token budget."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.text.locale import alternatives
from rag.retrieval.doubles import said
from rag.retrieval.lead import continued_by, led_by
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.storage.reader import Index
    from rag.retrieval.hybrid import Scale
    from rag.types import Hit

# A sentence is scored by its own nearness to the question and, less, by its passage's: the passage shows
# what "das Unternehmen" refers to, the sentence shows where exactly the answer stands.
DENSE_WEIGHT = 0.4
LEXICAL_WEIGHT = 0.2
PASSAGE_WEIGHT = 0.4
# A share of its neighbours' scores is added: what a sentence leaves unsaid often stands there. Measured on 400 German
# questions over 240 Wikipedia paragraphs: the gold sentence is first for 0.820 (0.805 with weights 0.5, 0.25, 0.25 and
# no neighbours), among the first five for 0.978 (0.960).
NEIGHBOUR_WEIGHT = 0.1
# Each of this many best sentences brings in the next one if that refers back to it: it often continues the statement.
LEADERS = 4
# The model reads this many of the nearest sentences: a small model is misled by the text around them.
READ = 6
# This many are enough if the small reader has chosen them: for questions that it is unsure of, the answering sentence
# is among its first three as often as among the six nearest (own questions: 23 and 21 of 25; XQuAD: 39 and 40 of 40);
# and the length of the prompt determines the time of an answer.
READ_AFTER_READER = 3
# And at most this many characters, which only long sentences exceed: for 39 questions of XQuAD that it is unsure of,
# the longest three sentences have 981, and the answering sentence is read for 37 instead of 38; our own do not change.
CHARACTERS_AFTER_READER = 600
# A sentence that begins like this refers back to the one before it.
_LEANING = re.compile(
    rf"(?:{alternatives('references.leaning_prepositions')} )?{alternatives('references.leaning')}\b", re.IGNORECASE
)


def select(
    index: Index,
    hits: Sequence[Hit],
    question: str,
    vector: NDArray[np.float32],
    *,
    scale: Scale,
    count_tokens: Callable[[str], int],
    budget: int,
) -> tuple[EvidenceSentence, ...]:
    """
    Pick the best sentences of the hits.

    Parameters
    ----------
    index, hits
        The index, and the hits found in it.
    question, vector
        The question that the sentences should bear on, and its embedding.
    scale
        Maps cosines to the range 0 to 1.
    count_tokens
        Counts the tokens of a text.
    budget
        Most tokens of all sentences together; the best sentence is picked even if it alone has more.

    Returns
    -------
    Verbatim sentences: documents in order of their best sentence, the sentences of each in reading order. A sentence
    that several documents have in the same words is returned once, from the document with the best sentence.

    """
    asked = {term: index.lexical.weight(term) for term in index.lexical.query_terms(question)}
    total = sum(asked.values()) or 1.0
    scored: dict[tuple[str, int], EvidenceSentence] = {}
    before: dict[tuple[str, int], EvidenceSentence] = {}
    after: dict[tuple[str, int], EvidenceSentence] = {}
    for hit in hits:
        stored = index.chunks[hit.chunk_id]
        document = index.documents[hit.path]
        spans = stored.chunk.sentences
        texts = [document.text[span.start : span.end] for span in spans]
        held = [set(index.lexical.passage_terms(text)) for text in texts]
        own = [
            DENSE_WEIGHT * scale(float(row @ vector))
            + LEXICAL_WEIGHT * sum(weight for term, weight in asked.items() if term in held_here) / total
            for row, held_here in zip(index.sentence_rows(hit.chunk_id), held, strict=True)
        ]
        previous: EvidenceSentence | None = None
        for i, (span, text) in enumerate(zip(spans, texts, strict=True)):
            lent = NEIGHBOUR_WEIGHT * sum(own[max(0, i - 1) : i] + own[i + 1 : i + 2])
            score = min(1.0, hit.weight * (own[i] + lent) + PASSAGE_WEIGHT * hit.score)
            sentence = EvidenceSentence(hit.path, span.start, span.end, text, hit.title, score)
            scored[hit.path, span.start] = sentence
            if previous is not None:
                before[hit.path, span.start] = previous
                after[hit.path, previous.start] = sentence
            previous = sentence
    best_first = sorted(distinct(scored.values()), key=lambda s: (-s.score, s.path, s.start))
    kept = {(one.path, one.start) for one in best_first}
    before, after = ({key: one for key, one in of.items() if (one.path, one.start) in kept} for of in (before, after))

    def parts(sentence: EvidenceSentence) -> list[EvidenceSentence]:
        text = index.documents[sentence.path].text
        spans = led_by(index, sentence.path, sentence.start), continued_by(index, sentence.path, sentence.end)
        return [replace(sentence, start=s.start, end=s.end, text=text[s.start : s.end]) for s in spans if s is not None]

    picked = _within_budget(best_first, before, after, parts, count_tokens, budget)
    documents = list(dict.fromkeys(sentence.path for sentence in picked))
    return tuple(sorted(picked, key=lambda s: (documents.index(s.path), s.start)))


def leans(text: str) -> bool:
    """Tell whether a sentence begins with words that refer back to the one before it."""
    return bool(_LEANING.match(text))


def nearest(
    evidence: Sequence[EvidenceSentence], count: int, weights: Sequence[float] = (), *, characters: int | None = None
) -> tuple[EvidenceSentence, ...]:
    """
    Return the sentences nearest to the question and those that directly continue one of them, in their original order.

    Parameters
    ----------
    evidence
        Sentences to choose from.
    count
        Number of nearest sentences; continuing ones are added to these.
    weights
        One for each sentence, used instead of its nearness.
    characters
        Most characters that the nearest sentences together may have, None for any number; the first one is always
        chosen.

    """
    weights = weights or [one.score for one in evidence]
    ranked = sorted(range(len(evidence)), key=lambda i: (-weights[i], i))[:count]
    if characters is not None:
        lengths = itertools.accumulate(len(evidence[i].text) for i in ranked)
        ranked = ranked[: max(1, sum(length <= characters for length in lengths))]
    best = set(ranked)
    best |= {i for i in range(1, len(evidence)) if i - 1 in best and _goes_on(evidence[i - 1], evidence[i])}
    return tuple(sentence for i, sentence in enumerate(evidence) if i in best)


def merged(found: Sequence[Sequence[EvidenceSentence]]) -> tuple[EvidenceSentence, ...]:
    """Return the sentences found for several questions, each once, in the order that `Evidence` requires."""
    best: dict[tuple[str, int], EvidenceSentence] = {}
    for sentence in (one for evidence in found for one in evidence):
        known = best.get((sentence.path, sentence.start))
        if known is None or sentence.score > known.score:
            best[sentence.path, sentence.start] = sentence
    once = distinct(best.values())
    documents = list(dict.fromkeys(one.path for one in sorted(once, key=lambda one: (-one.score, one.path))))
    return tuple(sorted(once, key=lambda one: (documents.index(one.path), one.start)))


def _goes_on(sentence: EvidenceSentence, following: EvidenceSentence) -> bool:
    adjacent = sentence.path == following.path and 0 <= following.start - sentence.end <= 2
    return adjacent and leans(following.text)


def distinct(sentences: Iterable[EvidenceSentence]) -> list[EvidenceSentence]:
    """Return sentences, each wording once: if several documents have it, from the one with the best sentence."""
    best: dict[str, float] = {}
    same: dict[str, list[EvidenceSentence]] = {}
    for one in sentences:
        best[one.path] = max(best.get(one.path, 0.0), one.score)
        same.setdefault(said(one.text), []).append(one)
    return [min(group, key=lambda one: (-best[one.path], one.path, -one.score, one.start)) for group in same.values()]


def _within_budget(
    best_first: Sequence[EvidenceSentence],
    before: dict[tuple[str, int], EvidenceSentence],
    after: dict[tuple[str, int], EvidenceSentence],
    parts: Callable[[EvidenceSentence], list[EvidenceSentence]],
    count_tokens: Callable[[str], int],
    budget: int,
) -> list[EvidenceSentence]:
    picked: dict[tuple[str, int], EvidenceSentence] = {}
    left = budget
    for rank, sentence in enumerate(best_first):
        wanted = [sentence]
        leant_on = before.get((sentence.path, sentence.start))
        if leant_on is not None and leans(sentence.text):
            wanted.append(leant_on)
        follower = after.get((sentence.path, sentence.start))
        if rank < LEADERS and follower is not None and leans(follower.text):
            wanted.append(follower)
        wanted += parts(sentence)
        for one in wanted:
            key = one.path, one.start
            if key in picked:
                continue
            cost = count_tokens(one.text)
            if cost <= left or not picked:
                picked[key] = one
                left -= cost
    return list(picked.values())
