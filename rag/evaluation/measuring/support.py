"""Measure our own support score against people's verdicts, in the format of MEMERAG (Cruz Blandón et al. 2025)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from index.progress import tell
from index.text.sentences import split
from rag.evaluation.measuring.statistics import confidence, measure
from rag.evaluation.types import DatasetError, Evaluation, Outcome
from rag.grounding.attribution import attribute
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG

SUPPORTED = "Supported"
UNSUPPORTED = "Not Supported"
LEFT_OUT = "Challenging to determine"


def evaluate_support(rag: RAG, file: Path, *, limit: int | None = None) -> Evaluation:
    """
    Judge sentences that people have judged, and count how often we agree; reports progress by line.

    A sentence counts as supported if it could be shown as a source's own, see `rag.grounding.attribution`.

    Parameters
    ----------
    rag
        The client whose fingerprints the evaluation holds.
    file
        JSONL: ``query``, ``context`` (a list of objects with ``text``), ``answer`` (a list of objects with
        ``sentence`` and ``factuality``: "Supported", "Not Supported" or "Challenging to determine", which is
        left out).
    limit
        Number of lines to judge, from the first one.

    Returns
    -------
    An evaluation whose outcomes are sentences. ``support_balanced_accuracy`` is the mean of
    ``support_recall`` (supported sentences that we find supported) and ``support_specificity``.

    Raises
    ------
    DatasetError
        A line has another form; the message names file and line.

    """
    outcomes: list[Outcome] = []
    lines = [(number, line) for number, line in enumerate(_lines(file), start=1) if line.strip()][:limit]
    for done, (number, line) in enumerate(lines, start=1):
        outcomes += _judge_line(line, f"{file}:{number}")
        tell("answers", done, len(lines))
    if not outcomes:
        raise DatasetError(f"{file} has no judged sentences.", hint="Give a file in MEMERAG's format.")
    metrics = {name: value for name, value in measure(outcomes).items() if name.startswith("support_")}
    return Evaluation(
        file.name,
        "support",
        len(outcomes),
        metrics,
        confidence(outcomes, metrics),
        {},
        {"embedding": rag.embedding_fingerprint, "settings": rag.settings.fingerprint()},
        tuple(outcomes),
    )


def _judge_line(line: str, where: str) -> list[Outcome]:
    try:
        data: dict[str, Any] = json.loads(line)
        query, context, answer = str(data["query"]), [str(one["text"]) for one in data["context"]], data["answer"]
        judged = [(str(one["sentence"]), str(one["factuality"])) for one in answer]
        name = str(data.get("query_id", where))
    except (ValueError, KeyError, TypeError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise DatasetError(f"{where}: not a judged answer ({reason}).") from error
    evidence = [
        EvidenceSentence(str(number), span.start, span.end, text[span.start : span.end], "", 0.0)
        for number, text in enumerate(context)
        for span in split(text)
    ]
    outcomes: list[Outcome] = []
    for number, (sentence, verdict) in enumerate(judged):
        if verdict == LEFT_OUT:
            continue
        if verdict not in {SUPPORTED, UNSUPPORTED}:
            raise DatasetError(f"{where}: unknown factuality {verdict!r}.")
        found = attribute(sentence, evidence)
        ours, theirs = found.support == 1, verdict == SUPPORTED
        shares = {"support_recall": (float(ours), 1.0)} if theirs else {"support_specificity": (float(not ours), 1.0)}
        shares["support_precision"] = (float(ours and theirs), float(ours))
        outcomes.append(
            Outcome(
                f"{name}/{number}",
                query,
                theirs,
                (verdict,),
                answer=sentence,
                correct=ours == theirs,
                evidence=tuple(evidence[i].text for i in found.sources),
                support=(found.support,),
                shares=shares,
            )
        )
    return outcomes


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise DatasetError(f"There is no file {file}.", hint="Name a .jsonl file in MEMERAG's format.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read: {error}.") from error
