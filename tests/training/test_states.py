"""How the adapted layers learn, and how much each reader's judgement counts, on made-up questions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from rag.grounding.state_reader.probe import Probes, pooled
from rag.inference.adapting import ADAPTED, MATRICES
from tests.training.tiny import WIDTH, matrices
from training.states import network as networks
from training.states import weighing
from training.states.learning import Example, example, learn, loss
from training.states.network import Learnt, Network
from training.states.weighing import Row

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES, READ = 9, 6


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Questions about which each reader knows something."""
    random = np.random.default_rng(0)
    made = []
    for number in range(800):
        answerable, is_of_set = number % 4 > 0, number % 7 == 0
        bears = (random.random(SENTENCES) < 0.3) & answerable & (np.arange(SENTENCES) < READ)
        made.append(
            Row(
                group=f"b{number % 10}",
                is_of_set=is_of_set,
                answerable=answerable,
                odds=(random.normal(size=SENTENCES) + bears).tolist(),
                answers=float(random.normal() + answerable),
                read=list(range(READ)),
                bears=[] if number % 14 == 0 else bears.tolist(),  # for some questions of sets this is unknown
                states=(random.normal(size=READ) + 2 * bears[:READ]).tolist(),
                whole=float(random.normal() + 2 * answerable),
                made_with="0123",
            )
        )
    return made


def test_both_readers_know_more_than_either(rows: list[Row]) -> None:
    sentences, answered = weighing.held_out(rows)
    area = weighing.separation(rows, answered)[0]
    for one in ([row.answers for row in rows], [row.whole for row in rows]):
        assert area > weighing.separation(rows, np.array(one))[0]
    known = [(row, both) for row, both in zip(rows, sentences, strict=True) if row.bears and row.bears_read.any()]

    def mean(scores: list[np.ndarray]) -> float:
        return float(
            np.mean([weighing.precision(one, row.bears_read) for one, (row, _) in zip(scores, known, strict=True)])
        )

    together = mean([both[row.read] for row, both in known])
    assert together > mean([np.array(row.odds)[row.read] for row, _ in known])
    assert together > mean([np.array(row.states) for row, _ in known])


def test_nobody_is_judged_by_what_was_fitted_on_the_same_group(rows: list[Row]) -> None:
    twisted = [replace(row, answerable=not row.answerable) if row.group == "b0" else row for row in rows]
    before, after = weighing.held_out(rows)[1], weighing.held_out(twisted)[1]
    own = np.array([row.group == "b0" for row in rows])
    np.testing.assert_allclose(before[own], after[own])
    assert not np.allclose(before[~own], after[~own])


def test_what_is_known_of_sentences_counts_of_sets_as_much_as_of_bundles(rows: list[Row]) -> None:
    sentences, _ = weighing.held_out(rows)
    assert [len(both) for both in sentences] == [len(row.bears) for row in rows]
    known = [row for row in rows if row.bears]
    more = [*known, *(row for row in known if row.is_of_set for _ in range(3))]
    once, often = weighing.fit_both(known, -2.0), weighing.fit_both(more, -2.0)
    np.testing.assert_allclose(once.coef_, often.coef_, atol=1e-3)
    np.testing.assert_allclose(once.intercept_, often.intercept_, atol=1e-3)


def test_what_was_not_read_is_as_what_does_not_belong_into_an_answer(rows: list[Row]) -> None:
    row = replace(rows[1], states=[4.0] * READ)
    values = weighing.spread(row, -2.0)
    assert values.shape == (SENTENCES, 2)
    assert values[READ:, 1].tolist() == [-2.0] * (SENTENCES - READ)
    assert weighing.spread(replace(row, states=[-5.0] * READ), -2.0)[-1, 1] == -5.0


