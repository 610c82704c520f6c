"""The examples of docs/api.md, unchanged, against a running app."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import events, served
from ui.api.plain.stepping import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
THERE = "http://127.0.0.1:7860"


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def url(corpus: Path, tmp_path: Path) -> Iterator[str]:
    engine = ScriptedEngine("4 Milliarden Yuan", confirms=True)
    with served(synced(corpus, tmp_path / "index", engine)) as address:
        yield address


def test_the_examples_in_python(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for code in examples("python"):
        exec(compile(code.replace(THERE, url), "example", "exec"), {})
    printed = capsys.readouterr().out
    assert "Cambricon will 4 Milliarden Yuan aufnehmen. [1]" in printed
    assert re.search(r"^1 cambricon\.md \d+ \d+ ", printed, re.MULTILINE)
    assert "2 2048" in printed


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("sh") is None, reason="no curl")
def test_the_examples_in_the_shell(url: str) -> None:
    said = []
    for code in examples("sh"):
        run = subprocess.run(
            ["sh", "-ec", code.replace(THERE, url)], capture_output=True, text=True, check=True, timeout=100
        )
        said.append(run.stdout)
    chat, whole, stream, rest = said
    assert json.loads(chat)["choices"][0]["message"]["annotations"]
    answer = json.loads(whole)
    assert "4 Milliarden Yuan" in answer["answer"]
    assert dict(events(stream))["finished"]["answer"] == answer["answer"]
    assert '"path":"huawei.md"' in rest
    assert '"end":40' in rest


def test_the_guide_names_each_event_and_each_parameter_that_is_refused() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", PAGE.split("| event |")[1], re.MULTILINE)
    assert tuple(rows) == NAMES
    for name in ("tools", "functions", "n", "audio", "modalities", "response_format", "logprobs", "web_search_options"):
        assert f"`{name}`" in PAGE
