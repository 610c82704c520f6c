"""Without its extras the program still answers and searches; a missing extra is named in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from index.syncing.sync import sync

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rag.fakes import HashingEmbedder

EXTRAS = ("gradio", "sentence_transformers", "transformers", "torch", "pytrec_eval", "matplotlib", "xllamacpp")
WITHOUT = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
SHELL = WITHOUT + "from rag.cli.main import main; sys.argv[0] = 'rag'; main()"
ASK = (
    WITHOUT
    + """
import json
from rag import RAG, Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

settings = Settings(corpus=sys.argv[1], index=sys.argv[2])
rag = RAG(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("4 Milliarden Yuan"))
answer = rag.ask("Wie viele Yuan will der Chiphersteller Cambricon aufnehmen?")
print(json.dumps(answer.to_json()))
"""
)


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True, timeout=120
    )


def test_an_index_is_asked_without_any_extra(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    sync(corpus, index_dir, embedder)
    done = run(ASK, str(corpus), str(index_dir))
    assert done.returncode == 0, done.stderr
    assert "4 Milliarden Yuan" in json.loads(done.stdout)["answer"]


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [(("ui",), "ui"), (("eval", "corpus/questions.jsonl"), "eval")],
)
def test_what_needs_an_extra_names_it_in_one_line(arguments: tuple[str, ...], extra: str) -> None:
    done = run(SHELL, *arguments)
    assert done.returncode == 2
    assert f"pip install 'quellentreu[{extra}]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
