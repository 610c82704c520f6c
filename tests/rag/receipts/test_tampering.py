"""Every change to an answer is found, and an unchanged answer passes."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import RagError
from tests.rag.receipts.answers import Made, make, verified

if TYPE_CHECKING:
    from pathlib import Path

CHARACTERS = "aZ9 .…„“\n\u00a0\u200bß🚢\r\x00\u202e"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("receipts"))


def refused(value: object, made: Made) -> bool:
    """Return whether an answer is refused: something in it does not hold or cannot be checked."""
    try:
        return made.verified(value).verdict != "holds"
    except RagError as error:
        assert "\n" not in str(error)
        return True


def altered(text: str, place: int, character: str) -> str:
    """Return a text with one character replaced, or with one more character if it is the same one."""
    at = place % (len(text) + 1)
    if at < len(text) and text[at] != character:
        return text[:at] + character + text[at + 1 :]
    return text[:at] + character + text[at:]


def test_answers_of_all_forms_and_formats_pass(made: Made) -> None:
    paths = set()
    for answer in made.answers:
        report = made.verified(answer)
        assert report.verdict == "holds", report.findings
        assert report.standing == report.quotes == len(answer["citations"])
        paths |= report.files.keys()
    assert paths == {"hafen.md", "werft.txt", "bericht.docx", "alt.zip/ordner/turm.md"}


def test_an_answer_passes_without_an_index(made: Made, tmp_path: Path) -> None:
    for answer in made.answers:
        assert verified(answer, made.folder, tmp_path / "none").verdict == "holds"


def test_an_answer_of_the_endpoint_for_programs_passes(made: Made) -> None:
    answer = copy.deepcopy(made.answers[0])
    for one in (*answer["citations"], *answer["evidence"]):
        one["document"] = one.pop("path")
    assert made.verified(answer).verdict == "holds"


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_character_of_what_is_shown_is_found(made: Made, data: st.DataObject) -> None:
    answer = copy.deepcopy(data.draw(st.sampled_from(made.answers)))
    character, place = data.draw(st.sampled_from(CHARACTERS)), data.draw(st.integers(0, 10_000))
    fields: list[tuple[dict[str, Any], str]] = [(answer, "answer")]
    fields += [(one, "text") for one in answer["sentences"] if one["wording"] == "source"]
    fields += [(one, name) for one in answer["citations"] for name in ("quote", "title", "path", "document_sha256")]
    holder, name = data.draw(st.sampled_from(fields))
    holder[name] = altered(holder[name], place, character)
    assert refused(answer, made), (name, holder[name])


@settings(max_examples=200, deadline=None)
@given(data=st.data(), by=st.integers(-500, 500).filter(bool), both=st.booleans())
def test_any_moved_quote_is_found(made: Made, data: st.DataObject, by: int, both: bool) -> None:
    answer = copy.deepcopy(data.draw(st.sampled_from([one for one in made.answers if one["citations"]])))
    cited = data.draw(st.sampled_from(answer["citations"]))
    name = data.draw(st.sampled_from(["start", "end"]))
    for one in ("start", "end") if both else (name,):
        cited[one] += by
    assert refused(answer, made)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), number=st.integers(0, 20))
def test_a_sentence_whose_citation_is_another_is_found(made: Made, data: st.DataObject, number: int) -> None:
    answer = copy.deepcopy(data.draw(st.sampled_from([one for one in made.answers if one["citations"]])))
    sentence = data.draw(st.sampled_from(answer["sentences"]))
    if number in sentence["citations"]:
        sentence["citations"] = []
    else:
        sentence["citations"] = [number]
    assert refused(answer, made)


def test_an_ellipsis_that_hides_or_feigns_a_cut_is_found(made: Made) -> None:
    cut = next(one for one in made.answers if any(sentence["text"].endswith(" …") for sentence in one["sentences"]))
    whole = made.answers[0]
    for given_, change in ((cut, lambda text: text.removesuffix(" …")), (whole, lambda text: f"{text} …")):
        answer = copy.deepcopy(given_)
        for sentence in answer["sentences"]:
            sentence["text"] = change(sentence["text"])
        answer["answer"] = " ".join(sentence["text"] for sentence in answer["sentences"])
        assert made.verified(answer).verdict == "broken"


@pytest.mark.parametrize("wording", ["model", "app"])
def test_words_of_nobody_do_not_pass_as_an_answer(made: Made, wording: str) -> None:
    answer = copy.deepcopy(made.answers[0])
    said = {**answer["sentences"][0], "text": "Frei erfunden.", "wording": wording, "citations": [], "emphasis": []}
    answer["sentences"].append(said)
    answer["answer"] += " Frei erfunden."
    assert made.verified(answer).verdict == "broken"


@pytest.mark.parametrize("kind", ["fact", "list", "comparison", "timeline", "summary"])
def test_a_label_of_nobodys_words_is_found(made: Made, kind: str) -> None:
    answer = copy.deepcopy(made.answers[0]) | {"kind": kind}
    answer["sentences"][0]["group"] = "Frei erfunden"
    assert [one.where for one in made.verified(answer).of("broken")] == ["sentences[0].group"]


def test_labels_of_composed_answers_hold(made: Made) -> None:
    labels = {one["group"] for answer in made.answers for one in answer["sentences"]}
    assert {"Talheim", "bis 2027", "im nächsten Jahr (2025)"} <= labels
    kinds: tuple[Any, ...] = ("summary", "comparison", "timeline", "explanation", "list")
    for kind in kinds:
        for question in ("Fasse den Hafen von Talheim zusammen.", "Vergleiche Talheim und Auheim."):
            report = made.verified(made.rag.ask(question, kind=kind).to_json())
            assert report.verdict == "holds", report.findings


def test_a_translation_is_named_as_unchecked(made: Made) -> None:
    answer = copy.deepcopy(made.answers[0])
    said = {"text": "Twelve million.", "wording": "model", "status": "marked", "citations": []}
    answer["sentences"].append({**answer["sentences"][0], "emphasis": [], **said})
    report = made.verified(answer)
    assert report.verdict == "holds"
    assert any("Twelve million." in finding.what for finding in report.of("unchecked"))


def test_an_untouched_receipt_passes(made: Made) -> None:
    for page in made.pages:
        assert made.verified(page).verdict == "holds"


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 1), place=st.integers(0, 100_000), character=st.sampled_from(CHARACTERS))
def test_any_changed_character_of_a_receipt_is_found(made: Made, number: int, place: int, character: str) -> None:
    assert refused(altered(made.pages[number], place, character), made)


def test_a_receipt_whose_page_says_something_else_than_its_data_is_found(made: Made) -> None:
    page = made.pages[0].replace("zwölf Millionen", "zwei Millionen", 1)  # only in the page, because its data is ASCII
    report = made.verified(page)
    assert [finding.where for finding in report.of("broken")] == ["page"]


def test_surroundings_that_are_made_up_are_found(made: Made) -> None:
    rag = made.rag
    answer = rag.ask("Wie viel zahlt die Reederei Nordlicht für den Hafen von Talheim?")
    from rag.receipts import receipt

    around = [("Es ist gelogen, dass gilt: ", "") for _ in answer.citations]
    page = receipt(answer.to_json(), around, made="2025-01-01T00:00:00+00:00")
    report = made.verified(page)
    assert {finding.where for finding in report.of("broken")} == {
        f"surroundings[{number}]" for number in range(len(answer.citations))
    }


def test_no_receipt_is_made_of_an_answer_that_does_not_hold(made: Made) -> None:
    from dataclasses import replace

    rag = made.rag
    answer = rag.ask("Wie viel zahlt die Reederei Nordlicht für den Hafen von Talheim?")
    with pytest.raises(RagError, match="No receipt"):
        rag.receipt(replace(answer, text=answer.text.replace("zwölf", "elf")))


def test_random_values_in_the_place_of_any_other_end_in_a_report_or_one_line(made: Made) -> None:
    chance = random.Random(20)
    values: list[Any] = [None, True, -1, 10**30, 1.5, "", "x" * 5000, [], {}, [[]], {"a": []}, "\ud800", [1, 2], "../x"]
    told = []
    for _ in range(400):
        answer = json.loads(json.dumps(chance.choice(made.answers)))
        holder: Any = answer
        while True:
            key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if isinstance(holder[key], (dict, list)) and holder[key] and chance.random() < 0.8:
                holder = holder[key]
                continue
            holder[key] = chance.choice(values)
            break
        told.append(refused(answer, made))
    # A value that is not shown, such as a time, may be changed.
    assert 0 < sum(told) < len(told)
