from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.text.sentences import split
from training.texts.passages import Window, part, window, without_sentence

SUBJECTS = "Der Fluss|Die Stadt|Das Werk|Ein Händler|Der Verein|Die Königin|Das Museum|Ein Ingenieur".split("|")
SAYS = "liegt im Norden|wurde 1912 gegründet|hat vier Tore|verkauft Tuch|baute die Brücke|zog nach Wien".split("|")


@st.composite
def passages(draw: st.DrawFn, least: int = 1) -> tuple[str, int]:
    """Draw a text of distinct sentences, and the number of one of them."""
    count = draw(st.integers(least, 12))
    sentences = [
        f"{draw(st.sampled_from(SUBJECTS))} mit der Nummer {1000 + i} {draw(st.sampled_from(SAYS))}."
        for i in range(count)
    ]
    gaps = [draw(st.sampled_from([" ", "\n\n", "  "])) for _ in range(count - 1)] + [""]
    text = "".join(sentence + gap for sentence, gap in zip(sentences, gaps, strict=True))
    return text, draw(st.integers(0, count - 1))


def answer_in(text: str, sentence: int) -> tuple[int, int]:
    start = text.index(str(1000 + sentence))
    return start, start + 4


@given(passages(least=3), st.integers())
def test_a_copy_with_and_one_without_the_answer_have_as_many_sentences(passage: tuple[str, int], seed: int) -> None:
    text, sentence = passage
    answer = answer_in(text, sentence)
    parts = part(Window(text, answer), Random(seed))
    assert parts is not None
    kept, gone = parts
    assert len(split(kept.text)) == len(split(gone.text)) == len(split(text)) - 1
    assert kept.answer is not None
    assert kept.text[slice(*kept.answer)] == text[slice(*answer)]
    assert text[slice(*answer)] not in gone.text
    assert gone.answer is None


def test_what_both_copies_lack_is_of_about_the_same_length_over_many() -> None:
    rng = Random(3)
    text = " ".join(f"Satz Nummer {1000 + i} {'und so weiter ' * rng.randint(0, 9)}endet hier." for i in range(12))
    differences = []
    for seed in range(200):
        parts = part(Window(text, answer_in(text, seed % 12)), Random(seed))
        assert parts is not None
        differences.append(len(parts[0].text) - len(parts[1].text))
    # On average, neither copy is the longer one.
    assert abs(sum(differences)) / len(differences) < 20
    assert 0.25 < sum(difference > 0 for difference in differences) / len(differences) < 0.75


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Köln liegt am Rhein. Bonn auch.", (0, 4)),  # no other sentence can be removed
        ("Köln liegt am Rhein. Köln ist alt. Bonn ist klein. Ulm auch.", (0, 4)),  # the answer is still named
    ],
)
def test_no_copies_where_taking_out_would_not_do(text: str, answer: tuple[int, int]) -> None:
    assert part(Window(text, answer), Random(0)) is None


@given(passages(), st.integers(20, 500), st.integers())
def test_a_window_holds_the_answer_and_whole_sentences(passage: tuple[str, int], size: int, seed: int) -> None:
    text, sentence = passage
    answer = answer_in(text, sentence)
    shown = window(text, size=size, rng=Random(seed), answer=answer)
    assert shown.answer is not None
    assert shown.text[slice(*shown.answer)] == text[slice(*answer)]
    assert shown.text in text
    assert len(shown.text) <= size or len(split(shown.text)) == 1
    whole = [text[span.start : span.end] for span in split(text)]
    assert all(shown.text[span.start : span.end] in whole for span in split(shown.text))


@given(passages(least=3), st.integers())
def test_copies_about_a_sentence_have_as_many_sentences(passage: tuple[str, int], seed: int) -> None:
    text, sentence = passage
    copies = without_sentence(text, sentence, Random(seed))
    assert copies is not None
    own = split(text)[sentence]
    assert text[own.start : own.end] in copies[0]
    assert text[own.start : own.end] not in copies[1]
    assert len(split(copies[0])) == len(split(copies[1]))


@given(passages(least=3), st.integers())
def test_the_same_seed_makes_the_same_copies(passage: tuple[str, int], seed: int) -> None:
    text, sentence = passage
    whole = Window(text, answer_in(text, sentence))
    assume(part(whole, Random(seed)) is not None)
    assert part(whole, Random(seed)) == part(whole, Random(seed))
