"""Read BEIR folders: documents, queries, and which documents are relevant to which query."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, NamedTuple

from index.printable import one_line
from rag.evaluation.datasets._fields import read_lines, read_records
from rag.evaluation.types import Dataset, DatasetError, Passage, Question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_CORPUS = "corpus.jsonl"
_QUERIES = "queries.jsonl"
_JUDGEMENTS = "qrels"


class _Judgement(NamedTuple):
    query: str
    document: str
    score: float
    where: str


def load_beir(folder: Path) -> Dataset:
    """
    Read a BEIR folder; it has no answers, so that only retrieval can be measured.

    Judgements are taken from ``qrels/test.tsv``, or from all files in ``qrels`` if that is missing. Queries without a
    relevant document are left out. So are judgements of queries or documents that do not exist, of which published
    sets have some; the log says how many.

    Raises
    ------
    DatasetError
        A file is missing, a line of it is wrong, or no judgement names what exists; the message names file and line.

    """
    files = _judgement_files(folder)
    documents = _documents(folder / _CORPUS)
    queries, lines = _queries(folder / _QUERIES)
    relevant: dict[str, dict[str, None]] = {}
    lost: list[str] = []
    for judgement in (judgement for file in files for judgement in _judgements(file)):
        if judgement.query not in queries:
            lost.append(f"{judgement.where}: there is no query {judgement.query!r} in {_QUERIES}")
        elif judgement.document not in documents:
            lost.append(f"{judgement.where}: there is no document {judgement.document!r} in {_CORPUS}")
        elif judgement.score > 0:
            relevant.setdefault(judgement.query, {})[judgement.document] = None
    if lost and not relevant:
        raise DatasetError(f"{lost[0]}.", hint="Judgements name queries and documents by their ids.")
    if lost:
        more = f" ({len(lost)} such judgements)" if len(lost) > 1 else ""
        _LOG.warning("%s", one_line(f"{lost[0]}; left out{more}."))
    if not relevant:
        raise DatasetError(
            f"The evaluation set {folder} has no questions: no score in {_JUDGEMENTS} is above 0.",
            hint="Give each query a relevant document.",
        )
    questions = tuple(
        Question(query, text, sources=tuple(relevant[query]), where=lines[query])
        for query, text in queries.items()
        if query in relevant
    )
    return Dataset(folder.resolve().name, "beir", questions, tuple(documents.values()), retrieval_only=True)


def _judgement_files(folder: Path) -> list[Path]:
    """Return the files of judgements to read, after checking that the set is complete."""
    if not folder.exists():
        raise DatasetError(f"There is no evaluation set {folder}.", hint="Name a BEIR folder.")
    if not folder.is_dir():
        raise DatasetError(
            f"{folder} is not a folder, so it is not a BEIR set.", hint=f"Name the folder that holds {_CORPUS}."
        )
    files = sorted((folder / _JUDGEMENTS).glob("*.tsv"))
    missing = [name for name in (_CORPUS, _QUERIES) if not (folder / name).is_file()]
    missing += [] if files else [f"{_JUDGEMENTS}/*.tsv"]
    if missing:
        raise DatasetError(
            f"The folder {folder} is not a BEIR set: {', '.join(missing)} missing.",
            hint="Add that, or name a file if the set has another format.",
        )
    return [file for file in files if file.name == "test.tsv"] or files


def _documents(file: Path) -> dict[str, Passage]:
    documents: dict[str, Passage] = {}
    for record in read_records(file):
        identifier = record.unused(record.identifier("_id"), documents, field="_id")
        if "text" not in record.data:
            raise record.wrong("text", "is missing")
        # Published sets have documents without a word; they take part, but are never found.
        title, text = record.optional_text("title"), record.optional_text("text")
        documents[identifier] = Passage(identifier, title, text, record.where)
    return documents


def _queries(file: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of queries, and where their lines are, by id."""
    queries: dict[str, str] = {}
    lines: dict[str, str] = {}
    for record in read_records(file):
        identifier = record.unused(record.identifier("_id"), queries, field="_id")
        queries[identifier], lines[identifier] = record.text("text"), record.where
    return queries, lines


def _judgements(file: Path) -> Iterator[_Judgement]:
    first = True
    for number, line in read_lines(file):
        header, first = first, False
        where = f"{file}:{number}"
        columns = line.rstrip("\r\n").split("\t")
        if len(columns) != 3:
            raise DatasetError(
                f"{where}: {len(columns)} columns instead of 3.", hint="Write query-id, corpus-id and score, with tabs."
            )
        query, document, score = columns
        value = _number(score)
        if value is not None:
            yield _Judgement(query, document, value, where)
        elif not header or score.strip().lower() != "score":
            raise DatasetError(f"{where}: the score {score!r} is not a number.", hint="Write one, such as 1.")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
