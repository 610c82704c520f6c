"""Small evaluation sets of each format, written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.datasets import DatasetError

CONTEXT = "Die Elbe entspringt im Riesengebirge. Sie mündet bei Cuxhaven in die Nordsee. Hamburg liegt an ihr."
PASSAGES = [
    {"id": "p1", "title": "Elbe", "text": "Die Elbe mündet in die Nordsee."},
    {"id": "p2", "text": "Die Oder mündet in die Ostsee."},
]


def write(file: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("".join(text + "\n" for text in texts), encoding="utf-8", newline="")
    return file


def case(**fields: object) -> dict[str, object]:
    return {"id": "1", "question": "Wohin fließt die Elbe?", "answers": ["Nordsee"], **fields}


def qa(identifier: object = "q1", **fields: object) -> dict[str, object]:
    answers = [{"text": "Cuxhaven", "answer_start": CONTEXT.index("Cuxhaven")}]
    return {"id": identifier, "question": "Wo mündet die Elbe?", "answers": answers, **fields}


def squad(*qas: dict[str, object], title: str = "Elbe_(Fluss)", **fields: object) -> dict[str, Any]:
    return {"version": "1", "data": [{"title": title, "paragraphs": [{"context": CONTEXT, "qas": [*qas], **fields}]}]}


def beir(folder: Path, **qrels: str) -> Path:
    (folder / "qrels").mkdir(parents=True)
    write(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Elbe", "text": "Die Elbe mündet in die Nordsee."},
        {"_id": "d2", "title": "Oder", "text": "Die Oder mündet in die Ostsee."},
        {"_id": "d3", "text": "", "metadata": {}},
    )
    write(
        folder / "queries.jsonl",
        {"_id": "q1", "text": "Wohin fließt die Elbe?"},
        {"_id": "q2", "text": "Und die Oder?"},
    )
    for name, text in (qrels or {"test": "query-id\tcorpus-id\tscore\nq2\td2\t1\nq1\td1\t2\nq1\td2\t0\n"}).items():
        (folder / "qrels" / f"{name}.tsv").write_text(text, encoding="utf-8", newline="")
    return folder


def task(identifier: str = "t1", subset: str = "relevant", **fields: object) -> dict[str, object]:
    passages = [{"docid": "7#1", "title": "Elbe", "text": "Die Elbe mündet\u2028in die Nordsee."}]
    return {"query_id": identifier, "subset": subset, "query": "Wohin fließt sie?", "passages": passages, **fields}


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(DatasetError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)
