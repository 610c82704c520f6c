from __future__ import annotations

import pytest

from index.errors import QuestionError
from index.text.locale import each
from rag.limits import HISTORY_TURNS, MOST_NAMED
from rag.query.condense import condense

FIRST = "Wie viel Geld will Cambricon aufnehmen?"
HISTORY = [(FIRST, "es sind 4.")]


def test_what_the_answer_named_is_searched_for_too() -> None:
    history = [("Wer ist Zhao Lidong?", "Zhao Lidong ist der Chef von Enflame.")]
    query = condense("Und was sagte er?", history, max_chars=1000)
    assert query.standalone == "Wer ist Zhao Lidong? (Chef, Enflame) Und was sagte er?"


def test_a_long_answer_lends_a_few_names_and_no_numbers() -> None:
    answer = " ".join(f"Wort{letter * 3} 4 H20 und" for letter in "abcdefghijkl")
    standalone = condense("Und wann?", [(FIRST, answer)], max_chars=1000).standalone
    assert standalone.count(",") == MOST_NAMED - 1
    assert "H20" not in standalone


def test_units_and_scales_are_no_names() -> None:
    history = [(FIRST, "560 Millionen US-Dollar, in drei Jahren, für Chips.")]
    assert condense("Und wofür?", history, max_chars=1000).standalone == f"{FIRST} (Chips) Und wofür?"


@pytest.mark.parametrize(
    "question",
    ["Und wann?", "Wofür?", "Wie heißt ihr Chef?", "Warum?", "Wann war das?", "And why?", "What about its CEO?"],
)
def test_a_follow_up_carries_the_question_before_it(question: str) -> None:
    query = condense(question, HISTORY, max_chars=1000)
    assert query.question == question
    assert query.standalone == f"{FIRST} {question}"
    assert query.history == tuple(HISTORY)


@pytest.mark.parametrize("question", ["Wer fertigt in China KI-Chips?", "Welche Chips verbietet Peking?"])
def test_a_change_of_topic_drags_nothing_along(question: str) -> None:
    assert condense(question, HISTORY, max_chars=1000).standalone == question


def test_a_follow_up_without_history_is_left_as_it_is() -> None:
    assert condense("Und wann?", [], max_chars=1000).standalone == "Und wann?"


def test_a_chain_of_follow_ups_goes_back_to_the_question_that_stood_alone() -> None:
    history = [("Wer fertigt den H20?", "x"), (FIRST, "y"), ("Und wann?", "z")]
    assert condense("Und wofür?", history, max_chars=1000).standalone == f"{FIRST} Und wann? Und wofür?"


def test_only_the_last_turns_count() -> None:
    history = [(f"Frage nach Nummer {n}?", "a") for n in range(9)]
    assert condense("Und wann?", history, max_chars=1000).history == tuple(history[-HISTORY_TURNS:])


def test_a_follow_up_without_a_language_takes_that_of_the_conversation() -> None:
    history = [("How much money does Cambricon want to raise?", "4 billion yuan.")]
    assert condense("Ascend?", history, max_chars=1000).language == "de"  # a name alone is no follow-up
    assert condense("Why?", history, max_chars=1000).language == "en"
    assert condense("Wann?", history, max_chars=1000).language == "en"


def test_white_space_is_folded() -> None:
    assert condense("  Wer\n\n fertigt\tden H20? ", [], max_chars=1000).question == "Wer fertigt den H20?"


@pytest.mark.parametrize(
    ("question", "reason"),
    [("", "empty"), (" \n\t", "empty"), ("?!…", "empty"), ("华为的芯片是什么?", "German"), ("Кто это?", "German")],
)
def test_what_cannot_be_asked_is_refused_in_one_line(question: str, reason: str) -> None:
    with pytest.raises(QuestionError, match=reason) as caught:
        condense(question, [], max_chars=1000)
    assert "\n" not in str(caught.value)


def test_the_longest_question_is_still_allowed() -> None:
    assert condense("a" * 60, [], max_chars=60).question == "a" * 60
    with pytest.raises(QuestionError, match="61 characters, more than 60"):
        condense("a" * 61, [], max_chars=60)


def test_however_long_the_history_the_question_is_bounded() -> None:
    long = " ".join(["Wort"] * 5000)
    answer = "Ä" * 5000
    for history in ([(long, answer)], [("x" * 9000, answer), ("Und " + long, answer), ("Und wer?", long)]):
        standalone = condense("Und wann?", history, max_chars=100).standalone
        assert len(standalone) <= 200
        assert standalone.endswith(" Und wann?")
    cut = condense("Und wann?", [(long, "")], max_chars=50).standalone
    assert set(cut.removesuffix(" Und wann?").split()) == {"Wort"}


def test_a_lone_surrogate_is_refused_and_in_the_history_replaced() -> None:
    with pytest.raises(QuestionError, match="invalid characters"):
        condense("Wer ist \udc80?", [], max_chars=1000)
    query = condense("Und wann?", [("Wer \udc80?", "\ud800")], max_chars=1000)
    assert query.standalone == "Wer ?? Und wann?"
    assert query.history == (("Wer ??", "?"),)


@pytest.mark.parametrize("said", ["Danke!", "Hallo!", "Super, danke dir!", "Thanks, bye!", "Was kannst du?"])
def test_nobody_asks_on_after_talk(said: str) -> None:
    query = condense("Und wann?", [*HISTORY, (said, "Gern geschehen! Die Artikel stehen bereit.")], max_chars=1000)
    assert query.standalone == f"{FIRST} Und wann?"
    assert query.history == tuple(HISTORY)


def test_talk_takes_no_place_of_a_turn() -> None:
    asked = [(f"Wann wurde Werk {n} gebaut?", "a") for n in range(3)]
    history = [turn for one in asked for turn in (one, ("Danke!", "Gern."))]
    assert condense("Und wo?", history, max_chars=1000).history == tuple(asked)


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_program_does_not_do_names_nothing(language: str) -> None:
    told = f"{each('talk.other')[language]} Es geht darin um Fähren, Werften und Auheim."
    query = condense("Und in Kassel?", [("Wie wird das Wetter in Auheim?", told)], max_chars=1000)
    assert query.standalone == "Wie wird das Wetter in Auheim? Und in Kassel?"
    assert query.history == (("Wie wird das Wetter in Auheim?", ""),)


def test_after_nothing_but_talk_a_follow_up_stands_alone() -> None:
    assert condense("Und wann?", [("Hallo!", "Guten Tag!")], max_chars=1000).standalone == "Und wann?"


@pytest.mark.parametrize(
    "refusal", ["Die Quellen enthalten darauf keine Antwort.", "The sources do not answer this question."]
)
def test_a_refusal_names_nothing(refusal: str) -> None:
    assert condense("Und wann?", [(FIRST, refusal)], max_chars=1000).standalone == f"{FIRST} Und wann?"
