"""The text that a client is sent only grows, and its marks are at the sentences that they belong to."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.kinds import KINDS
from rag.types import Answer, AnswerSentence, Citation, Timings
from ui.api.errors import RefusedError
from ui.api.openai.conversation import read, unmarked
from ui.api.openai.requests import ChatRequest
from ui.api.openai.writing import Writer

words = st.text("abcäöü 🐉\n", min_size=1, max_size=30).filter(str.strip)
places = st.builds(
    lambda path, start, quote: Citation(path, start, start + len(quote), quote, "Titel", "0"),
    st.sampled_from(["a.md", "b.md"]),
    st.integers(0, 5),
    words,
)


@st.composite
def sentences(draw: st.DrawFn) -> tuple[AnswerSentence, tuple[Citation, ...]]:
    wording = draw(st.sampled_from(["source", "source", "source", "model"]))
    cited = tuple(draw(st.lists(places, max_size=2))) if wording == "source" else ()
    status = "marked" if wording == "model" else draw(st.sampled_from(["kept", "kept", "marked", "withdrawn"]))
    return (
        AnswerSentence(
            draw(words),
            1.0,
            status,
            tuple(range(len(cited))),
            wording,
            (),
            draw(st.sampled_from(["answer", "answer", "context"])),
            draw(st.sampled_from(["", "AMD", "2025-01-02"])),
        ),
        cited,
    )


def answer(*, abstained: bool = False, unanswered: tuple[str, ...] = (), **more: Any) -> Answer:
    given = {"evidence": (), "timings": Timings(1, 2, 3), "unanswered": unanswered, **more}
    text = "Dazu steht nichts in den Quellen."
    return Answer("Q", "Q", text, abstained, generated=True, language="de", sentences=(), citations=(), **given)


def write(
    said: list[tuple[AnswerSentence, tuple[Citation, ...]]], kind: Any, language: str
) -> tuple[Writer, list[str]]:
    writer = Writer(kind, language)
    pieces = [writer.add(sentence, cited) for sentence, cited in said]
    return writer, [*pieces, writer.end(answer(abstained=not said))]


@given(st.lists(sentences(), max_size=6), st.sampled_from([None, *KINDS]), st.sampled_from(["de", "en"]))
def test_pieces_add_up_and_marks_stand_at_their_sentences(said: Any, kind: Any, language: str) -> None:
    writer, pieces = write(said, kind, language)
    assert "".join(pieces) == writer.text
    assert writer.text.strip() == writer.text != ""
    shown = {" ".join(sentence.text.split()) for sentence, _ in said if sentence.status != "withdrawn"}
    for mark in writer.marks:
        assert writer.text[mark.start : mark.end] in shown
        behind = re.match(r" ((?:\[\d+\])+)", writer.text[mark.end :])
        assert behind is not None
        assert f"[{mark.number}]" in behind[1]
        listed = f"- [{mark.number}] Titel ({mark.citation.path}, "
        assert writer.text.count(listed) == 1
    # Each place has exactly one number.
    of_places = {(mark.citation.path, mark.citation.start, mark.citation.end, mark.number) for mark in writer.marks}
    assert len({one[:3] for one in of_places}) == len({one[3] for one in of_places}) == len(of_places)


@given(st.lists(sentences(), max_size=6), st.sampled_from([None, *KINDS]))
def test_an_answer_that_comes_back_has_no_marks(said: Any, kind: Any) -> None:
    writer, _ = write(said, kind, "de")
    back = unmarked(writer.text)
    assert "Quellen:" not in back
    assert not re.search(r"\[\d", back)
    body = {
        "model": "x",
        "messages": [{"role": role, "content": writer.text} for role in ("user", "assistant", "user")],
    }
    conversation = read(ChatRequest.model_validate(body).messages)
    assert conversation.history == ((writer.text, back),)
    assert conversation.question == writer.text


def one(text: str, **more: Any) -> tuple[AnswerSentence, tuple[Citation, ...]]:
    citation = Citation(f"{text}.md", 0, len(text), text, "T", "0")
    return AnswerSentence(text, 1.0, "kept", (0,), **more), (citation,)


def test_items_stand_under_each_other_below_their_label() -> None:
    said = [one("Eins", group="AMD"), one("Zwei", group="AMD"), one("eins", group="AMD"), one("Drei", group="Intel")]
    text = write(said, "comparison", "de")[0].text
    assert text.startswith(
        "AMD:\n- Eins [1]\n- Zwei [2]\n\nIntel:\n- Drei [4]\n\nQuellen:\n- [1] T (Eins.md, Zeichen 0–4)"
    )


def test_dates_stand_before_their_events() -> None:
    text = write([one("Eins", group="2024"), one("Zwei", group="2025")], "timeline", "en")[0].text
    assert text.startswith("- 2024: Eins [1]\n- 2025: Zwei [2]\n\nSources:\n- [1] T (Eins.md, characters 0–4)")


def test_what_a_sentence_points_back_to_comes_with_it() -> None:
    writer = Writer("fact", "de")
    assert writer.add(*one("Die Firma X", role="context")) == ""
    assert writer.add(*one("Sie wächst.")) == "Die Firma X [1] Sie wächst. [2]"


def test_what_is_not_answered_is_said() -> None:
    writer = Writer("fact", "de")
    writer.add(*one("Eins."))
    ending = writer.end(answer(unanswered=("Und wo?", "Über AMD steht nichts in den Artikeln.")))
    assert ending.startswith(
        "\n\nDazu enthalten die Quellen nichts: Und wo?\n\nÜber AMD steht nichts in den Artikeln.\n\nQuellen:"
    )


def messages(*roles: str) -> list[Any]:
    body = {"model": "x", "messages": [{"role": role, "content": f"{role} {n}"} for n, role in enumerate(roles)]}
    return ChatRequest.model_validate(body).messages


def test_what_the_assistant_says_first_or_twice_is_no_answer_to_nothing() -> None:
    found = read(messages("assistant", "user", "assistant", "assistant", "system", "user", "system"))
    assert found.history == (("user 1", "assistant 2 assistant 3"),)
    assert (found.question, found.note) == ("user 5", "system 6")


@given(st.lists(st.sampled_from(["system", "developer", "user", "assistant"]), min_size=1, max_size=8))
def test_the_question_is_the_last_message_of_the_user(roles: list[str]) -> None:
    spoken = [role for role in roles if role in {"user", "assistant"}]
    if not spoken or spoken[-1] != "user":
        with pytest.raises(RefusedError):
            read(messages(*roles))
        return
    found = read(messages(*roles))
    last = max(n for n, role in enumerate(roles) if role == "user")
    assert found.question == f"user {last}"
    assert len(found.history) == roles.count("user") - 1
    notes = [n for n, role in enumerate(roles) if role in {"system", "developer"}]
    assert found.note == (f"{roles[notes[-1]]} {notes[-1]}" if notes else "")
