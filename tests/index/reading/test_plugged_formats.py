"""A format from another package is read like any other, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = """
import json, sys
from index.syncing.sync import sync
from rag import RAG, Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

rag = RAG(Settings(corpus=sys.argv[1], index=sys.argv[2]), embedder=HashingEmbedder(), engine=ScriptedEngine("sieben Ziegen"))
report = rag.sync()
answer = rag.ask("Wie viele Ziegen hat der Hof?")
print(json.dumps({
    "documents": report.documents,
    "skipped": [(one.path, one.reason) for one in report.skipped],
    "quotes": [(one.path, one.quote) for one in answer.citations],
}))
"""


def test_another_package_brings_a_format(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "hof.shout").write_text("DER HOF HAT SIEBEN ZIEGEN!\nEIN HAHN KRÄHT!\n", encoding="utf-8")
    (corpus / "leise.shout").write_text("still\n", encoding="utf-8")
    (corpus / "kaputt.broken").write_text("x\n", encoding="utf-8")
    (corpus / "fremd.unknown").write_text("x\n", encoding="utf-8")
    plugins = os.pathsep.join([str(ROOT / "tests" / "plugins"), str(ROOT)])
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(corpus), str(tmp_path / "index")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "PYTHONPATH": plugins},
    )
    found = json.loads(run.stdout)
    assert found["documents"] == 1
    assert found["quotes"] == [["hof.shout", "Der hof hat sieben ziegen."]]
    reasons = dict(found["skipped"])
    assert reasons["leise.shout"].startswith("no shouts.")
    assert "damaged" in reasons["kaputt.broken"]
    assert "Traceback" not in run.stderr
