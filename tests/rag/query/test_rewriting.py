"""A follow-up rewritten as one question with the words of the conversation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RagError
from rag.limits import LONGEST_QUESTION, LONGEST_REWRITTEN, MOST_MEANT
from rag.pipeline.kind import KindGuesser
from rag.pipeline.rewriting import KeptContext
from rag.query.condense import condense, longest_standalone
from rag.query.follow_up import is_follow_up
from rag.query.rewriting import candidates
from tests.rag.building import build, synced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag import RAG
    from rag.kinds import Kind
    from rag.retrieval.view import View
    from rag.types import Query

NAMES = frozenset({"Baidu", "Cambricon", "China", "DeepSeek", "Huawei", "NVIDIA", "Peking", "Tencent"})
SET = Path(__file__).parents[2] / "data" / "follow_ups.jsonl"
NONE_DE, NONE_EN = "Die Quellen enthalten darauf keine Antwort.", "The sources do not answer this question."


def rewritings(question: str, *history: tuple[str, str]) -> list[str]:
    query = condense(question, history, max_chars=1000)
    found = candidates(query, NAMES) if query.standalone != question else ()
    return [one.text for one in sorted(found, key=lambda one: -one.weight)]


@pytest.mark.parametrize(
    ("question", "before", "answer", "rewriting"),
    [
        # a question word alone
        ("Und warum?", "Will China autark werden?", "Ja.", "Warum will China autark werden?"),
        ("Und seit wann?", "Hängt China noch von NVIDIA ab?", "Ja.", "Seit wann hängt China noch von NVIDIA ab?"),
        ("Zu welchen Konditionen?", "Sind Chips zu bekommen?", "Ja.", "Zu welchen Konditionen sind Chips zu bekommen?"),
        ("Und wo?", "Wann wurden die Allianzen gegründet?", NONE_DE, "Wo wurden die Allianzen gegründet?"),
        ("Bis wann?", "Wie stark will SMIC die Fertigung erhöhen?", "x", "Bis wann will SMIC die Fertigung erhöhen?"),
        ("Warum nicht?", "Lässt sich ein Verbot durchsetzen?", "x", "Warum lässt sich ein Verbot nicht durchsetzen?"),
        ("Warum nicht?", "Unterstützen die Chips FP8?", "Nein.", "Warum unterstützen die Chips FP8 nicht?"),
        ("Why?", "Was the launch of R2 delayed?", "Yes.", "Why was the launch of R2 delayed?"),
        ("How come?", "Was the launch of R2 delayed?", "Yes.", "Why was the launch of R2 delayed?"),
        ("Und wofür?", "Was plant Cambricon?", "Cambricon will Geld leihen.", "Wofür will Cambricon Geld leihen?"),
        ("Wer noch?", "Wer gehört zur Allianz?", "Enflame.", "Wer gehört noch zur Allianz?"),
        ("Who else?", "Who is in the second alliance?", "x", "Who else is in the second alliance?"),
        # something else replaces what was named
        ("Und in Deutschland?", "Was kostet das Mieten in Japan?", NONE_DE, "Was kostet das Mieten in Deutschland?"),
        ("And in the USA?", "What is a chip worth in China?", "x", "What is a chip worth in the USA?"),
        ("Und von Enflame?", "Wer ist der CEO von Moore Threads?", NONE_DE, "Wer ist der CEO von Enflame?"),
        ("And Tencent's?", "Who is the president of Sensetime?", NONE_EN, "Who is the president of Tencent?"),
        ("Und Huawei?", "Welche Produkte hat Cambricon?", "Siyuan.", "Welche Produkte hat Huawei?"),
        ("Und welcher von Huawei?", "Welcher Chip von Cambricon führt?", "690.", "Welcher Chip von Huawei führt?"),
        ("Und Baidu?", "Wer ist der Präsident?", "Martin Lau.", "Wer ist der Präsident von Baidu?"),
        ("Und die Stadt?", "Wer leitet die Werft?", "Brand.", "Wer leitet die Stadt?"),
        # a word that refers back
        ("Was stellt die Firma her?", "Was macht Cambricon?", "Chips.", "Was stellt Cambricon her?"),
        ("Wie heißt ihr Chef?", "Welche Firma baut Chips?", "Enflame.", "Wie heißt Enflames Chef?"),
        ("How big is its lead?", "Which firm leads?", "NVIDIA.", "How big is NVIDIA's lead?"),
        ("Was haben sie gemeinsam?", "Was tun Tencent und Baidu?", "x", "Was haben Tencent und Baidu gemeinsam?"),
        (
            "Worin unterscheiden sich die beiden?",
            "Was tun Tencent und Baidu?",
            "x",
            "Worin unterscheiden sich Tencent und Baidu?",
        ),
        ("Was hat er gesagt?", "Wer ist Howard Lutnick?", "Der Minister.", "Was hat Howard Lutnick gesagt?"),
        ("Wann kam dessen Nachfolger?", "Wie heißt das Modell von Enflame?", "x", "Wann kam Enflames Nachfolger?"),
        # the earlier question as a clause
        (
            "Welcher davon ist länger?",
            "Welche Flüsse fließen durch Kassel?",
            "x",
            "Welcher der Flüsse, die durch Kassel fließen, ist länger?",
        ),
        (
            "Und wie viele davon sind neu?",
            "Welche Linien von Ulm fahren am Abend ab?",
            "x",
            "Wie viele der Linien von Ulm, die am Abend abfahren, sind neu?",
        ),
        (
            "And which of them is longer?",
            "Which rivers run through Kassel?",
            "x",
            "Which of the rivers that run through Kassel is longer?",
        ),
        (
            "Und die dritte?",
            "Welche Brücken wurden in Ulm gebaut?",
            "x",
            "Was ist die dritte der Brücken, die in Ulm gebaut wurden?",
        ),
        ("Bis wann will Ulm das?", "Will Kassel die Preise senken?", "x", "Bis wann will Ulm die Preise senken?"),
        ("Wer sagt das?", "Senkt Marona die Preise?", "x", "Wer sagt, dass Marona die Preise senkt?"),
        ("Stimmt das?", "Führt Marona Gebühren ein?", "x", "Stimmt es, dass Marona Gebühren einführt?"),
        # a name is replaced even if the wording around it differs
        ("Und bei Enflame?", "Wer ist der CEO von Moore Threads?", NONE_DE, "Wer ist der CEO von Enflame?"),
        ("Okay, und was stellt die Firma her?", "Was macht Cambricon?", "Chips.", "Was stellt Cambricon her?"),
        # a continuation that stands alone
        ("Und was könnten die USA einführen?", "Was fürchtet China?", "x", "Was könnten die USA einführen?"),
    ],
)
def test_a_follow_up_becomes_a_question_that_a_person_would_have_written(
    question: str, before: str, answer: str, rewriting: str
) -> None:
    assert rewritings(question, (before, answer))[:1] == [rewriting]


@pytest.mark.parametrize(
    "question", ["Wer hat das gemeldet?", "Und was entstand daraus?", "Wer hat darüber berichtet?", "Und die zweite?"]
)
def test_what_means_no_thing_by_name_is_left_the_old_way(question: str) -> None:
    history = ("Was will die Stadtregierung von Peking?", "Sie will bei der Technik autark werden.")
    assert rewritings(question, history) == []


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("Warum will China das?", "Was will China bis 2030 erreichen?"),
        ("Wann will China das?", "Wer will China beim Ausbau helfen?"),
        ("Welcher davon ist neu?", "Welcher Minister hat das Gesetz vorgelegt?"),
        ("Welche davon ist neu?", "Welchen Firmen hilft der Staat?"),
        ("Which of them is older?", "Which has more users in Kassel?"),
        ("Which of them is longer?", "Which chips will Huawei sell in Germany?"),
        ("Und die anderen?", "Welche Brücken wurden in Ulm gebaut?"),
        ("Stimmt das?", "Senkt Marona die Preise und stellt Leute ein?"),
    ],
)
def test_what_makes_no_clause_is_left_the_old_way(question: str, before: str) -> None:
    assert not any("," in one or "that" in one or "will China" in one for one in rewritings(question, (before, "x")))


@pytest.mark.parametrize("question", ["Welche davon?", "Und bei der Bahn?"])
def test_nothing_is_bent(question: str) -> None:
    before = "Welche Züge fahren am Abend von Ulm ab?" if "davon" in question else "Wer ist der Chef von Marona?"
    found = rewritings(question, (before, "x"))
    assert not any(",?" in one or "der Bahn von" in one for one in found)


def test_a_chain_leans_on_what_the_last_question_meant() -> None:
    first = ("Was tut Tencent gegen die Abhängigkeit?", "Tencent optimiert Modelle.")
    second = ("Und Baidu?", "Baidu beherrscht die Wertschöpfungskette.")
    assert rewritings("Und seit wann?", first, second) == ["Seit wann beherrscht Baidu die Wertschöpfungskette?"]


def test_a_refusal_is_nothing_that_is_meant() -> None:
    assert not any(
        "Quellen" in one or "Antwort" in one for one in rewritings("Wer leitet sie?", ("Was ist Bosch?", NONE_DE))
    )


def test_an_answer_that_begins_with_its_object_is_not_turned_round() -> None:
    asked = "Wie viel Geld will Cambricon aufnehmen?"
    for said in ("Rund 4 Milliarden Yuan wird Cambricon aufnehmen.", "Chips baut Huawei in Shenzhen."):
        assert rewritings("Und warum?", (asked, said)) == []
    subject_first = rewritings("Und warum?", (asked, "Cambricon will 560 Millionen US-Dollar aufnehmen."))
    assert subject_first == ["Warum will Cambricon 560 Millionen US-Dollar aufnehmen?"]


WORDS = st.sampled_from(
    "Und Wer Was Warum wann nicht sie ihr die das der von in Huawei Tencent Baidu H20 12 Chips Allianz will ist baut ?".split()
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=9).map(" ".join))


@given(TEXTS.filter(lambda text: any(map(str.isalnum, text))), st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_names_figures_and_negations_come_from_the_conversation(
    question: str, history: Sequence[tuple[str, str]]
) -> None:
    try:
        query = condense(question, history, max_chars=1000)
    except RagError:
        return
    if query.standalone == query.question:
        return
    found = candidates(query, NAMES)
    assert len(found) <= MOST_MEANT
    said = " ".join((query.question, *(part for turn in query.history for part in turn))).casefold()
    for one in found:
        assert one.text.endswith("?")
        assert one.text.count("?") == 1
        assert not is_follow_up(one.text)
        for word in re.findall(r"\w*\d\w*|\b(?:nicht|kein\w*|not|never)\b", one.text.casefold()):
            assert re.sub(r"s$", "", word) in said  # as in "H20s Preis"
        for word in re.findall(r"(?<=\w )[A-ZÄÖÜ]\w+", one.text):
            assert re.sub(r"s$", "", word.casefold()) in said


@pytest.mark.parametrize("said", ["Huawei " * 3000, "A" * 60_000, "Die Firma und Huawei " * 1000])
def test_what_is_endless_is_left_the_old_way(said: str) -> None:
    for question in ("Und wann?", "Was macht sie?", f"Und was macht {said[:900]}?"):
        for one in rewritings(question, (said, said)):
            assert len(one) < 2 * LONGEST_REWRITTEN


def _people() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]


def test_of_the_set_most_are_what_a_person_wrote() -> None:
    rows = [row for row in _people() if row["rewriting"] != row["question"]]
    same = [row["id"] for row in rows if row["rewriting"] in rewritings(row["question"], *map(tuple, row["history"]))]
    some = [row["id"] for row in rows if rewritings(row["question"], *map(tuple, row["history"]))]
    assert len(rows) == 25
    assert len(same) >= 13
    assert len(some) >= 17  # three more mean the same, and one is ambiguous


def test_what_stands_alone_in_the_set_is_left_as_it_is() -> None:
    for row in _people():
        if row["kind"] == "change":
            assert condense(row["question"], row["history"], max_chars=1000).standalone == row["question"]


ARTICLES = {
    "werft.md": "# Die Werft\n\nOtto Brand leitet die Werft Nordlicht. Die Werft Nordlicht baut seit 2021 Fähren aus Stahl.\n",
    "bank.md": "# Die Bank\n\nDie Bank Seestern verleiht Geld.\n",
}


@pytest.fixture
def made(tmp_path: Path) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return synced(folder, tmp_path / "i", "Fähren aus Stahl")


def test_of_two_that_are_meant_the_sources_decide(made: RAG) -> None:
    history = [("Wer hat mit Seestern und Nordlicht zu tun?", "Von Nordlicht und von Seestern hört man viel.")]
    fishing, lending = (
        made.ask(question, history=history).standalone_question
        for question in ("Baut sie Fähren aus Stahl?", "Verleiht sie Geld?")
    )
    assert (fishing, lending) == ("Baut Nordlicht Fähren aus Stahl?", "Verleiht Seestern Geld?")


def test_the_answer_says_the_sentence_and_the_model_reads_it_alone(made: RAG) -> None:
    answer = made.ask("Und seit wann?", history=[("Baut die Werft Nordlicht Fähren?", "Ja.")])
    assert answer.standalone_question == "Seit wann baut die Werft Nordlicht Fähren?"
    page = made._models._engine.page  # type: ignore[union-attr]
    assert "Frage: Seit wann baut die Werft Nordlicht Fähren?" in page
    assert "Vorherige Frage" not in page


def test_passages_are_searched_with_what_it_leans_on_beside_it(made: RAG) -> None:
    history = [("Baut die Werft Nordlicht Fähren?", "Das ist seit 2021 bei Brand so.")]
    assert made.standalone("Und seit wann?", history=history) == (
        "Seit wann baut die Werft Nordlicht Fähren? Baut die Werft Nordlicht Fähren? (Brand)"
    )


def test_the_sentence_says_what_is_asked_for_save_where_the_kind_was_given(
    made: RAG, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def guess(self: KindGuesser, query: Query, view: View) -> tuple[Kind, bool]:
        told.append(query.question)
        return ("timeline" if query.question.startswith("Seit wann baut") else "fact"), False

    monkeypatch.setattr(KindGuesser, "guess", guess)
    history = [("Baut die Werft Nordlicht Fähren?", "Ja.")]
    assert made.ask("Und seit wann?", history=history).kind == "timeline"
    assert told == ["Und seit wann?", "Seit wann baut die Werft Nordlicht Fähren?"]
    assert made.ask("Und seit wann?", history=history, kind="fact").kind == "fact"
    assert len(told) == 2


def test_an_evaluation_tells_kinds_as_the_program_does(made: RAG) -> None:
    watched = made.through(lambda engine: engine, lambda gate: gate, lambda reader: reader, lambda second: second)
    assert watched._pipeline.kinds is made._pipeline.kinds


def test_another_rewriter_can_be_plugged_in(made: RAG) -> None:
    rag = build(made.settings.corpus, made.settings.index, stages={"rewriter": KeptContext()})
    asked = rag.ask("Und seit wann?", history=[("Baut die Werft Nordlicht Fähren?", "Ja.")])
    assert asked.standalone_question == "Baut die Werft Nordlicht Fähren? (Ja) Und seit wann?"


def test_what_is_searched_is_no_longer_than_two_questions(made: RAG) -> None:
    long = "Baut die Werft Nordlicht in diesem langen Jahr auch Fähren? " * 40
    searched = made.standalone("Und seit wann?", history=[("Baut die Werft Nordlicht Fähren?", long)] * 3)
    assert len(searched) <= longest_standalone(LONGEST_QUESTION)
    assert made.search(searched, k=1)


def test_after_talk_and_a_refusal_the_question_before_counts(made: RAG) -> None:
    history = [("Wer leitet die Werft in Kassel?", NONE_DE), ("Danke!", "Gern geschehen!")]
    assert made.ask("Und in Auheim?", history=history).standalone_question == "Wer leitet die Werft in Auheim?"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Und in Auheim?", "Wie viele Fähren gibt es in Auheim?"),
        ("Und von Nordlicht?", None),
        ("Und warum nicht?", None),
    ],
)
def test_after_a_refusal_a_follow_up_means_the_question_that_was_refused(
    made: RAG, asked: str, meant: str | None
) -> None:
    before = "Wie viele Fähren gibt es in Kassel?"
    said = made.ask(asked, history=[(before, NONE_DE)]).standalone_question
    assert said == meant if meant else said == f"{before} {asked}"
