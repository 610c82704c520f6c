from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.drawing.declaratives import as_sentence
from training.drawing.swaps import other_year, swapped
from training.drawing.variants import false_variants, fused, true_variants

DOCUMENT = (
    "Im Jahr 1912 wurde der Verein in Hamburg gegründet. Er hatte 1.250 Mitglieder, die aus Bremen kamen. "
    "Seit 1950 verkauft die Genossenschaft Tuch nach Wien. Am 3. Juni 1987 zog das Museum in ein neues Haus. "
    "Vermutlich war die Brücke 12,5 Meter lang."
)


def made(sentence: str) -> dict[str, str]:
    return {variant.kind: variant.text for variant in true_variants(sentence)}


@pytest.mark.parametrize(
    ("kind", "sentence", "wanted"),
    [
        (
            "order",
            "Im Jahr 1912 wurde der Verein in Hamburg gegründet.",
            "Der Verein wurde im Jahr 1912 in Hamburg gegründet.",
        ),
        ("order", "Seit 1950 verkaufte die Firma Tuch nach Wien.", "Die Firma verkaufte seit 1950 Tuch nach Wien."),
        ("order", "Ende 1989 war die Stadt frei von Zöllen.", "Die Stadt war Ende 1989 frei von Zöllen."),
        ("brackets", "Die Oder (polnisch Odra) fließt nach Norden.", "Die Oder fließt nach Norden."),
        ("relative", "Der Turm, der 1912 gebaut wurde, steht noch.", "Der Turm steht noch."),
        ("clause", "Der Turm steht noch, weil er gut gebaut ist.", "Der Turm steht noch."),
        ("lead", "Außerdem verkaufte er Tuch nach Wien.", "Er verkaufte Tuch nach Wien."),
        ("synonym", "Der Turm steht jedoch noch in Wien.", "Der Turm steht allerdings noch in Wien."),
        ("number", "Die Stadt hat 12.500 Einwohner und einen See.", "Die Stadt hat 12500 Einwohner und einen See."),
        ("number", "Der Turm hat drei Tore nach Norden.", "Der Turm hat 3 Tore nach Norden."),
        ("date", "Am 3. Juni 1987 zog das Museum um.", "Am 03.06.1987 zog das Museum um."),
    ],
)
def test_the_same_is_said_otherwise(kind: str, sentence: str, wanted: str) -> None:
    assert made(sentence)[kind] == wanted


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("year", "Im Jahr 1912 wurde der Verein gegründet."),
        ("number", "Die Brücke war 12,5 Meter lang."),
        ("month", "Am 3. Juni zog das Museum um."),
        ("numeral", "Der Turm hat drei Tore nach Norden."),
        ("entity", "Der Verein wurde in Köln gegründet."),
    ],
)
@given(seed=st.integers())
def test_one_thing_of_the_sentence_is_exchanged(kind: str, sentence: str, seed: int) -> None:
    changed = dict(swapped(sentence, DOCUMENT, Random(seed)))[kind]
    assert changed != sentence
    before, after = re.findall(r"[\w,]+|\W", sentence), re.findall(r"[\w,]+|\W", changed)
    # Everything before and after the one changed place is the same in both sentences.
    begin = next(i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    rest = len(before) - begin - 1
    assert before[begin + 1 :] == after[len(after) - rest :]


@given(st.integers(0, 10**6), st.integers(0, 99), st.integers())
def test_a_swapped_number_is_another_number(whole: int, part: int, seed: int) -> None:
    sentence = f"Der Verein hatte damals {whole},{part:02d} Punkte erreicht."
    for kind, changed in swapped(sentence, DOCUMENT, Random(seed)):
        found = re.search(r"damals (\S+) Punkte", changed)
        assert found is not None, kind
        value = float(found.group(1).replace(".", "").replace(",", "."))
        assert value != whole + part / 100


@pytest.mark.parametrize(
    ("kind", "sentence", "wanted"),
    [
        ("unit", "Die Brücke ist 300 Meter lang.", "Die Brücke ist 300 Kilometer lang."),
        ("hedge", "Die Brücke war vermutlich sehr alt.", "Die Brücke war sehr alt."),
        ("negation", "Die Brücke wurde im Krieg zerstört.", "Die Brücke wurde nicht im Krieg zerstört."),
        ("negation", "Die Brücke wurde nicht im Krieg zerstört.", "Die Brücke wurde im Krieg zerstört."),
        ("antonym", "Der Turm steht nördlich der Brücke.", "Der Turm steht südlich der Brücke."),
        ("role", "Er ging aus Wien fort, nachdem er aus Prag kam.", "Er ging aus Prag fort, nachdem er aus Wien kam."),
    ],
)
def test_another_thing_is_said(kind: str, sentence: str, wanted: str) -> None:
    found = {variant.kind: variant.text for variant in false_variants(sentence, sentence, Random(1))}
    assert found[kind] == wanted


@given(st.integers())
def test_nothing_false_stands_in_the_document(seed: int) -> None:
    rng = Random(seed)
    for sentence in DOCUMENT.replace("3. Juni", "3.Juni").split(". "):
        for variant in false_variants(f"{sentence}.", DOCUMENT, rng):
            assert variant.text not in DOCUMENT


def test_two_facts_become_one() -> None:
    first, second = "Der Verein wurde 1912 in Hamburg gegründet.", "Die Brücke wurde 1950 gesprengt."
    assert fused(first, second) == "Der Verein wurde 1950 gesprengt."
    assert fused(first, "Sie wurde 1950 gesprengt.") is None
    assert fused(first, "Die Brücken wurden gesprengt.") is None
    assert fused(first, "Der Verein wurde 1950 verboten.") is None


@given(st.integers())
def test_another_year_is_asked_that_the_passage_does_not_name(seed: int) -> None:
    changed = other_year("Was geschah 1912 in Hamburg?", DOCUMENT, Random(seed))
    assert changed is not None
    found = re.search(r"\d{4}", changed)
    assert found is not None
    assert found.group() not in DOCUMENT
    assert other_year("Was geschah in Hamburg?", DOCUMENT, Random(seed)) is None


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        ("Wann wurde der Verein gegründet?", "1912", "1912 wurde der Verein gegründet."),
        ("Wer baute den Turm ?", "der Graf,", "Der Graf baute den Turm."),
        ("In welchem Jahr kam er nach Ulm?", "1912", "Im Jahr 1912 kam er nach Ulm."),
        ("In welchem Jahr kam er nach Ulm?", "im Jahr 1912", "Im Jahr 1912 kam er nach Ulm."),
        ("Wie viele Tore hat der Turm?", "drei", "Drei Tore hat der Turm."),
        ("Welche alte Stadt liegt am Rhein?", "Köln", "Köln liegt am Rhein."),
        ("Warum fiel der Turm?", "weil er alt war", None),
        ("Welche Art von Tag ist das?", "Sol", None),
        ("Liegt Köln am Rhein?", "ja", None),
    ],
)
def test_a_german_answer_becomes_a_sentence(question: str, answer: str, wanted: str | None) -> None:
    assert as_sentence(question, answer) == wanted
