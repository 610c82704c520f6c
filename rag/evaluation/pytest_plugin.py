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
        help="evaluation set; adds a test for each question, and runs no other tests unless paths are given",
    )
    group.addoption(
        "--rag-corpus", metavar="DIR", type=Path, help="folder of articles (default: RAG_CORPUS, or corpus)"
    )
    group.addoption("--rag-index", metavar="DIR", type=Path, help="folder of the index (default: RAG_INDEX, or .rag)")
    group.addoption(
        "--rag-min",
        metavar="METRIC=VALUE",
        action="append",
        default=[],
        help="metric of all questions together must be at least this",
    )
    group.addoption(
        "--rag-max",
        metavar="METRIC=VALUE",
        action="append",
        default=[],
        help="metric of all questions together must be at most this",
    )
    group.addoption(
        "--rag-baseline",
        metavar="FILE",
        type=Path,
        help="earlier run; fail if a metric is worse by more than a paired test allows",
    )
    group.addoption(
        "--rag-since", metavar="FILE", type=Path, help="earlier run; ask the model only about what may have changed"
    )
    group.addoption(
        "--rag-retrieval-only", action="store_true", help="evaluate retrieval only, without the language model"
    )
    group.addoption(
        "--rag-tolerate",
        action="store_true",
        help="report a wrong answer as an expected failure, so that only the bounds decide",
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
