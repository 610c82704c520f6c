"""Small files that unpack or draw to huge sizes are refused before they use memory or time."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.extraction import pdf
from index.reading.extraction.archives import flate
from index.reading.extraction.archives.flate import unpacks_to_too_much
from index.reading.extraction.pdf import budget
from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.process.limits import UPLOADS, Limits, Share
from index.reading.extraction.types import ExtractionError
from tests.files import article, lines, make_docx, make_html, make_pdf, make_zip, needs_files
from tests.hostile_files import forms, packed, pdf_of

pytestmark = needs_files


def test_a_stream_that_unpacks_to_too_much_is_not_opened() -> None:
    data = pdf_of(b"q Q " * 40_000_000)
    assert len(data) < 1_000_000
    with pytest.raises(ExtractionError, match="unpacks") as caught:
        pdf.extract(data)
    assert caught.value.kind == "bomb"


def test_streams_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flate, "LEAST_UNPACKED", 90_000)
    monkeypatch.setattr(flate, "MOST_EACH", 0)
    piece = packed(b"a" * 20_000)
    assert not unpacks_to_too_much(b"\n".join([piece] * 4))
    assert unpacks_to_too_much(b"\n".join([piece] * 5))


def test_pictures_of_white_paper_are_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flate, "LEAST_UNPACKED", 90_000)
    monkeypatch.setattr(flate, "MOST_EACH", 0)
    picture = b"7 0 obj\n" + packed(b"\xff" * 200_000, b"/Type /XObject /Subtype /Image")
    assert not unpacks_to_too_much(picture)
    # The exception for pictures does not apply to the next stream.
    assert unpacks_to_too_much(picture + b"\n8 0 obj\n" + packed(b"a" * 200_000))


@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([b"stream\n", b"endstream", packed(b"a" * 99)]))))
def test_any_bytes_are_looked_through(pieces: list[bytes]) -> None:
    assert not unpacks_to_too_much(b"".join(pieces))


def test_what_cannot_be_unpacked_hides_nothing_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flate, "LEAST_UNPACKED", 90_000)
    monkeypatch.setattr(flate, "MOST_EACH", 0)
    for before in (b"stream\nnot packed", b"stream\n" + packed(b"a" * 50)[:70], b"stream\r\n\x78\x9c"):
        assert unpacks_to_too_much(before + b"\n" + packed(b"a" * 200_000))


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux alone")
def test_a_bomb_inside_a_bomb_meets_the_limit_of_memory() -> None:
    import zlib

    twice = zlib.compress(zlib.compress(b"q Q " * 75_000_000, 9), 9)
    kind = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(twice), twice)
    data = pdf_of(b"").replace(packed(b""), kind)
    assert not unpacks_to_too_much(data)
    with Reader(UPLOADS) as reader, pytest.raises(ExtractionError):
        reader.extract(data, "pdf")


@pytest.mark.parametrize("shape", [(40, 2), (12, 10)], ids=["deep", "broad"])
def test_forms_that_draw_each_other_without_end_are_broken_off_for_good(shape: tuple[int, int]) -> None:
    data = forms(*shape)
    assert len(data) < 20_000
    with Reader(UPLOADS) as reader, pytest.raises(ExtractionError) as caught:
        reader.extract(data, "pdf")
    assert not isinstance(caught.value, BrokenOffError) or caught.value.certain


def test_what_forms_draw_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_NESTED", 300)
    assert "Blatt." in pdf.extract(forms(3, 10)).text
    with pytest.raises(ExtractionError, match="forms") as caught:
        pdf.extract(forms(4, 10))
    assert caught.value.kind == "too_large"


def test_characters_are_counted_before_each_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_CHARACTERS", 100)
    with pytest.raises(ExtractionError, match="characters") as caught:
        pdf.extract(make_pdf([lines("Ein Satz steht auf der Seite.")] * 5))
    assert caught.value.kind == "too_large"


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux alone")
def test_a_word_document_below_the_ratio_of_a_bomb_meets_the_limit_of_memory() -> None:
    with zipfile.ZipFile(io.BytesIO(make_docx(article))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["word/document.xml"]
    empty = b"<w:p><w:r><w:t/></w:r></w:p>"
    rows = b"".join(
        b"<w:p w:rsidR='%08x'/>" % (number * 2_654_435_761 % 2**32) + empty * 60 for number in range(50_000)
    )
    parts["word/document.xml"] = xml.replace(b"<w:body>", b"<w:body>" + rows[:95_000_000].rpartition(b"<w:p ")[0])
    data = make_zip(parts)
    assert len(data) < 2_000_000
    with Reader(UPLOADS) as reader, pytest.raises(ExtractionError, match="memory") as caught:
        reader.extract(data, "docx")
    assert caught.value.kind == "too_large"


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux alone")
def test_a_page_of_too_many_elements_for_its_memory_is_not_called_damaged() -> None:
    few = Limits(seconds=Share(30, 0, 30), megabytes=Share(30, 0, 30))
    with Reader(few) as reader, pytest.raises(ExtractionError, match="memory") as caught:
        reader.extract(make_html("<p>Text</p>" + "<p class='a'></p>" * 200_000), "html")
    assert caught.value.kind == "too_large"
