from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.evaluation.datasets import (
    Dataset,
    Passage,
    Question,
    convert_nomiracl,
    load,
    load_beir,
    load_native,
    load_squad,
)
from tests.rag.evaluation.sets import PASSAGES, beir, case, complaint, qa, squad, write

SHARED = Path(__file__).parents[4].parent / "shared" / "eval"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared evaluation sets are not here")


# detection


def test_each_format_is_told_by_its_content(tmp_path: Path) -> None:
    native = write(tmp_path / "a.json", case())
    one_line = write(tmp_path / "b.jsonl", squad(qa()))
    several_lines = write(tmp_path / "c", "", json.dumps(squad(qa()), indent=1))
    found = [load(path) for path in (native, one_line, several_lines, beir(tmp_path / "d"))]
    assert [(one.name, one.format, one.retrieval_only) for one in found] == [
        ("a.json", "native", False),
        ("b.jsonl", "squad", False),
        ("c", "squad", False),
        ("d", "beir", True),
    ]
    assert all(len(one.questions) == len({question.id for question in one.questions}) > 0 for one in found)


def test_a_line_with_data_among_others_is_native(tmp_path: Path) -> None:
    assert load(write(tmp_path / "a", case(data=[]), case(id="2"))).format == "native"


def test_a_native_set_of_one_question_without_data_is_native(tmp_path: Path) -> None:
    assert load(write(tmp_path / "a", case(data="x"))).format == "native"


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    file = write(tmp_path / "a", squad(qa()) | case())
    assert load(file).format == "squad"
    assert load(file, format="native").format == "native"
    assert "not a BEIR set" in complaint(lambda: load(file, format="beir"))
    folder = beir(tmp_path / "d")
    assert "cannot be read" in complaint(lambda: load(folder, format="native"))
    assert "cannot be read" in complaint(lambda: load(folder, format="squad"))
    assert "native, squad, beir" in complaint(lambda: load(file, format="csv"))  # type: ignore[arg-type]


