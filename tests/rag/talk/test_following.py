"""Suggested next questions: on the cited articles, found by search, not asked before, and none after a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rag.exploring.examples import about_article, is_found
from rag.exploring.suggestions import suggestions_of
from rag.talk import following
from rag.types import Answer, AnswerSentence, Citation, Timings
from tests.rag.exploring.articles import BUSES, index_of, opened

if TYPE_CHECKING:
    from index.storage.reader import Index

SENTENCE = "Der Hersteller Solaris liefert 40 Elektrobusse."
QUESTION = "Wie viele Elektrobusse liefert Solaris?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(opened(tmp_path_factory.mktemp("buses"), BUSES))


def answer(index: Index, *, path: str = "bus.md", sentence: str = SENTENCE, **options: Any) -> Answer:
    start = index.documents[path].text.index(sentence)
    cited = Citation(path, start, start + len(sentence), sentence, index.documents[path].metadata.title, "")
    given: dict[str, Any] = {"abstained": False, "generated": True, "language": "de", "kind": "fact", **options}
    said = (AnswerSentence(sentence, 1.0, "kept", (0,)),)
    return Answer(
        QUESTION,
        QUESTION,
        sentence,
        sentences=said,
        citations=(cited,),
        evidence=(),
        timings=Timings(1, None, 2),
        **given,
    )


def test_there_are_three_of_several_kinds_on_the_cited_article(index: Index) -> None:
    found = following(answer(index), index)
    assert len(found) == 3
    made = {one.question: one for one in suggestions_of(index, ["bus.md"])}
    assert found[0] in made
    assert is_found(index, made[found[0]])
    # The name is not the one that was asked for.
    assert found[1].startswith("Was steht in den Artikeln über ")
    assert "Solaris" not in found[1]
    assert found[2] == "Ausführlicher, bitte."


def test_nothing_is_offered_that_was_asked_or_is_said_already(index: Index) -> None:
    first = following(answer(index), index)
    again = following(answer(index), index, asked=[first[0].upper(), first[1].rstrip("?.")])
    assert not {first[0], first[1]} & set(again)
    said = "Solaris baut die Elektrobusse in Posen."
    assert "Wer baut die Elektrobusse in Posen?" not in following(answer(index, sentence=said), index)


def test_each_kind_has_what_suits_it(index: Index) -> None:
    title = about_article(index.documents["bus.md"].metadata.title, "de")
    explained = following(answer(index, kind="explanation"), index)
    assert title in explained
    assert "Ausführlicher, bitte." not in explained
    assert title not in following(answer(index, kind="summary"), index)


def test_a_refusal_and_a_talk_have_none(index: Index) -> None:
    assert following(answer(index, abstained=True), index) == ()
    from dataclasses import replace

    assert following(replace(answer(index), citations=()), index) == ()


def test_known_questions_come_first_and_the_language_is_the_answers(index: Index) -> None:
    assert following(answer(index), index, known=["Was kosten die Busse?"])[0] == "Was kosten die Busse?"
    english = following(answer(index, language="en"), index)
    assert "In more detail, please." in english
    assert 2 <= len(english) <= 3


def test_a_short_article_is_not_asked_for_at_length(index: Index) -> None:
    short = answer(index, path="linie.md", sentence="Die Linie 7 fährt ab Mai.")
    found = following(short, index)
    assert "Ausführlicher, bitte." not in found
    assert about_article("Neue Linie in Ulm", "de") not in found
