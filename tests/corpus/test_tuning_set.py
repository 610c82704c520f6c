"""The open questions to tune on, and those held back: complete, and quoted to the letter."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.datasets import load_native
from rag.evaluation.types import OPEN_KINDS

FOLDER = Path(__file__).parents[1] / "data" / "open"
FILE = FOLDER / "questions.jsonl"
ON_CORPUS = FOLDER / "on_corpus.jsonl"
HELD_BACK = FOLDER / "held_back.jsonl"
CLOSED, CLOSED_ON_CORPUS = FOLDER / "closed.jsonl", FOLDER / "closed_on_corpus.jsonl"
CORPUS = Path(__file__).parents[2] / "corpus"


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


LINES = read(FILE)
OPEN = [line for line in LINES if line.get("key_points")]
PLACES = [(FOLDER / "articles", line) for line in (*OPEN, *read(CLOSED)) if line["answerable"]] + [
    (CORPUS, line) for file in (ON_CORPUS, HELD_BACK, CLOSED_ON_CORPUS) for line in read(file) if line["answerable"]
]


def tokens(text: str) -> str:
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


def test_it_can_be_read_and_has_every_kind() -> None:
    questions = load_native(FILE).questions
    assert [question.id for question in questions] == [line["id"] for line in LINES]
    counts = Counter(line["kind"] for line in OPEN)
    assert len(OPEN) >= 30
    assert all(counts[kind] >= 4 for kind in set(OPEN_KINDS) - {"fact", "yes_no"})
    assert len(LINES) - len(OPEN) == 30


def test_what_is_asked_of_the_corpus_is_asked_nowhere_else() -> None:
    questions = load_native(ON_CORPUS).questions
    assert len(questions) == len(read(ON_CORPUS)) == 55
    others = {question.question for question in load_native(CORPUS / "open.jsonl").questions}
    assert others.isdisjoint(question.question for question in questions)


def test_of_what_is_held_back_one_question_is_asked_elsewhere() -> None:
    questions = load_native(HELD_BACK).questions
    assert len(questions) == len(read(HELD_BACK)) == 75
    counts = Counter(one.kind for one in questions if one.answerable)
    assert all(counts[kind] >= 7 for kind in set(OPEN_KINDS) - {"fact", "yes_no"})
    others = [one for file in (CORPUS / "open.jsonl", ON_CORPUS) for one in load_native(file).questions]
    asked = {one.question.casefold() for one in others if one.kind != "talk"}
    same = {one.question for one in questions if one.question.casefold() in asked}
    assert same == {"Fasse den Artikel über Cambricon zusammen."}  # as anybody would ask


@pytest.mark.parametrize("file", [CLOSED, CLOSED_ON_CORPUS])
def test_closed_questions_have_an_answer_or_none(file: Path) -> None:
    questions = load_native(file).questions
    assert len({one.question for one in questions}) == 90
    assert {one.kind for one in questions} == {"yes_no"}
    assert sum(one.answerable for one in questions) == 50
    assert all(bool(one.key_points) == one.answerable for one in questions)


@pytest.mark.parametrize(("folder", "line"), PLACES, ids=[str(line["id"]) for _, line in PLACES])
def test_quotes_stand_in_their_files_once_and_hold_the_answers(folder: Path, line: dict[str, Any]) -> None:
    paths = set()
    for point in line["key_points"]:
        for quote in point["quotes"]:
            assert (folder / quote["path"]).read_text(encoding="utf-8").count(quote["quote"]) == 1, quote
            paths.add(quote["path"])
        if line["lang"] == "de":
            quotes = [tokens(quote["quote"]) for quote in point["quotes"]]
            assert all(any(tokens(answer) in quote for quote in quotes) for answer in point["answers"]), point
    assert sorted(paths) == line["sources"]