def test_what_is_unclear_or_missing_is_named_with_a_hint(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for loader in (load, load_native, load_squad, load_beir):
        text = complaint(lambda loader=loader: loader(missing))  # type: ignore[misc]
        assert f"no evaluation set {missing}" in text
        assert "Name a" in text
    unclear = write(tmp_path / "unclear.json", json.dumps(case(), indent=1))
    text = complaint(lambda: load(unclear))
    assert str(unclear) in text
    assert "native" in text
    assert "SQuAD" in text
    truncated = write(tmp_path / "truncated.json", json.dumps(squad(qa()), indent=1)[:-20])
    assert f"{truncated}:" in complaint(lambda: load(truncated))
    assert "SQuAD" in complaint(lambda: load(truncated))
    text = complaint(lambda: load(write(tmp_path / "text", "kein JSON", "auch nicht")))
    assert f"{tmp_path / 'text'}:1: not JSON" in text
    assert f"{tmp_path / 'list'}:1: not a JSON object" in complaint(lambda: load(write(tmp_path / "list", [1], [2])))


def test_a_folder_that_is_no_beir_set_lacks_named_files(tmp_path: Path) -> None:
    text = complaint(lambda: load(tmp_path))
    assert all(name in text for name in (str(tmp_path), "corpus.jsonl", "queries.jsonl", "qrels/*.tsv"))
    folder = beir(tmp_path / "d")
    (folder / "queries.jsonl").unlink()
    text = complaint(lambda: load(folder))
    assert "queries.jsonl missing" in text
    assert "corpus.jsonl" not in text


# native


def test_a_native_case_with_everything(tmp_path: Path) -> None:
    full = case(
        answers_all=["Nord", "See"],
        forbidden=["Ostsee"],
        sources=["p1"],
        gold_quotes=["mündet in die Nordsee"],
        history=[["Was ist die Elbe?", "Ein Fluss."]],
        filter={"source": "Atlas", "since": "2024-02-29"},
        passages=PASSAGES,
        lang="de",
        kind="figure",
    )
    assert load_native(write(tmp_path / "set.jsonl", "", full)) == Dataset(
        "set.jsonl",
        "native",
        (
            Question(
                "1",
                "Wohin fließt die Elbe?",
                ("Nordsee",),
                ("Nord", "See"),
                ("Ostsee",),
                ("p1",),
                ("mündet in die Nordsee",),
                (),
                True,
                (("Was ist die Elbe?", "Ein Fluss."),),
                (("source", "Atlas"), ("since", "2024-02-29")),
                (Passage("p1", "Elbe", PASSAGES[0]["text"]), Passage("p2", "", PASSAGES[1]["text"])),
            ),
        ),
    )


def test_where_there_are_passages_gold_answers_may_be_missing(tmp_path: Path) -> None:
    file = write(tmp_path / "set", case(answers=[], passages=PASSAGES, gold_quotes=["die Ostsee"]))
    assert load_native(file).questions[0].gold == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("kein JSON", "not JSON"),
        ('{"id": "1", "question": "q", "answers": ["x"], "weight": NaN}', "NaN is not a number"),
        ('{"id": "1", "question": "q", "answers": ["x"], "weight": -Infinity}', "-Infinity is not a number"),
        ('{"id": "1", "question": "\\ud800", "answers": ["x"]}', "surrogates"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        (case(id=7.5), "'id'"),
        (case(id=True), "'id'"),
        (case(id=" "), "'id'"),
        ({"id": "1"}, "'question'"),
        (case(answers="x"), "'answers'"),
        (case(answers=[1]), "'answers'"),
        (case(answers=[""]), "none of them blank"),
        (case(answers_all={}), "'answers_all'"),
        (case(forbidden=0), "'forbidden'"),
        (case(sources="a.md"), "'sources'"),
        (case(gold_quotes=[["x"]]), "'gold_quotes'"),
        (case(answers=[]), "needs 'answers'"),
        (case(id="0"), "'0' (id) was used before"),
        (case(answerable="ja"), "'answerable' must be true or false"),
        (case(history=["q"]), "'history'"),
        (case(history=[["q", "a", "b"]]), "'history'"),
        (case(history=0), "'history'"),
        (case(filter=["source"]), "'filter'"),
        (case(filter={"path": "a.md"}), "'filter'"),
        (case(filter={"until": "gestern"}), "YYYY-MM-DD"),
        (case(filter={"source": 1}), "'filter.source'"),
        (case(filter={"since": 2024}), "'filter.since'"),
        (case(filter={"since": "20240101"}), "YYYY-MM-DD"),
        (case(filter={"since": "2023-02-29"}), "YYYY-MM-DD"),
        (case(passages={}), "'passages'"),
        (case(passages=["p1"]), "'passages[0]'"),
        (case(passages=[{"text": "x"}]), "'passages[0].id'"),
        (case(passages=[{"id": 1.5, "text": "x"}]), "'passages[0].id'"),
        (case(passages=[{"id": "p", "text": " "}]), "'passages[0].text'"),
        (case(passages=[{"id": "p", "text": "x", "title": 1}]), "'passages[0].title'"),
        (case(passages=[PASSAGES[0], PASSAGES[0]]), "'p1' (passages[1].id) was used before"),
        (case(passages=PASSAGES, sources=["elbe.md"]), "'elbe.md', which is none of its 'passages'"),
        (case(passages=PASSAGES, sources=["p2"], gold_quotes=["Nordsee"]), "'gold_quotes[0]'"),
        (case(passages=PASSAGES, gold_quotes=["Ostsee", "Rhein"]), "'gold_quotes[1]'"),
    ],
)
def test_bad_native_lines_are_named(tmp_path: Path, line: object, reason: str) -> None:
    file = write(tmp_path / "set.jsonl", case(id="0"), line)
    text = complaint(lambda: load_native(file))
    assert text.startswith(f"{file}:2: ")
    assert reason in text
    assert complaint(lambda: load(file)) == text


@pytest.mark.parametrize("content", ["", "\n \n\r\n", "\ufeff"])
def test_a_set_without_questions_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "empty"
    file.write_text(content, encoding="utf-8", newline="")
    for loader in (load, load_native):
        text = complaint(lambda loader=loader: loader(file))  # type: ignore[misc]
        assert f"{file} has no questions" in text


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    question = "Was\u2028ist\u0085die\x0bElbe?"
    file = tmp_path / "set"
    line = json.dumps(case(question=question), ensure_ascii=False)
    file.write_text("\ufeff" + line + "\r\n\r\n" + json.dumps(case(id="2")), encoding="utf-8", newline="")
    assert [one.question for one in load(file).questions] == [question, case()["question"]]


def test_other_encodings_are_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "set"
    file.write_bytes(json.dumps(case()).encode() + b"\n" + '{"id": "flöße"}'.encode("latin-1"))
    assert f"{file}:2: not UTF-8" in complaint(lambda: load(file))
    file.write_bytes(json.dumps(squad(qa()), indent=1).encode().replace(b"Elbe_", b"\nElb\xe4_"))
    assert f"{file}:6: not UTF-8" in complaint(lambda: load_squad(file))
    file.write_text(json.dumps(case()), encoding="utf-16")
    assert f"{file}:1: not UTF-8" in complaint(lambda: load(file))


# the sets themselves


def test_the_set_of_the_corpus() -> None:
    assert load(Path(__file__).parents[4] / "corpus" / "questions.jsonl").format == "native"


