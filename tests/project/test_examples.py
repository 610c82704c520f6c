"""The examples in the documentation that users start from do what the text says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import rag
from index.reading.extraction.types import ExtractionError
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str, heading: str) -> list[str]:
    """Return the blocks of Python under a heading of a page."""
    part = (DOCS / page).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", part, re.DOTALL)


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "example", "exec"), names)
    return names


def test_stages_of_your_own(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newest, words = examples("python.md", "Stages of your own")

    def made(**stages: Any) -> rag.RAG:
        return synced(corpus, tmp_path / "index", ScriptedEngine("4 Milliarden Yuan", confirms=True), stages=stages)

    monkeypatch.setattr(rag, "RAG", made)
    run(newest)
    assert "Huawei" in capsys.readouterr().out
    found = made(retriever=run(words)["Words"]())
    question = "Wie viele Yuan will Cambricon aufnehmen?"
    assert "4 Milliarden Yuan" in found.ask(question).text
    assert found.ask(question, filter={"source": "Niemand"}).evidence == ()


def test_a_format_of_your_own() -> None:
    (code,) = examples("formats.md", "A format of your own")
    read = run(code)["read"]
    film = "1\n00:00:01 --> 00:00:03\nDer Dachs wohnt im Wald.\n\n2\n00:00:04 --> 00:00:06\nEr frisst Äpfel.\n"
    assert read(film.encode()).text == "Der Dachs wohnt im Wald. Er frisst Äpfel.\n"
    with pytest.raises(ExtractionError, match="no subtitles"):
        read(b"\xff\xfe nothing")
