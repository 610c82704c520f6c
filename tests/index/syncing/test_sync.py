from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import IndexMismatchError
from index.progress import told
from index.segmenting.chunking import chunk
from index.storage import manifest
from index.storage.reader import Index
from index.storage.store import Store
from index.syncing import sync as sync_module
from index.syncing.sync import sync
from tests.files import article, lines, make_docx, make_html, make_pdf, needs_files
from tests.index.synced import alter, as_format_5, counts, current, one_line, opened, reseal, state, store_of
from tests.rag.fakes import HashingEmbedder


def test_first_sync_adds_all(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    report = sync(corpus, index_dir, embedder)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.documents == 3
    assert report.chunks == len(opened(index_dir).chunks) >= 3


def test_a_folder_that_is_there_and_empty_is_filled(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    index_dir.mkdir(parents=True, exist_ok=True)
    assert counts(sync(corpus, index_dir, embedder)) == (3, 0, 0, 0, 0)


def test_nothing_changed_embeds_nothing_and_keeps_the_generation(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    before = opened(built)
    assert counts(sync(corpus, built, embedder)) == (0, 0, 0, 0, 3)
    assert embedder.passages == []
    assert opened(built).generation == before.generation


def test_each_kind_of_change_is_counted_and_only_the_new_is_embedded(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    (corpus / "neu.md").write_text("# Neu\n\nGanz frischer Sachverhalt aus Zürich.\n", encoding="utf-8")
    (corpus / "cambricon.md").write_text("# Cambricon\n\nNun andere Wörter über Dividenden.\n", encoding="utf-8")
    (corpus / "huawei.md").rename(corpus / "umbenannt.md")
    (corpus / "nvidia.txt").unlink()
    (corpus / "kaputt.md").write_bytes(b"\x00\x01\x02")
    report = sync(corpus, built, embedder)
    assert counts(report) == (1, 1, 1, 1, 0)
    assert [file.path for file in report.skipped] == ["kaputt.md"]
    assert "\n" not in report.skipped[0].reason
    assert report.to_json()["skipped"] == [{"path": "kaputt.md", "reason": report.skipped[0].reason}]
    embedded = "\n".join(embedder.passages)
    assert "Zürich" in embedded
    assert "Dividenden" in embedded
    assert "Ascend" not in embedded
    index = opened(built)
    assert set(index.documents) == {"cambricon.md", "neu.md", "umbenannt.md"}
    assert {stored.chunk.path for stored in index.chunks.values()} == set(index.documents)
    assert not index.lexical.scores("Nvidia H20").any()


@needs_files
def test_other_formats_are_mirrored_like_texts(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [lines("Die Seite eins nennt Koalas."), lines("Die Seite zwei nennt Wombats und ihre Höhlen.")]
    (corpus / "tiere.pdf").write_bytes(make_pdf(pages))
    (corpus / "pumpen.docx").write_bytes(make_docx(article))
    (corpus / "seite.html").write_bytes(make_html("<h1>Seite</h1><p>Ein Satz über Dachse.</p>"))
    (corpus / "scan.pdf").write_bytes(make_pdf([[]]))
    (corpus / "falsch.docx").write_bytes(make_pdf(pages))
    report = sync(corpus, index_dir, embedder)
    assert counts(report) == (6, 0, 0, 0, 0)
    assert {file.path: file.reason for file in report.skipped} == {
        "falsch.docx": "named .docx, but it is a PDF. Give it the right extension.",
        "scan.pdf": "a PDF without text, probably scanned. Run text recognition (OCR) over it first.",
    }
    index = opened(index_dir)
    document = index.documents["tiere.pdf"]
    assert [document.page(document.text.index(word)) for word in ("Koalas", "Wombats")] == [1, 2]
    assert index.lexical.scores("Dachse").any()
    headings = {stored.chunk.headings for stored in index.chunks.values() if stored.chunk.path == "pumpen.docx"}
    assert ("Bericht zur Wärmepumpe", "Ausblick") in headings

    # Unchanged files are not read again, whether readable or not. Renamed files keep their text and pages.
    def read_again(*_: Any) -> None:
        raise AssertionError("read again")

    (corpus / "scan.pdf").rename(corpus / "bild.pdf")
    (corpus / "tiere.pdf").rename(corpus / "beutler.pdf")
    with monkeypatch.context() as patch:
        patch.setattr("index.reading.extraction.process.isolation._start", read_again)
        again = sync(corpus, index_dir, embedder)
    assert counts(again) == (0, 0, 1, 0, 5)
    assert [file.path for file in again.skipped] == ["bild.pdf", "falsch.docx"]
    assert again.skipped[0].reason == report.skipped[1].reason
    moved = opened(index_dir).documents["beutler.pdf"]
    assert (moved.text, moved.pages) == (document.text, document.pages)
    (corpus / "beutler.pdf").write_bytes(make_pdf(pages[:1]))
    assert counts(sync(corpus, index_dir, embedder)) == (0, 1, 0, 0, 5)


def test_two_files_may_swap_their_names(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    one, two = corpus / "cambricon.md", corpus / "huawei.md"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    report = sync(corpus, built, embedder)
    assert report.changed + report.renamed == 2
    assert (report.added, report.removed, report.unchanged) == (0, 0, 1)
    index = opened(built)
    assert "Ascend" in index.documents["cambricon.md"].text
    assert "Cambricon" in index.documents["huawei.md"].text
    for stored in index.chunks.values():
        text = index.documents[stored.chunk.path].text
        assert text[stored.chunk.start : stored.chunk.end] == stored.chunk.text


def test_two_files_with_the_same_content_are_two_documents(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    (corpus / "kopie.md").write_bytes((corpus / "huawei.md").read_bytes())
    assert counts(sync(corpus, built, embedder)) == (1, 0, 0, 0, 3)
    (corpus / "huawei.md").unlink()
    assert counts(sync(corpus, built, embedder)) == (0, 0, 0, 1, 3)


def test_a_kill_before_publishing_leaves_the_old_index_and_nothing_to_embed_again(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "neu.md").write_text("# Neu\n\nGanz frischer Sachverhalt aus Zürich.\n", encoding="utf-8")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            sync(corpus, built, embedder)
    assert any("Zürich" in text for text in embedder.passages)
    embedder.passages.clear()
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md", "nvidia.txt"}
    assert counts(sync(corpus, built, embedder)) == (1, 0, 0, 0, 3)
    assert embedder.passages == []
    index = opened(built)
    assert index.lexical.scores("Zürich").any()
    assert index.generation > 1
    assert sorted(file.name for file in built.iterdir() if not file.name.startswith(".")) == [
        index_file(built, "derived"), manifest.MANIFEST, index_file(built, "store")
    ]  # fmt: skip


def index_file(index_dir: Path, kind: str) -> str:
    (segment,) = current(index_dir).segments
    return str(getattr(segment, kind))


@pytest.mark.parametrize("title", ["# Titel\n\n", ""])
def test_a_renamed_file_is_as_if_it_had_always_had_its_name(
    corpus: Path, built: Path, embedder: HashingEmbedder, tmp_path: Path, title: str
) -> None:
    text = title + "\n".join(f"![{name}]({name}.png)" for name in "ab") + "\n\n- Ein Satz über Dachse.\n"
    (corpus / "alt.md").write_text(text, encoding="utf-8")
    sync(corpus, built, embedder)
    (corpus / "alt.md").rename(corpus / "neu.txt")
    assert counts(sync(corpus, built, embedder)) == (0, 0, 1, 0, 3)
    sync(corpus, tmp_path / "fresh", embedder)
    assert state(built) == state(tmp_path / "fresh")


def test_a_kill_while_embedding_changes_nothing(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    (corpus / "neu.md").write_text("# Neu\n\nFrischer Sachverhalt.\n", encoding="utf-8")

    def killed() -> None:
        raise KeyboardInterrupt

    embedder.before_embedding = killed
    with pytest.raises(KeyboardInterrupt):
        sync(corpus, built, embedder)
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md", "nvidia.txt"}


def test_a_reader_keeps_its_generation_while_a_sync_runs(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    old = opened(built)
    seen: list[int] = []
    embedder.before_embedding = lambda: seen.append(opened(built).generation)
    (corpus / "cambricon.md").write_text("# Cambricon\n\nNun andere Wörter über Dividenden.\n", encoding="utf-8")
    (corpus / "nvidia.txt").unlink()
    vector = embedder.embed_query("Nvidia H20")
    hits, row = old.vectors.search(vector, 3), old.sentence_rows(1)[0].tolist()
    sync(corpus, built, embedder)
    assert set(seen) == {old.generation}
    assert opened(built).generation == old.generation + 1
    assert "4 Milliarden" in old.documents["cambricon.md"].text
    assert old.vectors.search(vector, 3) == hits
    assert old.lexical.scores("Nvidia").any()
    assert old.sentence_rows(1)[0].tolist() == row


def test_equal_corpora_have_equal_fingerprints(
    corpus: Path, built: Path, embedder: HashingEmbedder, tmp_path: Path
) -> None:
    sync(corpus, tmp_path / "other", embedder)
    assert opened(tmp_path / "other").fingerprint == opened(built).fingerprint
    (corpus / "nvidia.txt").unlink()
    sync(corpus, tmp_path / "other", embedder)
    assert opened(tmp_path / "other").fingerprint != opened(built).fingerprint


def test_another_embedding_model_is_refused_and_rebuild_accepts_it(corpus: Path, built: Path) -> None:
    other = HashingEmbedder("hash-2")
    with pytest.raises(IndexMismatchError, match="--rebuild") as caught:
        sync(corpus, built, other)
    one_line(caught)
    with pytest.raises(IndexMismatchError, match="hash-1"):
        Index.open(built, embedding="hash-2")
    assert other.passages == []
    assert counts(sync(corpus, built, other, rebuild=True)) == (3, 0, 0, 0, 0)
    assert len(Index.open(built, embedding="hash-2").documents) == 3


def test_documents_of_an_older_pipeline_are_indexed_again(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "PIPELINE", "neuer")
    with Store(store_of(built)) as store:
        before = store.generation
    assert sync(corpus, built, embedder).documents == 3
    assert embedder.passages == []  # the texts have not changed
    with Store(store_of(built)) as store:
        assert store.generation > before
        assert store.meta("pipeline") == "neuer"
    embedder.passages.clear()
    sync(corpus, built, embedder)
    assert embedder.passages == []


def test_an_index_of_an_earlier_version_is_made_anew(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    found = current(built)
    manifest.remove_files(built)
    (built / "derived-4").mkdir()
    (built / "derived-4" / "vectors.faiss").write_bytes(b"x")
    (built / "store.sqlite").write_bytes(b"SQLite format 3\0")
    kept = ("generation", "embedding", "content", "cosine_floor")
    data = {name: getattr(found, name) for name in kept} | {"derived": "derived-4", "digests": {}}
    (built / manifest.MANIFEST).write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="earlier version. Bring it up to date with `rag index CORPUS`"):
        opened(built)
    assert sync(corpus, built, embedder).added == 3
    assert len(opened(built).title_vectors) == 3
    assert not (built / "store.sqlite").exists()
    assert not (built / "derived-4").exists()


@pytest.mark.parametrize("form", [4, 5])
def test_an_index_of_a_format_before_is_brought_up_to_date_without_embedding_anything(
    corpus: Path, built: Path, embedder: HashingEmbedder, form: int
) -> None:
    before = state(built)
    (segment,) = current(built).segments
    as_format_5(built / segment.store)
    if form == 5:
        data = json.loads((built / manifest.MANIFEST).read_bytes()) | {"format": 5}
    else:
        alter(built, "UPDATE meta SET value = '4' WHERE key = 'format'", "DROP TABLE removed")
        data = {"format": 4, "generation": 1, "store": segment.store, "derived": segment.derived}
    (built / manifest.MANIFEST).write_text(json.dumps(data), encoding="utf-8")
    embedder.passages.clear()
    with pytest.raises(
        IndexMismatchError, match=rf"has format {form}, not 6\. Bring it up to date with `rag index CORP"
    ):
        opened(built)
    assert sync(corpus, built, embedder).documents == 3
    assert embedder.passages == []
    assert state(built) == before


def test_of_an_index_of_the_format_before_nothing_damaged_is_used(
    corpus: Path, built: Path, embedder: HashingEmbedder
) -> None:
    before = state(built)
    as_format_5(store_of(built))
    alter(built, "UPDATE sentences SET vector = zeroblob(length(vector)) WHERE id = 1")
    data = json.loads((built / manifest.MANIFEST).read_bytes()) | {"format": 5}
    (built / manifest.MANIFEST).write_text(json.dumps(data), encoding="utf-8")
    embedder.passages.clear()
    assert sync(corpus, built, embedder).documents == 3
    assert any("Cambricon" in text for text in embedder.passages)
    assert not any("Ascend" in text for text in embedder.passages)
    assert state(built) == before


def test_an_index_of_an_older_format_is_made_anew(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    reseal(built, format=1)
    with pytest.raises(IndexMismatchError, match="has format 1"):
        Index.open(built, embedding=embedder.fingerprint)
    assert sync(corpus, built, embedder).documents == 3
    assert len(Index.open(built, embedding=embedder.fingerprint).title_vectors) == 3


@pytest.mark.parametrize(
    ("before", "now", "anew"),
    [
        ("model@1+2/float32", "model@1+2/int8", True),
        ("model@1+2", "model@1+2/int8", True),
        ("model@1+2/float32", "model@1+3/int8", False),
        ("model@1/int8", "other@1/int8", False),
        ("team/model@1", "team/other@1", False),
    ],
)
def test_an_index_of_the_same_weights_in_another_format_is_made_anew(
    corpus: Path, tmp_path: Path, before: str, now: str, anew: bool
) -> None:
    sync(corpus, tmp_path / "index", HashingEmbedder(before))
    if anew:
        assert sync(corpus, tmp_path / "index", HashingEmbedder(now)).added == 3
        assert len(Index.open(tmp_path / "index", embedding=now).documents) == 3
    else:
        with pytest.raises(IndexMismatchError, match="--rebuild"):
            sync(corpus, tmp_path / "index", HashingEmbedder(now))
        assert len(Index.open(tmp_path / "index", embedding=before).documents) == 3


def test_an_index_of_a_newer_format_is_refused(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    reseal(built, format=999)
    for use in (lambda: sync(corpus, built, embedder), lambda: opened(built)):
        with pytest.raises(IndexMismatchError, match="has format 999") as caught:
            use()
        one_line(caught)
    assert sync(corpus, built, embedder, rebuild=True).documents == 3
    assert len(opened(built).documents) == 3


def test_progress_reaches_the_total(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> None:
    steps: list[tuple[str, int, int]] = []
    with told(lambda *step: steps.append(step)):
        sync(corpus, index_dir, embedder)
    passages = len(opened(index_dir).chunks)
    assert steps == sorted(steps)
    assert steps[-1] == ("embedding", passages, passages)
    assert {total for _, _, total in steps} == {passages}


PIECES = st.sampled_from(
    ["Der Chip kostet 3,5 Mio. Euro.", "Zweiter Satz 🐉.", "e\u0308 Kombiniert u\u0308ber.", "\r\n", "\n\n", "\r", " ", "# Titel",
     "\ufeff", "\u2028", "„Zitat“", "---\n", "Ende!", "ß" * 50, "\t", "- Punkt\n", "𝔐 von 3. Juni."]
)  # fmt: skip
FILES = st.one_of(
    st.tuples(
        st.lists(PIECES, max_size=25).map("".join),
        st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"]),
    ).map(lambda pair: pair[0].encode(pair[1], errors="replace")),
    st.binary(max_size=200),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.sampled_from([".md", ".txt"]))
def test_passages_are_the_documents_own_characters_for_any_bytes(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "corpus"
        folder.mkdir()
        (folder / f"any{suffix}").write_bytes(data)
        (folder / "known.md").write_text("# Bekannt\n\nEin Satz.\n", encoding="utf-8")
        sync(folder, Path(name) / "index", HashingEmbedder())
        index = opened(Path(name) / "index")
        for stored in index.chunks.values():
            document = index.documents[stored.chunk.path]
            assert document.text[stored.chunk.start : stored.chunk.end] == stored.chunk.text
            assert all(stored.chunk.start <= s.start < s.end <= stored.chunk.end for s in stored.chunk.sentences)
        for path, document in index.documents.items():
            raw = (folder / path).read_bytes()
            codec = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else document.encoding
            assert document.text == raw.decode(codec)
            assert [s.chunk for s in index.chunks.values() if s.chunk.path == path] == chunk(document)
