"""The training data for open questions: articles whose sentences are at the given places, and fair draws."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.composing.bearing import MOST_WEIGHED
from rag.grounding.reader.windows import Window
from rag.inference.reading.encoding import Encoder
from rag.inference.reading.network import IR_FILE, Network
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence
from training.batches import read
from training.open.bundles import bundles
from training.open.gathering import Example
from training.open.learning import draw
from training.restored import restore

ALL = bundles()


@pytest.mark.parametrize("bundle", ALL, ids=lambda bundle: bundle.name)
def test_each_sentence_stands_where_its_key_says(bundle) -> None:  # type: ignore[no-untyped-def]
    assert len(bundle.texts) == 3
    for place in bundle.places.values():
        said = bundle.texts[place.path][place.start : place.end]
        assert said == said.strip()
        assert said
        assert "\n" not in said
    for path in bundle.texts:
        own = sorted((one.start, one.end) for one in bundle.places.values() if one.path == path)
        assert all(left[1] < right[0] for left, right in pairwise(own))


def test_the_questions_are_of_all_kinds_and_some_have_no_answer() -> None:
    asked = [one for bundle in ALL for one in bundle.questions]
    assert len(asked) == len({one.question for one in asked}) > 1500
    assert {one.kind for one in asked} == {"explanation", "list", "comparison", "timeline", "summary"}
    assert 0.05 < sum(not one.points for one in asked) / len(asked) < 0.2


@given(st.lists(st.booleans(), min_size=1, max_size=MOST_WEIGHED), st.integers(0, 10**6))
def test_all_or_nothing_of_what_answers_is_drawn(bears: list[bool], seed: int) -> None:
    sentences = tuple(
        EvidenceSentence(f"{number // 20}.md", 100 * number, 100 * number + 60, f"Satz {number:03d} " * 6, "", 0.5)
        for number in range(len(bears))
    )
    drawn = draw(Example("Warum?", sentences, tuple(bears)), Random(seed))
    read_ = [drawn.bears[number] for window in drawn.windows for number, _, _ in window.members]
    assert read_
    assert sum(read_) in {0, sum(bears)}
    said = [window.second[start:end] for window in drawn.windows for _, start, end in window.members]
    assert len(said) == len(set(said))
    if any(read_):
        assert {one.text for one, there in zip(sentences, bears, strict=True) if there} <= set(said)


def test_the_answer_is_left_out_now_and_then() -> None:
    sentences = tuple(EvidenceSentence("a.md", 60 * n, 60 * n + 50, f"Satz {n} " * 6, "", 0.5) for n in range(9))
    example = Example("Warum?", sentences, tuple(n == 4 for n in range(9)))
    without = [not any(draw(example, Random(seed)).bears) for seed in range(400)]
    assert 0.05 < sum(without) / len(without) < 0.15


@pytest.mark.models
def test_a_network_that_is_brought_back_says_what_it_said() -> None:
    embedding = Path(resolve_embedding("multilingual-e5-small").location)
    with resources.as_file(resources.files("rag.inference.reading")) as folder:
        reader = restore(folder / IR_FILE, embedding)
    encoded = Encoder.of(embedding / "tokenizer.json").encode(
        [
            Window("Wie hoch ist der Turm?", "Der Turm", "Der Turm steht in Bergen. Er ist 40 Meter hoch.", ()),
            Window("Wie hoch ist der Turm?", "", "Im Hof bellt ein Hund.", ()),
        ]
    )
    with torch.no_grad():
        ours = [float(one.answers) for one in read(reader, encoded)]
    theirs = [one.answers for one in Network(embedding / "model.safetensors").read(encoded)]
    assert ours == pytest.approx(theirs, abs=0.5)
    assert ours[0] > 0 > ours[1]
