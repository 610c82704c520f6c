"""Rehearsal: earlier examples are read beside each pair, and their mean loss is added."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence
from training.drawing.data import Sampler
from training.facts.gathering import Asked, Example
from training.facts.learning import loss as loss_of_pair
from training.facts.rehearsing import BESIDE, draw, loss
from training.restored import restore
from training.texts.sources import Group, Question

TOWNS = ("Auheim", "Bergrade", "Celtin", "Dornau", "Ebstein", "Flarsdorf")


def question(town: str, number: int) -> Question:
    passage = (
        f"Das Freibad in {town} öffnet im Mai. Es hat {number} Bahnen und einen Sprungturm. "
        f"Der Eintritt kostet dort {number + 2} Euro. Im Winter ist das Becken leer."
    )
    start = passage.index(f"{number + 2} Euro")
    asked = f"Was kostet der Eintritt in {town}?"
    return Question("mlqa-de-half", "de", asked, "Bäder", town, passage, (start, start + 6), answerable=True)


def sampler() -> Sampler:
    passages = tuple(("Bad", f"Abschnitt {number} über Bäder und Becken.") for number in range(8))
    groups = [Group("fr", f"Combien coûte le bain {number} ?", bool(number % 2), passages) for number in range(4)]
    return Sampler([question(town, number) for number, town in enumerate(TOWNS)], groups, [])


SAMPLER = sampler()
SENTENCES = tuple(
    EvidenceSentence("bad.md", 80 * number, 80 * number + 70, text, "Bad", 0.5)
    for number, text in enumerate(("Die Halle hat sechs Bahnen.", "Leiterin ist Rena Moll.", "Sie ist montags zu."))
)
PAIR = Example(
    Asked("Wer leitet das Bad?", SENTENCES, (False, True, False)),
    Asked("Wer hat das Bad gebaut?", SENTENCES, (False, True, False)),
)


@given(st.integers(0, 10**6))
def test_a_fixed_number_of_earlier_examples_is_read_beside_each_pair(seed: int) -> None:
    mixed = draw(PAIR, Random(seed), sampler=SAMPLER)
    assert mixed == draw(PAIR, Random(seed), sampler=SAMPLER)
    assert len(mixed.known) == BESIDE
    assert {one.kind for one in mixed.known} <= {"question", "group"}
    assert mixed.pair.reads[0].window.first == PAIR.answered.question


@pytest.mark.models
def test_the_earlier_examples_add_their_mean_loss() -> None:
    folder = Path(resolve_embedding("multilingual-e5-small").location)
    encoder = Encoder.of(folder / "tokenizer.json")
    reader = restore(Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE))), folder)
    mixed = draw(PAIR, Random(3), sampler=SAMPLER)
    with torch.no_grad():
        alone = float(loss_of_pair(reader, encoder, mixed.pair, frozen=6))
        added = [float(loss(reader, encoder, replace(mixed, known=(one,)), frozen=6)) - alone for one in mixed.known]
        together = float(loss(reader, encoder, mixed, frozen=6)) - alone
    assert min(added) > 0
    assert together == pytest.approx(sum(added) / BESIDE, rel=0.05)
