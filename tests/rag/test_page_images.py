"""The page of a citation: its words are marked, changes are reported, and files are shown to their owner alone."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from index.collections.owners import SHARED, Owner
from index.errors import CorpusError
from index.limits import MOST_PICTURES
from index.reading.extraction.pages.types import Wanted
from index.reading.extraction.process import pool
from index.reading.extraction.process.isolation import Reader
from rag.pages.memory import PageMemory
from rag.pages.warm import WarmProcess
from rag.types import Citation
from tests.files import lines, make_pdf, make_zip, needs_files
from tests.office import make_mail
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from index.reading.extraction.pages.types import Shown
    from rag.client import RAG

pytestmark = needs_files
FIRST = "Der Verein Talheim sammelte im Mai 412 Euro für die neue Orgel."
SECOND = "Im Juni sammelte der Verein Talheim 903 Euro für das Dach."
LABELS = b"/Type /Catalog /PageLabels << /Nums [0 << /S /r >> 1 << /S /D /P (A-) >>] >>"
PDF = make_pdf([lines(FIRST, "Danach gab es Kuchen."), lines(SECOND, "Danach gab es Torte.")])
PDF = PDF.replace(b"/Type /Catalog", LABELS, 1)


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    (corpus / "Vereinsblatt für Mai.pdf").write_bytes(PDF)
    engine = ScriptedEngine(SECOND, confirms=lambda page: "903" in page)
    made = build(corpus, index_dir, engine)
    made.sync()
    return made


def cite(rag: RAG, quote: str, path: str = "Vereinsblatt für Mai.pdf", owner: Owner = SHARED) -> Citation:
    document = rag.document(path, owner=owner)
    start = document.text.index(quote)
    title, page = document.metadata.title, document.page(start)
    return Citation(document.path, start, start + len(quote), quote, title, document.sha256, page)


def test_a_citation_has_its_page_with_the_words_marked(rag: RAG) -> None:
    from PIL import Image

    found = rag.page_image(cite(rag, SECOND))
    assert (found.path, found.page, found.pages, found.label) == ("Vereinsblatt für Mai.pdf", 2, 2, "A-1")
    assert Image.open(io.BytesIO(found.image)).size == (found.width, found.height)
    assert (found.media_type, found.page_width, found.page_height) == ("image/png", 595, 842)
    (mark,) = found.rectangles
    assert 55 < mark.left < 65
    assert mark.top < 842 - 700 < mark.bottom
    assert SECOND in found.text
    assert FIRST not in found.text


def test_the_pages_before_and_behind_have_no_marks_of_it(rag: RAG) -> None:
    citation = cite(rag, SECOND)
    before = rag.page_image(citation, page=1, others=[cite(rag, "412 Euro")])
    assert (before.page, before.label, before.rectangles) == (1, "i", ())
    assert len(before.others[0]) == 1
    with pytest.raises(CorpusError, match="no page 3; it has 2") as caught:
        rag.page_image(citation, page=3)
    assert caught.value.kind == "no_page"
    with pytest.raises(CorpusError, match="no page 0"):
        rag.page_image(citation, page=0)


def test_a_page_in_an_archive_or_attached_to_a_mail_is_shown_too(rag: RAG, corpus: Path) -> None:
    mail = make_mail("Vereinsblatt", "Anbei das Blatt.\n")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="Blatt.pdf")
    (corpus / "post.zip").write_bytes(make_zip({"mai/m.eml": bytes(mail)}))
    rag.sync()
    citation = cite(rag, SECOND, "post.zip/mai/m.eml/Blatt.pdf")
    found = rag.page_image(citation)
    assert (found.path, found.page, len(found.rectangles)) == ("post.zip/mai/m.eml/Blatt.pdf", 2, 1)
    (corpus / "post.zip").write_bytes(make_zip({"mai/m.eml": bytes(make_mail("Vereinsblatt", "Ohne.\n"))}))
    with pytest.raises(CorpusError, match="no longer in the email") as caught:
        rag.page_image(citation)
    assert caught.value.kind == "page_gone"


def test_an_answer_in_json_has_page_label_and_rectangles(rag: RAG) -> None:
    answer = rag.ask("Wie viel Euro sammelte der Verein Talheim für das Dach?", strictness=0)
    plain = answer.to_json()["citations"][0]
    assert (plain["page"], plain["document_page"], plain["page_label"], plain["rectangles"]) == (2, 2, "A-1", None)
    located = rag.located(answer)
    one = json.loads(json.dumps(located.to_json()))["citations"][0]
    assert (one["page"], one["document_page"], one["page_label"]) == (2, 2, "A-1")
    (mark,) = one["rectangles"]
    assert mark["page"] == 2
    assert (mark["page_width"], mark["page_height"]) == (595, 842)
    assert rag.located(located) == located


def test_what_has_no_pages_is_said_and_located_as_it_was(rag: RAG) -> None:
    citation = cite(rag, "4 Milliarden Yuan", "cambricon.md")
    with pytest.raises(CorpusError, match="has no pages") as caught:
        rag.page_image(citation)
    assert caught.value.kind == "no_page"
    answer = rag.ask("Wie viel Euro sammelte der Verein Talheim für das Dach?", strictness=0)
    other = replace(answer, citations=(citation,))
    assert rag.located(other) is other


def test_a_file_that_has_changed_or_gone_is_said(rag: RAG, corpus: Path) -> None:
    citation = cite(rag, SECOND)
    rag.page_image(citation)  # the remembered page must not hide the change
    file = corpus / "Vereinsblatt für Mai.pdf"
    file.write_bytes(PDF.replace(b"842", b"843"))
    answer = replace(rag.ask("Was?", strictness=0), citations=(citation,))
    for kind in ("page_changed", "page_gone"):
        with pytest.raises(CorpusError, match="`rag index`") as caught:
            rag.page_image(citation)
        assert caught.value.kind == kind
        assert "\n" not in str(caught.value)
        assert rag.located(answer).citations[0].rectangles is None
        file.unlink(missing_ok=True)
    file.write_bytes(PDF)
    assert rag.page_image(citation).rectangles


def test_a_link_to_the_outside_is_not_followed(rag: RAG, corpus: Path, tmp_path: Path) -> None:
    citation = cite(rag, SECOND)
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(PDF)
    file = corpus / citation.path
    file.unlink()
    file.symlink_to(outside)
    with pytest.raises(CorpusError) as caught:
        rag.page_image(citation)
    assert caught.value.kind == "page_gone"


def test_an_older_citation_is_found_where_its_quote_stands_now(rag: RAG) -> None:
    citation = cite(rag, SECOND)
    moved = replace(citation, start=citation.start + 3, end=citation.end + 3)
    assert rag.page_image(moved).rectangles == rag.page_image(citation).rectangles
    lost = replace(citation, quote="Das stand hier einmal.")
    found = rag.page_image(lost)
    assert (found.page, found.rectangles) == (2, ())


def test_own_files_are_shown_to_their_owner_alone(rag: RAG) -> None:
    mine, other = Owner.of("meins"), Owner.of("anderes")
    upload = rag.owned_uploads.get(mine).add("Blatt.pdf", PDF)
    citation = cite(rag, SECOND, upload.path, mine)
    assert rag.page_image(citation, owner=mine).rectangles
    for owner in (other, SHARED):
        with pytest.raises(CorpusError, match="no document"):
            rag.page_image(citation, owner=owner)
    rag.owned_uploads.get(mine).remove(upload.name)
    with pytest.raises(CorpusError, match="no document"):
        rag.page_image(citation, owner=mine)
    assert not [key for key in rag._page_memory._kept if key[0] == mine]


def test_a_page_of_a_named_collection_is_shown(rag: RAG, tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "Blatt.pdf").write_bytes(PDF)
    rag.sync(collection="named", corpus=tmp_path / "named")
    citation = cite(rag, SECOND, ".collections/named/Blatt.pdf")
    found = rag.page_image(citation)
    assert found.rectangles == rag.page_image(cite(rag, SECOND)).rectangles
    assert (found.path, found.page) == (citation.path, 2)


def test_a_page_is_drawn_once_for_each_owner(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    show = pool.Seat.show
    monkeypatch.setattr(
        pool.Seat, "show", lambda seat, data, wanted: drawn.append(wanted.page) or show(seat, data, wanted)
    )
    citation = cite(rag, SECOND)
    assert rag.page_image(citation) == rag.page_image(citation)
    assert drawn == [1]
    rag.page_image(citation, page=1)
    assert drawn == [1, 0]


def test_several_ask_at_once(rag: RAG) -> None:
    found: list[Any] = []
    citations = [cite(rag, FIRST), cite(rag, SECOND)]
    threads = [threading.Thread(target=lambda one=one: found.append(rag.page_image(one))) for one in citations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.page for one in found} == {1, 2}
    assert all(one.rectangles for one in found)


def test_the_process_is_kept_for_the_next_page_and_ended_then() -> None:
    started: list[Reader] = []
    readers = pool.Pool(workers=1, start=lambda: started.append(Reader()) or started[-1])
    warm = WarmProcess(lambda: readers, seconds=0.01)
    for number in (0, 1):
        assert warm.show(PDF, Wanted(number, "", drawn=False), "x").pages == 2
    waiting = threading.Event()
    while started[-1]._process is not None:
        waiting.wait(0.01)
    slow = WarmProcess(lambda: readers, seconds=3600)
    started.clear()
    for number in (0, 1):
        slow.show(PDF, Wanted(number, "", drawn=False), "x")
    assert len(started) == 1
    assert slow._timer is not None
    slow._timer.cancel()
    slow._release(slow._timer)
    assert started[0]._process is None


def test_the_memory_of_pages_is_bounded(rag: RAG) -> None:
    citation = cite(rag, SECOND)
    rag.page_image(citation)
    (page,) = rag._page_memory._kept.values()
    memory = PageMemory(most=3 * (len(page.image) + 2000))
    made: list[int] = []

    def make(number: int) -> Shown:
        made.append(number)
        return page

    for number in (1, 2, 3, 1, 4, 2):
        memory.get((SHARED, number), lambda number=number: make(number))
    assert made == [1, 2, 3, 4, 2]
    tiny = PageMemory(most=10)
    assert tiny.get((SHARED, 1), lambda: page) is page
    assert not tiny._kept
    assert 100 * len(page.image) <= MOST_PICTURES
