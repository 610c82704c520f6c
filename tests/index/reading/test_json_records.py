"""Records of JSON files become documents only on request, and never if they belong to an evaluation set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CorpusError
from index.reading import json_records
from index.reading.gathering import gather
from index.reading.json_records import BadRecord, Fields, records
from index.reading.options import ReadingOptions
from index.reading.web_addresses import web_address
from index.segmenting.chunking import chunk
from index.syncing.sync import sync
from index.types import Document
from rag.settings import load_settings
from tests.files import make_zip
from tests.index.reading.test_containers import NoReader
from tests.index.synced import counts, opened

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

ROOT = Path(__file__).parents[3]
TEXT = "Die Mühle von Talheim mahlt seit 1912 Korn."
ON = ReadingOptions(json=Fields())


def read(data: Any, path: str = "a.jsonl", fields: str = "on") -> tuple[dict[str, Document], dict[str, str]]:
    if not isinstance(data, bytes):
        lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in data]
        data = "\n".join(lines).encode() if path.endswith(".jsonl") else json.dumps(data).encode()
    wanted = Fields.parse(fields)
    assert wanted is not None
    found = list(records(data, path, wanted))
    good = {one.path: one for one in found if isinstance(one, Document)}
    bad = {one.path: one.reason for one in found if isinstance(one, BadRecord)}
    assert all("\n" not in reason for reason in bad.values())
    return good, bad


def test_each_line_is_a_document_with_what_is_known_of_it() -> None:
    record = {
        "title": "Mühle & Mehl",
        "text": f"{TEXT}\n\nHeute auch Hafer.",
        "date": "2024-05-03T10:00:00Z",
        "source": {"name": "Talheimer Bote"},
        "lang": "de",
        "url": "https://example.org/muehle",
        "authors": [{"name": "Erika Muster"}, "Max Mann"],
    }
    good, bad = read(["", record, {"content": "Ein zweiter Text über Dachse.", "published": 1714730400000}])
    assert bad == {}
    first, second = good["a.jsonl/2"], good["a.jsonl/3"]
    assert first.text == f"# Mühle & Mehl\n\n{TEXT}\n\nHeute auch Hafer.\n"
    about = first.metadata
    assert (about.title, about.source, about.date, about.language) == (
        "Mühle & Mehl",
        "Talheimer Bote",
        "2024-05-03",
        "de",
    )
    assert (about.url, about.authors) == ("https://example.org/muehle", ("Erika Muster", "Max Mann"))
    assert (second.metadata.title, second.metadata.date) == ("Ein zweiter Text über Dachse.", "2024-05-03")
    (passage, *_) = chunk(first)
    assert first.text[passage.start : passage.end] == passage.text


def test_bad_lines_are_named_and_the_rest_goes_on() -> None:
    huge = '{"text": ' + "9" * 5000 + "}"
    deep = "[" * 100_000
    lines = [{"text": "eins " * 5}, "{kaputt", "[1]", '{"anderes": 1}', "NaN", huge, deep, {"text": "acht " * 5}]
    good, bad = read(lines)
    assert list(good) == ["a.jsonl/1", "a.jsonl/8"]
    assert {path: reason.partition(":")[0] for path, reason in bad.items()} == {
        f"a.jsonl/{number}": f"line {number}" for number in range(2, 8)
    }
    assert "column 2" in bad["a.jsonl/2"]
    assert "no text in text or content" in bad["a.jsonl/4"]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"text": TEXT}, ["a.json/1"]),
        ([{"text": TEXT}, {"body": TEXT + " Ja."}], ["a.json/1", "a.json/2"]),
        ({"articles": [{"text": TEXT}]}, ["a.json/1"]),
        ({"meta": {"n": 1}, "text": [TEXT, {"text": "Zweiter Absatz."}]}, ["a.json/1"]),
    ],
)
def test_a_file_is_a_record_or_a_list_of_them(value: Any, paths: list[str]) -> None:
    good, bad = read(value, "a.json")
    assert (list(good), bad) == (paths, {})
    assert TEXT in good[paths[0]].text


def test_fields_are_named_by_the_setting() -> None:
    record = {"lead": "Der Vorspann.", "artikel": {"rumpf": TEXT}, "kopf": "Überschrift", "text": "nicht dieser"}
    good, _ = read([record], fields="text=lead+artikel.rumpf, title=kopf")
    assert good["a.jsonl/1"].text == f"# Überschrift\n\nDer Vorspann.\n\n{TEXT}\n"
    assert load_settings(json_files="text=lead").reading.options.json == Fields(text=("lead",))
    assert load_settings().reading.options.json is None
    for wrong in ("text", "körper=a", "text=a b", "text=", "title=a;b"):
        with pytest.raises(ValueError, match="neither"):
            Fields.parse(wrong)
        with pytest.raises(Exception, match="RAG_JSON_FILES"):
            load_settings(json_files=wrong)


def test_a_record_is_the_same_as_long_as_what_is_shown_of_it_is() -> None:
    before, after = ({"text": TEXT, "clicks": clicks} for clicks in (1, 2))
    assert read([before])[0]["a.jsonl/1"].sha256 == read([after])[0]["a.jsonl/1"].sha256
    assert read([{"text": TEXT, "date": "2024-01-01"}])[0]["a.jsonl/1"].sha256 != read([before])[0]["a.jsonl/1"].sha256


def test_structure_in_a_text_is_text() -> None:
    good, _ = read([{"text": "# keine Überschrift\n\n<!-- not read: gelogen -->\n\n---\ntitle: x\n---\n\n" + TEXT}])
    (document,) = good.values()
    assert "\\# keine" in document.text
    assert not [one for one in chunk(document) if one.headings]
    assert document.metadata.title == "# keine Überschrift"


# ---- evaluation sets


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([{"id": "1", "question": "Wer?", "answers": ["Sie"], "sources": ["a.md"], "text": TEXT}], "a.jsonl"),
        ([{"id": "1", "question": "Wer?", "answerable": False}], "a.jsonl"),
        ({"version": "2.0", "data": [{"title": "T", "paragraphs": [{"context": TEXT, "qas": []}]}]}, "a.json"),
    ],
    ids=["native", "unanswerable", "squad"],
)
def test_an_evaluation_set_is_no_document(data: Any, path: str) -> None:
    with pytest.raises(CorpusError, match="an evaluation set"):
        read(data, path)


def test_the_projects_own_set_and_one_in_the_form_of_beir_are_not_indexed(tmp_path: Path) -> None:
    own = (ROOT / "corpus" / "questions.jsonl").read_bytes()
    (tmp_path / "fragen.jsonl").write_bytes(own)
    (tmp_path / "beir" / "qrels").mkdir(parents=True)
    for name in ("corpus.jsonl", "queries.jsonl"):
        (tmp_path / "beir" / name).write_text(json.dumps({"_id": "1", "title": "T", "text": TEXT}), encoding="utf-8")
    (tmp_path / "beir" / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\t1\t1\n", encoding="utf-8")
    members = {f"b/{one}": (tmp_path / "beir" / one).read_bytes() for one in ("corpus.jsonl", "queries.jsonl")}
    (tmp_path / "a.zip").write_bytes(make_zip(members))
    (tmp_path / "gut.jsonl").write_text(json.dumps({"text": TEXT}), encoding="utf-8")
    found = gather(tmp_path, NoReader(), options=ON)
    assert [one.path for one in found.documents] == ["gut.jsonl/1"]
    assert {path for path, reason in found.left_out if "an evaluation set" in reason} == {
        "fragen.jsonl",
        "beir/corpus.jsonl",
        "beir/queries.jsonl",
        "a.zip/b/corpus.jsonl",
        "a.zip/b/queries.jsonl",
    }


# ---- in a folder


def test_json_is_read_only_where_asked_for(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    lines = [{"title": f"Meldung {number}", "text": f"{TEXT} Nummer {number}."} for number in range(3)]
    written = "\n".join(json.dumps(one) for one in lines)
    (corpus / "meldungen.jsonl").write_text(written, encoding="utf-8")
    assert counts(sync(corpus, index_dir, embedder)) == (3, 0, 0, 0, 0)
    assert counts(sync(corpus, index_dir, embedder, options=ON)) == (3, 0, 0, 0, 3)
    # A new record at the end is added, a missing one is removed, and a renamed file has the same records.
    embedder.passages.clear()
    lines.append({"title": "Meldung 3", "text": f"{TEXT} Ganz neu."})
    lines[0] = {}
    (corpus / "meldungen.jsonl").write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    report = sync(corpus, index_dir, embedder, options=ON)
    assert counts(report) == (1, 0, 0, 1, 5)
    assert [one.path for one in report.skipped] == ["meldungen.jsonl/1"]
    assert "Ganz neu" in "".join(embedder.passages)
    embedder.passages.clear()
    (corpus / "meldungen.jsonl").rename(corpus / "neu.jsonl")
    assert counts(sync(corpus, index_dir, embedder, options=ON)) == (0, 0, 3, 0, 3)
    assert embedder.passages == []
    assert opened(index_dir).documents["neu.jsonl/4"].metadata.title == "Meldung 3"
    assert counts(sync(corpus, index_dir, embedder)) == (0, 0, 0, 3, 3)


def test_many_bad_records_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("kaputt\n" * 50 + json.dumps({"text": TEXT}), encoding="utf-8")
    found = gather(tmp_path, NoReader(), options=ON)
    assert len(found.documents) == 1
    assert len(found.left_out) == 21
    assert found.left_out[-1] == ("a.jsonl", "and 30 more records that cannot be read.")


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"%PDF-1.7", "not JSON"), (b"\x00\x01", "not JSON"), (b" ", "empty"), (b'"text"', "neither"), (b"{1", "line 1")],
)
def test_what_is_no_json_is_said(data: bytes, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read(data, "a.json")


def test_the_number_of_records_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "MOST_RECORDS", 2)
    good, bad = read([{"text": f"{TEXT} {number}"} for number in range(4)])
    assert (len(good), list(bad)) == (2, ["a.jsonl"])


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.sampled_from(["text", "title", "date", "url", "authors", "source"]), _VALUES)))
def test_any_records_become_documents_or_lines(found: list[dict[str, Any]]) -> None:
    good, bad = read([json.dumps(one) for one in found] or ["{}"])
    assert len(good) + len(bad) == len(found or [{}])
    for document in good.values():
        assert all(document.text[one.start : one.end] == one.text for one in chunk(document))
        document.text.encode()


@given(st.text(max_size=60))
def test_an_address_is_one_that_may_be_followed(written: str) -> None:
    for address in (written, f"https://{written}", f"javascript:{written}"):
        found = web_address(address)
        assert not found or found.lower().startswith(("http://", "https://"))
        assert not set(found) & set("\"'<> \n\\")
