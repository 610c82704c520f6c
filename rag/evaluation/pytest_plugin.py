"""
Pytest plug-in that asks an evaluation set: ``pytest --rag-set set.jsonl`` runs a test for each question.

Pytest imports this module at every start, in every project that has the package installed: nothing else is imported
until the option is given.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_OTHERS = ("corpus", "index", "min", "max", "baseline", "since", "retrieval_only", "tolerate")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("rag", "questions to a folder of articles")
    group.addoption(
        "--rag-set",
        metavar="SET",
        type=Path,
        help="evaluation set: a test for each question; without other paths nothing else is run",
    )
    group.addoption("--rag-corpus", metavar="DIR", type=Path, help="folder of articles (RAG_CORPUS, else corpus)")
    group.addoption("--rag-index", metavar="DIR", type=Path, help="folder of the index (RAG_INDEX, else .rag)")
    group.addoption(
        "--rag-min", metavar="METRIC=VALUE", action="append", default=[], help="what all questions together must reach"
    )
    group.addoption("--rag-max", metavar="METRIC=VALUE", action="append", default=[], help="what they must not exceed")
    group.addoption("--rag-baseline", metavar="FILE", type=Path, help="earlier run that no metric may fall behind")
    group.addoption(
        "--rag-since", metavar="FILE", type=Path, help="earlier run; ask the model only what can have changed"
    )
    group.addoption("--rag-retrieval-only", action="store_true", help="leave the language model out")
    group.addoption(
        "--rag-tolerate",
        action="store_true",
        help="a question that goes wrong is an expected failure: the bounds alone decide",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the set, if one is given."""
    if config.getoption("rag_set") is None:
        lonely = [name for name in _OTHERS if config.getoption(f"rag_{name}")]
        if lonely:
            raise pytest.UsageError(f"--rag-{lonely[0].replace('_', '-')} needs --rag-set SET.")
        return
    from rag.evaluation.testing.session import register  # noqa: PLC0415 - imports the evaluation

    register(config)
