"""Bundles as a set: it loads, its quotes are in the articles, and each question is asked about its own articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.datasets import load
from training.open.as_set import write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_set_of_bundles_asks_each_of_its_own_articles(tmp_path: Path) -> None:
    count = write(tmp_path, ["b2", "n4"])
    questions = load(tmp_path / "questions.jsonl").questions
    assert len(questions) == count > 50
    articles = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "articles").iterdir()}
    assert len(articles) == 6
    for question in questions:
        bundle = question.id.split("-")[0]
        assert dict(question.filter)["source"] == f"Bündel {bundle}"
        assert question.answerable == bool(question.key_points)
        for quote in (quote for point in question.key_points for quote in point.quotes):
            assert quote.quote in articles[quote.path]
            assert f"source: Bündel {bundle}\n" in articles[quote.path]


def test_each_fact_has_its_sentence_and_its_near_miss_none(tmp_path: Path) -> None:
    write(tmp_path, ["b2", "n4"])
    questions = load(tmp_path / "facts.jsonl").questions
    articles = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "articles").iterdir()}
    assert {question.answerable for question in questions} == {True, False}
    for question in questions:
        assert len(question.gold_quotes) == len(question.sources) == int(question.answerable)
        assert all(
            articles[path].count(quote) == 1 for path, quote in zip(question.sources, question.gold_quotes, strict=True)
        )
