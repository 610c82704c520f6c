"""Settings are grouped by stage; each keeps one name as an argument, an attribute and a variable."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RagError
from rag import Settings
from rag.settings import load_settings
from rag.settings.settings import groups, places, single

# The settings before they were grouped by stage: their names, each with a valid value.
BEFORE: dict[str, Any] = {
    "corpus": Path("c"),
    "index": Path("i"),
    "json_files": "on",
    "ocr": "deu",
    "uploads": Path("u"),
    "upload_files": 1,
    "upload_file_megabytes": 2,
    "upload_total_megabytes": 3,
    "upload_owners": 4,
    "upload_owners_megabytes": 5,
    "upload_days": 6,
    "embedding_model": "m",
    "embedding_api_key": "k",
    "embedding_api_model": "n",
    "embedding_query_prefix": "q",
    "embedding_passage_prefix": "p",
    "llm": "l",
    "llm_api_key": "g",
    "llm_api_model": "o",
    "threads": 7,
    "device": "gpu",
    "passages": 8,
    "evidence_tokens": 90,
    "max_answer_tokens": 10,
    "max_question_chars": 110,
    "strictness": 0.12,
    "rewriter": "a",
    "splitter": "a",
    "retriever": "b",
    "selector": "c",
    "gate": "d",
    "generator": "e",
    "verifier": "f",
    "presenter": "g",
    "translator": "h",
    "max_waiting": 13,
    "remembered_answers": 14,
    "feedback": False,
    "feedback_file": Path("f"),
    "feedback_bytes": 15_000,
}


def test_each_earlier_name_is_an_argument_and_an_attribute() -> None:
    made = Settings(**BEFORE)
    assert {name: getattr(made, name) for name in BEFORE} == BEFORE
    assert BEFORE.keys() <= {*places(), *single()}
    for name, (stage, own) in places().items():
        assert getattr(getattr(made, stage), own) == getattr(made, name)
    with pytest.raises(AttributeError):
        made.no_such_setting  # type: ignore[attr-defined]  # noqa: B018


def test_each_earlier_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BEFORE.items():
        monkeypatch.setenv(f"RAG_{name.upper()}", str(value))
    assert Settings() == Settings(**BEFORE)


def test_a_stage_can_be_given_as_a_whole_and_an_argument_counts_more_than_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAG_LLM", "from the environment")
    monkeypatch.setenv("RAG_LLM_API_KEY", "secret")
    given = Settings(generation={"model": "given"})
    assert (given.generation.model, given.generation.api_key) == ("given", "secret")
    assert Settings(llm="given").generation == given.generation
    assert Settings(generation={"llm": "given"}).generation == given.generation
    assert Settings(generation=groups()["generation"](model="given")).generation.model == "given"
    assert Settings(generation={"model": "whole"}, llm="single").generation.model == "single"


def test_a_copy_is_changed_by_any_name() -> None:
    made = Settings(llm="a", llm_api_key="k")
    for update in ({"llm": "b"}, {"generation": {"model": "b"}}):
        copy = made.model_copy(update={**update, "corpus": Path("d")})
        assert (copy.llm, copy.generation.model, copy.generation.api_key, copy.corpus) == ("b", "b", "k", Path("d"))  # type: ignore[attr-defined]
    assert made.generation.model == "a"
    assert made.model_copy() == made


@given(st.dictionaries(st.sampled_from(sorted(BEFORE.keys() - {"index"})), st.none()))
def test_by_their_names_or_by_stage_settings_are_the_same(chosen: dict[str, None]) -> None:
    flat = {name: BEFORE[name] for name in chosen}
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        if name in places():
            stage, own = places()[name]
            nested.setdefault(stage, {})[own] = value
        else:
            nested[name] = value
    assert Settings(**flat) == Settings(**nested)
    assert Settings(**flat).fingerprint() == Settings(**nested).fingerprint()


def test_the_digest_of_what_changes_answers_is_as_before() -> None:
    """With another digest, evaluations would not reuse the answers that they keep."""
    assert Settings().fingerprint() == "9deb9ae66e49"
    changed = {"llm": "x", "retriever": "first", "strictness": 0.3, "device": "gpu"}
    assert Settings(**changed, threads=3, ocr="deu", store="numpy").fingerprint() == "0f0bc511e9fd"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"strictness": 2},
            r"The setting strictness cannot be 2: .*\. Change the option or the variable RAG_STRICTNESS",
        ),
        ({"llm": 5}, "The setting llm cannot be 5: .* RAG_LLM"),
        ({"generation": {"model": 5}}, "The setting llm cannot be 5: .* RAG_LLM"),
        ({"upload_files": -1}, "The setting upload_files cannot be -1"),
        ({"strictnes": 0.5}, "The setting strictnes cannot be 0.5: Extra inputs are not permitted"),
        ({"retrieval": {"strictness": 0.5}}, "The setting strictness cannot be 0.5: Extra inputs are not permitted"),
        ({"retrieval": 3}, "The setting retrieval cannot be 3"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_by_its_one_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RagError, match=said):
        load_settings(**given)


def test_a_variable_that_is_out_of_range_is_said_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_UPLOAD_DAYS", "-3")
    with pytest.raises(RagError, match="The setting upload_days cannot be '-3'.*RAG_UPLOAD_DAYS"):
        load_settings()


def test_a_variable_that_is_no_setting_is_said_once_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RAG_STRICKTNESS", "0.9")
    monkeypatch.setenv("RAG_UI_PASSWORD", "x")
    monkeypatch.setenv("RAG_SERVICE_HOST", "10.0.0.1")  # set by a cluster for a service named rag
    monkeypatch.setenv("RAG_PORT_7860_TCP", "tcp://10.0.0.1:7860")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert load_settings().answering.strictness == 0.6
    assert caplog.messages == [
        "RAG_STRICKTNESS is not a setting and has no effect; the most similar setting is RAG_STRICTNESS."
    ]


def test_a_name_that_would_move_the_cursor_is_escaped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RAG_LL\x1b[2JM", "x")
    with caplog.at_level(logging.WARNING):
        load_settings()
    assert "\x1b" not in caplog.text
    assert "RAG_LLM" in caplog.text


def test_every_setting_says_what_it_is() -> None:
    fields = [*single().values(), *(field for kind in groups().values() for field in kind.model_fields.values())]
    assert all((field.description or "").endswith(".") for field in fields)
    assert "secret" not in repr(Settings(llm_api_key="secret", embedding_api_key="secret"))
