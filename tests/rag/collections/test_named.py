"""Named collections: queried alone and together, kept apart, updated when they change, and removed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from index.collections.owners import Owner
from index.errors import CorpusError, IndexDamagedError, IndexMismatchError, IndexMissingError, RagError
from index.storage.manifest import LOCK, MANIFEST
from rag.receipts import Files, check, read
from rag.types import Filter
from tests.rag.building import build
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG

PORT = "Der Hafen von Auheim kostet 12 Millionen Euro."
LAW = "Das Gesetz über Häfen tritt am 3. Mai 2024 in Kraft."
QUESTION = "Wie viel kostet der Hafen von Auheim?"


def fill(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\n{text} Mehr ist nicht bekannt.\n", encoding="utf-8")
    return folder


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return fill(tmp_path / "news", hafen=PORT, kran="Der Kran von Auheim ist 40 Meter hoch.")


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    return fill(tmp_path / "laws", gesetz=LAW)


@pytest.fixture
def rag(corpus: Path, index_dir: Path, news: Path, laws: Path) -> RAG:
    made = build(corpus, index_dir, PORT, strictness=0)
    made.sync(collection="news", corpus=news)
    made.sync(collection="laws", corpus=laws)
    return made


def found(rag: RAG, collection: str, query: str = "Hafen Auheim Gesetz Nvidia", **options: object) -> set[str]:
    return {hit.path for hit in rag.search(query, k=99, filter={"collection": collection}, **options)}  # type: ignore[arg-type]


NEWS = {".collections/news/hafen.md", ".collections/news/kran.md"}
LAWS = {".collections/laws/gesetz.md"}


def test_a_collection_is_asked_alone_and_its_citation_leads_back(rag: RAG, news: Path) -> None:
    answer = rag.ask(QUESTION, filter={"collection": "news"})
    citation = answer.citations[0]
    assert (citation.path, citation.quote) == (".collections/news/hafen.md", PORT)
    text = rag.document(citation.path).text
    assert text == (news / "hafen.md").read_text("utf-8")
    assert text[citation.start : citation.end] == citation.quote
    assert answer.index_fingerprint.startswith("news:")


def test_which_are_asked_is_what_is_found(rag: RAG, corpus: Path) -> None:
    articles = {path.name for path in corpus.iterdir()}
    own = {rag.uploads.add("Plan.md", f"# Plan\n\n{PORT}\n".encode()).path}
    assert found(rag, "articles") == articles
    assert found(rag, "news") == NEWS
    assert found(rag, "news,laws") == found(rag, " laws, news,news") == NEWS | LAWS
    assert found(rag, "articles,laws") == articles | LAWS
    assert found(rag, "laws,uploads") == LAWS | own
    # An uploaded file contains the same sentence, which is shown only once.
    assert found(rag, "all") | own == found(rag, "all,news") | own == articles | NEWS | LAWS | own
    assert rag.search("Hafen", filter=Filter(collection="news", paths=frozenset({".collections/news/kran.md"})))[0].path


def test_own_files_stay_their_owners(rag: RAG) -> None:
    mine = Owner.of("m" * 43)
    path = rag.owned_uploads.get(mine).add("Plan.md", b"# Plan\n\nDer geheime Plan kostet 7 Euro.\n").path
    assert path in found(rag, "all", "geheimer Plan", owner=mine)
    assert path in found(rag, "news,uploads", "geheimer Plan", owner=mine)
    assert path not in found(rag, "all", "geheimer Plan")
    assert found(rag, "news,uploads", "geheimer Plan") == NEWS


@pytest.mark.parametrize("collection", ["nes", "news,nes", "../news", "News"])
def test_an_unknown_one_is_refused_with_those_there_are(rag: RAG, collection: str) -> None:
    with pytest.raises(
        RagError, match=r"There is no collection \S+ It is one of articles, uploads, all, laws, news\.$"
    ):
        rag.ask(QUESTION, filter={"collection": collection})


@pytest.mark.parametrize("collection", ["", "news,", ",", "x," * 600])
def test_an_empty_name_is_refused(rag: RAG, collection: str) -> None:
    with pytest.raises(RagError):
        rag.search(QUESTION, filter={"collection": collection})


def test_what_is_remembered_of_one_is_not_taken_for_anothers(rag: RAG, news: Path, tmp_path: Path) -> None:
    shutil.copytree(news, tmp_path / "copy")
    rag.sync(collection="copy", corpus=tmp_path / "copy")
    for _ in range(2):  # the second answer comes from memory
        for name in ("news", "copy"):
            answer = rag.ask(QUESTION, filter={"collection": name})
            assert {one.path for one in answer.citations} == {f".collections/{name}/hafen.md"}
    both = rag.ask(QUESTION, filter={"collection": "news,copy"}).citations[0]
    assert {both.path, *both.also} == {".collections/news/hafen.md", ".collections/copy/hafen.md"}


def test_a_change_is_in_the_next_answer_and_not_in_one_under_way(rag: RAG, news: Path) -> None:
    before = rag._view(("news",)).index
    together = rag._view(("laws", "news")).index
    assert rag._view(("laws", "news")).index is together
    fill(news, hafen=PORT.replace("12", "15"))
    other = build(rag.settings.corpus, rag.settings.index)
    other.sync(collection="news")  # as another process would
    assert "15 Millionen" in rag.document(".collections/news/hafen.md").text
    assert "15 Millionen" in rag.search("Hafen", filter={"collection": "laws,news"})[0].text
    assert "12 Millionen" in before.documents[".collections/news/hafen.md"].text
    assert "12 Millionen" in together.documents[".collections/news/hafen.md"].text


def test_all_are_listed_with_what_they_hold(rag: RAG, corpus: Path, news: Path) -> None:
    assert (rag.collections()[0].name, rag.collections()[0].standing) == ("articles", "not ready")
    rag.sync()
    states = {one.name: one for one in rag.collections()}
    assert list(states) == ["articles", "laws", "news"]
    assert rag.collection_names() == ("laws", "news")
    assert (states["news"].folder, states["news"].documents, states["news"].generation) == (news.resolve(), 2, 1)
    assert states["articles"].folder == corpus
    assert json.loads(json.dumps([one.to_json() for one in states.values()]))[2]["passages"] == states["news"].passages


def test_removing_leaves_the_articles_and_the_others(rag: RAG, news: Path) -> None:
    assert found(rag, "news,laws") == NEWS | LAWS
    rag.remove_collection("news")
    assert found(rag, "laws") == LAWS
    assert (news / "hafen.md").is_file()
    for refused in (lambda: found(rag, "news"), lambda: rag.remove_collection("news")):
        with pytest.raises(CorpusError, match="no collection news"):
            refused()
    with pytest.raises(CorpusError, match="no document"):
        rag.document(".collections/news/hafen.md")
    for name in ("articles", "uploads", "all"):
        with pytest.raises(CorpusError, match="meaning of its own"):
            rag.remove_collection(name)


def test_a_folder_that_cannot_be_used_makes_no_collection(rag: RAG, tmp_path: Path, news: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.pdf").write_bytes(b"none")
    inside = fill(rag.settings.uploads_folder / "files", x=PORT)
    for folder in (tmp_path / "none", tmp_path / "bad", rag.settings.index, inside):
        with pytest.raises(RagError):
            rag.sync(collection="more", corpus=folder)
        with pytest.raises(RagError):
            rag.sync(collection="news", corpus=folder)
    assert rag.collection_names() == ("laws", "news")
    assert {one.name: one.folder for one in rag.collections()}["news"] == news.resolve()
    assert found(rag, "news") == NEWS
    with pytest.raises(CorpusError, match="no collection more"):
        rag.sync(collection="more")
    with pytest.raises(RagError, match="a setting"):
        rag.sync(corpus=news)


def test_a_killed_first_build_is_listed_as_not_ready_and_harms_nothing(rag: RAG, tmp_path: Path) -> None:
    folder = fill(tmp_path / "more", a="Der Turm von Auheim ist 80 Meter hoch.")
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.rag.building import build\n"
        "from tests.rag.fakes import HashingEmbedder\n"
        "class Killed(HashingEmbedder):\n"
        "    def embed_passages(self, texts): os._exit(9)\n"
        "corpus, index, folder = map(Path, sys.argv[1:])\n"
        "build(corpus, index, embedder=Killed()).sync(collection='more', corpus=folder)\n"
    )
    words = [sys.executable, "-c", code, str(rag.settings.corpus), str(rag.settings.index), str(folder)]
    assert subprocess.run(words, check=False).returncode == 9
    assert {one.name: one.standing for one in rag.collections()}["more"] == "not ready"
    assert rag.collection_names() == ("laws", "news")
    with pytest.raises(IndexMissingError, match=r"not ready.*rag index --collection more"):
        found(rag, "more")
    assert found(rag, "all") >= NEWS | LAWS
    rag.sync(collection="more")
    assert found(rag, "more") == {".collections/more/a.md"}


def test_a_damaged_one_is_said_with_what_helps_and_the_others_answer(rag: RAG) -> None:
    manifest = rag.settings.index / "collections" / "news" / MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-9])
    with pytest.raises(IndexDamagedError, match=r"collections/news/manifest.json .*rag index --collection news`"):
        found(rag, "news")
    assert {one.name: one.standing for one in rag.collections()}["news"] == "damaged"
    assert found(rag, "laws") == LAWS
    rag.sync(collection="news")
    assert found(rag, "news") == NEWS


def test_another_embedding_model_is_said_with_the_command_that_helps(rag: RAG) -> None:
    other = build(rag.settings.corpus, rag.settings.index, embedder=HashingEmbedder("other"))
    for ask in (lambda: found(other, "news"), lambda: other.sync(collection="news")):
        with pytest.raises(IndexMismatchError, match="rag index --collection news --rebuild`"):
            ask()
    other.sync(collection="news", rebuild=True)
    assert found(other, "news") == NEWS


def test_a_collection_that_is_written_just_now_is_not_removed(rag: RAG) -> None:
    one = rag.named_collections.registry.get("news")
    with FileLock(one.index_dir / LOCK), pytest.raises(RagError, match="Another process is writing"):
        rag.remove_collection("news")
    assert found(rag, "news") == NEWS


def test_an_answer_is_checked_against_the_files(rag: RAG, news: Path) -> None:
    answer = rag.ask(QUESTION, filter={"collection": "news,laws"})
    for kept in (json.dumps(answer.to_json()).encode(), rag.receipt(answer).encode()):
        assert check(read(kept), Files(rag.settings)).verdict == "holds"
    fill(news, hafen="Der Hafen ist geschlossen.")
    changed = check(read(kept), Files(rag.settings))
    assert (changed.verdict, changed.files) == ("broken", {".collections/news/hafen.md": "changed"})
    rag.remove_collection("news")
    gone = check(read(kept), Files(rag.settings))
    assert (gone.verdict, gone.findings[0].what) == (
        "unknown",
        ".collections/news/hafen.md: there is no such collection",
    )


def test_many_ask_while_a_collection_changes(rag: RAG, news: Path) -> None:
    wrong: list[object] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                paths = found(rag, "news,laws,articles", "Hafen Auheim Gesetz")
                wrong.extend({*NEWS, *LAWS} - paths)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    other = build(rag.settings.corpus, rag.settings.index)
    for number in range(4):
        fill(news, kran=f"Der Kran von Auheim ist {number} Meter hoch.")
        other.sync(collection="news")
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
