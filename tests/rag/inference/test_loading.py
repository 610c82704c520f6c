"""Two models that load at once: steps that hold the interpreter take turns, and native code runs in parallel."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rag.inference.embedding import openvino as embedding
from rag.inference.generation import openvino as generation
from rag.inference.generation import openvino_state
from rag.inference.interpreter import TURN

if TYPE_CHECKING:
    from pathlib import Path

WAIT = 20.0


class Runtime:
    """A fake of OpenVINO and its tokenizers that records each step and whether the turn was held."""

    def __init__(self) -> None:
        self.done: list[tuple[str, bool]] = []
        self.compiled = threading.Event()
        self.may_compile = threading.Event()
        self.may_compile.set()

    def note(self, what: str) -> None:
        self.done.append((what, TURN.locked()))

    def read_model(self, _: str) -> Any:
        self.note("read")
        return SimpleNamespace(inputs=[])

    def compile_model(self, *_: Any) -> Any:
        self.note("compile")
        self.compiled.set()
        assert self.may_compile.wait(WAIT)
        shape = SimpleNamespace(get_length=lambda: 384)
        port = SimpleNamespace(get_partial_shape=lambda: [1, 1, shape])
        return SimpleNamespace(create_infer_request=lambda: "request", inputs=[], output=lambda _: port)

    def tokenizer(self, *_: Any) -> Any:
        self.note("tokenizer")
        return SimpleNamespace(no_padding=lambda: None, enable_truncation=lambda _: None)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    runtime = Runtime()
    monkeypatch.setitem(sys.modules, "openvino", SimpleNamespace(Core=lambda: runtime))
    monkeypatch.setitem(sys.modules, "openvino_genai", SimpleNamespace(Tokenizer=runtime.tokenizer))
    tokenizers = SimpleNamespace(Tokenizer=SimpleNamespace(from_file=runtime.tokenizer))
    monkeypatch.setitem(sys.modules, "tokenizers", tokenizers)
    for module in (embedding, openvino_state):
        monkeypatch.setattr(module, "openvino_device", lambda core, device: "CPU")
    monkeypatch.setattr(openvino_state, "_only_last_logits", lambda model: False)
    return runtime


@pytest.fixture
def embedder(tmp_path: Path) -> embedding.OpenVinoEmbedder:
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 512}', encoding="utf-8")
    (tmp_path / "config_sentence_transformers.json").write_text('{"prompts": {}}', encoding="utf-8")
    return embedding.OpenVinoEmbedder(tmp_path, fingerprint="x")


def test_the_encoder_is_compiled_while_its_tokenizer_waits_for_its_turn(
    runtime: Runtime, embedder: embedding.OpenVinoEmbedder
) -> None:
    loading = threading.Thread(target=embedder._loaded)
    with TURN:
        loading.start()
        assert runtime.compiled.wait(WAIT)
        loading.join(0.2)
        assert runtime.done == [("compile", True)]
    loading.join(WAIT)
    assert runtime.done == [("compile", True), ("tokenizer", True)]
    assert embedder._request == "request"


def test_the_language_model_is_read_in_its_turn_and_compiled_out_of_it(runtime: Runtime, tmp_path: Path) -> None:
    engine = generation.OpenVinoEngine(str(tmp_path), fingerprint="x")
    runtime.may_compile.clear()
    loading = threading.Thread(target=engine.load)
    loading.start()
    assert runtime.compiled.wait(WAIT)
    assert ("read", True) in runtime.done
    assert ("compile", False) in runtime.done
    with TURN:  # as if held by the other model's tokenizer
        runtime.may_compile.set()
        loading.join(WAIT)  # no further step waits for a turn
        assert not loading.is_alive()
    assert engine._model is not None
    assert engine._tokenizer is not None


def test_weights_that_cannot_be_read_give_the_turn_back(
    runtime: Runtime, embedder: embedding.OpenVinoEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.errors import ModelError

    def broken(*_: Any) -> None:
        raise RuntimeError("no weights")

    monkeypatch.setattr(runtime, "read_model", broken)
    monkeypatch.setattr(runtime, "compile_model", broken)
    for load in (embedder._loaded, generation.OpenVinoEngine(str(tmp_path), fingerprint="x").load):
        with pytest.raises(ModelError, match="no weights"):
            load()
        assert not TURN.locked()
