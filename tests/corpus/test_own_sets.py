"""The sets of answers that point back and of claims: sound, labelled, and in our own words."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from index.text.sentences import split

ROOT = Path(__file__).resolve().parents[2]
STANDING_ALONE = ROOT / "corpus" / "standing_alone.jsonl"
CLAIMS = ROOT / "corpus" / "claims.jsonl"
ORIGINALS = ROOT.parent / "shared" / "articles"
LONGEST_SHARED_RUN = 8
CONTROL = "control"
LEAST = {"pronoun": 8, "demonstrative": 8, "noun": 8, "adverb": 6, "heading": 5, "frame": 4, "possessive": 5}
SUPPORTED, UNSUPPORTED = "Supported", "Not Supported"
TRUE = {"verbatim": 15, "clause": 6, "reworded": 10, "english": 2}
FALSE = {
    "fusion": 6,
    "hedge": 6,
    "negation": 5,
    "role": 5,
    "table": 6,
    "condition": 4,
    "cause": 4,
    "quantifier": 4,
    "entity": 3,
    "number": 3,
    "unit": 3,
    "date": 3,
    "english": 2,
}

Line = dict[str, Any]


def load(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


QUESTIONS = load(STANDING_ALONE)
POINTING = [line for line in QUESTIONS if line["kind"] != CONTROL]
CONTROLS = [line for line in QUESTIONS if line["kind"] == CONTROL]
JUDGED = load(CLAIMS)
ANSWERS = [answer for line in JUDGED for answer in line["answer"]]


def identify(line: Line) -> str:
    return str(line.get("id", line.get("query_id")))


def tokens(text: str) -> str:
    """The text as the metrics see it, with a space at both ends."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def gold_text(line: Line) -> str:
    texts = [p["text"] for p in line["passages"] if line["gold_quotes"][-1] in p["text"]]
    assert len(texts) == 1
    return str(texts[0])


def test_counts_and_ids() -> None:
    assert len(POINTING) == 60
    assert len(CONTROLS) == 20
    assert len({line["id"] for line in QUESTIONS}) == len(QUESTIONS)
    assert len({line["question"] for line in QUESTIONS}) == len(QUESTIONS)
    assert all(line["id"].startswith("c" if line["kind"] == CONTROL else "s") for line in QUESTIONS)
    counts = Counter(line["kind"] for line in POINTING)
    assert set(counts) == set(LEAST)
    assert {kind: n for kind, n in LEAST.items() if counts[kind] < n} == {}


def test_a_third_of_the_questions_ask_for_the_name() -> None:
    asked = sum(tokens(line["answers_all"][0]) not in tokens(line["question"]) for line in POINTING)
    assert 18 <= asked <= 26


def test_one_passage_has_one_id() -> None:
    passages = [passage for line in QUESTIONS for passage in line["passages"]]
    texts = {(p["title"], p["text"]) for p in passages}
    assert len({p["id"] for p in passages}) == len(texts)
    assert len({(p["id"], p["title"], p["text"]) for p in passages}) == len(texts)


@pytest.mark.parametrize("line", QUESTIONS, ids=identify)
def test_shape(line: Line) -> None:
    assert line["answerable"] is True
    assert line["lang"] in {"de", "en"}
    assert len(line["answers_all"]) == 2
    assert len(line["passages"]) in {2, 3}
    assert all(passage["id"] and passage["title"] and passage["text"] for passage in line["passages"])
    assert len(line["gold_quotes"]) == (1 if line["kind"] == CONTROL else 2)
    assert bool(line.get("forbidden")) == (line["kind"] == CONTROL)


@pytest.mark.parametrize("line", QUESTIONS, ids=identify)
def test_name_and_answer_stand_in_one_passage_alone(line: Line) -> None:
    name, answer = line["answers_all"]
    text = gold_text(line)
    assert all(text.count(quote) == 1 for quote in line["gold_quotes"])
    assert tokens(name) in tokens(line["gold_quotes"][0])
    assert tokens(answer) in tokens(line["gold_quotes"][-1])
    others = [tokens(passage["text"]) for passage in line["passages"] if passage["text"] != text]
    assert others
    assert not any(tokens(name) in other or tokens(answer) in other for other in others)


@pytest.mark.parametrize("line", QUESTIONS, ids=identify)
def test_four_to_eight_sentences(line: Line) -> None:
    body = re.sub(r"^#.*$", "", gold_text(line), flags=re.MULTILINE).strip()
    assert 4 <= len([span for span in split(body) if body[span.start : span.end].strip()]) <= 8


@pytest.mark.parametrize("line", POINTING, ids=identify)
def test_answers_need_what_stands_before(line: Line) -> None:
    name, (naming, answering), text = line["answers_all"][0], line["gold_quotes"], gold_text(line)
    assert text.index(naming) < text.index(answering)
    assert tokens(name) not in tokens(answering)
    assert (f"# {naming}\n" in text) == (line["kind"] == "heading")
    assert tokens(name) not in tokens(text[text.index(naming) + len(naming) : text.index(answering)])


@pytest.mark.parametrize("line", CONTROLS, ids=identify)
def test_controls_stand_alone(line: Line) -> None:
    (answering,), text = line["gold_quotes"], gold_text(line)
    before = text[: text.index(answering)].rstrip()
    last = [before[span.start : span.end] for span in split(before)][-1]
    for phrase in line["forbidden"]:
        assert tokens(phrase) in tokens(last)
        assert tokens(phrase) not in tokens(answering)


def test_claims_are_counted() -> None:
    assert len({line["query_id"] for line in JUDGED}) == len(JUDGED) >= 45
    assert len(ANSWERS) >= 90
    assert {answer["factuality"] for answer in ANSWERS} == {SUPPORTED, UNSUPPORTED}
    share = sum(answer["factuality"] == SUPPORTED for answer in ANSWERS) / len(ANSWERS)
    assert 0.28 <= share <= 0.38
    for verdict, least in ((SUPPORTED, TRUE), (UNSUPPORTED, FALSE)):
        counts = Counter(answer["kind"] for answer in ANSWERS if answer["factuality"] == verdict)
        assert set(counts) == set(least)
        assert {kind: n for kind, n in least.items() if counts[kind] < n} == {}


@pytest.mark.parametrize("line", JUDGED, ids=identify)
def test_claims_that_are_the_sources_words_are_marked_so(line: Line) -> None:
    assert set(line) == {"query_id", "query", "context", "answer"}
    assert line["query"]
    assert line["context"]
    assert len(line["answer"]) >= 2
    assert len({answer["sentence"] for answer in line["answer"]}) == len(line["answer"])
    texts = [one["text"] for one in line["context"]]
    for answer in line["answer"]:
        shown = answer["sentence"]
        assert ("…" in shown) == (answer["kind"] == "clause")
        held = any(shown.strip("… ") in text for text in texts)
        assert held == (answer["kind"] in {"verbatim", "clause"}), shown


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
@pytest.mark.parametrize("path", [STANDING_ALONE, CLAIMS], ids=lambda path: path.name)
def test_in_our_own_words(path: Path) -> None:
    length = LONGEST_SHARED_RUN + 1
    ours = runs(path.read_text(encoding="utf-8"), length)
    for original in sorted(ORIGINALS.glob("*.txt")):
        shared = ours & runs(original.read_text(encoding="utf-8"), length)
        assert not shared, (original.name, shared)
