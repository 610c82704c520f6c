from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.evaluation.datasets import (
    Dataset,
    Passage,
    Question,
    convert_nomiracl,
    load,
    load_beir,
    load_squad,
)
from tests.rag.evaluation.sets import CONTEXT, beir, complaint, qa, squad, task, write

# SQuAD


def test_paragraphs_become_documents_and_sentences_gold(tmp_path: Path) -> None:
    answers = [
        {"text": "Cuxhaven", "answer_start": CONTEXT.index("Cuxhaven")},
        {"text": "bei Cuxhaven", "answer_start": CONTEXT.index("bei Cuxhaven")},
        {"text": "Cuxhaven", "answer_start": CONTEXT.index("Cuxhaven")},
        {"text": "Hamburg", "answer_start": CONTEXT.index("Hamburg")},
    ]
    impossible = qa("q2", is_impossible=True, plausible_answers=answers)
    found = load_squad(write(tmp_path / "set.json", squad(qa(answers=answers), impossible)))
    assert found.documents == (Passage("Elbe_(Fluss)/0", "Elbe (Fluss)", CONTEXT),)
    known, unknown = found.questions
    assert known.answers == ("Cuxhaven", "bei Cuxhaven", "Hamburg")
    assert known.sources == ("Elbe_(Fluss)/0",)
    assert [CONTEXT[start:end] for _, start, end in known.gold_spans] == [
        "Sie mündet bei Cuxhaven in die Nordsee.",
        "Hamburg liegt an ihr.",
    ]
    assert {source for source, _, _ in known.gold_spans} == {"Elbe_(Fluss)/0"}
    assert unknown == Question("q2", "Wo mündet die Elbe?", answerable=False)
    assert (found.name, found.format, found.retrieval_only) == ("set.json", "squad", False)


def test_an_impossible_question_needs_no_answers(tmp_path: Path) -> None:
    question = {"id": "q", "question": "Wo liegt Ulm?", "is_impossible": True}
    assert not load_squad(write(tmp_path / "set", squad(question))).questions[0].answerable


def test_the_sentence_breaks_of_a_set_are_used(tmp_path: Path) -> None:
    breaks = [[0, 50], [60, 70]]
    start = CONTEXT.index("Hamburg")  # outside all sentences
    outside = qa("q2", answers=[{"text": "Hamburg", "answer_start": start}])
    found = load_squad(
        write(
            tmp_path / "set", squad(qa(answers=[{"text": "Elbe", "answer_start": 49}]), outside, sentence_breaks=breaks)
        )
    )
    assert [question.gold_spans for question in found.questions] == [
        (("Elbe_(Fluss)/0", 0, 50),),
        (("Elbe_(Fluss)/0", start, start + len("Hamburg")),),
    ]


def test_a_wrong_start_within_the_context_is_tolerated(tmp_path: Path) -> None:
    last = len(CONTEXT) - 1
    file = write(tmp_path / "set", squad(qa(answers=[{"text": "Cuxhaven", "answer_start": last}])))
    (question,) = load_squad(file).questions
    assert question.answers == ("Cuxhaven",)
    assert CONTEXT[slice(*question.gold_spans[0][1:])] == "Hamburg liegt an ihr."
    file = write(tmp_path / "set", squad(qa(answers=[{"text": "Cuxhaven", "answer_start": last}]), sentence_breaks=[]))
    assert load_squad(file).questions[0].gold_spans == (("Elbe_(Fluss)/0", last, last + 1),)


def test_documents_are_told_apart_by_title_and_text(tmp_path: Path) -> None:
    other = {"context": "Die Moldau ist länger.", "qas": []}
    data = squad(qa("q1"))["data"] + squad(qa("q2"))["data"] + squad(qa("q3"), title="Oder")["data"]
    data[1]["paragraphs"].append(other)
    found = load_squad(write(tmp_path / "set", {"data": data}))
    assert [(one.id, one.title, one.text) for one in found.documents] == [
        ("Elbe_(Fluss)/0", "Elbe (Fluss)", CONTEXT),
        ("Elbe_(Fluss)/1", "Elbe (Fluss)", other["context"]),
        ("Oder/0", "Oder", CONTEXT),
    ]
    assert [question.sources for question in found.questions] == [("Elbe_(Fluss)/0",), ("Elbe_(Fluss)/0",), ("Oder/0",)]


