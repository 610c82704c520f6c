"""The classifier of kinds: its questions, features and weights, and its guesses without the model."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.kinds import KINDS, Kind, classify, fits
from rag.kinds.classifier import Weights, centred, installed
from rag.kinds.features import COLUMNS, columns
from rag.kinds.frames import Labelled, filled, labelled, written

CHECK = Path(__file__).resolve().parents[2] / "data" / "kinds_check.jsonl"
QUESTIONS = written()
FRAMES = filled()


def check() -> list[Labelled]:
    return labelled(json.loads(line) for line in CHECK.read_text(encoding="utf-8").splitlines())


def form(question: str) -> str:
    return " ".join(question.casefold().split())


def test_the_kinds_are_those_of_the_contract() -> None:
    assert get_args(Kind) == KINDS
    assert len(KINDS) == 9


# questions


def test_there_are_enough_questions_of_every_kind() -> None:
    counts = Counter(one.kind for one in QUESTIONS)
    assert len(QUESTIONS) >= 600
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 60


def test_no_question_stands_twice() -> None:
    for questions in (QUESTIONS, check()):
        assert len({form(one.question) for one in questions}) == len(questions)


def test_the_check_set_is_not_trained_on() -> None:
    trained = {form(one.question) for one in (*QUESTIONS, *FRAMES)}
    assert [one.question for one in check() if form(one.question) in trained] == []
    assert len(check()) >= 150
    assert min(Counter(one.kind for one in check()).values()) >= 10
    assert {one.kind for one in check()} == set(KINDS)


def test_about_seven_tenths_are_german() -> None:
    lines = Path(CHECK).read_text(encoding="utf-8").splitlines()
    share = sum(json.loads(line)["lang"] == "de" for line in lines) / len(lines)
    assert 0.6 <= share <= 0.8


def test_frames_are_filled_the_same_way_every_time() -> None:
    assert filled(2) == filled(2)
    assert filled(2) != filled(2, seed=1)
    assert len({one.question for one in FRAMES}) == len(FRAMES)
    assert not any("{" in one.question for one in FRAMES)


# features


@given(st.text())
def test_columns_are_distinct_and_in_range(question: str) -> None:
    found = columns(question, frozenset({"wie"}))
    assert list(found) == sorted(set(found))
    assert all(0 <= column < COLUMNS for column in found)


def test_only_the_form_of_a_rare_word_counts_in_runs_of_words() -> None:
    frequent = frozenset("wie hoch ist der ?".split())
    tower, dam = (set(columns(f"Wie hoch ist der {word}?", frequent)) for word in ("Turmbau", "Strombau"))
    verb = set(columns("Wie hoch ist der gebaut?", frequent))
    assert len(tower & dam) > len(tower & verb)


# guesses


def weights(**changes: object) -> Weights:
    """Return weights with two columns of the vector that count for the first and the second kind."""
    vector = np.zeros((len(KINDS), 2), dtype=np.float32)
    vector[0, 0] = vector[1, 1] = 2
    nothing = np.zeros((len(KINDS), COLUMNS), dtype=np.float32)
    bias = np.zeros(len(KINDS), dtype=np.float32)
    given = {
        "model": "m",
        "frequent": frozenset(),
        "mean": np.zeros(2, dtype=np.float32),
        "vector": vector,
        "form": nothing,
        "bias": bias,
        "form_alone": nothing,
        "bias_alone": bias,
        "sharpness": 1.0,
        "sharpness_alone": 1.0,
    }
    return Weights(**given | changes)  # type: ignore[arg-type]


def test_a_guess_is_the_likeliest_kind_with_its_probability_and_the_next() -> None:
    guess = classify("x", np.array([0.8, 0.6], dtype=np.float32), weights=weights())
    assert (guess.kind, guess.second) == ("fact", "yes_no")
    scores = np.exp([1.6, 1.2, 0, 0, 0, 0, 0, 0, 0])
    assert guess.probability == pytest.approx(scores[0] / scores.sum())


def test_sharpness_changes_the_probability_and_not_the_kind() -> None:
    vector = np.array([0.8, 0.6], dtype=np.float32)
    dull, keen = (classify("x", vector, weights=weights(sharpness=value)) for value in (0.5, 3.0))
    assert dull.kind == keen.kind
    assert dull.probability < keen.probability


def test_a_vector_of_another_model_is_left_out() -> None:
    bias = np.zeros(len(KINDS), dtype=np.float32)
    bias[3] = 1
    made = weights(bias_alone=bias)
    assert classify("x", np.ones(3, dtype=np.float32), weights=made).kind == "list"
    assert classify("x", weights=made).kind == "list"
    assert classify("x", np.array([1, 0], dtype=np.float32), weights=made).kind == "fact"


def test_vectors_are_centred_to_length_one_and_none_is_divided_by_zero() -> None:
    mean = np.array([1.0, 1.0], dtype=np.float32)
    moved = centred(np.array([[4.0, 5.0], [1.0, 1.0]], dtype=np.float32), mean)
    assert moved == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    installed().save(file)
    with np.load(file) as stored:
        assert stored["vector"].shape == (len(KINDS), 384)
        assert stored["form"].shape == (len(KINDS), COLUMNS)
        assert np.array_equal(stored["form"].astype(np.float32), installed().form)


def test_the_weights_say_which_model_they_are_for() -> None:
    assert fits("multilingual-e5-small@1571fc982750+0b44a9d7b51c/int8")
    assert not fits("other-model@1")


def test_form_alone_is_right_on_most_of_the_questions_never_trained_on() -> None:
    right = [classify(one.question).kind == one.kind for one in check()]
    assert np.mean(right) >= 0.8


@given(st.text(max_size=300))
def test_anything_has_a_kind(question: str) -> None:
    guess = classify(question)
    assert guess.kind in KINDS
    assert guess.second in KINDS
    assert guess.kind != guess.second
    assert 1 / len(KINDS) <= guess.probability <= 1


@pytest.mark.models
def test_the_kind_is_right_on_questions_never_trained_on() -> None:
    from rag.inference.embedding.factory import create_embedder
    from rag.inference.weights import resolve_embedding
    from rag.settings import Settings

    settings = Settings()
    embedder = create_embedder(resolve_embedding(settings.embedding_model, download=False), settings)
    assert fits(embedder.fingerprint)
    right = [classify(one.question, embedder.embed_query(one.question)).kind == one.kind for one in check()]
    assert np.mean(right) >= 0.93
