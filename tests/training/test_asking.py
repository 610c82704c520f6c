"""Training of the network that tells kinds of questions: it learns, and the written network gives the same results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rag.inference.asking.kinds import KindNetwork
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.weights import resolve_embedding
from rag.kinds import KINDS
from rag.kinds.frames import Labelled
from training.asking import kinds


@pytest.fixture(scope="module")
def embedding() -> OpenVinoEmbedder:
    model = resolve_embedding("multilingual-e5-small")
    return OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)


@pytest.mark.models
def test_kinds_are_learnt_and_the_network_says_what_was_learnt(embedding: OpenVinoEmbedder, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(embedding.folder / "tokenizer.json"))
    questions = [
        kinds.Weighted(Labelled(text, kind), 1.0)
        for text, kind in (("Warum sinkt es?", "explanation"), ("Welche Orte sind es?", "list"), ("Hallo!", "talk"))
    ]
    reader = kinds.train(embedding.folder, tokenizer, questions, steps=40)
    asked = [one.question for one in questions]
    assert kinds.guesses(reader, tokenizer, asked) == [one.kind for one in asked]
    assert kinds.export(reader, tmp_path) < 30e6
    network = KindNetwork(embedding.folder / "model.safetensors", embedding.tokenize, folder=tmp_path)
    with torch.no_grad():
        for one in asked:
            ids = torch.tensor([tokenizer.encode(f"query: {one.question}").ids])
            said = reader(reader.words[ids].float(), ids != 1).softmax(-1)[0].numpy()
            assert np.abs(said - network.chances(one.question)).max() < 0.05
            assert KINDS[int(network.chances(one.question).argmax())] == one.kind