def test_articles_without_title_and_numbered_questions(tmp_path: Path) -> None:
    data = squad(qa(44))["data"] + squad(qa("45"), title="0")["data"]
    del data[0]["title"]
    found = load_squad(write(tmp_path / "set", {"data": data}))
    assert [(one.id, one.title) for one in found.documents] == [("0", ""), ("0/0", "0")]
    assert [question.id for question in found.questions] == ["44", "45"]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = squad(qa("q0"), qa("q1"))
    change(data["data"][0])
    return data


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1], "not a JSON object"),
        ({"data": {}}, "'data'"),
        ({"data": [1]}, "'data[0]'"),
        (changed(lambda article: article.update(title=1)), "'data[0].title'"),
        (changed(lambda article: article.pop("paragraphs")), "'data[0].paragraphs'"),
        (changed(lambda article: article["paragraphs"][0].pop("context")), "'data[0].paragraphs[0].context'"),
        (changed(lambda article: article["paragraphs"][0].pop("qas")), "'data[0].paragraphs[0].qas'"),
        (squad(qa(), {"question": "q"}), "'data[0].paragraphs[0].qas[1].id'"),
        (squad(qa(), qa(True)), "'data[0].paragraphs[0].qas[1].id'"),
        (squad(qa(), qa("q2", question="")), "'data[0].paragraphs[0].qas[1].question'"),
        (squad(qa(question=None)), "'data[0].paragraphs[0].qas[0].question'"),
        (squad(qa(is_impossible="nein")), "'data[0].paragraphs[0].qas[0].is_impossible'"),
        (squad(qa(answers=None)), "'data[0].paragraphs[0].qas[0].answers'"),
        (squad(qa(answers=[])), "'data[0].paragraphs[0].qas[0].answers' is empty"),
        (squad(qa(answers=[{"answer_start": 1}])), "'data[0].paragraphs[0].qas[0].answers[0].text'"),
        (squad(qa(answers=[{"text": "x"}])), "'data[0].paragraphs[0].qas[0].answers[0].answer_start'"),
        (squad(qa(answers=[{"text": "x", "answer_start": 1.0}])), "answers[0].answer_start' is missing"),
        (squad(qa(answers=[{"text": "x", "answer_start": -1}])), "answers[0].answer_start' lies outside"),
        (squad(qa(answers=[{"text": "x", "answer_start": len(CONTEXT)}])), "answers[0].answer_start' lies outside"),
        (squad(qa(), sentence_breaks=[[0, len(CONTEXT) + 1]]), "'data[0].paragraphs[0].sentence_breaks'"),
        (squad(qa(), sentence_breaks=[[5, 4]]), "'data[0].paragraphs[0].sentence_breaks'"),
        (squad(qa(), sentence_breaks=[[0, True]]), "'data[0].paragraphs[0].sentence_breaks'"),
        (squad(qa(), sentence_breaks=[[0]]), "'data[0].paragraphs[0].sentence_breaks'"),
        (squad(qa(), sentence_breaks=None), "'data[0].paragraphs[0].sentence_breaks'"),
        (squad(qa("q7"), qa("q7")), "the id 'q7' (data[0].paragraphs[0].qas[1].id) was used before"),
        (squad(), "no questions"),
        ({"data": []}, "no questions"),
        ('{"data": [], "version": NaN}', "NaN is not a number"),
        ('{"data": [', "not JSON"),
    ],
)
def test_bad_squad_files_are_named_with_the_path(tmp_path: Path, content: object, reason: str) -> None:
    file = write(tmp_path / "set.json", content)
    text = complaint(lambda: load_squad(file))
    assert str(file) in text
    assert reason in text


