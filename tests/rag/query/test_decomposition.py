from __future__ import annotations

import pytest

from rag.query.condense import condense
from rag.query.decompose import decompose


def parts(question: str, history: tuple[tuple[str, str], ...] = ()) -> list[str]:
    return [part.standalone for part in decompose(condense(question, history, max_chars=1000))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "Wie heißt die Serie, und welcher Chip gehört dazu?",
            ["Wie heißt die Serie?", "Welcher Chip gehört dazu?"],
        ),
        (
            "Welcher Ascend-Chip ist der schnellste, und welcher steht noch aus?",
            ["Welcher Ascend-Chip ist der schnellste?", "Welcher Ascend-Chip steht noch aus?"],
        ),
        (
            "Welches Modell kommt später? Und für welches Format ist es gedacht?",
            ["Welches Modell kommt später?", "Für welches Format ist es gedacht?"],
        ),
        ("Wer baut die Fabrik, und bis wann?", ["Wer baut die Fabrik?", "Wer baut die Fabrik? Bis wann?"]),
        ("Who builds it, and by when?", ["Who builds it?", "Who builds it? By when?"]),
    ],
)
def test_a_question_with_two_question_words_has_two_parts(question: str, expected: list[str]) -> None:
    assert parts(question)[0] == expected[0]
    assert parts(question)[1].endswith(expected[1].rsplit("? ", maxsplit=1)[-1])


@pytest.mark.parametrize(
    "question",
    [
        "Wie heißen der CEO von Enflame und der Präsident von Tencent?",
        "Wie und wann kam es dazu?",
        "Was sagt Huawei, und zwar öffentlich?",
        "Welche Firmen, die Chips bauen, sitzen in Peking?",
        "Huawei baut Chips, und wo baut Huawei sie?",
        "Wo liegt Ulm" + ", und wo liegt Köln" * 5 + "?",
    ],
)
def test_a_question_with_one_aim_stays_whole(question: str) -> None:
    assert parts(question) == [question]


def test_a_part_that_points_back_is_searched_for_with_the_first() -> None:
    assert parts("Wer baut die neue Fabrik, und wann soll sie fertig sein?")[1] == (
        "Wer baut die neue Fabrik? Wann soll sie fertig sein?"
    )


def test_a_follow_up_is_not_taken_apart_from_what_it_follows() -> None:
    history = (("Was plant SMIC?", "SMIC plant mehr."),)
    assert parts("Und bis wann?", history) == ["Was plant SMIC? Und bis wann?"]
