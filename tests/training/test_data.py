from __future__ import annotations

import json
import lzma
from random import Random
from typing import TYPE_CHECKING

import pytest

from index.text.sentences import split
from training.drawing.data import Sampler
from training.drawing.examples import Example, items
from training.texts.leaks import Measured
from training.texts.sources import Claim, Group, Question, read_claims, read_groups, read_questions, read_squad
from training.train import draw, held_out

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = [
    "Der Verein wurde 1912 in Hamburg gegründet.",
    "Die Brücke am Fluss war im Jahr 1950 rund 120 Meter lang.",
    "Außerdem verkaufte die Genossenschaft drei Sorten Tuch nach Wien.",
    "Das Museum zog am 3. Juni 1987 in ein neues Haus.",
    "Die Königin besuchte nicht die Stadt Bremen.",
]


def question(number: int, *, language: str = "de", source: str = "mlqa-de-half") -> Question:
    passage = " ".join(sentence.replace("19", f"{10 + number % 10}") for sentence in SENTENCES)
    passage += f" Der Ort Nummer{number} liegt am See. Niemand weiß mehr davon."
    start = passage.index(f"Nummer{number}")
    return Question(
        source=source,
        language=language,
        text=f"Welcher Ort von 19{number:02d} liegt am See?",
        title="Orte",
        document=f"Artikel {number % 5}",
        passage=passage,
        answer=(start, start + len(f"Nummer{number}")),
        answerable=True,
    )


@pytest.fixture
def sampler() -> Sampler:
    questions = [question(number) for number in range(30)]
    passages = tuple(("Titel", f"Abschnitt {i} über Berge und Seen.") for i in range(10))
    groups = [Group("en", f"Which lake {i}?", bool(i % 2), passages) for i in range(6)]
    claims = [Claim("wice", f"Claim {i}.", "Some evidence.", bool(i % 2)) for i in range(6)]
    return Sampler(questions, groups, claims)


def drawn(sampler: Sampler, count: int = 300) -> list[Example]:
    return [sampler.draw(Random(seed)) for seed in range(count)]


def test_the_same_seed_and_step_draw_the_same(sampler: Sampler) -> None:
    assert draw(sampler, 40, seed=1, step=7) == draw(sampler, 40, seed=1, step=7)
    assert draw(sampler, 40, seed=1, step=7) != draw(sampler, 40, seed=1, step=8)
    assert draw(sampler, 40, seed=1, step=7) != draw(sampler, 40, seed=2, step=7)


def test_examples_of_every_kind_have_both_labels(sampler: Sampler) -> None:
    examples = drawn(sampler)
    assert {example.kind for example in examples} == {"question", "group", "carry"}
    for example in examples:
        labels = [pair.label for pair in example.pairs]
        if example.kind == "group":
            assert len(set(labels)) == 1
        else:
            assert labels == [True, False]
            assert example.pairs[0] != example.pairs[1]


def test_an_answer_stands_where_its_span_says(sampler: Sampler) -> None:
    spans = 0
    for example in drawn(sampler):
        for pair in example.pairs:
            assert not pair.spans or pair.label
            for start, end in pair.spans:
                assert pair.second[start:end].startswith("Nummer")
                spans += 1
    assert spans > 50


def test_what_does_not_answer_lacks_the_answer_or_asks_otherwise(sampler: Sampler) -> None:
    for example in drawn(sampler):
        if example.kind == "question":
            yes, no = example.pairs
            answer = yes.second[slice(*yes.spans[0])]
            assert no.first != yes.first or f"Ort {answer} liegt" not in no.second


def test_the_number_of_sentences_tells_nothing_of_removed_answers(sampler: Sampler) -> None:
    removed = 0
    for example in drawn(sampler, 600):
        if example.kind != "question":
            continue
        yes, no = example.pairs
        kept = {yes.second[s.start : s.end] for s in split(yes.second)}
        left = {no.second[s.start : s.end] for s in split(no.second)}
        if yes.first == no.first and len(kept & left) >= 2 and len(kept - left) == 1:
            removed += 1
            assert len(split(yes.second)) == len(split(no.second))
    assert removed > 20


def test_an_enumeration_is_several_answers() -> None:
    text = "Die Farben sind Rot, Grün und Blau."
    start = text.index("Rot")
    assert [text[a:b] for a, b in items(text, start, len(text) - 1)] == ["Rot", "Grün", "Blau"]
    assert items(text, start, start + 3) == ((start, start + 3),)


def test_rows_are_read_packed_and_plain_and_wrong_places_are_left_out(tmp_path: Path) -> None:
    row = {"src": "a", "lang": "de", "q": "Wo? ", "title": None, "doc": "d", "p": "In Ulm.", "label": 1}
    rows = [row | {"ans": ["Ulm", 3]}, row | {"ans": ["Ulm", 2]}, row | {"ans": None, "label": 0}]
    with lzma.open(tmp_path / "qa.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows)
    read = read_questions(tmp_path)
    assert [(q.text, q.answer, q.answerable) for q in read] == [("Wo?", (3, 6), True), ("Wo?", None, False)]
    (tmp_path / "qa.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    assert len(read_questions(tmp_path)) == 1
    with pytest.raises(FileNotFoundError, match="nomiracl_other17"):
        read_groups(tmp_path)


def test_sentences_of_unclear_licence_are_left_out(tmp_path: Path) -> None:
    rows = [{"src": source, "c": "Satz.", "p": "Text.", "label": 1} for source in ("wice", "summedits")]
    (tmp_path / "claims.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [claim.source for claim in read_claims(tmp_path)] == ["wice"]


def test_what_measures_is_not_trained_on() -> None:
    measured = Measured([" ".join(SENTENCES)])
    assert measured.holds(f"Vorher stand etwas. {SENTENCES[1]} {SENTENCES[2]}")
    assert not measured.holds("Die Brücke am Fluss war lang.")
    shouted = SENTENCES[2].upper() + " " + SENTENCES[3].replace(".", " –")
    assert measured.holds(shouted)


def test_german_passages_that_measure_are_dropped_on_reading(tmp_path: Path) -> None:
    ours, theirs = question(1), question(2)
    rows = [
        {"src": q.source, "lang": "de", "q": q.text, "title": "", "doc": "", "p": q.passage, "ans": None, "label": 1}
        for q in (ours, theirs)
    ]
    for name, some in (("qa", rows), ("nomiracl_other17", []), ("claims", [])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in some), encoding="utf-8")
    assert Sampler.read(tmp_path, Measured([theirs.passage.replace("12", "xx")])).passages == frozenset()
    assert Sampler.read(tmp_path, Measured([])).passages == {ours.passage, theirs.passage}


def test_the_held_out_half_is_what_is_not_trained_on(tmp_path: Path) -> None:
    both = [question(1), question(2)]
    paragraphs = [
        {
            "context": q.passage,
            "qas": [
                {
                    "question": q.text,
                    "answers": [
                        {"text": q.passage[slice(*q.answer or (0, 0))], "answer_start": (q.answer or (0, 0))[0]}
                    ],
                }
            ],
        }
        for q in both
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}), encoding="utf-8")
    assert [q.answer for q in read_squad(path)] == [q.answer for q in both]
    assert [q.passage for q in held_out(path, {both[0].passage})] == [both[1].passage]
