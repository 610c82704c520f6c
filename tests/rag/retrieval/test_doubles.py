"""A text that lies in the folder twice is one document with two paths, and nothing is said twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rag.client import RAG
from rag.evaluation import evaluate
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.query.condense import condense
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from rag.types import EvidenceSentence

TOWER = "Das Rathaus hat vier Stockwerke. Sein Turm ist 52 Meter hoch. Es wurde 1897 gebaut."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "korpus" / "kopie").mkdir(parents=True)
    return tmp_path / "korpus"


def open_rag(folder: Path) -> RAG:
    rag = RAG(
        Settings(corpus=folder, index=folder.parent / "index"), embedder=HashingEmbedder(), engine=ScriptedEngine("x")
    )
    rag.sync()
    return rag


def evidence(rag: RAG, question: str) -> tuple[EvidenceSentence, ...]:
    return rag._pipeline.find(condense(question, (), max_chars=1000), rag._view(), k=12)


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def test_the_same_file_under_two_names_is_found_once(folder: Path) -> None:
    for name in ("a.md", "kopie/a (1).md"):
        (folder / name).write_text(f"# Rathaus\n\n{TOWER}\n", encoding="utf-8")
    write(folder, b="# Bad\n\nDas Bad hat drei Becken.\n")
    rag = open_rag(folder)
    hits = rag.search("Wie hoch ist der Turm?", k=10)
    assert sorted(hit.path for hit in hits) == ["a.md", "b.md"]
    assert {hit.path: hit.also for hit in hits} == {"a.md": ("kopie/a (1).md",), "b.md": ()}
    assert rag.doubles("a.md") == ("kopie/a (1).md",)
    assert rag.doubles("kopie/a (1).md") == ("a.md",)
    assert rag.doubles("b.md") == ()
    found = evidence(rag, "Wie hoch ist der Turm?")
    assert len({one.text for one in found}) == len(found)
    assert {one.path for one in found} == {"a.md", "b.md"}


def test_copies_with_other_line_ends_or_front_matter_are_doubles(folder: Path) -> None:
    text = f"# Rathaus\n\n{TOWER} Es steht in K\u00f6ln.\n"
    write(folder, a=text, c=f"---\ntitle: Ein Bericht\ndate: 2024-03-03\n---\n{text}")
    (folder / "b.md").write_bytes(text.replace("\n", "\r\n").replace("\u00f6", "o\u0308").encode())
    rag = open_rag(folder)
    (hit,) = rag.search("Wie hoch ist der Turm?", k=10)
    assert sorted((hit.path, *hit.also)) == ["a.md", "b.md", "c.md"]
    assert rag.doubles("a.md") == ("b.md", "c.md")


def test_a_filter_may_leave_only_the_double(folder: Path) -> None:
    write(folder, a=f"---\ntitle: T\nsource: Eins\n---\n{TOWER}", b=f"---\ntitle: T\nsource: Zwei\n---\n{TOWER}")
    rag = open_rag(folder)
    assert [hit.path for hit in rag.search("Turm", filter={"source": "Zwei"})] == ["b.md"]
    assert [hit.path for hit in rag.search("Turm", filter={"source": "Eins"})] == ["a.md"]


def test_a_report_in_three_papers_is_evidence_once_and_what_each_adds_stays(folder: Path) -> None:
    shared = "Der Turm in Auheim ist nach dem Umbau 52 Meter hoch. Der Umbau kostete die Stadt 3 Millionen Euro."
    write(
        folder,
        anzeiger=f"# Turm\n\n{shared} Der Anzeiger sprach mit dem Turmwart.",
        bote=f"# Neuer Turm\n\nAuheim. {shared.replace('52 Meter hoch', '„52 Meter hoch“')}",
        kurier=f"# Umbau\n\n{shared} Der Kurier nennt 54 Meter.",
    )
    found = evidence(open_rag(folder), "Wie hoch ist der Turm in Auheim?")
    texts = [one.text.replace("„", "").replace("“", "") for one in found]
    assert len(set(texts)) == len(texts)
    assert any("54 Meter" in text for text in texts)
    assert any("Turmwart" in text for text in texts)
    # What they share comes from one of them.
    assert len({one.path for one in found if one.text.startswith(("Der Turm in", "Der Umbau"))}) == 1


def test_different_figures_are_different_sentences(folder: Path) -> None:
    write(folder, a="# A\n\nDer Turm ist 52 Meter hoch.", b="# B\n\nDer Turm ist 54 Meter hoch.")
    found = evidence(open_rag(folder), "Wie hoch ist der Turm?")
    assert {"Der Turm ist 52 Meter hoch.", "Der Turm ist 54 Meter hoch."} <= {one.text for one in found}


def test_an_empty_folder_answers_nothing_and_says_so(folder: Path) -> None:
    rag = open_rag(folder)
    assert rag.search("Turm") == []
    answer = rag.ask("Wie hoch ist der Turm?")
    assert answer.abstained
    assert answer.evidence == answer.citations == ()
    assert rag.documents() == []
    assert rag.suggestions() == []


def test_own_files_are_searched_beside_an_empty_folder(folder: Path) -> None:
    rag = open_rag(folder)
    rag.uploads.add("turm.md", f"# Turm\n\n{TOWER}".encode())
    for collection in ("uploads", "all"):
        (hit,) = rag.search("Wie hoch ist der Turm?", filter={"collection": collection})
        assert "52 Meter" in hit.text
        assert 0 < hit.score <= 1


def test_a_row_brings_the_names_of_its_columns(folder: Path) -> None:
    rows = "\n".join(f"| Vogel {number} | {number} | {number},00 € |" for number in range(60))
    write(
        folder,
        preise=f"# Preise\n\n| Artikel | Menge | Einzelpreis |\n|---|---|---|\n{rows}\n| Kranich | 12 | 289,00 € |\n",
    )
    found = evidence(open_rag(folder), "Was kostet der Kranich?")
    texts = [one.text for one in found]
    assert "| Kranich | 12 | 289,00 € |" in texts
    assert "| Artikel | Menge | Einzelpreis |" in texts


def test_what_follows_on_struck_out_words_brings_the_beginning_of_its_sentence(folder: Path) -> None:
    write(
        folder, preise="# Bad\n\nDer Eintritt in das Bad kostet ~~49 €~~ 59 €.", anderes="# Zoo\n\nDer Zoo hat Tiger."
    )
    rag = open_rag(folder)
    found = [one.text for one in evidence(rag, "Was kostet der Eintritt in das Bad?")]
    assert found[found.index("59 €.") - 1] == "Der Eintritt in das Bad kostet"
    assert not any("49" in text for text in found)
    # Whichever of the two is nearer to the question brings the other.
    beginning, rest = (
        next(one for one in evidence(rag, "Eintritt in das Bad") if one.text == text)
        for text in ("Der Eintritt in das Bad kostet", "59 €.")
    )
    assert beginning.score == rest.score
    assert not any("49" in hit.text for hit in rag.search("Eintritt", k=10))


def test_soft_hyphens_hinder_no_search(folder: Path) -> None:
    write(
        folder, a="# Bericht\n\nIn Erfurt entsteht eine Halb\u00adleiter\u00adfabrik.", b="# Zoo\n\nDer Zoo hat Tiger."
    )
    (folder / "c.html").write_text(
        "<!doctype html><html><body><article><p>In Jena entsteht eine Schuh&shy;fabrik&#8203;halle.</p></article></body></html>",
        encoding="utf-8",
    )
    rag = open_rag(folder)
    assert rag.search("Halbleiterfabrik", k=1)[0].path == "a.md"
    assert rag._index()[0].lexical.scores("Halbleiterfabrik").any()
    assert "\u00ad" in rag.document("a.md").text
    assert "Schuhfabrikhalle" in rag.document("c.html").text


def test_decomposed_names_of_files_are_found(folder: Path, tmp_path: Path) -> None:
    (folder / "Gro\u0308ße.md").write_text(TOWER, encoding="utf-8")
    rag = open_rag(folder)
    assert rag.document("Größe.md").path == "Gro\u0308ße.md"
    (tmp_path / "Ko\u0308rper").mkdir()
    assert Settings(corpus=tmp_path / "Körper").corpus.exists()
    assert Settings(corpus=tmp_path / "Körper" / "neu").corpus.name == "neu"


def test_a_set_may_spell_sources_and_quotes_otherwise(folder: Path, tmp_path: Path) -> None:
    text = "Die Gro\u0308ße des Bu\u0308ros: 52 Meter."
    (folder / "Gro\u0308ße.md").write_text(text, encoding="utf-8")
    line = {"id": 7, "question": "Wie groß?", "answers": ["52"], "sources": ["Größe.md"], "gold_quotes": ["Büros: 52"]}
    (tmp_path / "set.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    ground = prepare(open_rag(folder), load(tmp_path / "set.jsonl"))
    assert ground.questions[0].sources == ("Gro\u0308ße.md",)
    ((path, start, end),) = ground.gold["7"]
    assert path == "Gro\u0308ße.md"
    assert text[start:end] == "Bu\u0308ros: 52"


def test_a_set_may_have_control_characters(folder: Path, tmp_path: Path) -> None:
    write(folder, a=TOWER)
    source = tmp_path / "set"
    (source / "qrels").mkdir(parents=True)
    (source / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": null, "text": "Der\\u0001 Turm\x02 hat 52 Meter.\\u0000"}\n'
    )
    (source / "queries.jsonl").write_text('{"_id": 1, "text": "Wie hoch\\u0001 ist\tder Turm?"}\n')
    (source / "qrels" / "test.tsv").write_text("1\td1\t1\n2\td1\t1\n")
    result = evaluate(open_rag(folder), source, retrieval_only=True)
    assert result.metrics["recall@1"] == 1.0
