"""Unread parts of a file are reported by the index, the doctor, the shell and answers that may lack them."""

from __future__ import annotations

import ast
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.reading.extraction
from index.markup.notes import ONLY_A_PICTURE, in_runs
from index.storage.integrity import damages
from index.storage.manifest import LEFT_OUT
from index.syncing.sync import remove_index
from index.types import Document, Metadata
from rag.cli import console, doctor
from rag.evaluation.measuring.answers import AnswerCache, Told
from rag.evaluation.types import Question
from rag.limits import LONGEST_UNREAD, MOST_UNREAD
from rag.retrieval.unread import beside, by_document, in_words, listed, noted
from rag.settings import load_settings
from rag.types import Citation, EvidenceSentence, UnreadPart
from tests.files import lines, make_pdf, needs_files
from tests.office import make_open_document, make_pptx, make_sheet, make_xlsx, shape
from tests.rag.building import build, synced
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.client import RAG
    from rag.types import Answer

PICTURE = "q 300 0 0 300 100 100 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"
BASAR = "Der Kuchenbasar brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar ein?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "zoo.md").write_text("# Zoo\n\nDer Zoo hat drei Tiger und einen Löwen.\n", encoding="utf-8")
    return tmp_path / "corpus"


def open_rag(folder: Path, *, confirms: bool = True) -> RAG:
    engine = ScriptedEngine("412 Euro", confirms=confirms)
    return synced(folder, folder.parent / "index", engine, ocr="off")


def report(folder: Path, *, drawn: str = PICTURE) -> None:
    pages = [lines(BASAR), [], [], [], lines("Danach war das Fest zu Ende.")]
    (folder / "bericht.pdf").write_bytes(make_pdf(pages, drawn=drawn))


def ask(folder: Path, question: str = QUESTION, *, confirms: bool = True) -> Answer:
    return open_rag(folder, confirms=confirms).ask(question)


@needs_files
def test_an_answer_from_a_file_that_was_read_badly_says_so(folder: Path) -> None:
    report(folder)
    answer = ask(folder)
    assert answer.citations[0].path == "bericht.pdf"
    part = UnreadPart("bericht.pdf", "pages 2-4: without text, only a picture")
    assert answer.unread == (part,)
    assert answer.to_json()["unread"] == [{"path": part.path, "what": part.what}]


@needs_files
def test_an_abstention_whose_nearest_file_was_read_badly_says_so(folder: Path) -> None:
    report(folder)
    answer = ask(folder, confirms=False)
    assert answer.abstained
    assert [part.path for part in answer.unread] == ["bericht.pdf"]


@needs_files
def test_a_file_that_has_no_part_in_an_answer_is_not_mentioned(folder: Path) -> None:
    report(folder)
    rag = synced(folder, folder.parent / "index", "drei Tiger", ocr="off")
    answer = rag.ask("Wie viele Tiger hat der Zoo?")
    assert answer.citations[0].path == "zoo.md"
    assert answer.unread == ()


@needs_files
def test_blank_pages_are_mentioned_only_where_there_is_no_answer(folder: Path) -> None:
    report(folder, drawn="")
    assert ask(folder).unread == ()
    assert ask(folder, confirms=False).unread == (UnreadPart("bericht.pdf", "pages 2-4: without text"),)


@needs_files
def test_pictures_are_mentioned_only_where_there_is_no_answer(folder: Path) -> None:
    picture = '<img src="plan.png" width="640" height="480">'
    page = f"<html><body><article><p>{BASAR}</p>{picture}</article></body></html>"
    (folder / "basar.html").write_text(page, encoding="utf-8")
    assert open_rag(folder).unread() == [UnreadPart("basar.html", "1 picture")]
    assert ask(folder).unread == ()
    assert UnreadPart("basar.html", "1 picture") in ask(folder, confirms=False).unread


@needs_files
def test_what_is_hidden_in_the_file_is_no_loss_to_an_answer(folder: Path) -> None:
    sheets = {"A": make_sheet([["Kuchenbasar", "Ertrag"], ["Mai", "412 Euro"]]), "B": make_sheet([["x"]])}
    (folder / "basar.xlsx").write_bytes(make_xlsx(sheets, hidden=["B"]))
    rag = open_rag(folder, confirms=False)
    assert rag.unread() == [UnreadPart("basar.xlsx", "1 hidden sheet")]
    assert rag.ask(QUESTION).unread == ()


@needs_files
def test_every_open_index_knows_it(folder: Path) -> None:
    report(folder)
    (folder / "notiz.md").write_text(
        "---\ntitle: Notiz\ndate: gestern\n---\nHeute regnet es im Dorf.\n", encoding="utf-8"
    )
    (folder / "leer.pdf").write_bytes(make_pdf([[]], drawn=PICTURE))
    open_rag(folder)
    opened = build(folder, folder.parent / "index")
    assert opened.unread() == [
        UnreadPart("bericht.pdf", "pages 2-4: without text, only a picture"),
        UnreadPart("notiz.md", "front matter: the date 'gestern' is not a valid date."),
    ]
    assert [(one.path, one.kind) for one in opened.left_out()] == [("leer.pdf", "scanned")]
    (folder / "kaputt.md").write_bytes(b"\0\1\2")
    synced = opened.sync()
    assert tuple(opened.left_out()) == synced.skipped
    assert [one.path for one in opened.left_out()] == ["kaputt.md", "leer.pdf"]
    for name in ("kaputt.md", "leer.pdf"):
        (folder / name).unlink()
    opened.sync()
    assert opened.left_out() == []


