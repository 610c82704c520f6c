"""The training data of the reader of facts: pairs of a question and a near miss, and fair draws."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence
from training.facts.gathering import Asked, Example
from training.facts.learning import draw, loss, split
from training.facts.measuring import worth
from training.open.bundles import bundles
from training.open.pairs import pairs
from training.restored import restore

if TYPE_CHECKING:
    from training.facts.learning import Drawn

PAIRS = pairs()
FACT, NEAR = "Wer leitet die Werft in Auheim?", "Wer leitet die Werft in Kassel?"
TEXTS = (
    "Die Werft in Auheim baut seit Mai wieder Fähren aus Aluminium.",
    "Chefin der Werft in Auheim ist Jutta Feldmann.",
    "Die Fähren fahren mit Strom und legen zehnmal am Tag ab.",
)


def asked(question: str, count: int = 3, key: int = 1) -> Asked:
    sentences = tuple(
        EvidenceSentence(f"{number // 3}.md", 100 * number, 100 * number + 60, TEXTS[number % 3], "Werft", 0.5)
        for number in range(count)
    )
    return Asked(question, sentences, tuple(number == key for number in range(count)))


def test_each_fact_has_a_near_miss_of_its_own_bundle() -> None:
    of_bundles = {bundle.name: bundle for bundle in bundles()}
    found = [pair for some in PAIRS.values() for pair in some]
    assert len(found) > 1000
    for pair in found:
        assert pair.key in of_bundles[pair.bundle].places
        assert pair.near_miss
        assert pair.near_miss != pair.question
    assert len({(pair.bundle, pair.near_miss) for pair in found}) > 0.99 * len(found)


@given(st.integers(1, 40), st.data(), st.integers(0, 10**6))
def test_the_window_that_answers_comes_first_and_no_other_has_its_question(
    count: int, data: st.DataObject, seed: int
) -> None:
    key = data.draw(st.integers(0, count - 1))
    near = data.draw(st.booleans())
    drawn: Drawn = draw(Example(asked(FACT, count, key), asked(NEAR, count, key) if near else None), Random(seed))
    first, *others = drawn.reads
    assert any(first.is_key)
    assert first.window.first == FACT
    assert not any(any(one.is_key) for one in others if one.window.first == FACT)
    assert (drawn.misled is not None) == near
    if drawn.misled is not None:
        misled = drawn.reads[drawn.misled]
        assert any(misled.is_key)
        assert misled.window.first == NEAR


@given(st.integers(1, 40), st.integers(0, 10**6))
def test_all_sentences_are_read_unless_some_are_left_out(count: int, seed: int) -> None:
    whole = split(asked(FACT, count, 0))
    assert sum(len(one.window.members) for one in whole) == count
    assert sum(sum(one.is_key) for one in split(asked(FACT, count, 0), Random(seed))) == 1
    without = split(asked(FACT, count, 0), Random(seed), without_key=True)
    assert not any(any(one.is_key) for one in without)


@pytest.mark.models
def test_the_loss_falls_where_the_network_learns_and_the_worth_is_measured() -> None:
    folder = Path(resolve_embedding("multilingual-e5-small").location)
    encoder = Encoder.of(folder / "tokenizer.json")
    reader = restore(Path(str(resources.files("rag.inference.reading").joinpath(IR_FILE))), folder)
    example = Example(asked(FACT), asked(NEAR))
    before = worth(reader, encoder, [example])
    assert before.right == 1.0
    assert 0 <= before.area <= 1
    parameters = [one for name, one in reader.named_parameters() if name.startswith(("tokens", "answers"))]
    optimizer = torch.optim.SGD(parameters, lr=0.01)
    drawn = draw(example, Random(0))
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        found = loss(reader, encoder, drawn, frozen=6)
        found.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(found.detach()))
    assert losses[-1] < losses[0]
