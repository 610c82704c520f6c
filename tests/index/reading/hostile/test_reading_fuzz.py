"""Any bytes in a file give a document, or one line that says why there is none."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import CorpusError
from index.formats import EXTRACTED, SUFFIXES
from index.reading import documents
from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.process.limits import UPLOADS
from index.segmenting.chunking import chunk
from tests.files import INSTALLED, article, lines, make_docx, make_html, make_pdf, make_zip
from tests.hostile_files import DOCX, HTML, PDF

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

# Set by hand: how many times more files than usual are tried.
EFFORT = int(os.environ.get("RAG_TEST_EFFORT", "1"))
fuzzed = settings(
    max_examples=100 * EFFORT,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)

PAGE = make_html(
    "<article><h1>Wärme</h1><p style='color:#fff;font:0 a'>Ein <b>Satz</b>.</p><ul><li>a</ul><table><tr><td>b</table>"
    "<time datetime='2025-01-02'>2. Januar</time><!-- c --><script>d</script></article>",
    head="<style>.a{display:none} @media print{.b{color:red}}</style><meta name='author' content='x'>",
)
PLAIN_PDF = (
    make_pdf([lines("Auf der Seite steht dieser Satz.", "Und dieser auch.")], title="Titel", created="D:20250102")
    .replace(b"/Filter /FlateDecode", b"")
    .replace(b"/Type /Page ", b"/Type /Page /Rotate 90 ")
)
FILES = {
    ".html": [PAGE, HTML["white parts"][0](5)],
    ".pdf": [
        make_pdf([lines("Auf Seite eins steht dies."), lines("Auf Seite zwei jenes.")]),
        PLAIN_PDF,
        PDF["shapes"][0](3),
    ],
    ".docx": [make_docx(article, title="Wärme", language="de"), DOCX["white runs"][0](3)],
    ".md": ["---\ntitle: Wärme\ndate: 2025-01-02\n---\n\n# Wärme\n\nEin Satz – und noch einer.\n".encode()],
    ".txt": ["Größe: 5 €.\r\n\r\nEin Satz.".encode("cp1252"), "Ein Satz.".encode("utf-16")],
}
MARKS = {".html": b"<html><p>", ".pdf": b"%PDF-1.4\n", ".docx": b"PK\x03\x04"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(UPLOADS) as one:
        yield one


def check(data: bytes, suffix: str, reader: Reader) -> None:
    try:
        document = documents.parse(data, f"datei{suffix}", reader=reader)
    except CorpusError as error:
        told = str(error)
        assert error.message
        assert "\n" not in told
        assert told.isprintable()
        assert len(told) < 300
        return
    text = document.text
    text.encode()
    assert text.strip()
    assert list(document.pages) == sorted(document.pages)
    assert all(0 <= start <= len(text) for start in document.pages)
    assert document.metadata.title
    for one in chunk(document):
        assert text[one.start : one.end] == one.text


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "delete", "double", "cut"]),
        st.floats(0, 1),
        st.integers(1, 40),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from(
                [b"<", b">", b"'", b"&#0;", b"\x00", b"\xff\xfe", b"obj", b"<<", b"99999999999", b"-1", b"%"]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, changes: list[tuple[str, float, int, bytes]]) -> bytes:
    for change, where, length, new in changes:
        at = int(where * len(data))
        piece = data[at : at + length]
        match change:
            case "replace":
                data = data[:at] + new + data[at + len(new) :]
            case "insert":
                data = data[:at] + new + data[at:]
            case "delete":
                data = data[:at] + data[at + length :]
            case "double":
                data = data[:at] + piece * 3 + data[at:]
            case _:
                data = data[: max(8, at)]
    return data


@fuzzed
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_any_bytes(reader: Reader, data: bytes, suffix: str) -> None:
    check(data, suffix, reader)
    check(MARKS.get(suffix, b"# ") + data, suffix, reader)


@fuzzed
@given(st.sampled_from([(suffix, data) for suffix, files in FILES.items() for data in files]), CHANGES)
def test_a_damaged_file(reader: Reader, file: tuple[str, bytes], changes: list[tuple[str, float, int, bytes]]) -> None:
    suffix, data = file
    check(changed(data, changes), suffix, reader)


@fuzzed
@given(
    st.sampled_from(FILES[".docx"]),
    st.sampled_from(
        ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "_rels/.rels", "docProps/core.xml"]
    ),
    CHANGES,
)
def test_a_word_document_with_a_damaged_part(
    reader: Reader, data: bytes, name: str, changes: list[tuple[str, float, int, bytes]]
) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = changed(parts[name], changes)
    check(make_zip(parts), ".docx", reader)


@pytest.mark.parametrize("kind", ["html", "pdf", "docx"])
def test_hostile_shapes(reader: Reader, kind: str) -> None:
    suffix = next(ending for ending, of in EXTRACTED.items() if of == kind)
    for make, _ in {"html": HTML, "pdf": PDF, "docx": DOCX}[kind].values():
        for size in (0, 1, 40):
            check(make(size), suffix, reader)
