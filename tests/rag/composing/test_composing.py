"""Answers of several sentences: all are quoted from the sources, selected and ordered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError, RagError
from rag import RAG, Settings
from rag.composing.central import central
from rag.composing.pieces import FIRST_SENTENCES, MOST_SENTENCES, Candidate, of_article, spread
from rag.composing.sides import sides, speaks_of
from rag.composing.targets import terms_of_subject
from rag.types import Delta, EvidenceReady, EvidenceSentence, Finished, SentenceChecked
from tests.rag.composing.made import ARTICLES, Reading, quotes_are_the_sources
from tests.rag.fakes import HashingEmbedder, ScriptedEngine


@pytest.mark.parametrize("kind", ["list", "comparison", "summary", "timeline", "explanation"])
def test_every_sentence_is_the_sources_and_cited_once(made: RAG, kind: Any) -> None:
    answer = made.ask("Was ist mit dem Hafen von Talheim und der Werft in Auheim?", kind=kind)
    assert answer.kind == kind
    assert not answer.abstained
    assert len(answer.sentences) > 1
    assert quotes_are_the_sources(made, answer)
    assert all(one.wording == "source" and len(one.citations) == 1 for one in answer.sentences)
    places = [(one.path, one.start) for one in answer.citations]
    assert len(set(places)) == len(places)
    assert {(one.path, one.start) for one in answer.evidence} >= set(places)
    groups = [one.group for one in answer.sentences]
    # The sentences of a group stay together.
    assert groups == [group for group in dict.fromkeys(groups) for one in groups if one == group]


def test_a_summary_is_of_the_article_that_is_meant_and_needs_no_model(made: RAG) -> None:
    answer = made.ask("Fasse den Artikel über die Werft in Auheim zusammen.", kind="summary")
    assert {one.path for one in answer.citations} == {"werft.md"}
    assert {one.group for one in answer.sentences} == {"Die Werft in Auheim"}
    assert answer.searched == (1, 2)
    assert not answer.generated
    assert made._models._engine.asked == []  # type: ignore[union-attr]


def test_a_summary_of_all_has_a_part_for_each_article(made: RAG) -> None:
    answer = made.ask("Worum geht es insgesamt?", kind="summary")
    assert [one.group for one in answer.sentences][:1] == ["Der Hafen von Talheim"]  # the newest first
    assert {one.group for one in answer.sentences} == {"Der Hafen von Talheim", "Die Werft in Auheim"}
    assert answer.searched == (2, 2)


def test_the_sides_of_a_comparison_stand_apart(made: RAG) -> None:
    answer = made.ask("Vergleiche Talheim und Auheim.", kind="comparison")
    by_side = {side: [one.text for one in answer.sentences if one.group == side] for side in ("Talheim", "Auheim")}
    # A sentence that names no side itself belongs to the side of the sentence before it.
    assert all(any(side in text for text in texts) for side, texts in by_side.items())
    assert {one.path for one in answer.citations} == {"hafen.md", "werft.md"}


def test_a_timeline_is_in_order_and_shows_when(made: RAG) -> None:
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("nichts"), reader=Reading(3.0))
    answer = rag.ask("Was geschah am Hafen von Talheim und an der Werft in Auheim, und wann?", kind="timeline")
    groups = list(dict.fromkeys(one.group for one in answer.sentences))
    expected = ["im Jahr 2019", "seit 2021", "im nächsten Jahr", "bis 2027"]
    order = [group for group in groups if group in expected]
    assert len(order) > 1
    assert order == sorted(order, key=expected.index)
    last = next(one for one in answer.sentences if one.group == "bis 2027")
    assert [last.text[start:end] for start, end in last.emphasis] == ["bis 2027"]


def test_the_gate_decides_whether_a_list_is_an_answer(made: RAG) -> None:
    made._models._engine.confirms = False  # type: ignore[union-attr]
    answer = made.ask("Nenne alle Sprachmodelle.", kind="list")
    assert answer.abstained
    assert (answer.sentences, answer.citations, answer.searched) == ((), (), None)
    assert answer.kind == "list"


def test_something_is_shown_before_the_model_has_read(made: RAG) -> None:
    events = list(made.stream("Nenne alle Fähren der Werft in Auheim.", kind="list"))
    kinds = [type(event) for event in events]
    assert kinds[0] is EvidenceReady
    assert 1 <= kinds.count(Delta) <= 3
    assert kinds[1 : kinds.index(SentenceChecked)] == [Delta] * kinds.count(Delta)
    assert kinds[-1] is Finished


@pytest.mark.parametrize("kind", ["explanation", "timeline", "comparison"])
def test_all_that_needs_no_model_is_shown_before_it_has_read(made: RAG, kind: Any) -> None:
    events = list(made.stream("Vergleiche den Ausbau von Talheim und Auheim seit 2019.", kind=kind))
    foreseen = [event.text for event in events if isinstance(event, Delta)]
    checked = [event.sentence.text for event in events if isinstance(event, SentenceChecked)]
    assert len(checked) > 1
    # A sentence of an explanation is shown together with the sentence that it refers back to.
    assert all(any(text in whole for whole in foreseen) for text in checked)


def test_an_article_of_one_sentence_is_summarised_by_it(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "kurz.md").write_text("# Kurz\n\nDer Turm von Auheim ist heute offen.\n", encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("Turm"))
    assert rag.ask("Fasse zusammen.", kind="summary").text == "Der Turm von Auheim ist heute offen."


@pytest.mark.parametrize("question", ["Fasse alle Artikel kurz zusammen.", "Fasse alle Texte in fünf Sätzen zusammen."])
def test_a_summary_of_all_needs_no_model(made: RAG, question: str) -> None:
    made._models._engine.confirms = False  # type: ignore[union-attr]
    answer = made.ask(question, kind="summary")
    assert {one.group for one in answer.sentences} == {"Der Hafen von Talheim", "Die Werft in Auheim"}
    assert made._models._engine.asked == []  # type: ignore[union-attr]


def test_a_summary_of_a_word_that_stands_there_is_of_that(made: RAG) -> None:
    view = made._view()
    assert terms_of_subject(view, "Was steht in den Artikeln über Strom?", "summary") == ("strom",)
    assert terms_of_subject(view, "Fasse alle Artikel in fünf Punkten kurz zusammen.", "summary") == ()
    answer = made.ask("Was steht in den Artikeln über Strom?", kind="summary")
    assert "Ihre Fähren fahren mit Strom." in [one.text for one in answer.sentences]
    assert len(answer.sentences) < 10


def test_reasons_are_rather_taken_from_the_article_of_the_nearest(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    near = (
        "Warum der Turm von Auheim schief steht. Der Turm steht auf weichem Boden. Auf Sand steht der Bau seit langem."
    )
    far = "Der Turm in Talheim steht gerade. Auf Fels ist er gebaut. Viele Menschen besuchen ihn im Sommer."
    (folder / "schief.md").write_text(f"# Auheim\n\n{near}\n", encoding="utf-8")
    (folder / "gerade.md").write_text(f"# Talheim\n\n{far}\n", encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    answer = rag.ask("Warum steht der Turm von Auheim schief?", kind="explanation")
    assert {one.path for one in answer.citations} == {"schief.md"}


def test_a_kind_that_there_is_none_of_is_refused(made: RAG) -> None:
    with pytest.raises(RagError, match="no kind 'gedicht'"):
        made.ask("Was?", kind="gedicht")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Vergleiche die Strategien von Tencent und Baidu.", ("Tencent", "Baidu")),
        ("Vergleiche Tencent, Baidu und Huawei.", ("Tencent", "Baidu", "Huawei")),
        ("Was unterscheidet den Turm Süd von dem Turm Nord?", ("Turm Süd", "Turm Nord")),
        ("Compare what CloudMatrix 384 and Blackwell NVL72 are.", ("CloudMatrix 384", "Blackwell NVL72")),
        ("Welcher ist besser, der H20 oder der Ascend 910C?", ("H20", "Ascend 910C")),
        ("Worin unterscheiden sich beide?", ()),
        ("Vergleichen Sie bitte Nvidia und AMD", ("Nvidia", "AMD")),
        ("Und Tencent und Baidu?", ("Tencent", "Baidu")),
        ("", ()),
    ],
)
def test_sides_are_names_that_are_joined(question: str, found: tuple[str, ...]) -> None:
    assert sides(question) == found


@given(st.text(max_size=200))
def test_sides_of_any_text_stand_in_it(question: str) -> None:
    assert all(speaks_of(question, side) for side in sides(question))


@pytest.mark.parametrize("kind", ["list", "comparison", "summary", "timeline", "explanation"])
def test_where_a_filter_leaves_nothing_there_is_no_answer(made: RAG, kind: Any) -> None:
    assert made.ask("Was ist mit dem Hafen?", kind=kind, filter={"source": "gibt es nicht"}).abstained


def test_the_gate_decides_on_a_summary_of_what_no_title_names(made: RAG) -> None:
    made._models._engine.confirms = False  # type: ignore[union-attr]
    assert made.ask("Fasse den Artikel über Quantencomputer zusammen.", kind="summary").abstained


def test_a_side_is_no_part_of_another_word() -> None:
    assert speaks_of("Intels Werk steht.", "Intel")
    assert speaks_of("Der Intel-Chef sprach.", "Intel")
    assert not speaks_of("Künstliche Intelligenz verändert viel.", "Intel")


def test_talk_and_a_summary_that_is_certain_need_no_language_model(made: RAG) -> None:
    def absent() -> None:
        raise ModelError("There is none.")

    made._models.engine = absent  # type: ignore[method-assign, assignment]
    assert made.ask("Danke!", kind="talk", fresh=True).sentences
    assert made.ask("Fasse den Artikel über die Werft in Auheim zusammen.", kind="summary", fresh=True).sentences


def test_an_article_is_named_by_a_word_of_its_title_that_all_articles_have(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for title, place in (("Die Fähre kommt später", "Auheim"), ("Mehr Geld für den Turm", "Talheim")):
        text = " ".join(f"Die Fähre hat in {place} im Jahr {1990 + number} wieder angelegt." for number in range(8))
        (folder / f"{place}.md").write_text(f"---\ntitle: {title}\n---\n\n{text}\n", encoding="utf-8")
    engine = ScriptedEngine("x", confirms=False)
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=engine)
    answer = rag.ask("Fasse den Artikel über die Fähre zusammen", kind="summary")
    assert {one.path for one in answer.citations} == {"Auheim.md"}
    assert engine.asked == []
    assert rag.ask("Fasse den Artikel über die Fähre und den Drachen zusammen", kind="summary").abstained


def test_a_list_is_found_by_the_retriever_that_is_plugged_in(made: RAG, tmp_path: Path) -> None:
    class Nothing:
        def retrieve(self, *_: object, **__: object) -> tuple[()]:
            return ()

    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("x"), retriever=Nothing())
    assert rag.ask("Nenne alle Fähren.", kind="list").abstained


def test_days_are_in_order_and_keep_their_own_label(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "bau.md").write_text(
        "# Bau\n\nAm 28. Juni 2025 wurde der Turm fertig gebaut. Am 3. Juni 2025 wurde der Turm gestrichen.\n", "utf-8"
    )
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    answer = rag.ask("Wann wurde der Turm gestrichen und fertig gebaut?", kind="timeline")
    assert [one.group for one in answer.sentences] == ["3. Juni 2025", "28. Juni 2025"]


def test_a_follow_up_is_answered_as_a_fact_unless_another_form_is_chosen(made: RAG) -> None:
    history = [("Wie viel zahlt die Reederei Nordlicht?", "Zwölf Millionen Euro.")]
    assert made.ask("Und welche anderen Fähren?", history=history).kind == "fact"
    assert made.ask("Und welche anderen Fähren?", history=history, kind="list").kind == "list"


def test_two_copies_of_an_article_are_shown_once_and_both_count_as_searched(made: RAG) -> None:
    folder = Path(made.settings.corpus)
    (folder / "kopie.md").write_text(ARTICLES["werft.md"].replace("2023-11-20", "2023-11-21"), encoding="utf-8")
    made.sync()
    answer = made.ask("Worum geht es insgesamt?", kind="summary")
    assert len({one.path for one in answer.citations}) == 2
    texts = [one.text for one in answer.sentences]
    assert len(set(texts)) == len(texts)
    assert answer.searched == (3, 3)


def test_an_article_is_meant_though_there_is_a_copy_of_it(made: RAG) -> None:
    folder = Path(made.settings.corpus)
    (folder / "kopie.md").write_text(ARTICLES["werft.md"], encoding="utf-8")
    made.sync()
    answer = made.ask("Fasse den Artikel über die Werft in Auheim zusammen.", kind="summary")
    assert {one.group for one in answer.sentences} == {"Die Werft in Auheim"}
    assert len({one.path for one in answer.citations}) == 1
    assert answer.searched == (1, 3)


@given(st.integers(0, 20 * MOST_SENTENCES))
def test_of_many_sentences_a_bounded_number_is_weighed_the_first_and_the_last_among_them(count: int) -> None:
    chosen = [number for number in range(count) if number in spread(count)]
    assert len(chosen) == min(count, MOST_SENTENCES)
    assert chosen[:FIRST_SENTENCES] == list(range(min(count, FIRST_SENTENCES)))
    assert not count or chosen[-1] == count - 1


def test_the_end_of_a_long_article_is_weighed(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = " ".join(f"Im Hafen von Talheim liegt das Schiff mit der Nummer {number}." for number in range(600))
    (folder / "lang.md").write_text(f"# Lang\n\n{text} Am Ende verließen alle Schiffe den Hafen.\n", encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    weighed = [one.sentence.text for one in of_article(rag._view(), "lang.md")]
    assert weighed[-1] == "Am Ende verließen alle Schiffe den Hafen."
    assert len(weighed) <= MOST_SENTENCES


def test_what_stands_under_a_picture_is_no_point_of_a_summary(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = (
        "*Bild: Der Turm von Auheim, wie er heute im Abendlicht steht. Er ist sehr alt.*\n\n"
        "Der Turm von Auheim *neigt sich* seit vielen Jahren nach Osten.\n\n*Ein Bericht von Berta Brand aus Auheim.*"
    )
    (folder / "turm.md").write_text(f"# Der Turm von Auheim\n\n{text}\n", encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    answer = rag.ask("Fasse den Artikel über den Turm von Auheim zusammen.", kind="summary")
    assert [one.quote for one in answer.citations] == [
        "Der Turm von Auheim *neigt sich* seit vielen Jahren nach Osten."
    ]


def test_what_the_title_says_stands_for_the_article() -> None:
    def candidate(number: int, vector: list[float]) -> Candidate:
        text = f"Der {number}. Satz hat ebenso viele Wörter wie alle anderen Sätze dieses Artikels."
        return Candidate(EvidenceSentence("a.md", 100 * number, 100 * number + 80, text, "", 0.0), np.float32(vector))

    others = [candidate(number, [1.0, 0.0, 0.0]) for number in range(5)]
    told = candidate(5, [0.0, 1.0, 0.0])
    foreign = candidate(6, [0.0, 0.0, 1.0])
    candidates = [*others, told, foreign]
    assert told in central(candidates, np.float32([0.0, 1.0, 0.0]), 2)
    assert foreign in central(candidates, np.float32([0.0, 0.0, 1.0]), 2)
