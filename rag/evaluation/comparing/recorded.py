"""A run as it was written to a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag.evaluation.traces import Admission
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HINT = "Write one with `rag eval SET --json > FILE`."


@dataclass(frozen=True, slots=True)
class Rested:
    """
    What a result rests on, as far as its run recorded it; see `rag.evaluation.traces.Basis`.

    Parameters
    ----------
    asked, wanted, kind, documents, evidence, answer
        See there.
    read
        Digests of what the model was given to read.
    gates
        Decisions of the gate, in order.

    """

    asked: str
    wanted: str
    kind: str
    documents: dict[str, str]
    evidence: tuple[tuple[str, int, int], ...]
    answer: str
    read: tuple[str, ...]
    gates: tuple[Admission, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """
    The result of one question.

    Parameters
    ----------
    id, question
        As in the set.
    shares
        What the question adds to each metric.
    answer
        Text of the answer; None if the run does not record it, as in a baseline.
    cause
        The stage at which the question failed; empty if it went well.
    citations
        Path, start, end and quote of each citation; None if the run does not record them.
    evidence
        The sentences that were selected, best first; None if the run does not record them.
    retrieved
        The documents that were found, best first; None if the run does not record them.
    sources
        Documents that hold the answer according to the set; None if the run does not record them.
    basis
        What the result rests on; None if an older version wrote the run.

    """

    id: str
    question: str
    shares: dict[str, tuple[float, float]]
    answer: str | None
    cause: str
    citations: tuple[tuple[str, int, int, str], ...] | None = None
    evidence: tuple[str, ...] | None = None
    retrieved: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    basis: Rested | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    A recorded run.

    Parameters
    ----------
    name
        Name of the file or of the set.
    results
        Result of each question, by its id.
    fingerprints
        Fingerprints of everything that the run depends on.
    settings
        Settings that change answers, by name; empty if an older version wrote the run.
    documents
        Digest of each file of the corpus; empty if the run does not record them.

    """

    name: str
    results: dict[str, Result]
    fingerprints: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def is_of_older_version(self) -> bool:
        """Whether the run does not say what its results rest on."""
        return not any(one.basis for one in self.results.values())


def load_json(file: Path) -> Any:
    """
    Read a file of JSON.

    Raises
    ------
    DatasetError
        The file cannot be read; the message names it.

    """
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DatasetError(f"There is no file {file}.", hint=_HINT) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{file} cannot be read as an evaluation: {error}.") from error


def read(file: Path) -> Recorded:
    """
    Read what `rag eval --json` printed, or a baseline.

    Raises
    ------
    DatasetError
        The file is something else; the message names it.

    """
    return record(load_json(file), str(file))


def record(data: Mapping[str, Any], name: str) -> Recorded:
    """
    Read the JSON form of an evaluation.

    Raises
    ------
    DatasetError
        The data have another form.

    """
    try:
        results = [_result(one) for one in data["questions"]]
        return Recorded(
            name,
            {one.id: one for one in results},
            {str(key): str(value) for key, value in (data.get("fingerprints") or {}).items()},
            {str(key): str(value) for key, value in (data.get("settings") or {}).items()},
            {str(key): str(value) for key, value in (data.get("documents") or {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(f"{name} is not an evaluation with results for each question.", hint=_HINT) from error


def _result(one: Mapping[str, Any]) -> Result:
    citations, basis = one.get("citations"), one.get("basis")
    return Result(
        str(one["id"]),
        str(one.get("question", "")),
        {str(name): (float(a), float(b)) for name, (a, b) in one["shares"].items()},
        None if "answer" not in one else str(one["answer"] or ""),
        str(one.get("cause") or ""),
        None
        if citations is None
        else tuple((str(c["path"]), int(c["start"]), int(c["end"]), str(c["quote"])) for c in citations),
        _texts(one.get("evidence")),
        _texts(one.get("retrieved")),
        _texts(one.get("sources")),
        None if basis is None else _rested(basis),
    )


def _texts(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(one) for one in value)


def _rested(basis: Mapping[str, Any]) -> Rested:
    return Rested(
        str(basis["asked"]),
        str(basis["wanted"]),
        str(basis["kind"]),
        {str(path): str(value) for path, value in basis["documents"].items()},
        tuple((str(path), int(start), int(end)) for path, start, end in basis["evidence"]),
        str(basis["answer"]),
        tuple(str(one) for one in basis["read"]),
        tuple(
            Admission(
                None if one["probability"] is None else float(one["probability"]),
                float(one["needed"]),
                bool(one["admitted"]),
            )
            for one in basis["gates"]
        ),
    )