def test_the_line_of_broken_json_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "set", "{", '"data": [', "]", '"version": 1}')
    assert f"{file}:4: not JSON" in complaint(lambda: load_squad(file))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_gold_spans_lie_in_the_context_and_hold_the_start(tmp_path: Path, data: st.DataObject) -> None:
    words = st.sampled_from(["Elbe", "z. B.", "mündet.", "Am 3.", "Mai!", "\n\n", "\u2028", "„So?“", "😀", "  ", "…"])
    context = data.draw(st.lists(words | st.text(max_size=5), min_size=1, max_size=12).map(" ".join).filter(str.strip))
    starts = data.draw(st.lists(st.integers(0, len(context) - 1), min_size=1, max_size=4))
    answers = [{"text": data.draw(st.text(min_size=1).filter(str.strip)), "answer_start": start} for start in starts]
    content: dict[str, Any] = squad(qa(answers=answers))
    content["data"][0]["paragraphs"][0]["context"] = context
    file = tmp_path / "set.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    found = load(file)
    spans = found.questions[0].gold_spans
    assert found.documents[0].text == context
    assert all(source == found.documents[0].id and 0 <= start < end <= len(context) for source, start, end in spans)
    assert all(any(low <= start < high for _, low, high in spans) for start in starts)
    assert all(any(low <= start < high for start in starts) for _, low, high in spans)


# BEIR


def test_a_beir_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = beir(tmp_path / "fluesse")
    expected = Dataset(
        "fluesse",
        "beir",
        (
            Question("q1", "Wohin fließt die Elbe?", sources=("d1",)),
            Question("q2", "Und die Oder?", sources=("d2",)),
        ),
        (
            Passage("d1", "Elbe", "Die Elbe mündet in die Nordsee."),
            Passage("d2", "Oder", "Die Oder mündet in die Ostsee."),
            Passage("d3", "", ""),
        ),
        retrieval_only=True,
    )
    assert load_beir(folder) == expected
    monkeypatch.chdir(folder)
    assert load(Path()) == expected


@pytest.mark.parametrize(
    ("qrels", "sources"),
    [
        ({"dev": "q1\td1\t1\n"}, {"q1": ("d1",)}),
        ({"dev": "q1\td1\t1\n", "test": "Query-ID\tCorpus-ID\tScore\r\nq1\td2\t1\r\n"}, {"q1": ("d2",)}),
        ({"dev": "q1\td1\t1\nq1\td1\t0\n", "train": "q1\td2\t0.5\n\nq2\td2\t-1"}, {"q1": ("d1", "d2")}),
    ],
)
def test_which_judgements_count(tmp_path: Path, qrels: dict[str, str], sources: dict[str, tuple[str, ...]]) -> None:
    found = load_beir(beir(tmp_path / "d", **qrels))
    assert {question.id: question.sources for question in found.questions} == sources


@pytest.mark.parametrize(
    ("qrels", "reason"),
    [
        ("q9\td1\t1\n", "test.tsv:1: there is no query 'q9'"),
        ("q1\td9\t0\n", "test.tsv:1: there is no document 'd9'"),
        ("query-id\tcorpus-id\tscore\nquery-id\tcorpus-id\tscore\n", "test.tsv:2: the score 'score' is not a number"),
        ("q1\td1\tx\n", "test.tsv:1: the score 'x' is not a number"),
        ("q1\td1\tnan\n", "test.tsv:1: the score 'nan' is not a number"),
        ("\nq1 d1 1\n", "test.tsv:2: 1 columns"),
        ("q1\t0\td1\t1\n", "test.tsv:1: 4 columns"),
        ("q1\td1\t0\n", "no questions"),
        ("query-id\tcorpus-id\tscore\n", "no questions"),
        ("", "no questions"),
    ],
)
def test_bad_judgements_are_named(tmp_path: Path, qrels: str, reason: str) -> None:
    folder = beir(tmp_path / "d", test=qrels)
    text = complaint(lambda: load(folder))
    assert str(folder) in text
    assert reason in text


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("corpus.jsonl", {"text": "x"}, "'_id'"),
        ("corpus.jsonl", {"_id": "d4"}, "'text' is missing"),
        ("corpus.jsonl", {"_id": "d4", "text": 1}, "'text'"),
        ("corpus.jsonl", {"_id": "d4", "text": "x", "title": []}, "'title'"),
        ("corpus.jsonl", {"_id": "d1", "text": "x"}, "'d1' (_id) was used before"),
        ("queries.jsonl", {"_id": "q4", "text": " "}, "'text'"),
        ("queries.jsonl", {"_id": "q1", "text": "x"}, "'q1' (_id) was used before"),
        ("queries.jsonl", "{", "not JSON"),
        ("queries.jsonl", [], "not a JSON object"),
    ],
)
def test_bad_beir_lines_are_named(tmp_path: Path, name: str, line: object, reason: str) -> None:
    file = beir(tmp_path / "d") / name
    before = file.read_text(encoding="utf-8").splitlines()
    write(file, *before, line)
    text = complaint(lambda: load(file.parent))
    assert f"{file}:{len(before) + 1}: " in text
    assert reason in text