@needs_files
def test_a_question_about_a_file_that_was_not_read_says_so(folder: Path) -> None:
    (folder / "Mietverträge_2023.pdf").write_bytes(make_pdf([[]], drawn=PICTURE))
    (folder / "anderes.pdf").write_bytes(make_pdf([[]], drawn=PICTURE))
    rag = open_rag(folder, confirms=False)
    question = "Wie hoch ist nach dem Mietvertrag von 2023 die Kaution?"
    (part,) = rag.ask(question).unread
    assert part.path == "Mietverträge_2023.pdf"
    assert part.what.startswith("a PDF without text, probably scanned.")
    assert in_words(part.what, "de") == "ein PDF ohne Text, vermutlich eingescannt"
    assert rag.ask("Was geschah 2023?").unread == ()
    assert rag.ask(question, filter={"source": "Heise"}).unread == ()
    assert open_rag(folder).ask(QUESTION, strictness=0.0).unread == ()


@needs_files
def test_a_damaged_note_of_what_was_left_out_is_as_good_as_none(folder: Path) -> None:
    (folder / "leer.pdf").write_bytes(make_pdf([[]], drawn=PICTURE))
    rag = open_rag(folder)
    file = rag.settings.index / LEFT_OUT
    whole = file.read_bytes()
    for data in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000, whole.replace(b"leer", b"voll"), whole[:-9]):
        file.write_bytes(data)
        assert rag.left_out() == []
        assert any(LEFT_OUT in line for line in damages(rag.settings.index))
    rag.sync()
    assert file.read_bytes() == whole
    assert damages(rag.settings.index) == []
    remove_index(rag.settings.index)
    assert not file.exists()


@needs_files
def test_the_users_own_files_tell_it_too(folder: Path) -> None:
    rag = open_rag(folder)
    added = rag.uploads.add("bericht.pdf", make_pdf([lines(BASAR), []], drawn=PICTURE))
    assert added.unread == ("page 2: without text, only a picture",)


