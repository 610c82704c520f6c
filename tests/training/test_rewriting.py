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
from training.rewriting.network import Network, Texts

if TYPE_CHECKING:
    from pathlib import Path

WORDS = 30


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Matrices of a tiny model."""
    monkeypatch.setattr(learning, "WIDTH", WIDTH)
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
        written_ = np.arange(len(every)) >= len(tokens)
        np.savez(files[-1], states=states, tokens=every, branches=np.zeros(len(every), int), is_written=written_)
    return files


def test_layers_learn_to_write(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    files = kept(tmp_path, 48, weights)
    network = Network(weights)
    losses: list[float] = []
    learn(network, files, passes=9, rate=5e-3, say=lambda _step, _steps, loss: losses.append(loss))
    assert losses[-1] < 0.7 * losses[0]
    learnt = network.learnt(("model", "runtime"))
    assert set(learnt.of) == {(layer, matrix) for layer in WRITING for matrix in MATRICES}
    again = Network(weights, learnt).eval()
    texts, _ = together(files[:2])
    with torch.no_grad():
        torch.testing.assert_close(again(texts), network(texts), atol=0.1, rtol=0.1)


def test_a_token_sees_only_what_stands_before_it(weights: dict[str, torch.Tensor]) -> None:
    network = Network(weights).eval()
    below = torch.randn(1, 6, WIDTH)
    other = below.clone()
    other[0, 4:] = torch.randn(2, WIDTH)
    with torch.no_grad():
        one, two = (network(alone(states)) for states in (below, other))
    assert torch.equal(one[:4], two[:4])
    assert not torch.equal(one[4:], two[4:])


def alone(states: torch.Tensor) -> Texts:
    """Return one text without branches, every token of which is wanted."""
    places = torch.arange(states.shape[1])
    wanted = torch.stack([torch.zeros_like(places), places], 1)
    return Texts(states, torch.zeros(states.shape[:2], dtype=torch.long), places[None], wanted)


def test_branches_of_a_history_are_read_as_alone(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    said = (("Wer?", "Otto."),)
    group = [Conversation(said, "Wo?", "Wo ist Otto?"), Conversation(said, "Seit wann denn?", "Seit wann ist Otto da?")]
    engine = _Engine(torch.randn(256, WIDTH).numpy())
    gather([group], tmp_path / "shared", engine)  # type: ignore[arg-type]
    gather([[one] for one in group], tmp_path / "apart", engine)  # type: ignore[arg-type]
    network = Network(weights).eval()
    shared, words = together(sorted((tmp_path / "shared").iterdir()))
    apart, the_same = together(sorted((tmp_path / "apart").iterdir()))
    assert shared.states.shape[1] < int((apart.branches >= 0).sum())
    assert torch.equal(words % WORDS, the_same % WORDS)
    with torch.no_grad():
        torch.testing.assert_close(network(shared), network(apart), atol=0.05, rtol=0.05)


def test_texts_that_are_filled_up_are_read_as_alone(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    files = kept(tmp_path, 4, weights)
    network = Network(weights).eval()
    texts, words = together(files)
    with torch.no_grad():
        at_once = network(texts)
        one_by_one = torch.cat([network(together([file])[0]) for file in files])
    torch.testing.assert_close(at_once, one_by_one, atol=0.05, rtol=0.05)
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
    other = Conversation((("Was?", "Ein Schiff."),), "Wo?", "Wo ist das Schiff?")
    assert sorted(map(len, drawn([one, other, one, one], 4))) == [1, 3]
    assert drawn([one, one, other], 1) == [[other]]
    engine = _Engine()
    gather([[one], [one]], tmp_path / "out", engine)  # type: ignore[arg-type]
    gather([[one], [one], [one]], tmp_path / "out", engine)  # type: ignore[arg-type]
    assert engine.asked == 3
    held = np.load(tmp_path / "out" / "00000.npz")
    assert held["states"].shape == (len(held["tokens"]), WIDTH)
    assert bytes(held["tokens"][held["is_written"]].astype(np.uint8)).decode() == "Wo ist Otto?<|im_end|>"


class _Engine:
    """A stand-in for the engine whose tokens are bytes."""

    def __init__(self, words: np.ndarray | None = None) -> None:
        import threading

        self.lock, self.asked, self.words = threading.Lock(), 0, words

    def _loaded(self) -> Any:
        return self

    def tokens(self, text: str) -> list[int]:
        return list(text.encode())

    def states_below(self, tokens: list[int]) -> np.ndarray:
        self.asked += 1
        return np.full((len(tokens), WIDTH), 1e6, dtype=np.float32) if self.words is None else self.words[tokens]

    def reset(self) -> None:
        pass

    def forget(self) -> None:
        pass
