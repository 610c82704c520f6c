"""The upper layers learn to rewrite follow-ups; tested on a tiny model with the same architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from rag.inference.adapting import ADAPTED, MATRICES
from rag.inference.adapting.model import LAYERS, WRITING
from tests.training.tiny import WIDTH, matrices
from training.rewriting import learning
from training.rewriting.conversations import Conversation, drawn, gather, read
from training.rewriting.learning import learn, ordered, together
from training.rewriting.network import Network

if TYPE_CHECKING:
    from pathlib import Path

WORDS = 30


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Matrices of a tiny model."""
    monkeypatch.setattr(learning, "WIDTH", WIDTH)
    monkeypatch.setattr(learning, "RATE", 5e-3)  # a model this small can take larger steps
    made = matrices(monkeypatch, range(ADAPTED.start, LAYERS), size_of_values=0.25)
    return made | {"output_norm.weight": torch.ones(WIDTH), "token_embd.weight": torch.randn(WORDS, WIDTH)}


def kept(folder: Path, count: int, weights: dict[str, torch.Tensor]) -> list[Path]:
    """Keep texts of a few tokens; after each, the first token and then the last of all words are to be written."""
    random = np.random.default_rng(0)
    files = []
    for number in range(count):
        tokens = np.array([*random.integers(WORDS - 1, size=random.integers(3, 9))])
        written = np.array([tokens[0], WORDS - 1])
        every = np.concatenate([tokens, written])
        states = weights["token_embd.weight"][torch.from_numpy(every)].numpy().astype(np.float16)
        files.append(folder / f"{number:05d}.npz")
        np.savez(files[-1], states=states, tokens=every, begin=len(tokens))
    return files


def test_layers_learn_to_write(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    files = kept(tmp_path, 48, weights)
    network = Network(weights)
    losses: list[float] = []
    learn(network, files, passes=9, say=lambda _step, _steps, loss: losses.append(loss))
    assert losses[-1] < 0.7 * losses[0]
    learnt = network.learnt(("model", "runtime"))
    assert set(learnt.of) == {(layer, matrix) for layer in WRITING for matrix in MATRICES}
    again = Network(weights, learnt).eval()
    below, wanted, _ = together(files[:2])
    with torch.no_grad():
        torch.testing.assert_close(again(below, wanted), network(below, wanted), atol=0.1, rtol=0.1)


def test_a_token_sees_only_what_stands_before_it(weights: dict[str, torch.Tensor]) -> None:
    network = Network(weights).eval()
    below = torch.randn(1, 6, WIDTH)
    other = below.clone()
    other[0, 4:] = torch.randn(2, WIDTH)
    places = torch.tensor([(0, place) for place in range(6)])
    with torch.no_grad():
        one, two = network(below, places), network(other, places)
    assert torch.equal(one[:4], two[:4])
    assert not torch.equal(one[4:], two[4:])


def test_texts_that_are_filled_up_are_read_as_alone(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    files = kept(tmp_path, 4, weights)
    network = Network(weights).eval()
    below, places, words = together(files)
    with torch.no_grad():
        at_once = network(below, places)
        alone = torch.cat([network(*together([file])[:2]) for file in files])
    torch.testing.assert_close(at_once, alone, atol=0.05, rtol=0.05)
    assert words[1::2].tolist() == [WORDS - 1] * 4


def test_each_text_is_read_once_a_pass(tmp_path: Path, weights: dict[str, torch.Tensor]) -> None:
    files = kept(tmp_path, 21, weights)
    steps = ordered(files, passes=2, random=np.random.default_rng(1))
    assert sorted(file for step in steps for file in step) == sorted(files * 2)


def test_conversations_are_gathered_once(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.write_text(
        '{"history": [["Wer?", "Otto."]], "question": "Wo?", "rewriting": "Wo ist Otto?"}\n', encoding="utf-8"
    )
    (one,) = read(file)
    assert one == Conversation((("Wer?", "Otto."),), "Wo?", "Wo ist Otto?")
    assert drawn([one] * 5, 3) == [one] * 3
    engine = _Engine()
    gather([one, one], tmp_path / "out", engine)  # type: ignore[arg-type]
    gather([one, one, one], tmp_path / "out", engine)  # type: ignore[arg-type]
    assert engine.asked == 3
    held = np.load(tmp_path / "out" / "00000.npz")
    assert held["states"].shape == (len(held["tokens"]), WIDTH)
    assert bytes(held["tokens"][int(held["begin"]) :].astype(np.uint8)).decode() == "Wo ist Otto?<|im_end|>"


class _Engine:
    """A stand-in for the engine whose tokens are bytes."""

    def __init__(self) -> None:
        import threading

        self.lock, self.asked = threading.Lock(), 0

    def _loaded(self) -> Any:
        return self

    def tokens(self, text: str) -> list[int]:
        return list(text.encode())

    def states_below(self, tokens: list[int]) -> np.ndarray:
        self.asked += 1
        return np.full((len(tokens), WIDTH), 1e6, dtype=np.float32)

    def reset(self) -> None:
        pass

    def forget(self) -> None:
        pass
