"""The registry of named collections: their names and folders. A change is saved completely or not at all."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.collections import registry as registries
from index.collections.registry import FILE, Registry, is_name
from index.errors import CorpusError, IndexDamagedError, RagError
from index.limits import MOST_COLLECTIONS
from index.syncing.sync import sync
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "hafen.md").write_text("# Hafen\n\nDer Hafen von Auheim kostet 12 Millionen Euro.\n", encoding="utf-8")
    return folder


@pytest.fixture
def registry(index_dir: Path) -> Registry:
    return Registry(index_dir)


def test_what_is_kept_is_found_again(registry: Registry, index_dir: Path, news: Path) -> None:
    assert registry.all() == ()
    made = registry.put("news", news)
    assert (made.name, made.folder, made.prefix) == ("news", news.resolve(), ".collections/news/")
    assert made.index_dir == index_dir / "collections" / "news"
    assert registry.all() == Registry(index_dir).all() == (made,)
    assert registry.find(".collections/news/a/b.md") == (made, "a/b.md")
    assert registry.find(".collections/none/b.md") is None
    assert registry.find("news/b.md") is None


@pytest.mark.parametrize(
    "name", ["", "articles", "uploads", "all", "News", "a b", "../x", "a/b", ".x", "-x", "ä", "a,b", "nul", "x" * 41]
)
def test_a_name_that_cannot_be_used_is_refused_in_one_line(registry: Registry, news: Path, name: str) -> None:
    with pytest.raises(CorpusError) as caught:
        registry.put(name, news)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert registry.all() == ()


@given(st.text(max_size=50))
def test_a_name_is_one_folder_below_the_index(name: str) -> None:
    if is_name(name):
        assert name == name.strip().casefold()
        assert not set(name) & set("/\\., \x00")


def test_a_folder_that_is_not_there_or_is_part_of_an_index_is_refused(
    registry: Registry, index_dir: Path, news: Path, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match="There is no folder"):
        registry.put("news", tmp_path / "none")
    registry.put("news", news)
    sync(news, tmp_path / "other", HashingEmbedder())
    (tmp_path / "other" / "texts").mkdir()
    (index_dir / "texts").mkdir()
    for folder in (index_dir, index_dir / "texts", tmp_path / "other", tmp_path / "other" / "texts"):
        with pytest.raises(CorpusError, match="part of the index"):
            registry.put("more", folder)
    assert [one.name for one in registry.all()] == ["news"]


def test_an_unknown_collection_is_refused_with_those_there_are(registry: Registry, news: Path) -> None:
    registry.put("news", news)
    with pytest.raises(CorpusError, match=r"no collection laws\. It is one of articles, uploads, all, news\.$"):
        registry.get("laws")
    with pytest.raises(CorpusError, match="no collection laws"):
        registry.remove("laws")


def test_there_are_never_too_many(registry: Registry, news: Path) -> None:
    for number in range(MOST_COLLECTIONS):
        registry.put(f"c{number}", news)
    with pytest.raises(CorpusError, match="already"):
        registry.put("more", news)
    registry.put("c0", news)  # an existing collection can still be changed


def test_removing_deletes_the_index_and_leaves_the_articles(registry: Registry, news: Path) -> None:
    one = registry.put("news", news)
    sync(news, one.index_dir, HashingEmbedder())
    before = {file: file.read_bytes() for file in news.iterdir()}
    assert one.is_ready
    registry.remove("news")
    assert registry.all() == ()
    assert not one.index_dir.exists()
    assert {file: file.read_bytes() for file in news.iterdir()} == before


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"format": 1}', '{"format": 2, "collections": {}}', '{"format": 1, "collections": []}',
        '{"format": 1, "collections": {"../x": "/a"}}', '{"format": 1, "collections": {"x": "a"}}',
        '{"format": 1, "collections": {"x": 1}}', '{"format": 1, "collections": {"all": "/a"}}',
    ],
)  # fmt: skip
def test_a_file_that_was_not_written_here_is_said_in_one_line(registry: Registry, index_dir: Path, text: str) -> None:
    index_dir.mkdir(parents=True, exist_ok=True)
    (index_dir / FILE).write_text(text)
    with pytest.raises(IndexDamagedError) as caught:
        registry.all()
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_write_that_fails_leaves_what_was_there(
    registry: Registry, index_dir: Path, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.put("news", news)
    before = (index_dir / FILE).read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(registries, "replace_atomically", fail)
    with pytest.raises(RagError, match="no space"):
        registry.put("laws", news)
    assert (index_dir / FILE).read_bytes() == before
    assert json.loads(before)["collections"] == {"news": str(news.resolve())}


def test_many_who_change_it_at_once_lose_nothing(index_dir: Path, news: Path) -> None:
    names = [f"c{number}" for number in range(8)]
    threads = [threading.Thread(target=Registry(index_dir).put, args=(name, news)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.name for one in Registry(index_dir).all()] == names
