"""Make German sentences that a passage carries, and others that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.text.sentences import split
from training.drawing.examples import Example, Pair, carry
from training.drawing.variants import false_variants, fused, true_variants
from training.texts.passages import SIZES, window, without_sentence

if TYPE_CHECKING:
    from random import Random


def carried_and_not(passage: str, rng: Random) -> Example | None:
    """
    Make a sentence that a German passage carries and one that it does not.

    Parameters
    ----------
    passage
        German prose.
    rng
        Makes all choices.

    Returns
    -------
    Example | None
        A ``carry`` with two pairs, the carried one first; None where no sentence can be changed.

    """
    shown = window(passage, size=rng.choice(SIZES), rng=rng)
    spans = split(shown.text)
    usable = [i for i, span in enumerate(spans) if 40 <= span.end - span.start <= 350]
    if not usable:
        return None
    chosen = rng.choice(usable)
    sentence = _prose(shown.text[spans[chosen].start : spans[chosen].end])
    trues = true_variants(sentence)
    right = rng.choice(trues).text if trues and rng.random() < 0.75 else sentence
    if rng.random() < 0.12 and (copies := without_sentence(shown.text, chosen, rng)):
        return carry(right, "", copies[0], Pair(right, "", copies[1], label=False))
    base = rng.choice([sentence, right])
    wrong = [variant.text for variant in false_variants(base, shown.text, rng)]
    if len(usable) > 1 and rng.random() < 0.3:
        other = spans[rng.choice([i for i in usable if i != chosen])]
        mixed = fused(sentence, _prose(shown.text[other.start : other.end]))
        wrong = [mixed] if mixed else wrong
    if not wrong:
        return None
    return carry(right, "", shown.text, Pair(rng.choice(wrong), "", shown.text, label=False))


def _prose(sentence: str) -> str:
    """Return a sentence without the heading that stands in the line before it."""
    return sentence.rsplit("\n", 1)[-1].strip()
