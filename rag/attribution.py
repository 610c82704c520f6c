"""
Find the characters of the sources that carry a sentence of an answer, and say how far they do.

The language model is not asked: each sentence is aligned with the evidence by what it claims, its
numbers, names and content words. In the terms of Rashkin et al., "Measuring Attribution in Natural
Language Generation Models" (2023), this checks "attributable to identified sources" sentence by sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.lexical import stem, stop_words, words
from rag.language import detect
from rag.paraphrase import is_paraphrase, same_meaning
from rag.polarity import turned_round
from rag.quantities import is_numeral, quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from rag.types import EvidenceSentence

    Similarity = Callable[[str, Sequence[EvidenceSentence]], list[float]]

MOST_CITATIONS = 3
# What a claim weighs. Words of the question are repeated by nearly every answer and prove little.
NAME_WEIGHT = 3.0
NOUN_WEIGHT = 2.0
WORD_WEIGHT = 1.0
ASKED_FACTOR = 0.25
# A sentence with a number or a code name that no cited passage holds is wrong, however well the rest fits.
CAP_MISSING_NUMBER = 0.2
CAP_MISSING_NAME = 0.4
# So is one that denies what its source says.
CAP_TURNED_ROUND = 0.3
# Of everything a sentence says, what it repeats of the question included, this share must be carried for there to be
# any support: what the question takes for granted is not true because it was asked.
GROUNDED = 0.3
# A further passage is cited only for a share of the claims worth a reader's look.
WORTH_CITING = 0.15

_CODE = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[^\W\d_])\w+|(?<!\w)\w*[^\W\d_a-zäöüß]\w*[^\W\d_a-zäöüß]\w*(?!\w)")
# Acronyms that are other letters in German; the form of either language counts.
_GERMAN_FORM = {"ai": "ki", "un": "uno", "us": "usa", "gdp": "bip", "vat": "mwst", "phd": "dr"}
_CAPITALISED = re.compile(r"(?<!\w)[^\W\d_a-zäöüß][^\W\d_]+(?!\w)")


@dataclass(frozen=True, slots=True)
class Claims:
    """
    What a sentence claims.

    Parameters
    ----------
    weights
        Content stems and what each weighs.
    names
        Code names and acronyms as a whole ("h20", "smic"), see `code_names`: they must be carried.
    numbers
        Values of its numbers: they must be carried.
    asked
        Those of its stems that the question has too; their weight is without discount.
    asked_numbers
        Values that the question has too, where there are others: they count for what is grounded alone.

    """

    weights: dict[str, float]
    names: frozenset[str]
    numbers: frozenset[Fraction]
    asked: frozenset[str] = frozenset()
    asked_numbers: frozenset[Fraction] = frozenset()

    def weight(self, term: str) -> float:
        """Return what a stem weighs as a claim beyond the question."""
        return self.weights[term] * (ASKED_FACTOR if term in self.asked else 1.0)


@dataclass(frozen=True, slots=True)
class Attribution:
    """
    How far the evidence carries a sentence.

    Parameters
    ----------
    support
        From 0 to 1.
    sources
        Indices of the evidence sentences that do, the one that carries most first.
    telling
        Whether they carry anything that the question does not say already.

    """

    support: float
    sources: tuple[int, ...]
    telling: bool = False


def code_names(text: str) -> frozenset[str]:
    """
    Return the code names and acronyms of a text: casefolded, without the s of a genitive, in their German form.

    H20 is not H200, but AI is KI.
    """
    return frozenset(_bare(match.group()) for match in _CODE.finditer(text))


def _bare(name: str) -> str:
    folded = name.casefold()
    bare = folded[:-1] if len(folded) > 3 and folded.endswith("s") else folded
    return _GERMAN_FORM.get(bare, bare)


def claims(text: str, *, question: str = "") -> Claims:
    """Take a sentence apart into what it claims beyond the question."""
    asked = frozenset(stem(word) for word in words(question))
    names = code_names(text)
    parts = {stem(part) for match in _CODE.finditer(text) for part in words(match.group())}
    nouns = {stem(match.group().casefold()) for match in _CAPITALISED.finditer(text)}
    said = quantities(text, detect(text))
    weights: dict[str, float] = {}
    for word in words(text):
        # The value of a number counts, not its spelling; "Milliarden" without a number is a word like others.
        if word in stop_words() or (said and is_numeral(word)) or word.replace(",", "").replace(".", "").isdigit():
            continue
        term = stem(word)
        weights[term] = NAME_WEIGHT if term in parts else NOUN_WEIGHT if term in nouns else WORD_WEIGHT
    asked_numbers = quantities(question, detect(question)) if question else frozenset()
    new = said - asked_numbers or said
    return Claims(weights, names, new, asked & weights.keys(), said - new)


def attribute(
    sentence: str,
    evidence: Sequence[EvidenceSentence],
    *,
    question: str = "",
    similarity: Similarity | None = None,
) -> Attribution:
    """
    Align a sentence with the evidence that carries it.

    Parameters
    ----------
    sentence
        One sentence of an answer.
    evidence
        What it may rest on.
    question
        What was asked; its words count little.
    similarity
        Nearness in meaning of the sentence to each evidence sentence, 0 to 1. Used where their languages
        differ, so that content words cannot be compared, and where the sentence is in words of its own, which may
        all stand in the source and yet say something else.

    Returns
    -------
    Support, and at most three evidence sentences, the one that carries most first.

    """
    if not evidence:
        return Attribution(0.0, ())
    claimed = claims(sentence, question=question)
    language = detect(sentence)
    crossing = [detect(one.text) != language for one in evidence]
    near = similarity(sentence, evidence) if similarity is not None and any(crossing) else [0.0] * len(evidence)
    carried = [_carried(claimed, one.text, near[i] if crossing[i] else None) for i, one in enumerate(evidence)]

    chosen: list[int] = []
    support = 0.0
    covered: set[str] = set()
    named: set[str] = set()
    numbers: set[Fraction] = set()
    while len(chosen) < MOST_CITATIONS:
        gains = []
        for i, (stems, values, meaning, names) in enumerate(carried):
            if i in chosen:
                continue
            gain = _share(claimed, covered | stems, numbers | values) - _share(claimed, covered, numbers)
            if not chosen:
                gain = max(gain, meaning)
            needed = bool((claimed.names & names) - named or (claimed.numbers & values) - numbers)
            gains.append((gain, needed, evidence[i].score, -i))
        best = max(gains, default=None)
        if best is None or best[0] <= 0 or (chosen and best[0] < WORTH_CITING and not best[1]):
            break
        chosen.append(-best[3])
        covered |= carried[-best[3]][0]
        numbers |= carried[-best[3]][1]
        named |= carried[-best[3]][3]
    if not chosen:
        return Attribution(0.0, ())
    grounded = (_grounded(claimed, covered, numbers) - GROUNDED) / (1 - GROUNDED)
    support = max([min(_share(claimed, covered, numbers), grounded), *(carried[i][2] for i in chosen), 0.0])
    sources = [evidence[i] for i in chosen]
    if similarity is not None and not any(crossing[i] for i in chosen):
        support *= _alike(sentence, sources, similarity)
    if claimed.numbers - numbers:
        support = min(support, CAP_MISSING_NUMBER)
    if claimed.names - named:
        support = min(support, CAP_MISSING_NAME)
    if turned_round(sentence, [evidence[i].text for i in chosen if not crossing[i]]):
        support = min(support, CAP_TURNED_ROUND)
    asked_numbers = quantities(question, detect(question)) if question else frozenset()
    # In another language nothing is covered word by word; but what only repeats the question tells nothing there either.
    crosses = any(crossing[i] for i in chosen) and bool(claimed.weights.keys() - claimed.asked)
    telling = bool(covered - claimed.asked or numbers - asked_numbers or crosses)
    return Attribution(min(1.0, support), tuple(chosen), telling)


def _alike(sentence: str, sources: Sequence[EvidenceSentence], similarity: Similarity) -> float:
    texts = [source.text for source in sources]
    if not is_paraphrase(sentence, texts):
        return 1.0
    together = [replace(sources[0], text=" ".join(texts))] if len(sources) > 1 else []
    return same_meaning(max(similarity(sentence, [*sources, *together])))


def _carried(claimed: Claims, text: str, meaning: float | None) -> tuple[set[str], set[Fraction], float, set[str]]:
    held = {stem(word) for word in words(text)}
    stems = {term for term in claimed.weights if any(same(term, other) for other in held)}
    held_numbers = (claimed.numbers | claimed.asked_numbers) & quantities(text, detect(text))
    return stems, set(held_numbers), meaning or 0.0, names_in(text)


def names_in(text: str) -> set[str]:
    """Return all tokens of a source in the form of `code_names`."""
    # A name may be written without capitals ("Metax", "MetaX"), so every token of the source counts.
    return {_bare(token) for token in re.findall(r"\w+", text)}


def same(term: str, other: str) -> bool:
    """Tell whether one stem is the other or stands in it."""
    # German joins words: "Chip" stands in "Chipproduktion", and "Produktion" of the answer in it too.
    return (
        term == other
        or (len(term) >= 4 and term in other)
        or (len(other) >= 5 and other in term and len(other) * 2 >= len(term))
    )


def _share(claimed: Claims, stems: set[str], numbers: set[Fraction]) -> float:
    """Return the share of what the sentence claims beyond the question that is carried."""
    total = sum(claimed.weight(term) for term in claimed.weights) + NAME_WEIGHT * len(claimed.numbers)
    held = sum(claimed.weight(term) for term in stems) + NAME_WEIGHT * len(claimed.numbers & numbers)
    return held / total if total else 0.0


def _grounded(claimed: Claims, stems: set[str], numbers: set[Fraction]) -> float:
    """Return the share of everything the sentence says that is carried."""
    said = claimed.numbers | claimed.asked_numbers
    total = sum(claimed.weights.values()) + NAME_WEIGHT * len(said)
    held = sum(claimed.weights[term] for term in stems) + NAME_WEIGHT * len(said & numbers)
    return held / total if total else 0.0
