"""Any content of a set is read as intended, or refused in one line that names the line at fault."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.evaluation import evaluate
from rag.evaluation.datasets import Dataset, DatasetError, load, load_beir, load_native, load_squad
from tests.rag.building import build
from tests.rag.evaluation.sets import PASSAGES, beir, case, complaint, qa, squad, write

if TYPE_CHECKING:
    from rag.client import RAG

quickly = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIELDS = (
    *("id", "question", "answers", "answers_all", "forbidden", "sources", "gold_quotes", "answerable"),
    *("history", "filter", "passages", "injection", "lang", "kind", "data"),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "\x1b[2J",
            "\n",
            "\u2028",
            "\ufeff",
            "\ud800",
            "Gro\u0308ße.md",
            "a" * 3000,
            10**400,
            "2025-13-01",
            "p1",
        ]
    ),
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def read(path: Path, bad: Path | None = None) -> Dataset | None:
    """Return a set, or None if it was refused correctly: with one line that names the file and the line at fault."""
    try:
        return load(path)
    except DatasetError as error:
        said = str(error)
        assert len(said.splitlines()) == 1
        assert said.isprintable()
        assert str(bad or path) in said
        return None


@quickly
@given(fields=st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=4), before=st.integers(0, 3), blank=st.booleans())
def test_a_native_line_is_read_or_named(tmp_path: Path, fields: dict[str, Any], before: int, blank: bool) -> None:
    good = [json.dumps(case(id=f"g{number}")) for number in range(before)]
    lines = [*good, *[""] * blank, json.dumps({**case(), **fields}), json.dumps(case(id="last"))]
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    try:
        found = load_native(file)
    except DatasetError as error:
        assert f"{file}:{before + blank + 1}: " in str(error)
        assert str(error).isprintable()
        return
    assert len(found.questions) == before + 2
    assert all(
        isinstance(question.id, str) and question.id and question.question.strip() for question in found.questions
    )


@quickly
@given(data=st.binary(max_size=300))
@example(data=b"\xff\xfe{\0")
@example(data=b"[" * 100_000)
@example(data=b'{"id": ' + b"[" * 100_000)
@example(data=b'{"id": ' + b"9" * 5000 + b"}\n")
@example(data=b"\xef\xbb\xbf\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "set"
    file.write_bytes(data)
    assert read(file) is None or data
    for loader in (load_native, load_squad):
        try:
            loader(file)
        except DatasetError as error:
            assert str(file) in str(error)
            assert str(error).isprintable()


@quickly
@given(
    name=st.sampled_from(["corpus.jsonl", "queries.jsonl"]),
    fields=st.dictionaries(st.sampled_from(["_id", "text", "title", "metadata"]), JUNK, max_size=4),
)
def test_a_line_of_a_beir_set_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, name: str, fields: dict[str, Any]
) -> None:
    folder = beir(tmp_path_factory.mktemp("beir") / "set")
    file = folder / name
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text(
        "\n".join([lines[0], json.dumps({"_id": "x", "text": "Ein Text.", **fields}), *lines[1:]]), encoding="utf-8"
    )
    try:
        found = load_beir(folder)
    except DatasetError as error:
        assert f"{file}:" in str(error)
        assert f"{file}:2: " in str(error) or f"{file}:3: " in str(error)  # the next line has the same id
        assert str(error).isprintable()
        return
    assert {"q1", "q2"} <= {question.id for question in found.questions}


@quickly
@given(line=st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40))
@example(line="q1\td1\tnan")
@example(line="q1\td1\t1e400")
@example(line="\ufeffq1\td1\t1")
@example(line="q1\td1\t1\r")
@example(line="q1 0 d1 1")
@example(line="q9\td1\t1")
def test_a_judgement_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    folder = beir(tmp_path_factory.mktemp("beir") / "set")
    file = folder / "qrels" / "test.tsv"
    file.write_text(f"query-id\tcorpus-id\tscore\nq1\td1\t1\n{line}\nq2\td2\t1\n", encoding="utf-8", newline="")
    try:
        found = load_beir(folder)
    except DatasetError as error:
        assert f"{file}:3: " in str(error)
        assert str(error).isprintable()
        return
    assert [question.id for question in found.questions] == ["q1", "q2"]


@quickly
@given(
    at=st.sampled_from(
        ["data", "title", "paragraphs", "context", "qas", "id", "question", "answers", "text", "answer_start"]
    ),
    value=JUNK,
)
def test_a_squad_field_is_read_or_named(tmp_path: Path, at: str, value: Any) -> None:
    whole: dict[str, Any] = squad(qa("q0"), qa("q1"))
    places: dict[str, Any] = {"data": whole, "title": whole["data"][0], "paragraphs": whole["data"][0]}
    places |= dict.fromkeys(("context", "qas"), whole["data"][0]["paragraphs"][0])
    places |= dict.fromkeys(("id", "question", "answers"), places["qas"]["qas"][1])
    places |= dict.fromkeys(("text", "answer_start"), places["id"]["answers"][0])
    places[at][at] = value
    file = tmp_path / "set.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    found = read(file)
    assert found is None or {one.id for one in found.questions} <= {"q0", str(value), "q1"}


ODD_WAYS = ["plain", "bom", "boms", "crlf", "blank", "nfd", "numbers", "nulls"]


@pytest.mark.parametrize("way", ODD_WAYS)
def test_odd_ways_to_write_a_set_change_nothing(tmp_path: Path, way: str) -> None:
    rows = [case(id=number, question=f"Wie groß ist {number}?", sources=["Größe.md"]) for number in range(3)]
    if way != "numbers":
        rows = [{**row, "id": str(row["id"])} for row in rows]
    if way == "nulls":
        missing = dict.fromkeys(
            ("answers_all", "forbidden", "gold_quotes", "history", "filter", "passages", "injection")
        )
        rows = [{**row, **missing, "answerable": None} for row in rows]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    text = ("\r\n" if way == "crlf" else "\n\n \n" if way == "blank" else "\n").join(lines) + "\n"
    if way == "boms":
        text = "\ufeff" + "\n\ufeff".join(lines)
    data = unicodedata.normalize("NFD", text) if way == "nfd" else text
    file = tmp_path / unicodedata.normalize("NFD", "Prüfung.jsonl")
    file.write_bytes((b"\xef\xbb\xbf" if way == "bom" else b"") + data.encode())
    found = load(tmp_path / "Prüfung.jsonl")
    assert [question.id for question in found.questions] == ["0", "1", "2"]
    assert [unicodedata.normalize("NFC", question.sources[0]) for question in found.questions] == ["Größe.md"] * 3
    assert all(question.answerable and question.answers == ("Nordsee",) for question in found.questions)


def test_the_second_of_two_lines_with_one_id_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "set.jsonl", case(id=1), "", case(id=2), case(id="1"))
    assert f"{file}:4: the id '1'" in complaint(lambda: load_native(file))


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RAG:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "korpus").mkdir()
    (tmp_path / "korpus" / "elbe.md").write_text("# Elbe\n\nDie Elbe mündet in die Nordsee.\n", encoding="utf-8")
    made = build(tmp_path / "korpus", tmp_path / "index", "Nordsee")
    made.sync()
    return made


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sources": ["oder.md"]}, "names the source 'oder.md', which is not in the index"),
        ({"sources": ["elbe.md"], "gold_quotes": ["Die Oder."]}, "has a gold quote that stands in none of its sources"),
        ({"question": "Wo? " * 1000}, "cannot be asked"),
        ({"filter": {"source": "x" * 2000}}, "cannot be asked"),
    ],
)
def test_what_does_not_fit_the_corpus_is_named_with_its_line(
    rag: RAG, tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    file = write(tmp_path / "set.jsonl", case(sources=["elbe.md"]), "", case(id="2", **fields))
    said = complaint(lambda: evaluate(rag, file, retrieval_only=True))
    assert f"{file}:3: question '2'" in said
    assert reason in said


def test_questions_with_and_without_passages_are_named_with_their_line(rag: RAG, tmp_path: Path) -> None:
    file = write(tmp_path / "set.jsonl", case(passages=PASSAGES), case(id="2"))
    assert f"{file}:2: question '2' has no passages" in complaint(lambda: evaluate(rag, file, retrieval_only=True))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(max_size=30) | st.sampled_from(["", "\0\1", "---\na: b\n---\n", "\ufeff", "\u2028 x"]),
        min_size=1,
        max_size=3,
    ),
    title=st.none() | st.text(max_size=10) | st.sampled_from(["\0", "---", "a: b", "\x85"]),
    query=st.text(min_size=1, max_size=20).filter(str.strip),
)
def test_what_was_read_can_be_asked(
    rag: RAG, tmp_path_factory: pytest.TempPathFactory, texts: list[str], title: str | None, query: str
) -> None:
    folder = tmp_path_factory.mktemp("beir") / "set"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": f"d{number}", "title": title, "text": text} for number, text in enumerate(texts)]
    write(folder / "corpus.jsonl", *map(json.dumps, documents))
    write(folder / "queries.jsonl", json.dumps({"_id": 7, "text": query}))
    (folder / "qrels" / "test.tsv").write_text("7\td0\t1\n7\tgone\t1\n8\td0\t1\n", encoding="utf-8")
    try:
        result = evaluate(rag, folder, retrieval_only=True)
    except DatasetError as error:
        assert str(folder) in str(error)
        assert str(error).isprintable()
        return
    assert result.n == 1
