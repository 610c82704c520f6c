"""The exit codes of `rag eval` and `rag compare`, and what is on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from index.syncing.sync import sync
from rag import client as facade
from rag.cli import main as cli
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

LINE = {
    "id": "q1",
    "question": "Wie viel will der Chiphersteller Cambricon aufnehmen?",
    "answers": ["4 Milliarden Yuan"],
    "sources": ["cambricon.md"],
}


@pytest.fixture
def dataset(corpus: Path, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    embedder = HashingEmbedder()
    sync(corpus, index_dir, embedder)
    real = facade.RAG

    def made(settings: Settings) -> facade.RAG:
        engine = ScriptedEngine("Cambricon will 4 Milliarden Yuan aufnehmen.")
        return real(Settings(corpus=corpus, index=index_dir), embedder=embedder, engine=engine)

    monkeypatch.setattr(facade, "RAG", made)
    file = tmp_path / "set.jsonl"
    file.write_text(json.dumps(LINE) + "\n", encoding="utf-8")
    return file


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["rag", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), said.out, said.err


def test_json_is_one_document_of_the_contracts_form(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "eval", dataset, "--json", "--fresh")
    data: dict[str, Any] = json.loads(out)
    assert code == 0
    assert {"set", "n", "metrics", "confidence", "failures", "fingerprints"} <= data.keys()
    assert data["metrics"]["answer_contains"] == 1.0
    assert data["confidence"]["answer_contains"] == [1.0, 1.0]
    assert data["metrics"]["false_answer_rate"] is None


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        (("--min", "answer_contains=1"), 0),
        (("--max", "answer_contains=0.5"), 1),
        (("--max", "false_answer_rate=1"), 1),  # without cases
        (("--max", "nonsense=1"), 2),
    ],
)
def test_exit_codes(
    dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bound: tuple[str, str],
    code: int,
) -> None:
    assert run(monkeypatch, capsys, "eval", dataset, *bound)[0] == code


def test_baseline_report_and_comparison(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline, report, figures = tmp_path / "baseline.json", tmp_path / "report", tmp_path / "figures.json"
    assert run(monkeypatch, capsys, "eval", dataset, "--baseline", baseline, "--update-baseline")[0] == 0
    assert run(monkeypatch, capsys, "eval", dataset, "--baseline", baseline, "--report", report)[0] == 0
    assert sorted(file.name for file in report.iterdir()) == ["junit.xml", "report.html", "report.md"]
    figures.write_text(run(monkeypatch, capsys, "eval", dataset, "--json")[1], encoding="utf-8")
    code, out, _ = run(monkeypatch, capsys, "compare", baseline, figures, "--json")
    assert code == 0
    assert json.loads(out)["metrics"]["answer_contains"] == {"before": 1.0, "after": 1.0, "p": 1.0}


def test_a_report_that_cannot_be_written_is_one_line(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(monkeypatch, capsys, "eval", dataset, "--report", dataset)
    assert code == 2
    assert "Traceback" not in err
