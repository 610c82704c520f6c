from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rag.evaluation import evaluate_support
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG

CONTEXT = [{"text": "Der Turm in Ulm ist 161 Meter hoch. Er wurde 1890 vollendet."}]


def judged(sentence: str, factuality: str) -> dict[str, str]:
    return {"sentence": sentence, "factuality": factuality}


def write(file: Path, *answers: dict[str, str]) -> Path:
    line = {"query_id": "1", "query": "Wie hoch ist der Turm?", "context": CONTEXT, "answer": list(answers)}
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def test_our_verdicts_are_counted_against_peoples(rag: RAG, tmp_path: Path) -> None:
    file = write(
        tmp_path / "judged.jsonl",
        judged("Der Turm in Ulm ist 161 Meter hoch.", "Supported"),
        judged("Der Turm in Ulm ist 200 Meter hoch.", "Not Supported"),
        judged("Er wurde 1890 vollendet.", "Not Supported"),
        judged("Das ist schwer zu sagen.", "Challenging to determine"),
    )
    result = evaluate_support(rag, file)
    assert result.n == 3
    assert result.metrics["support_recall"] == 1.0
    assert result.metrics["support_specificity"] == 0.5
    assert result.metrics["support_precision"] == 0.5
    assert result.metrics["support_balanced_accuracy"] == 0.75
    assert set(result.confidence) == set(result.metrics)


@pytest.mark.parametrize(("verdict", "missing"), [("Supported", "specificity"), ("Not Supported", "recall")])
def test_one_kind_of_verdict_alone_gives_no_balance(rag: RAG, tmp_path: Path, verdict: str, missing: str) -> None:
    result = evaluate_support(rag, write(tmp_path / "judged.jsonl", judged("Der Turm in Ulm ist hoch.", verdict)))
    assert result.metrics[f"support_{missing}"] is None
    assert result.metrics["support_balanced_accuracy"] is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("kein JSON", ":1"),
        ('{"query": "x"}', "context"),
        ('{"query": "x", "context": [], "answer": [{"sentence": "s", "factuality": "Vielleicht"}]}', "Vielleicht"),
        ("", "no judged sentences"),
    ],
)
def test_bad_files_are_named(rag: RAG, tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "judged.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=reason) as caught:
        evaluate_support(rag, file)
    assert "judged.jsonl" in str(caught.value)