@needs_shared
@pytest.mark.parametrize(
    ("name", "documents", "questions"),
    [("xquad_r_de/xquad_r_de.json", 240, 1190), ("mlqa_de_partial/mlqa_de_test_partial.json", 2525, 2746)],
)
def test_the_shared_squad_sets(name: str, documents: int, questions: int) -> None:
    found = load(SHARED / name)
    assert (found.format, len(found.documents), len(found.questions)) == ("squad", documents, questions)
    texts = {document.id: document.text for document in found.documents}
    assert len(texts) == documents
    assert all(question.answerable and question.answers for question in found.questions)
    for question in found.questions:
        assert all(0 <= start < end <= len(texts[source]) for source, start, end in question.gold_spans)


@needs_shared
def test_the_shared_tasks_of_nomiracl(tmp_path: Path) -> None:
    target = tmp_path / "nomiracl.jsonl"
    assert convert_nomiracl(SHARED / "nomiracl_de" / "tasks.jsonl", target) == 183
    found = load(target)
    assert sum(question.answerable for question in found.questions) == 125
    assert sum(not question.answerable for question in found.questions) == 58
    assert {len(question.passages) for question in found.questions} == {10}


WHOLE = json.dumps(
    case(id="ganz", note='Ä\u2028\\ "', answerable=False, filter={"since": "2024-01-01"}), ensure_ascii=False
).encode()


@pytest.mark.parametrize("end", range(1, len(WHOLE)))
def test_half_a_last_line_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, end: int) -> None:
    first = json.dumps(case(id="0")).encode()
    file = tmp_path / "feedback.jsonl"
    for written in (first + b"\n" + WHOLE[:end], first + b"\n" + WHOLE[:end] + b"\n" + WHOLE + b"\n"):
        caplog.clear()
        file.write_bytes(written)
        # Lines that were written after it count as well.
        assert [question.id for question in load(file).questions] == ["0", "ganz"][: written.count(b"\n")]
        (said,) = caplog.messages
        assert said.startswith(f"{file}:2: half a line")
        assert "\n" not in said


def test_a_file_that_begins_with_half_a_line_is_read_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes('{"id": "1", "question": "Ä'.encode()[:-1] + b"\n" + WHOLE + b"\n")
    assert [question.id for question in load(file).questions] == ["ganz"]
    assert len(caplog.messages) == 1


def test_a_disk_may_fill_half_a_line_up(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(WHOLE + b"\n" + WHOLE[:20] + b"\0" * 100)
    assert [question.id for question in load(file).questions] == ["ganz"]


@pytest.mark.parametrize("line", ['{"id": "1", "question" "q"}', '{"id": 1,, }', "{'id': 1}", '{"id": "1"} x'])
def test_a_line_that_is_whole_and_wrong_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(f"{json.dumps(case(id='0'))}\n{line}\n", encoding="utf-8")
    assert f"{file}:2: not JSON" in complaint(lambda: load(file))


def test_a_set_of_nothing_but_half_a_line_has_no_questions(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(WHOLE[:30])
    assert "has no questions" in complaint(lambda: load(file, format="native"))


def test_numbers_are_ids(tmp_path: Path) -> None:
    line = case(id=7, sources=[1], passages=[{"id": 1, "text": "Die Elbe mündet in die Nordsee."}])
    (question,) = load(write(tmp_path / "set.jsonl", line)).questions
    assert (question.id, question.sources, question.passages[0].id) == ("7", ("1",), "1")


def test_a_line_with_nan_is_named(tmp_path: Path) -> None:
    for lines in (
        [case(weight=float("nan"))],
        [case(weight=float("nan")), case(id="2")],
        [case(), case(id="2", x=float("inf"))],
    ):
        file = write(tmp_path / "set.jsonl", *(json.dumps(line) for line in lines))
        number = next(
            i for i, line in enumerate(lines, start=1) if "NaN" in json.dumps(line) or "Infinity" in json.dumps(line)
        )
        assert complaint(lambda file=file: load(file)).startswith(f"{file}:{number}: not JSON")  # type: ignore[misc]


def test_tabs_within_texts_are_read_as_they_are_meant(tmp_path: Path) -> None:
    file = write(tmp_path / "set.jsonl", '{"id": "1", "question": "Wohin\tfließt sie?", "answers": ["Nordsee"]}')
    assert load(file).questions[0].question == "Wohin\tfließt sie?"


def test_a_set_is_found_under_the_name_that_looks_like_its_own(tmp_path: Path) -> None:
    write(tmp_path / "Gro\u0308ße.jsonl", case())
    assert load(tmp_path / "Größe.jsonl").questions[0].id == "1"
