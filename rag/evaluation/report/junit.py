"""Render the report as JUnit XML: one test case for each question."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rag.evaluation.report.causes import CAUSES
from rag.evaluation.report.wording import answer_of, joined, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import Cause, Evaluation, Outcome


def render_junit(evaluation: Evaluation, broken: Sequence[str] | None = None) -> str:
    """
    Return the report as JUnit XML, without characters that XML 1.0 does not allow.

    Parameters
    ----------
    evaluation
        The evaluation to report: a test case for each question.
    broken
        A line for each bound that does not hold: together they make the last test case. None if there are no bounds.

    """
    bounds = [] if broken is None else [list(broken)]
    name = one_line(evaluation.set)
    totals = {
        "name": name,
        "tests": str(len(evaluation.outcomes) + len(bounds)),
        "failures": str(sum(one.cause is not None for one in evaluation.outcomes) + sum(map(bool, bounds))),
        "errors": "0",
        "skipped": "0",
        "time": _seconds(sum(_milliseconds(outcome) for outcome in evaluation.outcomes)),
    }
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", totals)
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(evaluation).items():
        ET.SubElement(properties, "property", {"name": one_line(key), "value": one_line(value)})
    for outcome in evaluation.outcomes:
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "classname": name,
                "name": one_line(f"{outcome.id} {outcome.question}"),
                "time": _seconds(_milliseconds(outcome)),
            },
        )
        if outcome.cause is not None:
            message = CAUSES[outcome.cause].meaning
            failure = ET.SubElement(case, "failure", {"type": outcome.cause, "message": message})
            failure.text = printable(f"\n{explain(outcome, outcome.cause)}\n")
    for lines in bounds:
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": "bounds", "time": _seconds(0.0)})
        if lines:
            failure = ET.SubElement(case, "failure", {"type": "bounds", "message": one_line(lines[0])})
            failure.text = "".join(f"\n{one_line(line)}" for line in lines) + "\n"
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def explain(outcome: Outcome, cause: Cause) -> str:
    """Return some lines that say what was asked, expected and answered, and at which stage the question failed."""
    retrieved = "".join(
        f"\n  {rank}. {path}{' (gold)' if path in outcome.sources else ''}"
        for rank, path in enumerate(outcome.retrieved, start=1)
    )
    return "\n".join(
        (
            f"Question: {outcome.question}",
            f"Gold: {joined(outcome.gold)}",
            f"Answer: {answer_of(outcome)}",
            f"Sources: {joined(outcome.sources)}",
            f"Retrieved: {retrieved or 'nothing'}",
            f"Cause: {cause}. {CAUSES[cause].meaning}",
            f"Look at: {CAUSES[cause].look_at}",
        )
    )


def _properties(evaluation: Evaluation) -> dict[str, str]:
    properties = {"format": evaluation.format}
    for name, value in evaluation.metrics.items():
        # A metric for which the set has no case has no figure that a program could read.
        if value is None or not math.isfinite(value):
            continue
        properties[name] = f"{value:.6g}"
        if name in evaluation.confidence:
            low, high = evaluation.confidence[name]
            properties |= {f"{name}.low": f"{low:.6g}", f"{name}.high": f"{high:.6g}"}
    for name, value in evaluation.extractive.items():
        if value is not None and math.isfinite(value):
            properties[f"extractive.{name}"] = f"{value:.6g}"
    return properties | {f"fingerprint.{name}": value for name, value in evaluation.fingerprints.items()}


def _milliseconds(outcome: Outcome) -> float:
    value = outcome.samples.get("total_ms", 0.0)
    return value if math.isfinite(value) else 0.0


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"
