"""The layers that rewrite follow-ups, with the real weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.inference import Message
from rag.inference.adapting import REWRITING_FILE, installed
from rag.inference.adapting.model import WRITING
from rag.inference.protocol import Rewriting
from rag.inference.run import StoppedError
from rag.inference.weights import resolve_llm
from rag.query.written_out import MOST_TOKENS, is_of, prompt
from tests.rag.fakes import LookedAt

pytestmark = pytest.mark.models

HISTORY = (("Wann öffnet die Werft in Auheim wieder?", "Die Werft in Auheim öffnet im Mai."),)


def test_a_follow_up_is_written_out_the_same_each_time_and_changes_no_answer(language_model: Any) -> None:
    messages = [Message("user", "Nenne eine Stadt an der Elbe. Ein Wort.")]

    def asked() -> Any:
        with language_model.read(messages) as reading:
            return reading.preferences("", ("Hamburg", "Dresden")), "".join(reading.stream("", max_tokens=8))

    before = asked()
    written = [language_model.rewritten(prompt("Und wer sagt das?", HISTORY), max_tokens=MOST_TOKENS) for _ in range(2)]
    assert written[0] == written[1]
    assert written[0] is not None
    assert 0 < written[0].sureness < 1
    assert is_of(written[0].text, "Und wer sagt das?", HISTORY)
    assert asked() == before
    assert language_model.rewritten(prompt("Und wer sagt das?", HISTORY), max_tokens=2) == Rewriting("", 0.0)


def test_writing_out_can_be_stopped(language_model: Any) -> None:
    given = prompt("Warum?", HISTORY)
    whole = language_model.rewritten(given, max_tokens=MOST_TOKENS)
    with pytest.raises(StoppedError), LookedAt(lambda: True).current():
        language_model.rewritten(given, max_tokens=MOST_TOKENS)
    assert language_model.rewritten(given, max_tokens=MOST_TOKENS) == whole


def test_switched_off_the_model_is_as_it_was(language_model: Any) -> None:
    from rag.inference.adapting import adapters_for
    from rag.inference.generation.openvino_state import StatefulModel

    tokens = list(range(5000, 5040))
    with language_model.lock:
        with_switch = language_model._loaded()
        language_model.forget()
        with_switch.reset()
        off = with_switch.feed(tokens).copy()
        with_switch.reset()
        with_switch.adding = True
        on = with_switch.feed(tokens).copy()
        with_switch.adding = False
        with_switch.reset()
    plain = StatefulModel(
        Path(resolve_llm("qwen2.5-coder-1.5b").location), adapters=adapters_for(language_model.fingerprint)
    )
    assert not plain.can_add
    alone = plain.feed(tokens)
    assert float(np.corrcoef(off, alone)[0, 1]) > 0.9995
    assert float(np.corrcoef(on, alone)[0, 1]) < 0.995


def test_the_program_computes_the_layers_that_learnt(language_model: Any) -> None:
    pytest.importorskip("gguf")
    torch = pytest.importorskip("torch")
    from training.rewriting.network import Network, Texts, matrices_of

    layers = installed(REWRITING_FILE)
    assert {layer for layer, _ in layers.of} == set(WRITING)
    (gguf,) = Path(resolve_llm("qwen2.5-coder-1.5b").location).parent.glob("*.gguf")
    with language_model.lock:
        model, tokens = language_model._loaded(), language_model.tokens(prompt("Und wer sagt das?", HISTORY))
        language_model.forget()
        below = model.states_below(tokens)
        model.reset()
        model.adding = True
        said = model.feed(tokens).copy()
        model.adding = False
        model.reset()
    network = Network(matrices_of(gguf), layers).eval()
    places = torch.arange(len(tokens))[None]
    last = torch.tensor([(0, len(tokens) - 1)])
    with torch.no_grad():
        wanted = network(Texts(torch.from_numpy(below)[None], torch.zeros_like(places), places, last))[0].numpy()
    assert float(np.corrcoef(said, wanted)[0, 1]) > 0.98
    assert int(said.argmax()) == int(wanted.argmax())
