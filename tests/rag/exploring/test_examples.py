"""Example questions made from the articles: one for every kind, each of its stated kind and found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.exploring.examples import LONGEST_ASKED_TITLE, about_article, examples_of, facts, is_found
from rag.exploring.suggestions import Suggestion, suggestions_of
from rag.kinds import KINDS, classify
from tests.rag.exploring.articles import BUSES, article, index_of, opened

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    return opened(tmp_path_factory.mktemp("buses"), BUSES)


def test_every_kind_that_rests_on_articles_has_one_in_german(rag: RAG) -> None:
    examples = rag.examples("de")
    assert {one.kind for one in examples} == set(KINDS) - {"talk", "other"}
    asked = {one.kind: one.question for one in examples}
    assert asked["yes_no"] == "Will Ulm bis 2030 alle Dieselbusse ersetzen?"
    assert asked["comparison"] == "Vergleiche Daimler und Solaris."
    assert asked["list"] == "Nenne alle Unternehmen, die in den Artikeln vorkommen."
    assert "Worum geht es in den Artikeln insgesamt?" in {one.question for one in examples}


def test_people_are_asked_for_if_several_are_named_with_their_role(tmp_path: Path) -> None:
    text = (
        "Bürgermeisterin Silke Rood lud alle ins Rathaus ein. Nils Voss, der Leiter der Oper, hielt eine lange Rede. "
        "Danach spielte Kapellmeister Jan Arp auf der alten Orgel."
    )
    rag = opened(tmp_path, {"rathaus.md": article("Ein Empfang", text)})
    asked = {language: {one.kind: one.question for one in rag.examples(language)}["list"] for language in ("de", "en")}
    assert asked["de"] == "Nenne alle Personen, die in den Artikeln vorkommen."
    assert asked["en"] == "List all people that are mentioned in the articles."
    named = rag.ask(asked["de"], kind="list")
    assert len(named.citations) == 3


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_is_of_the_kind_that_it_says(rag: RAG, language: str) -> None:
    examples = rag.examples(language)
    assert len(examples) >= 6
    assert [(classify(one.question).kind, one.question) for one in examples] == [
        (one.kind, one.question) for one in examples
    ]


def test_the_page_in_english_asks_in_english_of_german_articles(rag: RAG) -> None:
    questions = {one.kind: one.question for one in rag.examples("en")}
    assert questions["fact"] == "Who is Anna Weber?"
    assert questions["comparison"] == "Compare Daimler and Solaris."
    assert "yes_no" not in questions  # questions of this kind are asked in German only


def test_facts_and_closed_questions_are_found_by_search(rag: RAG) -> None:
    index = index_of(rag)
    made = {one.question: one for closed in (False, True) for one in suggestions_of(index, closed=closed)}
    turned = [made[one.question] for one in rag.examples("de") if one.question in made]
    assert len(turned) >= 2
    assert all(is_found(index, one) for one in turned)
    assert not is_found(index, Suggestion("Wer malt Bilder?", "bus.md", 0, 10))
    assert not is_found(index, Suggestion("Wer liefert die Lader?", "linie.md", 0, 10))
    assert set(facts(index, "de", ["bus.md"], most=9)) <= set(made)
    assert facts(index, "de", ["nowhere.md"], most=9) == []


def test_a_single_article_is_not_asked_for_as_a_whole_and_none_gives_none(tmp_path: Path) -> None:
    one = opened(tmp_path / "one", {"a.md": article("Ein Fund", "Im Moor lag ein Krug.")})
    assert [item.question for item in one.examples("de")] == [
        "Was geschah wann?",
        "Fasse den Artikel „Ein Fund“ zusammen.",
    ]
    assert opened(tmp_path / "none", {}).examples("de") == ()


def test_a_title_is_quoted_within_the_quotation_and_a_long_one_shortened() -> None:
    assert about_article("Das  „Wunder“ von Bern", "de") == "Fasse den Artikel „Das ‚Wunder‘ von Bern“ zusammen."
    long = about_article("Wort " * 60, "en")
    assert long.count("Wort") == LONGEST_ASKED_TITLE // 5
    assert about_article("  ", "de") == ""


def test_examples_are_kept_for_each_language(rag: RAG) -> None:
    index = index_of(rag)
    assert examples_of(index, "de") is examples_of(index, "de")
    assert examples_of(index, "de") != examples_of(index, "en")


def test_of_a_long_article_only_the_beginning_is_read(rag: RAG) -> None:
    index = index_of(rag)
    everything = suggestions_of(index, ["bus.md"])
    assert suggestions_of(index, ["bus.md"], most=10_000) == everything
    beginning = suggestions_of(index, ["bus.md"], most=3)
    assert 0 < len(beginning) < len(everything)
    assert set(beginning) < set(everything)
    assert suggestions_of(index, ["bus.md"], most=0) == []
