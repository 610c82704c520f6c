"""An answer as JSON: the complete form restores it exactly; the public form has fixed names and roundings."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, PageMark, Timings, UnreadPart
from rag.types.answers import ANSWERS
from ui.conversation.records import Record, read, record_of

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NUMBER = st.integers(0, 10**6)
_SHARE = st.floats(0, 1)
_PAIR = st.tuples(_NUMBER, _NUMBER)
_MARK = st.builds(PageMark, _NUMBER, _SHARE, _SHARE, _SHARE, _SHARE, _SHARE, _SHARE)
_CITATION = st.builds(
    Citation,
    _TEXT,
    _NUMBER,
    _NUMBER,
    _TEXT,
    _TEXT,
    _TEXT,
    st.none() | _NUMBER,
    _TEXT,
    st.none() | st.lists(_MARK, max_size=2).map(tuple),
    st.lists(_TEXT, max_size=2).map(tuple),
    st.booleans(),
)
_SENTENCE = st.builds(
    AnswerSentence,
    _TEXT,
    _SHARE,
    st.sampled_from(["kept", "marked", "withdrawn"]),
    st.lists(_NUMBER, max_size=2).map(tuple),
    st.sampled_from(["source", "model", "app"]),
    st.lists(_PAIR, max_size=2).map(tuple),
    st.sampled_from(["answer", "context"]),
    _TEXT,
)
_ANSWER = st.builds(
    Answer,
    _TEXT,
    _TEXT,
    _TEXT,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["de", "en"]),
    st.lists(_SENTENCE, max_size=3).map(tuple),
    st.lists(_CITATION, max_size=3).map(tuple),
    st.lists(st.builds(EvidenceSentence, _TEXT, _NUMBER, _NUMBER, _TEXT, _TEXT, _SHARE), max_size=3).map(tuple),
    st.builds(Timings, _SHARE, st.none() | _SHARE, _SHARE),
    st.dictionaries(_TEXT, _TEXT, max_size=2),
    _TEXT,
    st.lists(_TEXT, max_size=2).map(tuple),
    st.lists(st.builds(UnreadPart, _TEXT, _TEXT), max_size=2).map(tuple),
    st.sampled_from(["fact", "list", "talk"]),
    st.none() | _PAIR,
    st.lists(_TEXT, max_size=2).map(tuple),
    st.just(()),
    st.none() | _SHARE,
)


def in_contract(answer: Answer) -> Answer:
    """Return an answer with the roundings of the public form."""
    times = answer.timings
    first = times.first_token_ms
    return replace(
        answer,
        sentences=tuple(replace(one, support=round(one.support, 4)) for one in answer.sentences),
        evidence=tuple(replace(one, score=round(one.score, 6)) for one in answer.evidence),
        timings=Timings(
            round(times.first_evidence_ms, 1), None if first is None else round(first, 1), round(times.total_ms, 1)
        ),
        confidence=None if answer.confidence is None else round(answer.confidence, 4),
    )


@given(_ANSWER)
def test_whole_it_comes_back_as_it_was(answer: Answer) -> None:
    assert ANSWERS.validate_json(ANSWERS.dump_json(answer)) == answer


@given(_ANSWER)
def test_what_others_get_comes_back_but_for_roundings_and_titles_of_evidence(answer: Answer) -> None:
    data = json.loads(json.dumps(answer.to_json()))
    for kept, one in zip(data["evidence"], answer.evidence, strict=True):
        kept["title"] = one.title
    assert ANSWERS.validate_python(data) == in_contract(answer)


@given(_ANSWER)
def test_what_the_page_keeps_is_drawn_as_the_answer_was(answer: Answer) -> None:
    kept = read(Record, json.dumps(record_of("F", "done", answer))).restored()
    assert kept is not None
    expected = in_contract(answer)
    assert kept == replace(
        expected,
        # The page does not keep rectangles and confidence, and the program's own words have no citations.
        confidence=None,
        citations=tuple(replace(one, rectangles=None) for one in expected.citations),
        sentences=tuple(
            replace(one, citations=() if one.wording == "app" else one.citations) for one in expected.sentences
        ),
    )


def test_the_names_and_their_order_are_those_that_others_rely_on() -> None:
    answer = Answer(
        "F?",
        "F?",
        "Ja.",
        abstained=False,
        generated=True,
        language="de",
        sentences=(AnswerSentence("Ja.", 0.123456, "kept", (0,), emphasis=((0, 2),)),),
        citations=(Citation("a.md", 0, 3, "Ja.", "A", "0" * 64),),
        evidence=(EvidenceSentence("a.md", 0, 3, "Ja.", "A", 0.12345678),),
        timings=Timings(1.26, None, 2.0),
        confidence=0.123456,
    )
    assert json.dumps(answer.to_json()) == (
        '{"question": "F?", "kind": "fact", "standalone_question": "F?", "answer": "Ja.", "abstained": false, '
        '"generated": true, "language": "de", "sentences": [{"text": "Ja.", "support": 0.1235, "status": "kept", '
        '"citations": [0], "wording": "source", "emphasis": [[0, 2]], "role": "answer", "group": ""}], '
        '"citations": [{"path": "a.md", "start": 0, "end": 3, "quote": "Ja.", "title": "A", "page": null, '
        '"document_page": null, "page_label": null, "rectangles": null, "machine_read": false, '
        f'"document_sha256": "{"0" * 64}", "also_in": []}}], '
        '"evidence": [{"path": "a.md", "start": 0, "end": 3, "text": "Ja.", "score": 0.123457}], '
        '"timings": {"first_evidence_ms": 1.3, "first_token_ms": null, "total_ms": 2.0, '
        '"first_useful_ms": null}, "models": {}, "index": "", '
        '"unanswered": [], "unread": [], "searched": null, "following": [], "likely": [], "confidence": 0.1235}'
    )
