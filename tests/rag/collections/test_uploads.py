"""The user's own files: which are accepted or refused, and that they are queried like articles but kept apart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.collections import uploads
from index.collections.file_names import safe_name
from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from index.formats import SUFFIXES, suffix_of
from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.process.limits import UPLOADS
from index.syncing.sync import sync
from rag.types import Filter
from tests.files import article, lines, make_docx, make_html, make_pdf, needs_files
from tests.office import make_mail
from tests.rag.building import build
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from index.reading.extraction.process.limits import Limits
    from index.reading.extraction.types import Extract
    from rag.client import RAG

BASAR = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"
NOTE = f"# Protokoll\n\n{BASAR} Danach wurde gewählt.\n".encode()


def make(corpus: Path, index_dir: Path, *pieces: str, **options: Any) -> RAG:
    engine = ScriptedEngine(*(pieces or (BASAR,)), confirms=lambda page: "412 Euro" in page)
    return build(corpus, index_dir, engine, **options)


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    return make(corpus, index_dir)


def refusal(rag: RAG, name: str, data: bytes) -> CorpusError:
    before = rag.uploads.list()
    with pytest.raises(CorpusError) as caught:
        rag.uploads.add(name, data)
    assert "\n" not in str(caught.value)
    assert rag.uploads.list() == before
    return caught.value


def test_a_file_is_added_asked_cited_and_removed(rag: RAG, corpus: Path) -> None:
    articles = {document.path for document in rag.documents()}
    upload = rag.uploads.add("Protokoll.md", NOTE)
    assert (upload.path, upload.name, upload.title) == (".uploads/Protokoll.md", "Protokoll.md", "Protokoll")
    assert (upload.size, upload.pages) == (len(NOTE), None)
    assert rag.uploads.list() == [upload]

    for collection in ("uploads", "all"):
        answer = rag.ask(QUESTION, filter={"collection": collection})
        citation = answer.citations[0]
        assert citation.path == upload.path
        assert rag.document(citation.path).text[citation.start : citation.end] == citation.quote == BASAR
    assert rag.ask(QUESTION).abstained
    assert upload.path not in {hit.path for hit in rag.search(QUESTION, k=50)}
    assert {hit.path for hit in rag.search("Cambricon", k=50, filter={"collection": "uploads"})} == {upload.path}
    found = {hit.path for hit in rag.search("Cambricon Protokoll", k=50, filter={"collection": "all"})}
    assert found == {*articles, upload.path}

    # The file is neither in the corpus nor in its index, and it survives a rebuild of the index.
    assert {document.path for document in rag.documents()} == articles
    assert not list(corpus.rglob("Protokoll*"))
    assert rag.sync(rebuild=True).documents == len(articles)
    assert rag.search("Kuchenbasar", filter={"collection": "all"}, k=1)[0].path == upload.path

    rag.uploads.remove("Protokoll.md")
    assert rag.uploads.list() == []
    with pytest.raises(CorpusError, match="Protokoll"):
        rag.document(upload.path)
    with pytest.raises(CorpusError, match="no files of your own"):
        rag.search("Kuchenbasar", filter={"collection": "uploads"})
    assert rag.search("Kuchenbasar", filter={"collection": "all"}, k=1)[0].path in articles


def test_they_are_there_again_after_a_start_and_with_another_model(corpus: Path, index_dir: Path) -> None:
    make(corpus, index_dir).uploads.add("Protokoll.md", NOTE)
    assert [upload.name for upload in make(corpus, index_dir).uploads.list()] == ["Protokoll.md"]
    other = build(corpus, index_dir, embedder=HashingEmbedder("hash-2"))
    assert [upload.name for upload in other.uploads.list()] == ["Protokoll.md"]
    assert other.search("Kuchenbasar", filter={"collection": "uploads"})


@needs_files
def test_each_format_is_taken(rag: RAG) -> None:
    pages = [lines("Der Verein wählte im Mai einen Vorstand."), lines(BASAR)]
    assert rag.uploads.add("Verein.pdf", make_pdf(pages)).pages == 2
    rag.uploads.add("Pumpen.docx", make_docx(article))
    rag.uploads.add("Seite.html", make_html("<h1>Seite</h1><p>Ein Satz über Dachse.</p>"))
    assert [upload.name for upload in rag.uploads.list()] == ["Pumpen.docx", "Seite.html", "Verein.pdf"]
    citation = rag.ask(QUESTION, filter={"collection": "uploads"}).citations[0]
    assert (citation.path, citation.page, citation.quote) == (".uploads/Verein.pdf", 2, BASAR)


def test_what_cannot_be_used_is_refused_and_says_why(rag: RAG) -> None:
    rag.uploads.add("da.md", NOTE)
    assert refusal(rag, "da.txt", make_pdf([lines("Ein PDF mit falschem Namen.")])).kind == "wrong_type"
    assert refusal(rag, "x.exe", b"MZ\x90\x00").kind == "unknown_type"
    assert refusal(rag, "x.md", b"").kind == "no_text"
    assert refusal(rag, "x.md", b"---\ntitle: x\n---\n").kind == "no_text"
    assert refusal(rag, "anders.md", NOTE).kind == "known"
    assert refusal(rag, "x.pdf", b"%PDF-1.7\nkaputt").kind in {"damaged", "missing_extra"}
    assert [file.name for file in rag.settings.uploads_folder.rglob("*.*") if file.suffix in SUFFIXES] == ["da.md"]


def test_limits_hold(corpus: Path, index_dir: Path) -> None:
    rag = make(corpus, index_dir, upload_files=2, upload_file_megabytes=1, upload_total_megabytes=1)
    assert refusal(rag, "x.md", b"x" * 1_000_001).kind == "too_large"
    big = b"Ein Satz." + b"\n" * 600_000
    rag.uploads.add("a.txt", big)
    assert refusal(rag, "b.txt", big + b"Noch einer.").kind == "full"
    rag.uploads.add("c.txt", b"Ein kurzer Satz steht hier.")
    assert refusal(rag, "d.txt", b"Ein anderer Satz steht hier.").kind == "full"
    assert refusal(make(corpus, index_dir, upload_files=0), "x.md", NOTE).kind == "off"


def test_a_second_file_of_a_name_gets_a_number(rag: RAG, tmp_path: Path) -> None:
    rag.uploads.add("a.md", b"Der erste Satz.")
    assert rag.uploads.add("A.md", b"Der zweite Satz.").name == "A (2).md"
    (tmp_path / "a.md").write_bytes(b"Der dritte Satz.")
    assert rag.uploads.add_file(tmp_path / "a.md").name == "a (3).md"
    with pytest.raises(CorpusError, match="cannot be read"):
        rag.uploads.add_file(tmp_path / "fehlt.md")
    assert rag.uploads.clear() == 3
    assert rag.uploads.list() == []
    assert rag.uploads.clear() == 0


def test_files_that_can_no_longer_be_read_do_not_stand_in_the_way(corpus: Path, index_dir: Path) -> None:
    rag = make(corpus, index_dir)
    rag.uploads.add("a.md", NOTE)
    rag.uploads.add("b.md", b"Ein anderer Satz steht hier.")
    files = rag.settings.uploads_folder / "files"
    (files / "b.md").write_bytes(b"a\x00b")
    rag.uploads.remove("a.md")
    assert rag.uploads.list() == []
    again = make(corpus, index_dir)
    assert again.uploads.list() == []
    assert again.search("Cambricon", filter={"collection": "all"})
    again.uploads.add("a.md", NOTE)
    assert [upload.name for upload in again.uploads.list()] == ["a.md"]
    again.uploads.clear()
    assert not files.exists()


def test_what_a_broken_off_program_left_is_put_right_once(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag = make(corpus, index_dir)
    rag.uploads.add("a.md", NOTE)
    rag.uploads.add("b.md", b"Ein anderer Satz steht hier.")
    files = rag.settings.uploads_folder / "files"
    (files / "neu.md").write_bytes(b"Ein neuer Satz steht hier.")  # as if the program had ended after writing it
    (files / "b.md").unlink()
    again = make(corpus, index_dir)
    assert [upload.name for upload in again.uploads.list()] == ["a.md", "neu.md"]
    assert refusal(again, "neu.md", b"Ein neuer Satz steht hier.").kind == "known"

    (files / "kaputt.md").write_bytes(b"a\x00b")
    syncs: list[Path] = []

    def counted(*arguments: Any, **options: Any) -> Any:
        syncs.append(arguments[0])
        return sync(*arguments, **options)

    monkeypatch.setattr(uploads, "sync", counted)
    once_more = make(corpus, index_dir)
    for _ in range(3):
        assert [upload.name for upload in once_more.uploads.list()] == ["a.md", "neu.md"]
    assert syncs == [files]

    def busy(*arguments: Any, **options: Any) -> Any:
        raise RagError("Another process is writing the index.")

    monkeypatch.setattr(uploads, "sync", busy)
    assert [upload.name for upload in make(corpus, index_dir).uploads.list()] == ["a.md", "neu.md"]


def test_what_fails_half_way_leaves_nothing(rag: RAG) -> None:
    rag.uploads.add("da.md", NOTE)

    def broken() -> None:
        raise RagError("The model is gone.")

    rag._the_embedder().before_embedding = broken  # type: ignore[attr-defined]
    with pytest.raises(RagError, match="gone"):
        rag.uploads.add("neu.md", b"Ein neuer Satz steht hier.")
    rag._the_embedder().before_embedding = None  # type: ignore[union-attr]
    assert [upload.name for upload in rag.uploads.list()] == ["da.md"]
    assert rag.uploads.add("neu.md", b"Ein neuer Satz steht hier.").name == "neu.md"


def test_who_asks_goes_on_with_what_he_began_with(rag: RAG) -> None:
    rag.uploads.add("Protokoll.md", NOTE)
    events = rag.stream(QUESTION, filter={"collection": "all"})
    next(events)
    rag.uploads.clear()
    answer = list(events)[-1].answer  # type: ignore[union-attr]
    assert answer.citations[0].quote == BASAR


def test_adding_and_asking_at_once(rag: RAG) -> None:
    rag.uploads.add("Protokoll.md", NOTE)
    failures: list[Exception] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                answer = rag.ask(QUESTION, filter={"collection": "all"})
                assert answer.citations[0].quote == BASAR
                assert [upload for upload in rag.uploads.list() if upload.name == "Protokoll.md"]
            except Exception as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    adders = [
        threading.Thread(target=rag.uploads.add, args=(f"{n}.txt", f"Satz Nummer {n} über Dachse.".encode()))
        for n in range(6)
    ]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    for n in range(3):
        rag.uploads.remove(f"{n}.txt")
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(rag.uploads.list()) == 4


def test_filters_hold_in_each_collection(rag: RAG) -> None:
    rag.uploads.add("a.md", b"---\nsource: Heise\ndate: 2025-09-01\n---\n\nHuawei baut Dachse.\n")
    everything = Filter(source="heise", collection="all")
    assert {hit.path for hit in rag.search("Huawei", k=9, filter=everything)} == {"huawei.md", ".uploads/a.md"}
    assert rag.search("Huawei", filter=Filter(since="2025-10-01", collection="uploads")) == []
    with pytest.raises(RagError, match="no collection"):
        rag.search("Huawei", filter={"collection": "alle"})


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Bericht 2024.PDF", "Bericht 2024.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\Brief.docx", "Brief.docx"),
        (".versteckt.md", "versteckt.md"),
        ("a\x00b\n\u202etxt.md", "abtxt.md"),
        ("<img src=x onerror=y>.html", "_img src=x onerror=y_.html"),
        ("con.txt", "_con.txt"),
        ("...md", "datei.md"),
        (".pdf", "datei.pdf"),
        ("x" * 300 + ".md", "x" * 80 + ".md"),
        ("u\u0308.md", "ü.md"),
        ("ohne Endung", "ohne Endung"),
        ("", "datei"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=120), st.sampled_from(["", *SUFFIXES]))
def test_any_name_becomes_one_that_can_lie_in_the_folder(name: str, suffix: str) -> None:
    safe = safe_name(name + suffix)
    assert safe
    assert len(safe) <= 86
    assert not set(safe) & set('/\\:*?"<>|\0\n')
    assert safe[0] not in ". "
    assert safe == safe_name(safe)
    assert suffix_of(safe) == suffix_of(safe.lower())
    assert f"{PREFIX}{safe}".encode()


@needs_files
def test_a_file_that_broke_off_is_not_tried_again_and_costs_less_than_an_article(
    rag: RAG, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Limits | None] = []

    def extract(_: Reader, data: bytes, kind: str, limits: Limits | None = None) -> Extract:
        asked.append(limits)
        raise BrokenOffError("takes too long to read.", hint="Split the file.", kind="too_long")

    monkeypatch.setattr(Reader, "extract", extract)
    data = make_pdf([lines("Ein Satz.")])
    first, second = (refusal(rag, "a.pdf", data) for _ in range(2))
    assert first.kind == second.kind == "too_long"
    assert "not tried again" in str(second)
    assert asked == [UPLOADS]
    refusal(rag, "a.pdf", make_pdf([lines("Ein anderer Satz.")]))
    assert len(asked) == 2


@needs_files
def test_what_is_attached_to_an_own_mail_is_asked_and_goes_with_it(
    rag: RAG, corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = make_mail("Unterlagen", "Anbei das Protokoll.\n")
    mail.add_attachment(NOTE, maintype="text", subtype="markdown", filename="Protokoll.md")
    mail.add_attachment(b"%PDF-1.4\nkaputt", maintype="application", subtype="pdf", filename="kaputt.pdf")
    upload = rag.uploads.add("Post.eml", bytes(mail))
    assert (upload.name, upload.path, upload.title) == ("Post.eml", ".uploads/Post.eml", "Unterlagen")
    assert [line.partition(":")[0] for line in upload.unread] == ["kaputt.pdf"]
    answer = rag.ask(QUESTION, filter={"collection": "uploads"})
    assert answer.citations[0].path == ".uploads/Post.eml/Protokoll.md"
    assert rag.uploads.list() == [upload]
    # The attachment alone counts as another file. The same mail does not.
    assert rag.uploads.add("Protokoll.md", NOTE).name == "Protokoll.md"
    assert refusal(rag, "Post 2.eml", bytes(mail)).kind == "known"
    # Opening it again must not update anything.
    monkeypatch.setattr(uploads, "sync", lambda *_, **__: pytest.fail("synced"))
    assert make(corpus, index_dir).uploads.list()[0] == upload
    monkeypatch.undo()
    rag.uploads.remove("Post.eml")
    assert [one.name for one in rag.uploads.list()] == ["Protokoll.md"]
    assert refusal(rag, "leer.eml", b"MIME-Version: 1.0\n\n").kind == "no_text"
