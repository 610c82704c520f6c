"""Limits are defined in one place, are documented, and apply when a question arrives and again before the prompt."""

from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.limits
import rag.limits
import ui.limits
from index.errors import QuestionError, RagError
from index.reading.documents import parse
from rag import prompts
from rag.query.condense import condense, longest_standalone
from rag.query.decompose import decompose
from rag.query.filters import read_filter
from rag.settings import load_settings
from rag.types import EvidenceSentence, Filter, Query
from tests import limits_page
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

HOSTILE = [
    "a" * 60_000,
    "Ab " * 20_000,
    "Huawei" * 9_000,
    "Ab, " * 9_000,
    "(" * 60_000,
    "ä\u0301\u0316" * 20_000,
    "\n" * 60_000 + "a",
]


def test_the_page_is_what_the_code_says() -> None:
    assert limits_page.PAGE.read_text(encoding="utf-8") == limits_page.page(), "run python -m tests.limits_page"


@pytest.mark.parametrize(
    ("module", "limits"),
    [
        (ui.limits, ui.limits.LIMITS),
        (index.limits, index.limits.LIMITS),
        (
            rag.limits,
            (
                *rag.limits.DOOR,
                *rag.limits.MADE,
                *rag.limits.PROMPT,
                *rag.limits.RECEIPT,
                *rag.limits.ASSISTANTS,
                *rag.limits.ADDING,
            ),
        ),
    ],
)
def test_each_limit_is_in_the_table_once(module: ModuleType, limits: Any) -> None:
    constants = {name for name, value in vars(module).items() if isinstance(value, int) and name.isupper()}
    named = [one.name for one in limits]
    imported = {"LONGEST_WORD"} if module is rag.limits else set()
    assert sorted(named) == sorted(constants - imported)
    assert all(one.value == getattr(module, one.name) for one in limits)


@pytest.mark.parametrize("said", HOSTILE)
@pytest.mark.parametrize("asked", ["Und wann?", "Wer hat das gemeldet?", "Und warum, und welche?"])
def test_no_history_makes_a_question_longer_than_two(said: str, asked: str) -> None:
    for turns in ([(said, said)], [(said, said)] * 50, [("Wer baut Chips?", said)], [(said, "Huawei.")] * 3):
        query = condense(asked, turns, max_chars=1000)
        assert query.standalone != asked
        for one in (query, *decompose(query)):
            assert len(one.standalone) <= longest_standalone(1000)
        assert len(query.history) <= rag.limits.HISTORY_TURNS
        for question, answer in query.history:
            assert len(question) <= 1000
            assert len(answer) <= rag.limits.LONGEST_EARLIER_ANSWER


@given(st.lists(st.tuples(st.text(max_size=300), st.text(max_size=300)), max_size=5), st.integers(50, 120))
def test_a_follow_up_is_never_longer_than_two_questions(turns: list[tuple[str, str]], most: int) -> None:
    query = condense("Und wann ist sie gebaut worden?", turns, max_chars=most)
    assert len(query.standalone) <= longest_standalone(most)
    assert query.standalone.endswith("Und wann ist sie gebaut worden?")


@pytest.mark.parametrize("said", HOSTILE)
def test_what_goes_into_the_prompt_is_bounded_again(said: str) -> None:
    # Queries that were not checked on arrival.
    evidence = [EvidenceSentence("a.md", place, place + 5, said, "T", 0.5) for place in range(0, 500, 10)]
    for query in (
        Query(said, said, "de"),
        Query(said, f"{said} {said}", "de", ((said, said),)),
        Query("Und wann?", f"{said} Und wann?", "de", ((said, said),)),
    ):
        page = prompts.prefix(query, evidence)
        most = rag.limits.PROMPT_QUESTION + rag.limits.PROMPT_EARLIER_QUESTION + rag.limits.PROMPT_EARLIER_ANSWER
        assert sum(len(message.content) for message in page) <= most + rag.limits.PROMPT_TEXT + 2_000
    assert len(prompts.translation([said] * 5, "de")[1].content) <= rag.limits.PROMPT_TEXT + 20


def test_the_beginning_of_an_earlier_question_is_kept() -> None:
    earlier = "Was kostet der Chip von Huawei? " * 30
    said = prompts.prefix(Query("Und wann?", "Was? Und wann?", "de", ((earlier, "49 Euro."),)), ())[1].content
    line = next(line for line in said.splitlines() if line.startswith("Vorherige Frage: "))
    assert line.startswith("Vorherige Frage: Was kostet der Chip von Huawei? ")
    assert len(line) <= len("Vorherige Frage: ") + rag.limits.PROMPT_EARLIER_QUESTION


def test_what_is_asked_is_refused_beyond_its_limit(corpus: Any, index_dir: Any) -> None:
    rag_ = build(corpus, index_dir)
    long = "Wer? " * 250
    with pytest.raises(QuestionError, match="more than 1000"):
        rag_.ask(long)
    with pytest.raises(QuestionError, match="more than 2000"):
        rag_.search(long * 2)
    assert rag_.search(long, k=1)  # a search may be as long as a rewritten follow-up
    with pytest.raises(RagError, match="from 1 to 100"):
        rag_.ask("Wer?", k=rag.limits.MOST_PASSAGES + 1)
    with pytest.raises(RagError, match="more than 1000"):
        rag_.ask("Wer?", filter={"source": "a" * 1001})
    with pytest.raises(RagError, match="max_question_chars"):
        load_settings(max_question_chars=rag.limits.HIGHEST_LONGEST_QUESTION + 1)


def test_a_filter_made_by_hand_is_bounded_too() -> None:
    with pytest.raises(RagError, match="more than 1000"):
        read_filter(Filter(source="ä" * 1001))
    assert read_filter(Filter(source="ä" * 1000)) == Filter(source="ä" * 1000)


def test_a_model_that_goes_on_for_ever_is_stopped(corpus: Any, index_dir: Any) -> None:
    engine = ScriptedEngine(says=lambda _: itertools.repeat("Yuan "))
    rag_ = build(corpus, index_dir, engine)
    assert rag_.ask("Wie viel Geld will Cambricon aufnehmen?").citations
    assert engine.closed.wait(10)


@pytest.mark.parametrize("long", ["a" * 10_000, "Wort " * 2_000, "ä" * 10_000])
def test_a_title_is_cut_where_it_is_read(long: str) -> None:
    text = f'---\ntitle: "{long}"\nsource: "{long}"\n---\n\nDer Chip kostet 49 Euro.\n'
    metadata = parse(text.encode(), "a.md").metadata
    assert 0 < len(metadata.title) <= index.limits.LONGEST_TITLE
    assert 0 < len(metadata.source) <= index.limits.LONGEST_TITLE
    assert long.startswith(metadata.title)
    short = parse(b'---\ntitle: "Ein Titel, wie es ihn gibt"\n---\n\nText.\n', "a.md").metadata.title
    assert short == "Ein Titel, wie es ihn gibt"
