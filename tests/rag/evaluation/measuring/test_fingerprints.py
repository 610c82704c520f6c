"""The fingerprint changes with the code and the word lists, but not with the shell or the evaluation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag.evaluation.fingerprints import code_fingerprint


@pytest.mark.parametrize(
    ("file", "differs"),
    [("rule.py", True), ("text/locale/de/words.toml", True), ("cli/main.py", False), ("evaluation/runner.py", False)],
)
def test_what_answers_depend_on_is_in_the_fingerprint(
    file: str, differs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "fingerprinted"
    (package / file).parent.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / file).write_text("before = 1", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        before = code_fingerprint("fingerprinted")
        (package / file).write_text("after = 2", "utf-8")
        code_fingerprint.cache_clear()
        assert (code_fingerprint("fingerprinted") != before) is differs
    finally:
        code_fingerprint.cache_clear()
        sys.modules.pop("fingerprinted", None)


def test_the_word_lists_are_in_that_of_the_index() -> None:
    from importlib import resources

    from rag.calibrating.code import _files

    names = {name for name, _ in _files(resources.files("index"), "")}
    assert {"/text/locale/__init__.py", "/text/locale/de/grammar.toml", "/text/locale/en/pages.toml"} <= names
