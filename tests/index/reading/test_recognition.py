"""Text recognition of scanned pages and pictures: the calls to the program, and the use of its output."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CorpusError
from index.reading.documents import parse
from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.process.limits import CORPUS, Allowance, Limits
from index.reading.extraction.process.unreadable import RememberingExtractor, Unreadable
from index.reading.extraction.recognition.scans import AUTO, OFF, Recognition, Scans, installed, is_languages
from index.reading.extraction.recognition.words import Word, read, words
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.gathering import gather
from index.reading.options import ReadingOptions
from index.syncing.sync import sync
from tests.files import lines, make_pdf, make_zip, needs_files
from tests.index.synced import counts, opened
from tests.recognising import FakeProgram, drawn, joined, picture, saved, scanned

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

pytestmark = needs_files

NONE = Recognition("", "")
SENTENCE = "Die Mühle von Talheim mahlt seit 1912 Korn und Hafer."
SECOND = "Ein anderer Absatz handelt vom Wetter in der Stadt."


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProgram:
    found = FakeProgram(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(found.folder))
    return found


@pytest.fixture
def no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leer").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "leer"))


def extract(data: bytes, kind: str, *, limits: Limits = CORPUS, languages: str = AUTO, most: int = 300) -> Extract:
    with Reader(limits) as reader:
        return Scans(reader, installed(languages), most=most).extract(data, kind)


# ---- the calls to the program


@pytest.mark.parametrize(
    ("there", "wanted", "asked"),
    [
        ("deu\neng\nosd", AUTO, "deu+eng"),
        ("eng\nosd", AUTO, "eng"),
        ("deu\nfra", "fra+deu", "fra+deu"),
        ("osd", AUTO, None),
        ("deu\neng", OFF, None),
    ],
)
def test_languages_are_those_that_are_wanted_and_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, wanted: str, asked: str | None
) -> None:
    monkeypatch.setenv("PATH", str(FakeProgram(tmp_path / "bin", languages=there).folder))
    found = installed(wanted)
    assert (found and found.languages) == asked
    assert found is None or found.version == "5.9.0"


@pytest.mark.parametrize("written", ["", "deu eng", "-l", "../deu", "deu+", "deu;x", "d" * 40])
def test_languages_of_the_setting_are_names(written: str) -> None:
    assert not is_languages(written)
    assert all(is_languages(one) for one in (AUTO, OFF, "deu", "deu+eng", "chi_sim", "script/Latin"))


def test_the_program_gets_a_page_at_300_dots_an_inch_and_no_more_than_it_can_hold(program: FakeProgram) -> None:
    found = extract(scanned(picture((850, 1100)), dpi=100), "pdf")  # 8.5 by 11 inches
    assert found.text in {f"Gelesen deu+eng 2550 mal {height} Punkte hell 255.\n" for height in (3300, 3301)}
    assert (found.pages, found.machine_read) == ((0,), ((0, len(found.text)),))
    # A page of more than five metres in width and height.
    wide = make_pdf([[]]).replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 14400 14400]")
    _, _, width, _, height, *_ = extract(wide, "pdf").text.split()
    assert 20_000_000 < int(width) * int(height) < 26_000_000


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_pictures_of_each_kind(program: FakeProgram, form: str) -> None:
    document = parse(saved(picture((1600, 40)), form), f"bild.{form.lower()}", reader=Scans(Reader(), installed()))
    assert document.text == "Gelesen deu+eng 1600 mal 40 Punkte hell 255.\n"
    assert document.is_machine_read(3, 5)
    assert (document.encoding, document.page(0)) == ("picture", 1)


def test_a_reader_that_knows_of_no_recognition_says_what_it_needs(program: FakeProgram) -> None:
    data = saved(picture(), "PNG")
    with Reader() as reader, pytest.raises(ExtractionError, match="needs text recognition"):
        reader.extract(data, "picture")
    assert parse(data, "a.png").text.startswith("Gelesen")


def test_a_file_of_several_pictures_has_pages(program: FakeProgram) -> None:
    pages = [picture((1600 + number, 40)) for number in range(3)]
    found = extract(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "picture")
    assert [found.text[start:].split()[2] for start in found.pages] == ["1600", "1601", "1602"]


def test_what_is_clear_is_paper_and_a_turned_picture_is_upright(program: FakeProgram) -> None:
    assert "hell 255" in extract(saved(picture((1600, 40), (0, 0, 0, 0), "RGBA"), "PNG"), "picture").text
    turned = picture((40, 1600))
    turned.getexif()[0x0112] = 6
    assert "1600 mal 40" in extract(saved(turned, "JPEG", exif=turned.getexif()), "picture").text
    assert "400 mal 80" in extract(saved(picture((200, 40)), "PNG"), "picture").text  # small letters are made larger


# ---- where the recognised text stands in a document


def test_a_scanned_page_stands_between_the_others(program: FakeProgram) -> None:
    one, two, three = (make_pdf([lines(text)]) for text in (SENTENCE, SECOND, "Und noch ein dritter Satz."))
    scan = scanned(picture((850, 1100)), dpi=100)
    for files, at in (([one, scan, two, three], 2), ([scan, one, two, three], 1), ([one, two, three, scan], 4)):
        found = extract(joined(*files), "pdf")
        parts = found.text.rstrip("\n").split("\n\n")
        assert len(parts) == 4
        assert parts[at - 1].startswith("Gelesen")
        assert [found.text[start:].partition("\n")[0] for start in found.pages] == parts
        assert [found.text[low:high].strip() for low, high in found.machine_read] == [parts[at - 1]]
        assert (found.unread, found.scanned) == ((), ())


def test_pages_that_stay_without_text_are_said(program: FakeProgram) -> None:
    program.set("silent")
    data = joined(make_pdf([lines(SENTENCE)]), scanned(picture(), picture()))
    found = extract(data, "pdf")
    assert found.unread == ("page 2: without text that could be read", "page 3: without text that could be read")
    assert found.machine_read == ()
    with pytest.raises(ExtractionError, match="probably scanned"):
        extract(scanned(picture()), "pdf")
    with pytest.raises(ExtractionError, match="a picture without text"):
        extract(saved(picture(), "PNG"), "picture")


def test_the_number_of_pages_is_bounded_and_said(program: FakeProgram) -> None:
    found = extract(scanned(*[picture() for _ in range(4)]), "pdf", most=2)
    assert len(found.pages) == 2
    assert found.unread == ("pages from 3 on: only 2 scanned pages of a file are read",)
    mixed = joined(make_pdf([lines(SENTENCE)]), scanned(*[picture() for _ in range(4)]))
    found = extract(mixed, "pdf", most=2)
    assert found.unread == ("pages from 4 on: only 2 scanned pages of a file are read",)
    assert len(found.machine_read) == 2


def test_what_the_program_fails_at_is_said_in_a_line(program: FakeProgram) -> None:
    program.set("fail")
    found = extract(joined(make_pdf([lines(SENTENCE)]), scanned(picture())), "pdf")
    assert found.unread == ("page 2: text recognition failed: Error in something: out of luck",)


def test_a_program_that_hangs_is_ended_with_the_process_that_started_it(program: FakeProgram) -> None:
    program.set("hang")
    limits = Limits(CORPUS.seconds, CORPUS.megabytes, page=Allowance(60, 1.5, 10**9))
    found = extract(joined(make_pdf([lines(SENTENCE)]), scanned(*[picture()] * 5)), "pdf", limits=limits)
    assert [line.partition(": ")[2].split(" (")[0] for line in found.unread] == [
        *["takes too long to read"] * 3,
        *["not tried, since others take too long"] * 2,
    ]
    here = str(program.folder)
    assert not [one for one in psutil.process_iter(["cmdline"]) if here in " ".join(one.info["cmdline"] or ())]


# ---- files that are not what they seem


def test_a_picture_that_is_a_list_of_files_is_none_to_the_program(program: FakeProgram, tmp_path: Path) -> None:
    (tmp_path / "geheim.png").write_bytes(saved(drawn("Streng geheim"), "PNG"))
    for data in (f"{tmp_path}/geheim.png\n".encode(), b"P5 1 1 255\n\xff", b"GIF89a", b"<svg/>"):
        with pytest.raises(CorpusError, match=r"named \.png, but it is"):
            parse(data, "a.png", reader=Scans(Reader(), installed()))
    with pytest.raises(ExtractionError, match="damaged picture"):
        extract(b"\x89PNG\r\n\x1a\n" + b"x" * 50, "picture")
    with pytest.raises(CorpusError, match="named .pdf, but it is a picture"):
        parse(saved(picture(), "PNG"), "a.pdf", reader=Scans(Reader(), installed()))


def test_a_picture_of_too_many_pixels_is_not_drawn(program: FakeProgram) -> None:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data += struct.pack(">I", 9) + b"IDAT" + zlib.compress(b"\0")[:9] + b"\0" * 4
    with pytest.raises(ExtractionError, match="2500 million pixels"):
        extract(data, "picture")
    with pytest.raises(ExtractionError, match="without text"):
        extract(saved(picture((20, 20)), "PNG"), "picture")


# ---- the program's output


def word(text: str, line: int, *, paragraph: int = 1, sure: float = 90, left: int = 0) -> Word:
    return Word((1, 1, paragraph), line, sure, text, left, line * 20, 30, 14)


def test_hyphens_at_ends_of_lines_part_words() -> None:
    found = [word("Die", 1), word("Wärme-", 1), word("pumpe", 2), word("steht.", 2), word("Neu.", 5, paragraph=2)]
    assert read(found).paragraphs == ("Die Wärmepumpe steht.", "Neu.")


def test_a_paragraph_that_the_program_parts_at_a_short_line_is_one() -> None:
    first = [word("Das", 1), word("kostete", 2), word("fünf", 3)]
    assert read([*first, word("Euro.", 4, paragraph=2)]).paragraphs == ("Das kostete fünf Euro.",)
    assert len(read([*first, word("Euro.", 4, paragraph=2, left=90)]).paragraphs) == 2
    assert len(read([*first, word("Euro.", 6, paragraph=2)]).paragraphs) == 2
    assert len(read([*first[:2], word("fünf.", 3), word("Euro.", 4, paragraph=2)]).paragraphs) == 2


def test_words_of_which_the_program_is_unsure_are_left_out_and_counted() -> None:
    found = read([word("Gut", 1), word("§%&", 1, sure=5), word("so.", 1), word("Fleck", 9, paragraph=2, sure=30)])
    assert (found.paragraphs, found.unsure) == (("Gut so.",), 2)


@given(st.lists(st.text(alphabet="5-1.\t\nx ", max_size=60)))
def test_no_table_raises(rows: list[str]) -> None:
    read(words("\n".join(rows)))


# ---- in a folder


@pytest.mark.usefixtures("no_program")
def test_where_it_is_not_installed_one_line_of_the_run_says_so(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder
) -> None:
    for name in ("a.png", "b.png"):
        (corpus / name).write_bytes(saved(picture(), "PNG"))
    (corpus / "c.zip").write_bytes(make_zip({"d.jpg": saved(picture(), "JPEG")}))
    (corpus / "scan.pdf").write_bytes(scanned(picture()))
    report = sync(corpus, index_dir, embedder)
    assert [one.path for one in report.skipped] == ["scan.pdf"]
    (note,) = report.notes
    assert note.path == ""
    assert note.text.startswith("1 scanned file and 3 pictures not read, because text recognition is not installed.")
    assert "tesseract-ocr-deu" in note.text
    assert sync(corpus, index_dir, embedder, options=ReadingOptions(languages=OFF)).notes == ()


def test_what_is_installed_later_reads_what_was_left(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "bild.png").write_bytes(saved(picture(), "PNG"))
    (corpus / "scan.pdf").write_bytes(scanned(picture((850, 1100))))
    (corpus / "halb.pdf").write_bytes(joined(make_pdf([lines(SENTENCE)]), scanned(picture())))
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        report = sync(corpus, index_dir, embedder)
        assert (counts(report), len(report.notes)) == ((4, 0, 0, 0, 0), 2)
    program = FakeProgram(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(program.folder))
    report = sync(corpus, index_dir, embedder)
    assert (counts(report), report.skipped, report.notes) == ((2, 1, 0, 0, 3), (), ())
    documents = opened(index_dir).documents
    half = documents["halb.pdf"]
    start = half.text.index("Gelesen")
    assert (half.page(start), half.is_machine_read(start, start + 5), half.is_machine_read(0, 5)) == (2, True, False)
    # Nothing is read twice, whether it had text or not.
    program.set("silent")
    (corpus / "leer.png").write_bytes(saved(picture((1600, 41)), "PNG"))
    report = sync(corpus, index_dir, embedder)
    assert [one.path for one in report.skipped] == ["leer.png"]
    monkeypatch.setattr("index.reading.extraction.process.isolation._start", lambda *_: pytest.fail("read again"))
    assert counts(sync(corpus, index_dir, embedder)) == (0, 0, 0, 0, 6)


def test_a_failure_is_remembered_for_its_page(program: FakeProgram) -> None:
    program.set("silent")
    unreadable = Unreadable()
    with Reader() as reader:
        remembering = RememberingExtractor(reader, CORPUS, unreadable)
        for _ in range(2):
            with pytest.raises(ExtractionError):
                Scans(remembering, installed()).extract(saved(picture(), "PNG"), "picture")
            program.set("read")


def test_a_picture_in_a_folder_without_recognition_is_no_document(tmp_path: Path, no_program: None) -> None:
    (tmp_path / "a.png").write_bytes(saved(picture(), "PNG"))
    found = gather(tmp_path, Reader())
    assert (found.documents, found.left_out) == ((), ())
    assert "1 picture not read" in found.missed


# ---- the program itself

TEXTS = (
    "Die Gemeinde Talheim hat im vergangenen Jahr insgesamt 340 Wärmepumpen gefördert.",
    "Das kostete nach Angaben der Verwaltung 1,7 Millionen Euro, also rund fünftausend",
    "Euro für jede Anlage. Bürgermeisterin Müller sagte, die Nachfrage übersteige alle",
    "Erwartungen: „Bis 2030 sollen es neunhundert werden.“ Anträge können ab dem 3. Mai",
    "gestellt werden; größere Häuser mit schlechter Dämmung sind ausgeschlossen. Der",
    "Straßenbau verzögert sich dagegen um weitere vier Monate, weil ein Unternehmen",
    "Zahlungsunfähigkeit angemeldet hat.",
)


@pytest.mark.skipif(
    shutil.which("tesseract") is None or "deu" not in (installed() or NONE).languages, reason="Tesseract is not there"
)
def test_a_page_of_print_is_read_word_for_word() -> None:
    page = drawn(*TEXTS)
    expected = " ".join(TEXTS)
    assert extract(scanned(page, page.rotate(180)), "pdf").text == f"{expected}\n\n{expected}\n"
    assert extract(saved(page, "PNG"), "picture").text == f"{expected}\n"
