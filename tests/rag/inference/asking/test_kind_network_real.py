"""The network that tells kinds of questions, with the word vectors of the installed embedding model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from rag.inference.asking.factory import create_kind_network
from rag.inference.asking.kinds import KindNetwork
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.weights import resolve_embedding
from rag.kinds import KINDS

pytestmark = pytest.mark.models
DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def embedder() -> OpenVinoEmbedder:
    model = resolve_embedding("multilingual-e5-small")
    return OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)


@pytest.fixture(scope="module")
def network(embedder: OpenVinoEmbedder) -> KindNetwork:
    found = create_kind_network(embedder)
    assert found is not None
    found.load()
    return found


def test_the_kind_is_right_for_questions_that_were_not_learnt_from(network: KindNetwork) -> None:
    rows = [json.loads(line) for line in (DATA / "kinds_blind_2.jsonl").read_text(encoding="utf-8").splitlines()]
    chances = [network.chances(row["question"]) for row in rows]
    assert np.allclose([one.sum() for one in chances], 1, atol=1e-4)
    assert np.mean([KINDS[int(one.argmax())] == row["kind"] for one, row in zip(chances, rows, strict=True)]) >= 0.93


def test_what_cannot_be_loaded_is_said_in_a_line(embedder: OpenVinoEmbedder, tmp_path: Path) -> None:
    words = embedder.folder / "model.safetensors"
    for network in (
        KindNetwork(words, embedder.tokenize, folder=tmp_path),
        KindNetwork(tmp_path / "none", embedder.tokenize),
    ):
        with pytest.raises(ModelError, match="cannot be loaded"):
            network.load()