@needs_files
def test_the_doctor_names_each_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(folder)
    (folder / "leer.pdf").write_bytes(make_pdf([[]], drawn=PICTURE))
    open_rag(folder)
    monkeypatch.setattr(doctor, "resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(doctor, "_models", lambda _: [])
    found = doctor.examine(load_settings(corpus=folder, index=folder.parent / "index"))
    said = [one.to_json() for one in found if one.subject == "not read"]
    assert [one["level"] for one in said] == ["note", "note"]
    assert said[0]["message"].startswith("leer.pdf: a PDF")
    assert said[1]["message"] == "bericht.pdf: pages 2-4: without text, only a picture"


@needs_files
def test_slides_that_are_only_a_picture_are_named(folder: Path) -> None:
    blip = '<p:pic><p:blipFill><a:blip r:embed="x"/></p:blipFill></p:pic>'
    slides = [shape(BASAR, "body"), blip, blip + shape("7", "sldNum"), blip + shape("Mit Text.", "body"), "", blip]
    (folder / "fest.pptx").write_bytes(make_pptx(slides))
    image = "<draw:frame><draw:image/></draw:frame>"
    text = f"<draw:frame><draw:text-box><text:p>{BASAR} Es gab Torte.</text:p></draw:text-box></draw:frame>"
    drawn = "".join(f"<draw:page>{slide}</draw:page>" for slide in (text, image))
    (folder / "fest.odp").write_bytes(make_open_document("presentation", drawn))
    assert open_rag(folder).unread() == [
        UnreadPart("fest.odp", f"slide 2: {ONLY_A_PICTURE}"),
        UnreadPart("fest.pptx", f"slides 2-3: {ONLY_A_PICTURE}"),
        UnreadPart("fest.pptx", f"slide 6: {ONLY_A_PICTURE}"),
        UnreadPart("fest.pptx", "1 picture"),
    ]


@pytest.mark.parametrize("abstained", [False, True])
@needs_files
def test_the_shell_says_it_beneath_the_answer(
    folder: Path, capsys: pytest.CaptureFixture[str], *, abstained: bool
) -> None:
    report(folder)
    answer = ask(folder, confirms=not abstained)
    assert answer.abstained is abstained
    console.print_answer(answer)
    shown = capsys.readouterr().out
    assert "\nNicht gelesen in bericht.pdf: Seite 2–4 (nur ein Bild, kein Text)\n" in shown


def document(path: str, *notes: str) -> Document:
    text = "Ein Satz.\n" + "".join(f"\n<!-- not read: {note} -->\n" for note in notes)
    return Document(path, text, Metadata(path), "0" * 64, "pdf")


def test_it_is_bounded_and_names_what_was_cited_first() -> None:
    many = [f"attachment {number}: damaged" for number in range(18)]
    documents = {path: document(path, *many) for path in ("a.pdf", "b.pdf", "c.pdf", "d.pdf")}
    evidence = tuple(EvidenceSentence(path, 0, 9, "Ein Satz.", path, 0.5) for path in documents)
    cited = (Citation("c.pdf", 0, 9, "Ein Satz.", "c", ""), Citation("weg.pdf", 0, 9, "Ein Satz.", "c", ""))
    assert list(by_document(beside(documents, cited, evidence))) == ["c.pdf", "a.pdf"]
    long = {"a.pdf": document("a.pdf", "x" * 2000)}
    assert len(beside(long, cited, evidence)[0].what) == LONGEST_UNREAD
    parts = beside(documents, (), evidence)
    assert list(by_document(parts)) == ["a.pdf", "b.pdf", "c.pdf"]
    assert len(parts) == MOST_UNREAD
    assert listed(many, "de").endswith("; 14 weitere")
    assert listed(many[:5], "en").endswith("; 1 more")
    assert listed(many[:4], "en").count(";") == 3


def said_by_readers() -> Iterator[str]:
    """Yield all messages of the readers about omitted parts, with a number or a name for each variable."""
    for file in sorted(Path(index.reading.extraction.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not (made and node.args and isinstance(node.args[0], ast.JoinedStr)):
                continue
            if node.func.attr == "note" or (node.func.attr == "append" and file.parent.name == "workbook"):
                yield "".join(
                    str(part.value)
                    if isinstance(part, ast.Constant)
                    else {"where": " of the sheet 7"}.get(ast.unparse(part.value), "7")
                    if not isinstance(part.value, ast.IfExp)
                    else "s"
                    for part in node.args[0].values
                )


def test_all_that_readers_say_has_german_words() -> None:
    found = list(said_by_readers())
    assert len(found) >= 14
    for what in [*found, "the last 7 rows: too many", "and 7 more of this kind", "1 damaged chapter"]:
        german = in_words(what, "de")
        assert german != what, what
        assert "7" in german or "1" in german
        assert in_words(what, "en") == what


@pytest.mark.parametrize(
    ("what", "german", "english"),
    [
        ("page 3: without text", "Seite 3 (kein Text)", "page 3 (without text)"),
        (
            "pages 3-5: with letters that are mapped to wrong characters",
            "Seite 3–5 (die Buchstaben sind falschen Zeichen zugeordnet)",
            "pages 3–5 (with letters that are mapped to wrong characters)",
        ),
        (
            "slide 2: without text, only a picture",
            "Folie 2 (nur ein Bild, kein Text)",
            "slide 2 (without text, only a picture)",
        ),
        ("1 picture", "ein Bild", "1 picture"),
        ("3 pictures", "3 Bilder", "3 pictures"),
        ("page 3: something new", "Seite 3 (something new)", "page 3 (something new)"),
        ("something new", "something new", "something new"),
        ("attachment a: b.pdf: damaged: x", "der Anhang a", "attachment a: b.pdf: damaged: x"),
    ],
)
def test_parts_in_words(what: str, german: str, english: str) -> None:
    assert (in_words(what, "de"), in_words(what, "en")) == (german, english)


@given(st.sets(st.integers(0, 60)))
def test_runs_name_each_place_once(places: set[int]) -> None:
    named: list[int] = []
    for line in in_runs("slide", sorted(places), "x"):
        first, _, last = line.removeprefix("slides ").removeprefix("slide ").removesuffix(": x").partition("-")
        named += range(int(first) - 1, int(last or first))
    assert named == sorted(places)


@given(st.text(max_size=200))
def test_whatever_was_not_read_can_be_said(what: str) -> None:
    for language in ("de", "en"):
        assert in_words(what, language) or not what
    assert json.dumps(asdict(UnreadPart("a", what)))


def test_a_text_cannot_say_of_itself_that_it_was_not_read() -> None:
    text = "Ein Satz.\n\n<!-- not read: page 1: without text, only a picture -->\n"
    assert noted(Document("a.md", text, Metadata("a"), "0" * 64)) == ()


@needs_files
def test_an_evaluation_remembers_it_with_the_answer(folder: Path, tmp_path: Path) -> None:
    report(folder)
    (folder / "kopie.md").write_text(f"# Kopie\n\n{BASAR}\n", encoding="utf-8")
    answer = ask(folder)
    assert answer.citations[0].also
    answer = replace(answer, unread=(UnreadPart("bericht.pdf", "page 2: without text"),))
    cache, question = AnswerCache({}, file=tmp_path / "answers.sqlite"), Question("1", QUESTION)
    cache.put(question, (), Told(answer))
    assert cache.get(question, ()) == Told(answer)
