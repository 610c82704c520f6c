"""Small talk: the right line, a description of the articles, three questions and no citation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.language import detect
from rag.kinds.classifier import fits
from rag.talk import occasions, prepare, reply
from rag.talk.occasions import CHAT, nearness, occasion_of, save, sentences
from tests.rag.exploring.articles import BUSES, article, index_of, opened

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.reader import Index

SAID = [
    ("Danke dir!", "thanks"),
    ("Hallo, guten Tag!", "greeting"),
    ("Tschüss, bis bald!", "farewell"),
    ("Was kannst du?", "abilities"),
    ("Was kann ich hier fragen?", "abilities"),
    ("Wer bist du denn?", "identity"),
    ("Bist du ein Mensch?", "human"),
    ("Du bist dumm!", "blame"),
    ("Thank you very much!", "thanks"),
    ("What can you do for me?", "abilities"),
    ("Who are you?", "identity"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(opened(tmp_path_factory.mktemp("buses"), BUSES))


@pytest.mark.parametrize(("said", "occasion"), SAID)
def test_the_form_alone_tells_what_is_plain(said: str, occasion: str) -> None:
    assert occasion_of(said).name == occasion


@pytest.mark.parametrize(("said", "occasion"), SAID)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_reply_has_a_line_what_the_articles_are_and_three_questions(
    index: Index, said: str, occasion: str, language: str
) -> None:
    said_back = reply(said, index, language=language)
    assert said_back.occasion == occasion
    assert [(one.support, one.status, one.wording, one.citations) for one in said_back.sentences] == [
        (1.0, "kept", "app", ())
    ] * 2
    assert "Elektrobusse" in said_back.text
    assert detect(said_back.sentences[0].text) == language
    assert len(set(said_back.following)) == 3
    assert all(detect(question) == language for question in said_back.following[:1])


def test_what_it_does_not_do_is_said_with_what_it_does(index: Index) -> None:
    for language, word in (("de", "Das kann ich nicht"), ("en", "That I cannot do")):
        refused = reply("Wie wird das Wetter?", index, kind="other", language=language)
        assert refused.occasion == "other"
        assert refused.sentences[0].text.startswith(word)
        assert len(refused.following) == 3


def test_who_asks_for_the_articles_gets_titles(index: Index) -> None:
    said = reply("Welche Artikel kennst du?", index)
    assert said.occasion == "articles"
    assert "„Lader für Elektrobusse“, „Die Stadt Ulm kauft Elektrobusse“ und „Neue Linie in Ulm“" in said.text


def test_known_questions_come_first_and_none_that_was_asked(index: Index) -> None:
    known = ["Wer liefert die Lader?", "Wann fährt die Linie 7?"]
    offered = reply("Danke!", index, known=known, asked=["wann fährt die linie 7?"]).following
    assert offered[0] == "Wer liefert die Lader?"
    assert len(offered) == 3
    assert "Wann fährt die Linie 7?" not in offered


def test_without_articles_and_with_one(tmp_path: Path) -> None:
    none = reply("Hallo!", index_of(opened(tmp_path / "none", {})))
    assert "Noch liegen hier keine Artikel." in none.text
    assert none.following == ()
    one = index_of(opened(tmp_path / "one", {"a.md": article("Ein Fund", "Im Moor lag ein Krug.")}))
    assert "„Ein Fund“" in reply("Hallo!", one).text
    assert reply("Hallo!", one).following


def test_what_is_like_nothing_gets_the_line_for_a_chat(index: Index) -> None:
    assert occasion_of("qwrtz xyzzy").name == CHAT
    assert reply("qwrtz xyzzy", index).occasion == CHAT


@given(st.text(max_size=80))
def test_no_words_break_it_and_nearness_stays_within_its_bounds(said: str) -> None:
    near = nearness(said)
    assert set(near) >= {"greeting", "thanks", CHAT}
    assert all(0 <= value <= 1.0001 for value in near.values())


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 384, 2048]))
def test_any_vector_is_taken_and_one_of_another_model_ignored(seed: int, dimension: int) -> None:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    near = nearness("Danke!", vector)
    assert all(0 <= value <= 1.0001 for value in near.values())
    if dimension != 384:
        assert near == nearness("Danke!")


def test_every_sentence_has_its_vector_and_one_added_counts_by_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, known = occasions._sentences()
    assert known.all(), "run `python -m training.talk`"
    vectors = {line: np.eye(1, 384, dtype=np.float32)[0] for line in list(sentences())[1:]}
    save(vectors, "a model", tmp_path / occasions.VECTORS)
    monkeypatch.setattr(occasions.resources, "files", lambda _: tmp_path)
    occasions._sentences.cache_clear()
    try:
        assert occasions._sentences()[-1].tolist() == [False] + [True] * len(vectors)
        assert occasion_of("Hallo!").name == "greeting"
    finally:
        monkeypatch.undo()
        occasions._sentences.cache_clear()


def test_nothing_is_made_of_the_index_once_it_is_prepared(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(index)
    monkeypatch.setattr("rag.exploring.about._topics", None)
    monkeypatch.setattr("rag.exploring.examples._examples", None)
    assert reply("Hallo!", index).following


@pytest.mark.models
def test_what_is_said_is_told_by_the_real_vectors() -> None:
    from rag.inference.embedding.factory import create_embedder
    from rag.inference.weights import resolve_embedding
    from rag.settings import Settings

    settings = Settings()
    embedder = create_embedder(resolve_embedding(settings.embedding_model, download=False), settings)
    assert fits(embedder.fingerprint)
    for said, occasion in SAID:
        assert occasion_of(said, embedder.embed_query(said)).name == occasion
    # The vectors that come with the package were made with this model.
    with np.load(str(occasions.resources.files("rag.talk").joinpath(occasions.VECTORS))) as stored:
        assert fits(str(stored["model"]))
        line, vector = str(stored["sentences"][0]), stored["vectors"][0].astype(np.float32)
    assert float(vector @ embedder.embed_query(line)) > 0.99
