"""English questions for the reader of facts: whose they are, what is read of them, and who teaches whom."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from index.text.language import detect
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence
from training.drawing.examples import Example as Known
from training.drawing.examples import Pair as KnownPair
from training.english.learning import draw, loss
from training.english.questions import Example, in_english
from training.facts.gathering import Asked
from training.open.pairs import pairs
from training.restored import restore

GERMAN, ENGLISH = "Wer leitet die Werft in Auheim?", "Who runs the shipyard in Auheim?"
TEXTS = (
    "Die Werft in Auheim baut seit Mai wieder Fähren aus Aluminium.",
    "Chefin der Werft in Auheim ist Jutta Feldmann.",
    "Die Fähren fahren mit Strom und legen zehnmal am Tag ab.",
)
KNOWN = Known(
    "question", (KnownPair("Seit wann?", "", TEXTS[0], label=True), KnownPair("Wo?", "", TEXTS[2], label=False))
)


def example(count: int = 60, key: int = 40) -> Example:
    sentences = tuple(
        EvidenceSentence(f"{number // 20}.md", 100 * number, 100 * number + 60, TEXTS[number % 3], "Werft", 0.5)
        for number in range(count)
    )
    return Example(GERMAN, Asked(ENGLISH, sentences, tuple(number == key for number in range(count))))


def sampler() -> Any:
    found = iter([None, KNOWN, *[KNOWN] * 20])
    return SimpleNamespace(question=lambda rng: next(found))


def test_each_english_question_is_one_of_a_pair() -> None:
    german = {
        (name, text)
        for name, some in pairs(closed=True).items()
        for one in some
        for text in (one.question, one.near_miss)
    }
    found = in_english()
    assert found.keys() <= german
    assert len(found) > 700
    # Names and numbers may be all that a short question has, so that not every one is recognised.
    assert sum(detect(text) == "en" for text in found.values()) > 0.97 * len(found)


@pytest.mark.parametrize("seed", range(5))
def test_both_read_the_same_passages_and_the_answer_first(seed: int) -> None:
    drawn = draw(example(), Random(seed), sampler=sampler())
    assert [(one.title, one.second) for one in drawn.taught] == [(one.title, one.second) for one in drawn.learnt]
    assert TEXTS[1] in drawn.learnt[0].second
    assert [one.first for one in drawn.taught[:3]] == [GERMAN, GERMAN, GERMAN]
    assert [one.first for one in drawn.learnt[:3]] == [ENGLISH, ENGLISH, GERMAN]
    assert drawn.taught[3:] == drawn.learnt[3:] == KNOWN.pairs


@pytest.mark.models
def test_the_loss_is_nothing_for_the_teacher_itself_and_learning_lowers_it() -> None:
    embedding = Path(resolve_embedding("multilingual-e5-small").location)
    packaged = Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE)))
    encoder = Encoder.of(embedding / "tokenizer.json")
    reader, teacher = restore(packaged, embedding), restore(packaged, embedding)
    drawn = draw(example(), Random(0), sampler=sampler())
    same = type(drawn)(drawn.taught, drawn.taught)
    torch.manual_seed(0)
    with torch.no_grad():  # the same is said up to rounding, but for the entropy of the tagged tokens
        nothing, something = (float(loss(reader, teacher, encoder, one, frozen=6)) for one in (same, drawn))
    assert nothing < something
    optimizer = torch.optim.AdamW(reader.parameters(), lr=3e-5)
    found = []
    for _ in range(6):
        optimizer.zero_grad()
        lost = loss(reader, teacher, encoder, drawn, frozen=6)
        lost.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        found.append(float(lost.detach()))
    assert found[-1] < found[0]
