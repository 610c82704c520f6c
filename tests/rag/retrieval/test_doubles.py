"""A text that is in the folder twice is one document with two paths, and nothing is shown twice."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.store import StoredChunk
from index.text.spelling import wording
from index.types import Chunk, Document, Metadata, Span
from rag.cli import console
from rag.evaluation import evaluate
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.query.condense import condense
from rag.retrieval.doubles import distinct_hits, informative_hits, said
from rag.settings import Settings
from rag.types import Hit
from tests.rag.building import synced

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG
    from rag.types import EvidenceSentence

TOWER = "Das Rathaus hat vier Stockwerke. Sein Turm ist 52 Meter hoch. Es wurde 1897 gebaut."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "korpus" / "kopie").mkdir(parents=True)
    return tmp_path / "korpus"


def evidence(rag: RAG, question: str) -> tuple[EvidenceSentence, ...]:
    return rag._pipeline.find(condense(question, (), max_chars=1000), rag._view(), k=12)


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def test_the_same_file_under_two_names_is_found_once(folder: Path) -> None:
    for name in ("a.md", "kopie/a (1).md"):
        (folder / name).write_text(f"# Rathaus\n\n{TOWER}\n", encoding="utf-8")
    write(folder, b="# Bad\n\nDas Bad hat drei Becken.\n")
    rag = synced(folder, folder.parent / "index")
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
    rag = synced(folder, folder.parent / "index")
    (hit,) = rag.search("Wie hoch ist der Turm?", k=10)
    assert sorted((hit.path, *hit.also)) == ["a.md", "b.md", "c.md"]
    assert rag.doubles("a.md") == ("b.md", "c.md")


def test_a_filter_may_leave_only_the_double(folder: Path) -> None:
    write(folder, a=f"---\ntitle: T\nsource: Eins\n---\n{TOWER}", b=f"---\ntitle: T\nsource: Zwei\n---\n{TOWER}")
    rag = synced(folder, folder.parent / "index")
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
    found = evidence(synced(folder, folder.parent / "index"), "Wie hoch ist der Turm in Auheim?")
    texts = [one.text.replace("„", "").replace("“", "") for one in found]
    assert len(set(texts)) == len(texts)
    assert any("54 Meter" in text for text in texts)
    assert any("Turmwart" in text for text in texts)
    # The sentences that they share come from one of them.
    assert len({one.path for one in found if one.text.startswith(("Der Turm in", "Der Umbau"))}) == 1


def test_different_figures_are_different_sentences(folder: Path) -> None:
    write(folder, a="# A\n\nDer Turm ist 52 Meter hoch.", b="# B\n\nDer Turm ist 54 Meter hoch.")
    found = evidence(synced(folder, folder.parent / "index"), "Wie hoch ist der Turm?")
    assert {"Der Turm ist 52 Meter hoch.", "Der Turm ist 54 Meter hoch."} <= {one.text for one in found}


def test_an_empty_folder_answers_nothing_and_says_so(folder: Path) -> None:
    rag = synced(folder, folder.parent / "index")
    assert rag.search("Turm") == []
    answer = rag.ask("Wie hoch ist der Turm?")
    assert answer.abstained
    assert answer.evidence == answer.citations == ()
    assert len(rag.documents()) == 0
    assert rag.suggestions() == []


def test_own_files_are_searched_beside_an_empty_folder(folder: Path) -> None:
    rag = synced(folder, folder.parent / "index")
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
    found = evidence(synced(folder, folder.parent / "index"), "Was kostet der Kranich?")
    texts = [one.text for one in found]
    assert "| Kranich | 12 | 289,00 € |" in texts
    assert "| Artikel | Menge | Einzelpreis |" in texts


def test_what_follows_on_struck_out_words_brings_the_beginning_of_its_sentence(folder: Path) -> None:
    write(
        folder, preise="# Bad\n\nDer Eintritt in das Bad kostet ~~49 €~~ 59 €.", anderes="# Zoo\n\nDer Zoo hat Tiger."
    )
    rag = synced(folder, folder.parent / "index")
    found = [one.text for one in evidence(rag, "Was kostet der Eintritt in das Bad?")]
    assert found[found.index("59 €.") - 1] == "Der Eintritt in das Bad kostet"
    assert not any("49" in text for text in found)
    # The part that is nearer to the question brings the other part.
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
    rag = synced(folder, folder.parent / "index")
    assert rag.search("Halbleiterfabrik", k=1)[0].path == "a.md"
    assert rag._index()[0].lexical.scores("Halbleiterfabrik").any()
    assert "\u00ad" in rag.document("a.md").text
    assert "Schuhfabrikhalle" in rag.document("c.html").text


def test_decomposed_names_of_files_are_found(folder: Path, tmp_path: Path) -> None:
    (folder / "Gro\u0308ße.md").write_text(TOWER, encoding="utf-8")
    rag = synced(folder, folder.parent / "index")
    assert rag.document("Größe.md").path == "Gro\u0308ße.md"
    (tmp_path / "Ko\u0308rper").mkdir()
    assert Settings(corpus=tmp_path / "Körper").corpus.exists()
    assert Settings(corpus=tmp_path / "Körper" / "neu").corpus.name == "neu"


def test_a_set_may_spell_sources_and_quotes_otherwise(folder: Path, tmp_path: Path) -> None:
    text = "Die Gro\u0308ße des Bu\u0308ros: 52 Meter."
    (folder / "Gro\u0308ße.md").write_text(text, encoding="utf-8")
    line = {"id": 7, "question": "Wie groß?", "answers": ["52"], "sources": ["Größe.md"], "gold_quotes": ["Büros: 52"]}
    (tmp_path / "set.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    prepared = prepare(synced(folder, folder.parent / "index"), load(tmp_path / "set.jsonl"))
    assert prepared.questions[0].sources == ("Gro\u0308ße.md",)
    ((path, start, end),) = prepared.gold["7"]
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
    result = evaluate(synced(folder, folder.parent / "index"), source, retrieval_only=True)
    assert result.metrics["recall@1"] == 1.0


REPORT = (
    "Der Turm in Auheim ist nach dem Umbau 52 Meter hoch.",
    "Der Umbau kostete die Stadt in zwei Jahren 3 Millionen Euro.",
    "Bezahlt hat ihn zur Hälfte das Land mit seinem Fonds für alte Bauten.",
)


def papers(folder: Path, count: int) -> None:
    """Write papers that print the same report, each with its own heading, sentence and division into passages."""
    for number in range(count):
        own = f"Zeitung Nummer {number} hat dazu den Turmwart Otto Keil befragt."
        printed = ["AUHEIM (dpa/lhe) - " + REPORT[0] if number % 2 else REPORT[0], *REPORT[1:]]
        padding = " ".join(
            f"Absatz {line} der Zeitung {number} handelt von Dingen ganz anderer Art." for line in range(9)
        )
        text = f"# Nachrichten {number}\n\n{own} {' '.join(printed)}\n\n## Anderes\n\n{padding}\n"
        (folder / f"zeitung{number}.md").write_text(text, encoding="utf-8")


def test_a_citation_names_the_documents_that_say_the_same(folder: Path) -> None:
    papers(folder, 3)
    write(folder, amt="# Amt\n\nDer Turm in Auheim ist nach dem Umbau 54 Meter hoch.")
    rag = synced(folder, folder.parent / "index", "3 Millionen Euro")
    answer = rag.ask("Was kostete der Umbau des Turms die Stadt?")
    (citation,) = [one for one in answer.citations if "3 Millionen" in one.quote]
    assert sorted((citation.path, *citation.also)) == ["zeitung0.md", "zeitung1.md", "zeitung2.md"]
    (written,) = [one for one in answer.to_json()["citations"] if "3 Millionen" in one["quote"]]
    assert written["also_in"] == list(citation.also)


def test_the_first_sentence_of_a_report_is_the_same_with_and_without_its_dateline(folder: Path) -> None:
    papers(folder, 3)
    found = evidence(synced(folder, folder.parent / "index"), "Wie hoch ist der Turm in Auheim?")
    assert sum(REPORT[0] in one.text for one in found) == 1


@pytest.mark.parametrize(
    "name", ["Berlin (SPD) - ", "Kranich: ", "(dpa ist keine Zeitung. ) ", "Der Bund (Reuter) sagt: "]
)
def test_what_is_no_dateline_counts(name: str) -> None:
    assert said(f"{name}Der Turm ist hoch.") != said("Der Turm ist hoch.")


def test_a_double_is_named_in_citation_and_search_by_every_way(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.md").write_text(f"# Rathaus\n\n{TOWER}\n", encoding="utf-8")
    (folder / "kopie" / "a (1).md").write_text(f"# Rathaus\n\n{TOWER}\n", encoding="utf-8")
    rag = synced(folder, folder.parent / "index", "52")
    answer = rag.ask("Wie hoch ist sein Turm?")
    # This holds for a short sentence too, such as the heading before it.
    assert {one.path: one.also for one in answer.citations} == {"a.md": ("kopie/a (1).md",)}
    console.print_answer(answer)
    assert "auch in kopie/a (1).md" in capsys.readouterr().out
    (hit,) = rag.search("Wie hoch ist der Turm?")
    assert hit.to_json()["also_in"] == ["kopie/a (1).md"]
    console.print_hits([hit])
    assert "the same in kopie/a (1).md" in capsys.readouterr().out


def test_a_short_sentence_makes_no_doubles(folder: Path) -> None:
    write(folder, a="# Rathaus\n\nEs hat vier Stockwerke.\n\nDas ist neu.", b="# Bad\n\nDas ist neu. Es hat Becken.")
    rag = synced(folder, folder.parent / "index", "neu")
    answer = rag.ask("Was ist neu?", strictness=0.0)
    assert answer.citations
    assert all(one.also == () for one in answer.citations)


def test_a_filter_leaves_out_doubles_too(folder: Path) -> None:
    for name in ("Eins", "Zwei"):
        write(folder, **{name: f"---\ntitle: T\nsource: {name}\n---\n{TOWER}"})
    rag = synced(folder, folder.parent / "index", "52")
    both, one = (rag.ask("Wie hoch ist sein Turm?", filter=restrict) for restrict in (None, {"source": "Zwei"}))
    assert {citation.also for citation in both.citations} == {("Zwei.md",)}
    assert {(citation.path, citation.also) for citation in one.citations} == {("Zwei.md", ())}


def test_one_report_in_many_papers_leaves_room_for_others(folder: Path) -> None:
    """Twelve papers print one report, and six other documents say more."""
    for number in range(12):
        text = f"# Blatt {number}\n\n{' '.join(REPORT)} Blatt {number} kostet 2 Euro."
        (folder / f"blatt{number}.md").write_text(text, encoding="utf-8")
    for number in range(6):
        write(
            folder,
            **{f"anders{number}": f"# Turm {number}\n\nAm Turm von Auheim arbeiteten beim Umbau {number + 2} Maurer."},
        )
    rag = synced(folder, folder.parent / "index")
    query = condense("Wer hat am Umbau des Turms in Auheim gearbeitet?", (), max_chars=1000)
    found = rag._pipeline.find(query, rag._view(), k=8)
    texts = [said(one.text) for one in found]
    assert len(texts) == len(set(texts))
    assert {f"anders{number}.md" for number in range(6)} <= {one.path for one in found}


def test_a_folder_without_repetition_gives_the_same_passages(folder: Path) -> None:
    for number in range(30):
        write(folder, **{f"d{number:02}": f"# Turm {number}\n\nTurm {number} ist {number + 20} Meter hoch und rot."})
    rag = synced(folder, folder.parent / "index")
    index = rag._index()[0]
    hits = rag.search("Wie hoch ist der Turm?", k=24)
    assert informative_hits(index, hits, 8) == hits[:8]


def test_a_copy_that_is_cut_otherwise_is_the_same_document(folder: Path) -> None:
    paragraphs = [
        f"Absatz {n} des Berichts nennt für das Rathaus {n + 3} Räume und {n + 5} Fenster." for n in range(60)
    ]
    (folder / "a.md").write_bytes("# Rathaus\n\n{}\n".format("\n\n".join(paragraphs)).encode())
    (folder / "b.md").write_bytes("# Rathaus\r\n\r\n{}\r\n".format("\r\n\r\n".join(paragraphs)).encode())
    (folder / "c.md").write_bytes("# Rathaus\n\n\n\n{}\n".format("\n \n\n\n".join(paragraphs)).encode())
    rag = synced(folder, folder.parent / "index")
    hits = rag.search("Wie viele Fenster nennt der Bericht für das Rathaus?", k=30)
    assert len({hit.path for hit in hits}) == 1
    assert {path for hit in hits for path in (hit.path, *hit.also)} == {"a.md", "b.md", "c.md"}
    assert len({wording(hit.text) for hit in hits}) == len(hits)
    found = evidence(rag, "Wie viele Fenster nennt der Bericht für das Rathaus?")
    assert len({said(one.text) for one in found}) == len(found)


def test_a_markdown_file_and_a_text_may_be_the_same(folder: Path) -> None:
    for name in ("a.md", "b.txt"):
        (folder / name).write_text(f"# Rathaus\n\n{TOWER}\n", encoding="utf-8")
    (hit,) = synced(folder, folder.parent / "index").search("Wie hoch ist der Turm?")
    assert {hit.path, *hit.also} == {"a.md", "b.txt"}


def test_documents_that_differ_in_one_sign_are_two(folder: Path) -> None:
    write(folder, a="# Preis\n\nDer Eintritt kostet 5 €.", b="# Preis\n\nDer Eintritt kostet 5 $.")
    rag = synced(folder, folder.parent / "index")
    assert {hit.path: hit.also for hit in rag.search("Eintritt")} == {"a.md": (), "b.md": ()}
    assert {one.path for one in evidence(rag, "Was kostet der Eintritt?")} == {"a.md", "b.md"}


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=5), st.integers(1, 6))
def test_no_text_comes_twice_and_none_is_lost(bodies: list[str], k: int) -> None:
    texts = [f"{body} ist ein Text" if body < "c" else f"a ist ein Text. {body}" for body in bodies]
    documents = {
        f"{number}.md": Document(f"{number}.md", text, Metadata("T"), f"{number}") for number, text in enumerate(texts)
    }
    chunks = {
        number: StoredChunk(number, Chunk(path, 0, len(one.text), one.text, (), (Span(0, 14),)), number)
        for number, (path, one) in enumerate(documents.items())
    }
    index: Any = SimpleNamespace(
        documents=documents,
        chunks=chunks,
        passages={one.chunk.path: (id_,) for id_, one in chunks.items()},
        rows=SimpleNamespace(marks=lambda id_: (id_, wording(chunks[id_].chunk.text))),
    )

    def hit_of(id_: int, score: float) -> Hit:
        text = chunks[id_].chunk.text
        return Hit(id_, chunks[id_].chunk.path, 0, len(text), text, "", score)

    found = distinct_hits(index, [(id_, 1 - id_ / 10) for id_ in chunks], k, hit_of)
    assert len(found) == min(k, len(set(bodies)))
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    for hit in found:
        same = {one.path for one in documents.values() if one.text == hit.text}
        assert {hit.path, *hit.also} == same
    assert len({hit.text for hit in found}) == len(found)
