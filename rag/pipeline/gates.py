"""Decide whether there is an answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.grounding.answerability import needed, probability, probability_of_closed, signals

if TYPE_CHECKING:
    from rag.pipeline.protocols import Gate
    from rag.pipeline.values import Asked


class LogisticGate:
    """Compares a probability computed from five signals with the strictness, see `rag.grounding.answerability`."""

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        """Tell whether an answer is as likely as the strictness requires."""
        return strictness <= 0 or self.chance(asked, confirmation, share=share) >= needed(strictness)

    def chance(self, asked: Asked, confirmation: tuple[float, float], *, share: float) -> float:
        """Return the probability that the evidence answers the question."""
        found = signals(asked.query.standalone, asked.evidence, confirmation=confirmation, share=share)
        answers = None if asked.judgement is None else asked.judgement.answers
        if asked.query.kind == "yes_no" and answers is not None:
            return probability_of_closed(found.confirmation, answers)
        return probability(found, answers)


def chance_of(gate: Gate, asked: Asked, confirmation: tuple[float, float], *, share: float) -> float | None:
    """Return the probability of an answer; None if the gate is a plug-in that gives none."""
    chance = getattr(gate, "chance", None)
    return None if chance is None else chance(asked, confirmation, share=share)


def admits_open(gate: Gate, chance: float, *, strictness: float) -> bool:
    """
    Let a gate decide on an answer of several sentences, whose probability comes from the small reader.

    If the gate is a plug-in without ``admits_open``, it is not asked: the probability must be as high as for a fact.
    """
    decide = getattr(gate, "admits_open", None)
    return chance >= needed(strictness) if decide is None else decide(chance, strictness=strictness)


class OpenGate:
    """Lets everything through."""

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:  # noqa: ARG002 - it asks for nothing
        """Return True."""
        return True

    def admits_open(self, chance: float, *, strictness: float) -> bool:  # noqa: ARG002 - it asks for nothing
        """Return True."""
        return True
