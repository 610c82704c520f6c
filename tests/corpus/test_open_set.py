"""The open questions on the articles: complete, labelled, and quoted to the letter."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.datasets import load_native
from rag.evaluation.types import OPEN_KINDS

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
FILE = CORPUS / "open.jsonl"
ORIGINALS = CORPUS.parents[1] / "shared" / "articles"
LEAST = {"explanation": 15, "list": 15, "comparison": 10, "summary": 10, "timeline": 6, "yes_no": 10, "fact": 4}
LONGEST_SHARED_RUN = 8

Line = dict[str, Any]

LINES: list[Line] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
OPEN = [line for line in LINES if line.get("key_points")]


def identify(line: Line) -> str:
    return str(line["id"])


def tokens(text: str) -> str:
    """The text as the metrics see it, with a space at both ends."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


def body(path: str) -> str:
    return (CORPUS / path).read_text(encoding="utf-8").split("\n---\n", 1)[1]


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_it_can_be_read() -> None:
    questions = load_native(FILE).questions
    assert [question.id for question in questions] == [line["id"] for line in LINES]
    assert [len(question.key_points) for question in questions] == [len(line.get("key_points", [])) for line in LINES]


def test_counts() -> None:
    assert len(OPEN) >= 80
    assert {kind: n for kind, n in LEAST.items() if Counter(line["kind"] for line in OPEN)[kind] < n} == {}
    assert Counter(line["kind"] for line in LINES)["talk"] == 15
    assert Counter(line["kind"] for line in LINES)["other"] >= 5
    silent = [line for line in LINES if line["kind"] in OPEN_KINDS and not line["answerable"]]
    assert len(silent) == 15
    keys = [json.dumps([line["question"], line.get("history")]) for line in LINES]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "lines", [OPEN, [line for line in LINES if not line.get("key_points")]], ids=["open", "others"]
)
def test_a_third_is_for_tuning_and_a_fifth_is_english(lines: list[Line]) -> None:
    assert {line["split"] for line in lines} == {"tune", "held"}
    assert 0.28 <= sum(line["split"] == "tune" for line in lines) / len(lines) <= 0.4
    assert 0.13 <= sum(line["lang"] == "en" for line in lines) / len(lines) <= 0.27


def test_every_kind_has_questions_of_both_parts() -> None:
    parts = {(line["kind"], line["split"]) for line in OPEN}
    assert parts == {(kind, part) for kind in OPEN_KINDS for part in ("tune", "held")}


@pytest.mark.parametrize("line", OPEN, ids=identify)
def test_quotes_stand_in_their_files_once(line: Line) -> None:
    paths = set()
    for point in line["key_points"]:
        assert point["answers"]
        assert point["quotes"]
        for quote in point["quotes"]:
            assert body(quote["path"]).count(quote["quote"]) == 1, quote
            paths.add(quote["path"])
    assert sorted(paths) == line["sources"]


@pytest.mark.parametrize("line", [line for line in OPEN if line["lang"] == "de"], ids=identify)
def test_every_answer_stands_in_a_quote_of_its_point(line: Line) -> None:
    for point in line["key_points"]:
        quotes = [tokens(quote["quote"]) for quote in point["quotes"]]
        assert all(any(tokens(answer) in quote for quote in quotes) for answer in point["answers"]), point


@pytest.mark.parametrize("line", [line for line in OPEN if line["kind"] == "list"], ids=identify)
def test_no_two_items_of_a_list_are_known_by_the_same_words(line: Line) -> None:
    answers = [tokens(answer) for point in line["key_points"] for answer in point["answers"]]
    assert len(set(answers)) == len(answers)


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
def test_in_our_own_words() -> None:
    ours = runs(FILE.read_text(encoding="utf-8"), LONGEST_SHARED_RUN + 1)
    for original in sorted(ORIGINALS.glob("*.txt")):
        shared = ours & runs(original.read_text(encoding="utf-8"), LONGEST_SHARED_RUN + 1)
        assert not shared, (original.name, shared)
