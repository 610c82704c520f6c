"""The page's scripts: a linter checks them, and node's test runner runs their own tests."""

from __future__ import annotations

import functools
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.types import AnswerSentence, Finished
from tests.ui import fakes
from ui.conversation.records import record_of
from ui.launching import serving
from ui.render import sentences
from ui.render.texts import DE, EN, translations

if TYPE_CHECKING:
    from rag.types import Role

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests" / "ui" / "client").glob("*.test.mjs"))
OLDEST_NODE = 20
ENDINGS = (*". ! ? … : ; , “ .“ ?» .) 𝔐 𝔐. - ’ .’)".split(), "", ".]\u00a0", "!“ \n")

QUESTIONS = ("Wer?", "hostile", "abwesend", "wörtlich", "English")


@functools.cache
def node() -> str:
    """Return the path of node. If it is missing or too old, the test is skipped with the reason."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("no node: the page's scripts are not tested")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node is {version.strip()}, the tests of the page's scripts need {OLDEST_NODE}")
    return found


def units_of(roles: list[Role]) -> list[list[str]]:
    """Return the sentences, named by their numbers, that the server puts into each paragraph."""
    said = [AnswerSentence(f"Satz {number}.", 1.0, "kept", (0,), role=role) for number, role in enumerate(roles)]
    return [[sentence.text for sentence in unit] for unit in sentences.units(said)]


def from_server() -> dict[str, Any]:
    """Return what the scripts get from the server, and what the server makes of the same texts."""
    chance = random.Random(7)
    orders: list[list[Role]] = [[chance.choice(("answer", "context")) for _ in range(count)] for count in range(1, 9)]
    events = [event for question in QUESTIONS for event in fakes.FakeRag().stream(question)]
    answers = [event.answer for event in events if isinstance(event, Finished)]
    return {
        "words": {texts.language: translations(texts) for texts in (DE, EN)},
        "endings": [[ending, bool(sentences._ENDED.search(f"Wort{ending}"))] for ending in ENDINGS],
        "units": [[order, units_of(order)] for order in orders],
        "records": [record_of("Wer?", "done", answer, documents=fakes.DOCUMENTS) for answer in answers],
    }


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_of_scripts(file: Path, tmp_path: Path) -> None:
    given = tmp_path / "from_server.json"
    given.write_text(json.dumps(from_server()), encoding="utf-8")
    run = subprocess.run(
        [node(), "--test", "--test-reporter=tap", file],
        env={**os.environ, "FROM_SERVER": str(given), "TZ": "Europe/Berlin", "NO_COLOR": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", run.stdout, re.MULTILINE)}
    assert run.returncode == 0, run.stdout + run.stderr
    assert counts["pass"] == counts["tests"] > 0, run.stdout


def test_the_page_is_served_with_all_scripts_and_styles() -> None:
    head = serving._head(serving._script())
    files = [*(ROOT / "ui" / "client").iterdir(), *(ROOT / "ui" / "style").iterdir()]
    assert len(files) > 20
    for file in files:
        assert file.read_text(encoding="utf-8") in head, file.name
    places = [head.index(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "ui" / "client").iterdir())]
    assert places == sorted(places)


def test_a_linter_has_nothing_to_say_of_the_scripts() -> None:
    program = Path(sys.executable).with_name("oxlint")
    if not program.exists():
        pytest.skip("no oxlint beside Python: `make setup` installs it")
    run = subprocess.run(
        [program, "ui/client", "tests/ui/client"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
