"""ZIP archives are read as folders: which members become documents, and how a sync handles them."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import unicodedata
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CorpusError
from index.formats import suffix_of
from index.reading.containers import archives, types
from index.reading.containers.archives import unpack
from index.reading.containers.content import content
from index.reading.containers.types import LeftOut, Member
from index.reading.gathering import gather
from index.syncing.sync import sync
from tests.files import article, lines, make_docx, make_pdf, make_zip, needs_files
from tests.index.synced import counts, opened

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

TEXT = "Die Mühle von Talheim mahlt seit 1912 Korn.".encode()


def is_wanted(path: str) -> bool:
    return bool(suffix_of(path))


def out_of(data: bytes, path: str = "a.zip") -> tuple[dict[str, bytes], dict[str, str]]:
    found = list(unpack(data, path, is_wanted))
    members = {one.path: one.data for one in found if isinstance(one, Member)}
    left_out = {one.path: one.reason for one in found if isinstance(one, LeftOut)}
    assert len(members) + len(left_out) == len(found)
    assert all("\n" not in reason for reason in left_out.values())
    return members, left_out


def entries(*named: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a name that occurs twice
        for name, data in named:
            archive.writestr(name, data)
    return out.getvalue()


def renamed(data: bytes, old: bytes, new: bytes, *, utf8: bool = False) -> bytes:
    """Return an archive with a changed member name, in bytes as other systems write them."""
    assert len(old) == len(new)
    changed = bytearray(data.replace(old, new))
    if not utf8:
        return bytes(changed)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            struct.pack_into("<H", changed, at + place, struct.unpack_from("<H", changed, at + place)[0] | 0x800)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def test_members_have_paths_of_their_own_and_what_is_not_read_is_passed_over() -> None:
    data = make_zip(
        {"ordner/b.md": TEXT, "a.txt": TEXT, "bild.bmp": b"x", ".versteckt/c.md": TEXT, "__MACOSX/._a.txt": TEXT}
    )
    assert out_of(data, "sub/a.zip") == ({"sub/a.zip/a.txt": TEXT, "sub/a.zip/ordner/b.md": TEXT}, {})


@pytest.mark.parametrize(
    "name", ["/etc/passwd.md", "../../draussen.md", "a/../../b.md", "C:\\x.md", "c:/x.md", "..\\x.md", "//server/x.md"]
)
def test_a_path_that_leads_out_is_named_and_not_read(name: str) -> None:
    members, left_out = out_of(entries((name, TEXT), ("gut.md", TEXT)))
    assert set(members) == {"a.zip/gut.md"}
    assert list(left_out.values()) == ["a path that leads out of the archive."]


def test_strokes_of_other_systems_part_folders() -> None:
    assert set(out_of(entries(("ordner\\tief\\a.md", TEXT)))[0]) == {"a.zip/ordner/tief/a.md"}


@pytest.mark.parametrize(
    ("raw", "utf8", "read"),
    [
        ("Müller.md".encode("cp437"), False, "Müller.md"),
        ("Straße.md".encode("cp850"), False, "Straße.md"),
        ("Müller.md".encode("cp1252"), False, "Müller.md"),
        ("Müller.md".encode(), False, "Müller.md"),
        ("Müller.md".encode(), True, "Müller.md"),
        (unicodedata.normalize("NFD", "Müller.md").encode(), True, "Müller.md"),
        (unicodedata.normalize("NFD", "Müller.md").encode(), False, "Müller.md"),
    ],
    ids=["cp437", "cp850", "cp1252", "unmarked", "marked", "decomposed", "decomposed-unmarked"],
)
def test_names_of_other_code_pages(raw: bytes, utf8: bool, read: str) -> None:
    stand_in = b"x" * (len(raw) - 3) + b".md"
    members, left_out = out_of(renamed(make_zip({stand_in.decode(): TEXT}), stand_in, raw, utf8=utf8))
    assert (set(members), left_out) == ({f"a.zip/{read}"}, {})


def test_a_name_that_an_extra_field_says_in_unicode() -> None:
    raw, name = b"?oga.md", "Łoga.md".encode()
    entry = zipfile.ZipInfo("xoga.md")
    field = b"\x01" + struct.pack("<I", zlib.crc32(b"\x9doga.md")) + name
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    data = renamed(entries((entry, TEXT)), b"xoga.md", b"\x9d" + raw[1:])
    assert set(out_of(data)[0]) == {"a.zip/Łoga.md"}


def test_names_that_are_one_when_composed_are_doubles() -> None:
    name = "Müller.md"
    members, left_out = out_of(entries((unicodedata.normalize("NFD", name), b"eins " + TEXT), (name, TEXT)))
    assert set(members) == {"a.zip/Müller.md"}
    assert left_out == {"a.zip/Müller.md": "a second member with this name; only the first is read."}
    members, left_out = out_of(entries(("a.md", b"eins"), ("a.md", b"zwei")))
    assert (members, len(left_out)) == ({"a.zip/a.md": b"eins"}, 1)


def test_an_archive_within_an_archive_is_read_and_one_within_that_is_not() -> None:
    inmost = make_zip({"c.md": TEXT})
    inner = make_zip({"b.md": TEXT, "tief.zip": inmost})
    members, left_out = out_of(make_zip({"a.md": TEXT, "innen.zip": inner}))
    assert set(members) == {"a.zip/a.md", "a.zip/innen.zip/b.md"}
    assert left_out == {"a.zip/innen.zip/tief.zip": "an archive within 2 others: too deep. Unpack it."}


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = entries(("bombe.txt", b"a" * 40_000_000), ("gut.md", TEXT))
    tracemalloc.start()
    try:
        members, left_out = out_of(bomb)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert (set(members), set(left_out)) == ({"a.zip/gut.md"}, {"a.zip/bombe.txt"})
    assert "far more" in left_out["a.zip/bombe.txt"]
    # Many small members count together, and an archive within the archive counts too.
    monkeypatch.setattr(types, "LARGEST_UNPACKED", 1000)
    small = {f"{number:02}.txt": b"%d " % number * 40 for number in range(40)}
    members, left_out = out_of(make_zip({"innen.zip": make_zip(small), "z.md": TEXT}))
    assert sum(map(len, members.values())) <= 1000
    assert any("more than" in reason and "Split it" in reason for reason in left_out.values())


def test_the_number_of_members_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "MOST_MEMBERS", 3)
    members, left_out = out_of(make_zip({f"{number}.txt": TEXT for number in range(5)}))
    assert (len(members), list(left_out)) == (3, ["a.zip"])
    assert "'3.txt'" in left_out["a.zip"]
    monkeypatch.setattr(archives, "MOST_ENTRIES", 4)
    members, left_out = out_of(make_zip({f"{number}.bin": b"" for number in range(5)}))
    assert (members, list(left_out)) == ({}, ["a.zip"])


def test_a_member_that_lies_about_its_size_is_damaged() -> None:
    data = bytearray(make_zip({"a.txt": b"kurz " * 3}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + place, 4)
    members, left_out = out_of(bytes(data))
    assert (members, left_out) == ({}, {"a.zip/a.txt": "damaged in the archive. Pack it again."})


def test_a_link_is_not_followed_and_a_locked_member_is_said(tmp_path: Path) -> None:
    (tmp_path / "geheim.md").write_text("Geheim.", encoding="utf-8")
    link = zipfile.ZipInfo("link.md")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = bytearray(entries((link, str(tmp_path / "geheim.md").encode()), ("zu.md", TEXT), ("gut.md", TEXT)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(b"zu.md", data.find(mark)) if mark == b"PK\x03\x04" else data.rfind(b"zu.md")
        head = data.rfind(mark, 0, at)
        struct.pack_into("<H", data, head + place, struct.unpack_from("<H", data, head + place)[0] | 1)
    members, left_out = out_of(bytes(data))
    assert set(members) == {"a.zip/gut.md"}
    assert left_out == {
        "a.zip/link.md": "a link; links are not followed.",
        "a.zip/zu.md": "protected by a password. Pack it without one.",
    }


def test_other_packings_and_names_with_control_characters_are_said() -> None:
    members, left_out = out_of(entries(("a.md", TEXT), compression=zipfile.ZIP_LZMA))
    assert (members, list(left_out)) == ({}, ["a.zip/a.md"])
    assert out_of(entries(("a.md", TEXT), compression=zipfile.ZIP_BZIP2))[0] == {"a.zip/a.md": TEXT}
    members, left_out = out_of(entries(("b\x1b[2Jse.md", TEXT), ("gut.md", TEXT)))
    assert (set(members), len(left_out)) == ({"a.zip/gut.md"}, 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"kein Archiv", "damaged"),
        (b"PK\x03\x04kaputt", "damaged"),
        (b"7z\xbc\xaf\x27\x1cxx", "it is a 7-Zip archive"),
        (b"%PDF-1.7\n", "it is a PDF"),
        (make_zip({"[Content_Types].xml": b"", "word/document.xml": b""}), "it is a Word document"),
    ],
)
def test_what_is_no_archive_is_said_in_one_line(data: bytes, said: str) -> None:
    members, left_out = out_of(data)
    assert (members, list(left_out)) == ({}, ["a.zip"])
    assert said in left_out["a.zip"]


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_no_damage_raises(noise: bytes, at: int, change: bytes) -> None:
    sound = make_zip({"a.md": TEXT, "b/c.txt": TEXT, "d.zip": make_zip({"e.md": TEXT})})
    for data in (noise, b"PK\x03\x04" + noise, sound[:at] + change + sound[at + len(change) :], sound[:at]):
        for path in {**out_of(data)[0], **out_of(data)[1]}:
            assert path.startswith("a.zip")
            assert ".." not in path.split("/")


def test_a_member_is_found_again_by_its_path() -> None:
    data = make_zip({"b.md": TEXT, "innen.zip": make_zip({"c.md": b"innen"})})
    assert content(data, "x/a.zip", "x/a.zip/b.md") == TEXT
    assert content(data, "x/a.zip", "x/a.zip/innen.zip/c.md") == b"innen"
    with pytest.raises(CorpusError, match="no longer in the archive"):
        content(data, "x/a.zip", "x/a.zip/weg.md")


# ---- in a folder


class NoReader:
    def extract(self, data: bytes, kind: str, /) -> Any:
        raise AssertionError("nothing is to be read here")


def test_judgements_of_a_set_in_an_archive_are_no_documents(tmp_path: Path) -> None:
    parts = {"set/queries.jsonl": b"{}", "set/qrels/test.tsv": b"a\tb\tc\n1\t2\t1\n", "gut.md": TEXT}
    (tmp_path / "a.zip").write_bytes(make_zip(parts))
    found = gather(tmp_path, NoReader())
    assert ([one.path for one in found.documents], found.left_out) == (["a.zip/gut.md"], ())


def test_an_archive_of_nothing_that_is_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(make_zip({"x.bin": b"1"}))
    (tmp_path / "b.md").write_bytes(TEXT)
    found = gather(tmp_path, NoReader())
    assert found.left_out == (("a.zip", "an archive without readable files."),)


@needs_files
def test_a_sync_follows_what_becomes_of_an_archive(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = make_pdf([lines("Die Seite eins nennt Koalas."), lines("Die Seite zwei nennt Wombats und ihre Höhlen.")])
    parts = {"tiere/koala.pdf": pdf, "pumpen.docx": make_docx(article), "m.md": TEXT, "kaputt.pdf": b"%PDF-1.7\nx"}
    (corpus / "archiv.zip").write_bytes(make_zip(parts))
    report = sync(corpus, index_dir, embedder)
    assert counts(report) == (6, 0, 0, 0, 0)
    assert [(one.path, "damaged" in one.reason) for one in report.skipped] == [("archiv.zip/kaputt.pdf", True)]
    document = opened(index_dir).documents["archiv.zip/tiere/koala.pdf"]
    assert document.page(document.text.index("Wombats")) == 2
    assert opened(index_dir).lexical.scores("Talheim").any()

    # If an archive is renamed or packed again, nothing is read or embedded again.
    embedder.passages.clear()
    monkeypatch.setattr("index.reading.extraction.process.isolation._start", lambda *_: pytest.fail("read again"))
    (corpus / "archiv.zip").unlink()
    (corpus / "neu.zip").write_bytes(entries(*sorted(parts.items()), compression=zipfile.ZIP_STORED))
    assert counts(sync(corpus, index_dir, embedder)) == (0, 0, 3, 0, 3)
    assert embedder.passages == []
    # Missing members are removed, and changed members are updated. The unpacked files are the same documents.
    del parts["tiere/koala.pdf"]
    (corpus / "neu.zip").write_bytes(make_zip({**parts, "m.md": TEXT + b" Heute auch Hafer."}))
    assert counts(sync(corpus, index_dir, embedder)) == (0, 1, 0, 1, 4)
    (corpus / "neu.zip").unlink()
    (corpus / "neu").mkdir()
    for name, data in parts.items():
        (corpus / "neu" / name).write_bytes(data)
    assert counts(sync(corpus, index_dir, embedder)) == (1, 0, 1, 1, 3)