def test_rows_are_kept(rows: list[Row], tmp_path: Path) -> None:
    weighing.keep(rows, tmp_path / "rows.jsonl")
    assert weighing.kept(tmp_path / "rows.jsonl") == rows
    json.loads((tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()[0])


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Matrices of a tiny model."""
    monkeypatch.setattr(networks, "WIDTH", WIDTH)
    monkeypatch.setattr(networks, "RANK", 2)
    return matrices(monkeypatch, ADAPTED)


def question(random: np.random.Generator, *, answerable: bool) -> Example:
    """Return a question and sentences of four tokens each; the states of sentences that bear on it are shifted."""
    states = random.normal(size=(4 * (1 + SENTENCES), WIDTH))
    bears = (random.random(SENTENCES) < 0.3) & answerable
    for number in np.flatnonzero(bears):
        states[4 * (number + 1) : 4 * (number + 2)] += 2.0
    spans = torch.tensor([(4 * (number + 1), 4 * (number + 2)) for number in range(SENTENCES)])
    return Example(torch.from_numpy(states).half(), spans, torch.from_numpy(bears).float(), answerable)


def kept(examples: list[Example], folder: Path) -> list[Path]:
    files = []
    for number, one in enumerate(examples):
        files.append(folder / f"a1-{number}.npz")
        np.savez(
            files[-1],
            states=one.states.numpy(),
            sentences=one.sentences.numpy(),
            bears=one.bears.numpy() > 0,
            answerable=np.array(one.answerable),
        )
    return files


def test_layers_learn_what_belongs_into_an_answer(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    examples = [question(random, answerable=number % 4 > 0) for number in range(24)]
    network = Network(weights)
    losses: list[float] = []
    files = kept(examples, tmp_path)
    assert torch.equal(example(files[0]).bears, examples[0].bears)
    learn(network, files, passes=12, say=lambda _step, _steps, lost: losses.append(lost))
    assert losses[-1] < 0.9 * losses[0]
    fresh = [question(random, answerable=True) for _ in range(20)]
    with torch.no_grad():
        found = [
            weighing.precision(network(one.states, one.sentences)[0].numpy().astype(float), one.bears.numpy() > 0)
            for one in fresh
            if one.bears.any()
        ]
    assert np.mean(found) > 0.8


def test_learning_goes_on_from_what_was_learnt(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    one = question(random, answerable=True)
    network = Network(weights)
    learn(network, kept([one], tmp_path), passes=3, say=lambda *_: None)
    learnt = network.learnt(("model", "runtime"))
    assert set(learnt.adapters.of) == {(layer, matrix) for layer in ADAPTED for matrix in MATRICES}
    again = Network(weights, (learnt.adapters, learnt.probes)).eval()
    with torch.no_grad():
        states = network.states(one.states)
        for first, second in zip(network(one.states, one.sentences), again(one.states, one.sentences), strict=True):
            torch.testing.assert_close(first, second, atol=0.05, rtol=0.05)
        _as_the_program_reads(learnt, network, states, one)


def _as_the_program_reads(learnt: Learnt, network: Network, states: torch.Tensor, one: Example) -> None:
    probes: Probes = learnt.probes
    read = states.float().numpy()
    begin, end = one.sentences[0].tolist()
    bears, answers = network(one.states, one.sentences)
    assert float(bears[0]) == pytest.approx(
        float(pooled(read[begin:end]) @ probes.sentence) + probes.sentence_bias, abs=1e-3
    )
    assert float(answers) == pytest.approx(float(pooled(read[-1:]) @ probes.whole) + probes.whole_bias, abs=1e-3)


def test_no_sentence_is_to_stand_before_one_that_belongs_into_the_answer() -> None:
    one = Example(torch.zeros(1, 1), torch.zeros(2, 2), torch.tensor([1.0, 0.0]), answerable=True)
    right, wrong = torch.tensor([2.0, -2.0]), torch.tensor([-2.0, 2.0])
    assert loss(right, torch.tensor(0.0), one) < loss(wrong, torch.tensor(0.0), one)
    assert loss(right, torch.tensor(3.0), one) < loss(right, torch.tensor(-3.0), one)
    none = replace(one, bears=torch.zeros(2), answerable=False)
    assert loss(right, torch.tensor(-3.0), none) < loss(right, torch.tensor(3.0), none)
