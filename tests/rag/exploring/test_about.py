"""A description of the articles from the index alone: their number, dates, titles and topics."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.collections.union import prefixed, unite
from rag.exploring import about as module
from rag.exploring.about import NAMED, about_of
from rag.exploring.examples import examples_of
from rag.exploring.samples import Remembered, newest_first, spread
from tests.rag.exploring.articles import BUSES, article, index_of, opened

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    return opened(tmp_path_factory.mktemp("buses"), BUSES)


def test_articles_are_counted_dated_and_named_the_newest_first(rag: RAG) -> None:
    about = rag.about()
    assert about.articles == 3
    assert [one.path for one in about.named] == ["lader.md", "bus.md", "linie.md"]
    assert [one.date for one in about.named] == ["2025-05-01", "2025-03-02", ""]
    assert (about.first_date, about.last_date, about.dated, about.unnamed) == ("2025-03-02", "2025-05-01", 2, 0)
    # An addition in brackets does not make another source.
    assert about.sources == ("Südpresse",)


def test_topics_are_the_articles_own_words_and_none_says_the_same_as_another(rag: RAG) -> None:
    topics = rag.about().topics
    assert topics[0] == "Elektrobusse"
    assert "Ulm" in topics
    # Parts of a listed compound are left out, and so is an adjective that is capitalised only at a line's start.
    assert not {"Busse", "Bus", "Dieselbusse", "Neue"} & set(topics)


def test_it_is_json(rag: RAG) -> None:
    about = rag.about()
    read = json.loads(json.dumps(about.to_json(), ensure_ascii=False))
    assert read["articles"] == 3
    assert read["named"][0] == {
        "path": "lader.md",
        "title": "Lader für Elektrobusse",
        "date": "2025-05-01",
        "source": "Südpresse",
    }
    assert read["topics"] == list(about.topics)
    assert read["unnamed"] == 0


def test_a_large_collection_names_a_handful_and_counts_the_rest(tmp_path: Path) -> None:
    files = {f"{n:02}.md": article(f"Fund {n}", "Im Moor lag ein Krug.", date=f"2024-01-{n + 1:02}") for n in range(20)}
    about = opened(tmp_path, files).about()
    assert [one.title for one in about.named] == [f"Fund {n}" for n in range(19, 19 - NAMED, -1)]
    assert about.unnamed == 20 - NAMED


def test_no_articles_and_one_without_a_sentence(tmp_path: Path) -> None:
    assert opened(tmp_path / "none", {}).about().articles == 0
    one = opened(tmp_path / "one", {"a.md": "# Nur ein Titel\n"}).about()
    assert one.articles == 1
    assert one.named[0].title == "Nur ein Titel"


def test_it_is_made_once_a_generation(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    remembered = Remembered(lambda index: made.append(index.generation) or module._make(index))
    monkeypatch.setattr(module, "_REMEMBERED_ABOUT", remembered)
    index = index_of(rag)
    assert about_of(index) is about_of(index)
    about_of(replace(index, generation=index.generation + 1))
    assert made == [index.generation, index.generation + 1]


def test_how_much_is_read_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    lines = module._informative_lines
    monkeypatch.setattr(module, "_MOST_READ", 5)
    monkeypatch.setattr(module, "_informative_lines", lambda index, one: read.append(one.path) or lines(index, one))
    rag = opened(tmp_path, {f"{n:02}.md": article(f"Fund {n}", "Im Moor lag ein Krug.") for n in range(20)})
    assert rag.about().articles == 20
    assert read == ["00.md", "04.md", "08.md", "12.md", "16.md"]


@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
@settings(max_examples=60)
def test_a_part_is_bounded_in_order_and_begins_with_the_first(items: list[int], most: int) -> None:
    part = spread(items, most)
    assert len(part) == min(most, len(items))
    remaining = iter(items)
    assert all(one in remaining for one in part)
    assert list(part[:1]) == items[:1]


def test_dates_count_before_paths(rag: RAG) -> None:
    documents = index_of(rag).documents
    assert newest_first(reversed(list(documents.values()))) == newest_first(documents.values())


def test_articles_and_own_files_together_are_told_of_as_one(tmp_path: Path, rag: RAG) -> None:
    own = opened(tmp_path, {"brot.md": article("Brot aus Ulm", "Der Teig ruht lange. Brot braucht Zeit.")})
    both = unite(index_of(rag), prefixed(index_of(own), ".own/"))
    about = about_of(both)
    assert about.articles == 4
    assert {"Elektrobusse", "Ulm"} <= set(about.topics)
    assert about_of(index_of(rag)).articles == 3
    assert any(example.kind == "summary" for example in examples_of(both, "de"))


def test_a_name_is_not_listed_in_the_genitive(tmp_path: Path) -> None:
    files = {
        "a.md": article(
            "Der Kurs von Miele und Mieles Plan", "Miele baut ein Werk. Laut Miele hilft das Mieles Kunden."
        ),
        "b.md": article("Warum Mieles Werk wächst", "Der Umsatz von Miele steigt durch Mieles Plan für Mieles Werk."),
    }
    topics = opened(tmp_path, files).about().topics
    assert "Miele" in topics
    assert "Mieles" not in topics
