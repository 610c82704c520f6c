"""The articles and their question set: sound, consistent with each other, and in our own words."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
ORIGINALS = ROOT.parent / "shared" / "articles"
ARTICLES = sorted(CORPUS.glob("*.md"))
LEAST = {
    "fact": 5,
    "figure": 5,
    "name": 5,
    "list": 6,
    "two_articles": 6,
    "paraphrase": 8,
    "english": 6,
    "follow_up": 5,
    "false_premise": 6,
    "unanswerable": 14,
}
LONGEST_SHARED_RUN = 8

Question = dict[str, Any]


def read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    found = re.match(r"---\n(.*?\n)---\n(.*)", text, re.DOTALL)
    assert found, "no front matter"
    head = yaml.safe_load(found[1])
    assert isinstance(head, dict)
    return head, found[2]


def tokens(text: str) -> str:
    """The text as the metrics see it, with a space at both ends."""
    return " " + " ".join(re.findall(r"\w+", text.casefold())) + " "


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def load_questions() -> list[Question]:
    lines = read(CORPUS / "questions.jsonl").splitlines()
    return [json.loads(line) for line in lines]


QUESTIONS = load_questions()
ANSWERABLE = [q for q in QUESTIONS if q["answerable"]]


def identify(value: Question | Path) -> str:
    return value.name if isinstance(value, Path) else str(value["id"])


def test_there_are_five_articles() -> None:
    assert len(ARTICLES) == 5
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+\.md", path.name) for path in ARTICLES)


@pytest.mark.parametrize("path", ARTICLES, ids=identify)
def test_front_matter_and_headline(path: Path) -> None:
    head, body = split_front_matter(read(path))
    assert set(head) <= {"title", "source", "language", "date"}
    assert head["title"]
    assert head["source"]
    assert head["language"] == "de"
    assert body.lstrip().startswith("# ")
    assert len(re.findall(r"^# ", body, re.MULTILINE)) == 1
    assert len(re.findall(r"^## ", body, re.MULTILINE)) >= 3


def test_ids_and_questions_are_unique() -> None:
    assert max(Counter(q["id"] for q in QUESTIONS).values()) == 1
    keys = [json.dumps([q["question"], q.get("history")]) for q in QUESTIONS]
    assert len(set(keys)) == len(keys)


def test_counts_by_kind() -> None:
    counts = Counter(q["kind"] for q in QUESTIONS)
    assert set(counts) == set(LEAST)
    assert {kind: n for kind, n in LEAST.items() if counts[kind] < n} == {}
    assert 60 <= len(QUESTIONS) <= 70


def test_the_question_of_the_readme_is_there() -> None:
    assert any(q["question"] == "Wie viel Geld will Cambricon aufnehmen?" for q in ANSWERABLE)


@pytest.mark.parametrize("question", QUESTIONS, ids=identify)
def test_shape(question: Question) -> None:
    kind = question["kind"]
    assert question["answerable"] == (kind not in {"false_premise", "unanswerable"})
    assert question["lang"] in {"de", "en"}
    assert (question["lang"] == "en") or kind != "english"
    assert bool(question.get("history")) == (kind == "follow_up")
    assert all(len(turn) == 2 and all(turn) for turn in question.get("history", []))
    assert bool(question.get("answers_all")) or kind != "list"
    assert len(question["sources"]) >= 2 or kind != "two_articles"
    if question["answerable"]:
        assert question["sources"]
        assert question["gold_quotes"]
        assert question["answers"] or question["answers_all"]
    else:
        assert question["answers"] == question["sources"] == question["gold_quotes"] == []
        assert "answers_all" not in question


@pytest.mark.parametrize("question", ANSWERABLE, ids=identify)
def test_gold_quotes_are_the_files_own_characters(question: Question) -> None:
    texts = {name: read(CORPUS / name) for name in question["sources"]}
    used = set()
    for quote in question["gold_quotes"]:
        holders = [name for name, text in texts.items() if quote in text]
        assert len(holders) == 1, quote
        assert texts[holders[0]].count(quote) == 1, quote
        assert quote in split_front_matter(texts[holders[0]])[1], quote
        used.add(holders[0])
    assert used == set(texts)


@pytest.mark.parametrize("question", [q for q in ANSWERABLE if q["lang"] == "de"], ids=identify)
def test_gold_quotes_hold_the_answer(question: Question) -> None:
    quotes = [tokens(quote) for quote in question["gold_quotes"]]

    def held(answer: str) -> bool:
        return any(tokens(answer) in quote for quote in quotes)

    assert all(held(answer) for answer in question.get("answers_all", []))
    assert not question["answers"] or any(held(answer) for answer in question["answers"])


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
@pytest.mark.parametrize("path", [*ARTICLES, CORPUS / "questions.jsonl", CORPUS / "conversations.jsonl"], ids=identify)
def test_in_our_own_words(path: Path) -> None:
    length = LONGEST_SHARED_RUN + 1
    ours = runs(read(path), length)
    for original in sorted(ORIGINALS.glob("*.txt")):
        shared = ours & runs(read(original), length)
        assert not shared, (original.name, shared)


def test_the_sentences_asked_for_yes_or_no_stand_in_their_source() -> None:
    rows = [json.loads(line) for line in read(ROOT / "tests" / "data" / "yes_no.jsonl").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) == 60
    assert Counter(row["verdict"] for row in rows)["no"] >= 25
    for row in rows:
        assert set(row) == {"id", "question", "sentence", "verdict", "lang", "source"}
        folder, _, name = row["source"].partition("/")
        assert folder in {"corpus", "xquad_r_de"}  # its licence is named beside it
        if name:
            assert row["sentence"] in read(CORPUS / name)


def test_the_follow_ups_lean_on_what_stands_in_the_articles() -> None:
    rows = [json.loads(line) for line in read(ROOT / "tests" / "data" / "follow_ups.jsonl").splitlines()]
    assert len(rows) == 30
    names = {path.name for path in ARTICLES}
    for row in rows:
        assert row["rewriting"].endswith("?")
        assert set(row["sources"]) <= names
        text = " ".join(read(CORPUS / source) for source in row["sources"])
        assert all(tokens(answer) in tokens(text) for answer in row["answers"])
        assert row["answerable"] == bool(row["answers"])
