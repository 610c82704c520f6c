from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import prompts
from rag.evaluation.measuring.metrics import is_verbatim
from rag.grounding import anchoring
from rag.pipeline.answer import ABSTENTION
from rag.types import Answer, Delta, EvidenceReady, Finished, Likely, SentenceChecked
from tests.conftest import ARTICLES
from tests.files import lines, make_pdf, needs_files
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.client import RAG
    from rag.kinds import Kind
    from rag.types import Event

QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
DRAFT = "4 Milliarden Yuan"
SHOWN = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen."
WRONG = "Cambricon will 9 Milliarden Dollar verschenken."


def answered(folder: Path, text: str, question: str, draft: str, kind: Kind | None = None) -> Answer:
    """Answer from one article, with an engine that finds the answer there and says ``draft``."""
    (folder / "own").mkdir()
    (folder / "own" / "a.md").write_text(text, encoding="utf-8", newline="")
    return synced(folder / "own", folder / "own-index", ScriptedEngine(draft)).ask(question, kind=kind)


def answer_of(events: Sequence[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, Finished)
    return last.answer


def asked_in(page: str) -> str:
    """Return the question from the text that the engine reads."""
    return page.rsplit("\n", maxsplit=1)[-1]


def test_events_come_in_order_and_end_with_the_answer(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("4 ", "Milliarden", " Yuan")
    events = list(synced(corpus, index_dir, engine).stream(QUESTION))
    assert [type(event) for event in events] == [EvidenceReady, Likely, Delta, SentenceChecked, Finished]
    assert events[1].sentence.text == SHOWN
    assert events[2] == Delta(SHOWN)
    assert events[3].citations == events[4].answer.citations == events[1].citations == answer_of(events).likely
    answer = events[-1].answer
    assert (answer.text, answer.abstained, answer.generated) == (SHOWN, False, True)
    sentence = answer.sentences[0]
    assert (sentence.status, sentence.wording, sentence.support, sentence.role) == ("kept", "source", 1.0, "answer")
    assert [SHOWN[start:end] for start, end in sentence.emphasis] == [DRAFT]
    timings = answer.timings
    assert timings.first_token_ms is not None
    assert timings.first_useful_ms is not None
    assert timings.first_evidence_ms <= timings.first_useful_ms <= timings.first_token_ms <= timings.total_ms


def test_what_is_likely_is_no_answer_where_the_model_says_no(corpus: Path, index_dir: Path) -> None:
    events = list(synced(corpus, index_dir, ScriptedEngine("x", confirms=False)).stream(QUESTION))
    assert [type(event) for event in events] == [EvidenceReady, Likely, Finished]
    answer = answer_of(events)
    assert (answer.abstained, answer.sentences, answer.citations) == (True, (), ())
    assert [one.quote for one in answer.likely] == [SHOWN]
    assert answer.timings.first_token_ms is None
    assert answer.timings.first_useful_ms is not None
    assert answer.to_json()["likely"] == [one.to_json() for one in answer.likely]


def test_an_answer_from_memory_has_its_own_times(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, ScriptedEngine(DRAFT))
    first, again = rag.ask(QUESTION), rag.ask(QUESTION)
    assert again.likely == first.likely != ()
    assert again.timings.first_useful_ms is not None
    assert again.timings.first_useful_ms <= again.timings.total_ms


def test_each_part_has_at_most_one_provisional_text(corpus: Path, index_dir: Path) -> None:
    def says(page: str) -> list[str]:
        return ["in ", "Schanghai", " bei ", "SMIC"] if "Fertigung" in asked_in(page) else ["4 ", "Milliarden ", "Yuan"]

    events = list(
        synced(corpus, index_dir, ScriptedEngine(says=says)).stream(
            f"{QUESTION[:-1]}, und wo übernimmt SMIC die Fertigung?"
        )
    )
    kinds = [type(event) for event in events if not isinstance(event, Likely)]
    assert kinds == [EvidenceReady, Delta, SentenceChecked, Delta, SentenceChecked, Finished]
    assert events[-1].answer.text == f"{SHOWN} Die Fertigung übernimmt SMIC in Schanghai."
    assert [sentence.citations for sentence in events[-1].answer.sentences] == [(0,), (1,)]


def test_a_word_that_may_go_on_is_not_looked_for_yet(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchoring, "_SURE", 2.0)  # no place is foreseen
    events = list(synced(corpus, index_dir, ScriptedEngine("Pek", "ing")).stream("Wo liegt der Sitz?"))
    assert [type(event) for event in events if not isinstance(event, Likely)] == [
        EvidenceReady,
        SentenceChecked,
        Finished,
    ]
    assert "Der Sitz liegt in Peking." in events[-1].answer.text


def test_a_place_without_a_rival_is_shown_before_the_model_writes(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("Pek", "ing")
    seen = threading.Event()
    engine.before_piece = lambda: seen.wait(30)
    for event in synced(corpus, index_dir, engine).stream("Wo liegt der Sitz?"):
        if isinstance(event, Delta):
            assert event.text.endswith("Der Sitz liegt in Peking.")
            assert engine.yielded == 0
            seen.set()
    assert seen.is_set()


def test_each_quote_is_the_files_own_characters(corpus: Path, index_dir: Path) -> None:
    made = synced(corpus, index_dir, ScriptedEngine(DRAFT))
    answer = made.ask(QUESTION)
    assert answer.citations
    for citation in answer.citations:
        file = (corpus / citation.path).read_bytes().decode("utf-8")
        assert file[citation.start : citation.end] == citation.quote
        assert made.document(citation.path).sha256 == citation.document_sha256
    assert answer.citations[0].path == "cambricon.md"


@needs_files
def test_a_citation_into_a_pdf_names_its_page(corpus: Path, index_dir: Path) -> None:
    pages = [lines("Der Verein wählte im Mai einen Vorstand."), lines("Der Kuchenbasar brachte 412 Euro ein.")]
    (corpus / "verein.pdf").write_bytes(make_pdf(pages))
    engine = ScriptedEngine(says=lambda page: ["412 Euro" if "Kuchenbasar" in asked_in(page) else DRAFT])
    made = synced(corpus, index_dir, engine)
    citation = made.ask("Wie viel brachte der Kuchenbasar ein?").citations[0]
    assert (citation.path, citation.page) == ("verein.pdf", 2)
    assert made.document("verein.pdf").text[citation.start : citation.end] == citation.quote
    assert made.ask(QUESTION).citations[0].page is None


def test_where_the_model_finds_no_answer_it_is_not_asked_to_write_one(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(DRAFT, confirms=False)
    events = list(synced(corpus, index_dir, engine).stream(QUESTION))
    assert [type(event) for event in events] == [EvidenceReady, Likely, Finished]
    assert len(engine.asked) == 1
    assert engine.yielded == 0
    answer = events[-1].answer
    assert (answer.abstained, answer.generated, answer.text) == (True, False, ABSTENTION["de"])
    assert (answer.citations, answer.sentences, answer.unanswered) == ((), (), ())
    assert answer.evidence


def test_the_loosest_strictness_answers_whatever_the_model_holds_of_it(corpus: Path, index_dir: Path) -> None:
    made = synced(corpus, index_dir, ScriptedEngine(DRAFT, confirms=False))
    assert made.ask(QUESTION).abstained
    answer = made.ask(QUESTION, strictness=0.0)
    assert (answer.abstained, answer.text) == (False, SHOWN)


def test_without_evidence_the_model_is_not_asked(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(DRAFT)
    answer = synced(corpus, index_dir, engine).ask(QUESTION, strictness=0.0, filter={"source": "Niemand"})
    assert answer.abstained
    assert engine.asked == []


def test_both_parts_of_a_question_are_answered_and_the_silent_one_is_named(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(DRAFT, confirms=lambda page: "Hefeteig" not in page)
    answer = synced(corpus, index_dir, engine).ask(f"{QUESTION[:-1]}, und wann ruht Hefeteig?")
    assert answer.text == SHOWN
    assert answer.unanswered == ("Wann ruht Hefeteig?",)
    assert answer.to_json()["unanswered"] == ["Wann ruht Hefeteig?"]


def test_two_parts_with_one_answer_say_it_once(corpus: Path, index_dir: Path) -> None:
    asked = f"{QUESTION[:-1]}, und wie viele Yuan will Cambricon aufnehmen?"
    answer = synced(corpus, index_dir, ScriptedEngine(DRAFT)).ask(asked)
    assert answer.text == SHOWN
    assert len(answer.citations) == 1
    assert answer.unanswered == ()
    places = [(sentence.path, sentence.start) for sentence in answer.evidence]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("draft", [WRONG, f"{DRAFT} {WRONG}", "Cambricon WILL verschenken", "verschenken"])
def test_the_models_own_words_are_never_shown(corpus: Path, index_dir: Path, draft: str) -> None:
    answer = synced(corpus, index_dir, ScriptedEngine(draft)).ask(QUESTION, strictness=0.0)
    assert "verschenken" not in answer.text
    assert SHOWN in answer.text
    assert all(is_verbatim(sentence, answer.citations) for sentence in answer.sentences)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "corpus").mkdir()
    for name, text in ARTICLES.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8", newline="")
    return synced(folder / "corpus", folder / "index", ScriptedEngine())


@settings(max_examples=30)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(" ".join(ARTICLES.values()).split()), max_size=8).map(" ".join),
    )
)
def test_whatever_the_model_says_each_shown_sentence_is_what_it_cites(kept: RAG, draft: str) -> None:
    kept._models._engine.pieces = (draft,)  # type: ignore[union-attr]
    answer = kept.ask(QUESTION, strictness=0.0, fresh=True)
    assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.wording == "source"
        assert is_verbatim(sentence, answer.citations)
        assert all(0 <= start < end <= len(sentence.text) for start, end in sentence.emphasis)
        assert all(one[1] <= other[0] for one, other in pairwise(sentence.emphasis))
    assert answer.text == " ".join(sentence.text for sentence in answer.sentences)


def test_the_sentence_that_names_it_is_shown_first_and_cited_too(tmp_path: Path) -> None:
    text = "Am Hang liegt die Hütte Sonneck. Sie hat 24 Betten. Gekocht wird mit Gas.\n"
    answer = answered(tmp_path, text, "Wie viele Betten hat die Hütte Sonneck?", "24 Betten")
    assert answer.text == "Am Hang liegt die Hütte Sonneck. Sie hat 24 Betten."
    assert [(one.role, one.status, one.citations) for one in answer.sentences] == [
        ("context", "kept", (0,)),
        ("answer", "kept", (1,)),
    ]
    assert [citation.quote for citation in answer.citations] == [one.text for one in answer.sentences]


def test_two_names_that_stand_apart_are_both_shown(tmp_path: Path) -> None:
    text = "Den Chor leitet Ortrun Vogl. Das Orchester leitet Hanno Zierer. Beide proben dienstags.\n"
    asked = "Wie heißen die Leiter von Chor und Orchester?"
    answer = answered(tmp_path, text, asked, "Ortrun Vogl und Hanno Zierer")
    assert "Den Chor leitet Ortrun Vogl." in answer.text
    assert "Das Orchester leitet Hanno Zierer." in answer.text


def test_another_value_for_the_same_thing_is_shown_too(tmp_path: Path) -> None:
    text = "Die Überfahrt nach Wallsand kostet 29 Euro.\n\nDie Überfahrt nach Wallsand kostet 31 Euro.\n"
    answer = answered(tmp_path, text, "Was kostet die Überfahrt nach Wallsand?", "29 Euro", kind="fact")
    assert "29 Euro" in answer.text
    assert "31 Euro" in answer.text
    assert len(answer.citations) == 2


def test_another_value_is_shown_too_if_the_words_of_the_draft_stand_apart(tmp_path: Path) -> None:
    text = (
        "Die Überfahrt per Boot nach Wallsand kostet 29 Euro.\n\nDie Überfahrt per Boot nach Wallsand kostet 31 Euro.\n"
    )
    answer = answered(tmp_path, text, "Was kostet die Überfahrt nach Wallsand?", "Boot 29 Euro", kind="fact")
    assert answer.sentences[0].emphasis == ()
    assert len(answer.citations) == 2


def translating(page: str) -> list[str]:
    wanted = page.startswith(tuple(prompts.TRANSLATE.values()))
    return ["The chip maker wants to raise", "\n4 billion yuan. "] if wanted else [DRAFT]


def test_where_that_is_wanted_an_english_question_gets_a_translation_that_nothing_carries(
    corpus: Path, index_dir: Path
) -> None:
    asked = "How much does the chip maker Cambricon want to raise?"
    alone = synced(corpus, index_dir, ScriptedEngine(says=translating)).ask(asked)
    assert [one.text for one in alone.sentences] == [SHOWN]
    events = list(synced(corpus, index_dir, ScriptedEngine(says=translating), translate=True).stream(asked))
    answer = events[-1].answer
    assert answer.language == "en"
    assert answer.text == SHOWN
    source, translation = answer.sentences
    assert (source.text, source.wording, source.status) == (SHOWN, "source", "kept")
    assert translation.text == "The chip maker wants to raise 4 billion yuan."
    assert (translation.wording, translation.status) == ("model", "marked")
    assert (translation.support, translation.citations, translation.emphasis) == (0.0, (), ())
    assert events[-2] == SentenceChecked(translation, "marked")


@pytest.mark.parametrize("asked", [QUESTION, "How much does the chip maker Cambricon want to raise?"])
def test_nothing_is_translated_that_need_not_or_could_not_be(corpus: Path, index_dir: Path, asked: str) -> None:
    engine = ScriptedEngine(says=lambda page: [" "] if page.startswith(prompts.TRANSLATE["en"]) else [DRAFT])
    answer = synced(corpus, index_dir, engine, translate=True).ask(asked)
    assert [one.wording for one in answer.sentences] == ["source"]
    assert any(messages[0].content in prompts.TRANSLATE.values() for messages in engine.asked) == (asked != QUESTION)


def test_closing_the_stream_closes_the_engines_iterator(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(*["4 Milliarden "] * 500)
    engine.before_piece = lambda: time.sleep(0.01)
    stream = synced(corpus, index_dir, engine).stream(QUESTION)
    assert isinstance(next(stream), EvidenceReady)
    assert isinstance(next(stream), Likely)
    assert isinstance(next(stream), Delta)
    stream.close()
    assert engine.closed.is_set()
    assert engine.yielded < 500


def test_closing_it_while_it_translates_does_too(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(says=lambda page: ["x"] * 500 if page.startswith(prompts.TRANSLATE["en"]) else [DRAFT])
    engine.before_piece = lambda: time.sleep(0.01)
    rag = synced(corpus, index_dir, engine, translate=True)
    stream = rag.stream("How much does the chip maker Cambricon want to raise?")
    while not isinstance(next(stream), SentenceChecked):
        pass
    engine.closed.clear()
    stream.close()
    assert not any(isinstance(event, Finished) for event in stream)
    assert engine.closed.wait(10)
    assert engine.yielded < 500


def test_an_error_of_the_engine_reaches_the_caller(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("Cambricon", error=RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        synced(corpus, index_dir, engine).ask(QUESTION)
    assert engine.closed.is_set()


def test_a_context_that_was_just_shown_is_not_shown_again(corpus: Path, index_dir: Path) -> None:
    (corpus / "huette.md").write_text("# Sonneck\n\nDie Hütte Sonneck liegt am Nordhang. Sie hat 24 Betten.\n")
    engine = ScriptedEngine(says=lambda page: ["24 Betten" if "Betten" in asked_in(page) else "am Nordhang"])
    made = synced(corpus, index_dir, engine)
    answer = made.ask("Wo liegt die Hütte Sonneck, und wie viele Betten hat die Hütte Sonneck?")
    assert answer.text == "Die Hütte Sonneck liegt am Nordhang. Sie hat 24 Betten."
    assert [sentence.citations for sentence in answer.sentences] == [(0,), (1,)]
    alone = made.ask("Wie viele Betten hat die Hütte Sonneck?")
    assert [sentence.role for sentence in alone.sentences] == ["context", "answer"]
    assert alone.text == answer.text
