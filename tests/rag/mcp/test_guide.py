"""The instructions in docs/mcp.md for connecting an assistant to the articles work as written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import mcp

from tests.rag.mcp.articles import ROOT, articles, command

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GUIDE = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")


def test_the_example_in_python_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    articles(tmp_path)
    told: list[tuple[str, list[str]]] = []

    def started(**given: Any) -> mcp.StdioServerParameters:
        told.append((given["command"], given["args"]))
        return command(tmp_path)

    monkeypatch.setattr(mcp, "StdioServerParameters", started)
    [code] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    asked = "Wie viel Geld will Cambricon aufnehmen?"
    assert asked in code
    exec(compile(code.replace(asked, "Was kostet der Hafen von Talheim?"), "guide", "exec"), {})
    assert told == [("rag", ["mcp"])]
    assert "zwölf Millionen Euro" in capsys.readouterr().out


def test_the_settings_shown_are_json_that_names_commands_there_are() -> None:
    local, remote = (
        json.loads(block)["mcpServers"]["articles"] for block in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    )
    assert local["args"][0] == "mcp"
    assert {word for word in local["args"] if word.startswith("--")} == {"--corpus", "--index"}
    assert remote["url"].endswith("/mcp")
    assert remote["headers"]["Authorization"].startswith("Basic ")