# NoMIRACL


def test_converted_tasks_load_as_native(tmp_path: Path) -> None:
    twice = [
        {"docid": "7#1", "title": "Elbe", "text": "Eins."},
        {"docid": "7#1", "text": "Zwei."},
        {"docid": "8#1", "text": "Drei."},
    ]
    source = write(tmp_path / "tasks.jsonl", task(), task("t2", "non_relevant", passages=twice))
    target = write(tmp_path / "set.jsonl", "alt")
    assert convert_nomiracl(source, target) == 2
    assert load(target).questions == (
        Question("t1", "Wohin fließt sie?", passages=(Passage("7#1", "Elbe", "Die Elbe mündet\u2028in die Nordsee."),)),
        Question(
            "t2",
            "Wohin fließt sie?",
            answerable=False,
            passages=(Passage("7#1", "Elbe", "Eins."), Passage("8#1", "", "Drei.")),
        ),
    )
    lines = target.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [json.loads(line)["lang"] for line in lines] == ["de", "de"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.jsonl", "tasks.jsonl"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", ":2: not JSON"),
        (task("t0"), "'t0' (query_id) was used before"),
        (task(""), ":2: the field 'query_id'"),
        (task("t1", "neither"), ":2: the field 'subset' must be one of relevant, non_relevant"),
        (task(query=None), ":2: the field 'query'"),
        (task(passages=None), ":2: the field 'passages'"),
        (task(passages=[]), ":2: the field 'passages' is empty"),
        (task(passages=[{"text": "x"}]), ":2: the field 'passages[0].docid'"),
        (task(passages=[{"docid": "1", "text": ""}]), ":2: the field 'passages[0].text'"),
    ],
)
def test_bad_tasks_are_named_and_leave_the_target_alone(tmp_path: Path, line: object, reason: str) -> None:
    source, target = write(tmp_path / "tasks.jsonl", task("t0"), line), write(tmp_path / "set.jsonl", "alt")
    text = complaint(lambda: convert_nomiracl(source, target))
    assert str(source) in text
    assert reason in text
    assert target.read_text(encoding="utf-8") == "alt\n"


def test_the_source_is_never_written(tmp_path: Path) -> None:
    source = write(tmp_path / "tasks.jsonl", task())
    before = source.read_bytes()
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    for target in (source, link, tmp_path / "." / "tasks.jsonl"):
        assert "is the set to convert" in complaint(lambda target=target: convert_nomiracl(source, target))  # type: ignore[misc]
    assert source.read_bytes() == before


def test_targets_that_cannot_be_written(tmp_path: Path) -> None:
    source = write(tmp_path / "tasks.jsonl", task())
    for target in (tmp_path, tmp_path / "none" / "set.jsonl", source / "set.jsonl"):
        assert f"{target} cannot be written" in complaint(lambda target=target: convert_nomiracl(source, target))  # type: ignore[misc]
    assert "no evaluation set" in complaint(lambda: convert_nomiracl(tmp_path / "none", tmp_path / "set.jsonl"))
    assert "no questions" in complaint(lambda: convert_nomiracl(write(tmp_path / "empty"), tmp_path / "set.jsonl"))


def test_titles_may_be_null(tmp_path: Path) -> None:
    folder = beir(tmp_path / "d")
    write(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": None, "text": "Elbe."},
        {"_id": "d2", "title": "O", "text": None},
    )
    assert load_beir(folder).documents == (Passage("d1", "", "Elbe."), Passage("d2", "O", ""))


def test_judgements_of_what_is_not_there_are_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = beir(tmp_path / "d", test="q1\td1\t1\nq9\td1\t1\nq1\td9\t1\nq2\td9\t1\n")
    assert [(one.id, one.sources) for one in load_beir(folder).questions] == [("q1", ("d1",))]
    (said,) = (record.getMessage() for record in caplog.records)
    assert "test.tsv:2: there is no query 'q9'" in said
    assert "3 such judgements" in said
