"""
Measure on a set which strictness keeps a bound on wrong answers; see `rag.calibrating.choosing` for the method.

Every question is asked once, at strictness 0, as `rag eval` asks it. Whether its answer is shown at another strictness
follows from the probability that the gate gave; the answer itself stays the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.calibrating.bounds import fewest
from rag.calibrating.choosing import Case, Level, choose, levels, size_needed
from rag.calibrating.keeping import place_of, write
from rag.calibrating.scaling import fit
from rag.calibrating.standing import FINGERPRINTS
from rag.calibrating.types import RISKS, WRONG, Calibration, CalibrationError
from rag.evaluation.datasets import load
from rag.evaluation.measuring.reliability import told
from rag.evaluation.runner import evaluate
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.calibrating.types import Risk
    from rag.client import RAG
    from rag.evaluation.traces import Admission
    from rag.evaluation.types import Dataset, Evaluation, Outcome

_ALWAYS = 1.0  # the probability of an answer for which no gate was asked
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Calibrating:
    """The calibration that was written, and the results of the set at each strictness, the strictest first."""

    calibration: Calibration
    levels: tuple[Level, ...]


def calibrate(
    rag: RAG,
    file: Path,
    *,
    risk: float,
    on: Risk = "false_answers",
    confidence: float = 0.95,
    fresh: bool = False,
) -> Calibrating:
    """
    Choose the strictness that keeps the risk, and write it to a file beside the index.

    Parameters
    ----------
    rag
        The client whose answers are bounded.
    file
        A native set of questions to the articles, answerable and unanswerable ones in the proportions expected in use.
    risk
        Share of the shown answers that may be wrong: above 0 and below 1.
    on
        What counts as wrong: ``false_answers``, an answer although the articles hold none; ``wrong_citations``, such an
        answer or one without a right citation (`rag eval`'s ``citation_recall``).
    confidence
        Confidence with which the risk is kept: from 0.5 and below 1.
    fresh
        Ask every question anew instead of reusing the answers of earlier runs.

    Raises
    ------
    CalibrationError
        A parameter is out of range, the set is too small, too many answers are wrong, or the result cannot be written.
    DatasetError
        The set cannot be used.

    """
    _check(risk, on, confidence)
    dataset = _usable(load(file), on)
    least = fewest(risk, confidence)
    if len(dataset.questions) < least:
        raise CalibrationError(
            f"{file} is too small: a risk of {risk:g} with {100 * confidence:g} % confidence takes {least} answers at "
            f"least, none of them wrong, and it has {len(dataset.questions)} questions."
        )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    unstrict = rag.at(0.0)
    result = evaluate(unstrict, dataset, fresh=fresh)
    cases = cases_of(result, on)
    chosen = choose(cases, risk=risk, confidence=confidence)
    if chosen is None:
        raise CalibrationError(_refusal(file, cases, result.n, risk, on, confidence))
    unstrict.refresh()
    if unstrict.retrieval_fingerprints["index"] != result.fingerprints["index"]:
        raise CalibrationError("The index changed while the set was asked.", hint="Calibrate again.")
    scale = fit(*_measured(result))
    calibration = Calibration(
        strictness=chosen.strictness,
        risk=risk,
        on=on,
        confidence=confidence,
        set=file.name[:_LONGEST_NAME],
        set_sha256=digest,
        questions=result.n,
        answered=chosen.shown,
        wrong=chosen.wrong,
        bound=chosen.bound,
        slope=scale.slope,
        offset=scale.offset,
        fingerprints={name: result.fingerprints[name] for name in FINGERPRINTS},
    )
    write(calibration, place_of(rag.settings))
    return Calibrating(calibration, levels(cases, confidence=confidence))


def cases_of(result: Evaluation, on: Risk) -> list[Case]:
    """
    Return the answers of a run at strictness 0 as cases.

    Raises
    ------
    CalibrationError
        The gate gave no probability.

    """
    return [_case(outcome, on) for outcome in result.outcomes if not outcome.abstained]


def _case(outcome: Outcome, on: Risk) -> Case:
    chances, sure = _chances(outcome), _sure(outcome)
    wrong = not outcome.answerable
    if on == "wrong_citations" and not wrong:
        # If an answer has several parts, any of them may be shown alone.
        right = [one.right for one in outcome.citations]
        wrong = not (all(right) if len(chances) + sure > 1 else any(right))
    return Case(_ALWAYS if sure else max(chances, default=_ALWAYS), wrong)


def _sure(outcome: Outcome) -> int:
    """Return how many parts the small reader answered: these are shown at every strictness."""
    return outcome.basis.trace.sure if outcome.basis is not None else 0


def _chances(outcome: Outcome) -> list[float]:
    """Return the deciding probability of each part of an answer; empty if no gate was asked."""
    gates = list(outcome.basis.trace.gates) if outcome.basis is not None else []
    decided: list[Admission] = []
    for earlier, gate in zip([None, *gates], gates, strict=False):
        # The gate is asked before there is a draft, and again with the share of the draft's words that a place holds.
        if earlier is not None and (gate.share < 1 or gate.probability == earlier.probability):
            decided.append(gate)
    found = [gate.probability for gate in decided or gates[-1:]]
    if any(chance is None for chance in found):
        raise CalibrationError(
            "The gate that is used gives no probability, so that no strictness can be chosen.",
            hint="Calibrate with the one that is built in.",
        )
    return [chance for chance in found if chance is not None]


def _measured(result: Evaluation) -> tuple[Sequence[float], Sequence[bool]]:
    """Return the confidence of each answer, before any scaling, and whether the answer was right."""
    pairs = told(result.outcomes)
    return [chance for chance, _ in pairs], [right for _, right in pairs]


def _check(risk: float, on: str, confidence: float) -> None:
    if not 0 < risk < 1:
        raise CalibrationError(f"A risk cannot be {risk:g}.", hint="Give a share above 0 and below 1, such as 0.10.")
    if not 0.5 <= confidence < 1:
        raise CalibrationError(
            f"A confidence cannot be {confidence:g}.", hint="Give a share from 0.5 and below 1, such as 0.95."
        )
    if on not in RISKS:
        raise CalibrationError(f"There is no risk named {on!r}.", hint=f"There are: {', '.join(RISKS)}.")


def _usable(dataset: Dataset, on: Risk) -> Dataset:
    """Return the set without questions that seek no answer; refuse a set that says nothing about the articles."""
    name = dataset.name
    if dataset.documents or any(question.passages for question in dataset.questions) or dataset.format != "native":
        raise DatasetError(
            f"{name} brings its own passages, so that it says nothing about answers from the articles of the index.",
            hint="Name a native set whose questions are put to these.",
        )
    questions = tuple(question for question in dataset.questions if not question.seeks_nothing)
    answerable = [question for question in questions if question.answerable]
    if not questions or len(answerable) in {0, len(questions)}:
        missing = "can" if not answerable else "cannot"
        raise DatasetError(
            f"{name} has no question that {missing} be answered: the share of wrong answers needs both kinds.",
            hint="Put both into it, as often as they will be asked.",
        )
    for question in answerable if on == "wrong_citations" else ():
        if not (question.sources or question.gold_quotes):
            raise DatasetError(
                f"{question.where or name}: question {question.id!r} names no source, so that its citation cannot be "
                "judged.",
                hint="Add 'sources', or calibrate --on false_answers.",
            )
    return replace(dataset, questions=questions)


def _refusal(file: Path, cases: Sequence[Case], asked: int, risk: float, on: Risk, confidence: float) -> str:
    strictest = levels(cases, confidence=confidence)[0]
    seen = f"at strictness 1 {strictest.wrong} of {strictest.shown} answers are {WRONG[on]}"
    size = size_needed(cases, asked, risk=risk, confidence=confidence)
    if size is None:
        return f"No strictness holds a risk of {risk:g} on {file.name}: {seen}. A larger set would not help."
    return (
        f"{file.name} is too small for a risk of {risk:g} with {100 * confidence:g} % confidence: {seen}. About {size} "
        f"questions like its {asked} would do."
    )
