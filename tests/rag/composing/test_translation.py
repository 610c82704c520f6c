"""Answers of several sentences in a language other than that of the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag import RAG
from rag.pipeline.stages import ModelTranslator
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Translating:
    """Records the quotations that it is given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, ...]] = []

    def translate(self, quotes: Sequence[str], language: str) -> str:
        self.given.append(tuple(quotes))
        return f"Said in {language}."


def translated(made: RAG, question: str, kind: Any) -> tuple[Any, Translating]:
    translator = Translating()
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("Fähren"), translator=translator)
    return rag.ask(question, kind=kind), translator


def test_of_a_composed_answer_the_first_quotations_are_translated_and_the_rest_is_said(made: RAG) -> None:
    answer, translator = translated(made, "What are the articles about?", "summary")
    (given,) = translator.given
    assert 1 <= len(given) <= 4
    assert len(given) < len(answer.citations)
    assert sum(map(len, given)) <= 330
    assert given == tuple(one.quote for one in answer.citations)[: len(given)]
    left = f"Said in en. [Translated: {len(given)} of {len(answer.citations)} quotations.]"
    assert [one.text for one in answer.sentences if one.wording == "model"] == [left]


def test_what_is_translated_as_a_whole_says_nothing_of_it(made: RAG) -> None:
    answer, translator = translated(made, "Who pays for the Hafen?", "fact")
    assert len(translator.given[0]) == len(answer.citations)
    assert [one.text for one in answer.sentences if one.wording == "model"] == ["Said in en."]


def test_a_translation_that_does_not_end_is_stopped() -> None:
    class Counting(ScriptedEngine):
        most = 0

        def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
            self.most = max_tokens
            return super().stream(ending, max_tokens=max_tokens)

    engine = Counting("again")
    ModelTranslator(engine, max_tokens=96).translate(["x" * 160, "y" * 160], "en")
    assert engine.most <= 192
    assert engine.most > 320 / 3  # a German token has about three characters
    ModelTranslator(engine, max_tokens=96).translate(["kurz"], "en")
    assert engine.most < 40
