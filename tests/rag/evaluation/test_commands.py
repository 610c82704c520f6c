"""The exit codes of `rag eval` and `rag compare`, and what is on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

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
        (("--max", "false_answer_rate=1"), 1),  # the metric has no cases
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


@pytest.mark.parametrize(
    ("bound", "failing"),
    [((), None), (("--min", "answer_contains=1"), False), (("--max", "answer_contains=0.5"), True)],
)
def test_junit_has_a_case_for_each_question_and_one_for_the_bounds(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bound: tuple[str, ...],
    failing: bool | None,
) -> None:
    file = tmp_path / "junit.xml"
    code, _, _ = run(monkeypatch, capsys, "eval", dataset, "--junit", file, *bound)
    assert code == (1 if failing else 0)
    suite = ET.fromstring(file.read_text("utf-8"))[0]
    cases = suite.findall("testcase")
    assert cases[0].get("name") == f"q1 {LINE['question']}"
    assert [case.get("name") for case in cases[1:]] == ([] if failing is None else ["bounds"])
    assert [case.get("name") for case in cases if case.find("failure") is not None] == (["bounds"] if failing else [])
    assert (suite.get("tests"), suite.get("failures")) == (str(len(cases)), "1" if failing else "0")


@pytest.mark.parametrize("option", ["--junit", "--update-baseline"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    monkeypatch.setattr(facade, "RAG", None)
    for place in (tmp_path / "none" / "file", tmp_path):
        given = ("--junit", place) if option == "--junit" else ("--baseline", place, option)
        code, _, err = run(monkeypatch, capsys, "eval", dataset, *given)
        assert code == 2
        assert len(err.splitlines()) <= 3
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("form", "begins"),
    [("markdown", "<!-- rag compare -->"), ("html", "<!DOCTYPE html>"), ("json", "{"), ("text", "")],
)
def test_a_comparison_has_four_forms(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: str,
    begins: str,
) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text(run(monkeypatch, capsys, "eval", dataset, "--json")[1], encoding="utf-8")
    code, out, err = run(monkeypatch, capsys, "compare", figures, figures, "--format", form)
    assert (code, err) == (0, "")
    assert out.startswith(begins)
    assert out.strip()
    code, out, err = run(monkeypatch, capsys, "compare", figures, figures, "--format", "pdf")
    assert (code, out) == (2, "")
    assert "There are: text, markdown, html, json" in err


def test_since_a_run_says_what_was_kept_and_holds_no_time_to_a_bound(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text(run(monkeypatch, capsys, "eval", dataset, "--json", "--fresh")[1], encoding="utf-8")
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "other"))
    bounds = ("--max", "total_ms_p95=1", "--min", "answer_contains=1")
    code, out, err = run(monkeypatch, capsys, "eval", dataset, "--since", figures, "--json", *bounds)
    assert code == 0
    assert "1 of 1 questions kept" in err
    assert "not measured, so their bounds are not checked: total_ms_p95" in err
    assert json.loads(out)["metrics"]["answer_contains"] == 1.0


@pytest.mark.parametrize(
    ("options", "text", "code", "said"),
    [
        (("--since", "none.json"), "", 2, "There is no file none.json"),
        (("--since", "{}"), "{}", 2, "is not an evaluation"),
        (("--since", "{}", "--fresh"), '{"questions": []}', 2, "--since cannot be combined with --fresh"),
        (("--since", "{}"), '{"questions": [{"id": "q1", "shares": {}}]}', 0, "an older version wrote it"),
    ],
)
def test_a_run_that_cannot_be_gone_on_from_is_one_line(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    text: str,
    code: int,
    said: str,
) -> None:
    file = tmp_path / "earlier.json"
    file.write_text(text, encoding="utf-8")
    given = [str(file) if option == "{}" else option for option in options]
    ended, _, err = run(monkeypatch, capsys, "eval", dataset, *given)
    assert ended == code
    assert said in " ".join(err.split())
    assert "Traceback" not in err
