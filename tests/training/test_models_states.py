"""The adapted layers with the real weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rag.grounding.state_reader import probe
from rag.inference import adapting
from rag.inference.weights import resolve_llm
from training.states.network import Network, layers_of

pytestmark = pytest.mark.models


def test_the_program_computes_the_layers_that_learnt(language_model: Any) -> None:
    pytest.importorskip("gguf")
    (gguf,) = Path(resolve_llm("qwen2.5-coder-1.5b").location).parent.glob("*.gguf")
    network = Network(layers_of(gguf), (adapting.installed(), probe.installed())).eval()
    text = "Der Kran steht im Hafen von Emden. Er hebt vierzig Tonnen, seit er 1912 gebaut wurde. Heute ist er ein Denkmal."
    with language_model.lock:
        model, tokens = language_model._loaded(), language_model.tokens(text)
        language_model.forget()
        below, states = model.states_below(tokens), model.states(tokens)
        model.reset()
    with torch.no_grad():
        wanted = network.states(torch.from_numpy(below)).float().numpy()
    # The model's matrices are the same, but packed differently. The first token is left out, because its state is a
    # hundred times as long as the others.
    assert float(np.corrcoef(states[1:].ravel(), wanted[1:].ravel())[0, 1]) > 0.98
    assert float(np.corrcoef(states[1:].ravel(), below[1:].ravel())[0, 1]) < 0.95
