"""How the CTranslate2 engine handles the runtime's answers; the runtime itself is a fake."""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.errors import ModelError
from rag.inference.generation.ctranslate2 import CTranslate2Engine
from rag.inference.protocol import Message
from rag.inference.run import Run, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WORDS = ["<end>", "<turn>", "Ja", "Nein", "Gr", "ün", " ist", "."]
END, TURN, YES, NO = range(4)
ASKED = [Message("system", "kurz"), Message("user", "Grün?")]


class Tokenizer:
    """A tokenizer with a token for each known word."""

    def __init__(self, _: str) -> None:
        pass

    def apply_chat_template(self, turns: Sequence[dict[str, str]], **_: Any) -> str:
        return "".join(turn["content"] for turn in turns) + "<turn>"

    def encode(self, text: str, **_: Any) -> Any:
        known = [number for number, word in enumerate(WORDS) if word in text]
        return SimpleNamespace(input_ids=SimpleNamespace(data=[known]))

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(WORDS[token] for token in tokens)

    def get_eos_token_id(self) -> int:
        return END


class Generator:
    """Writes the given tokens in its own thread, as the runtime does; reading lasts until `may_go_on` is set."""

    says: Sequence[int] = ()
    logits: Sequence[float] = ()
    may_go_on = threading.Event()
    failure = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.asked: list[list[str]] = []
        self.written = 0

    def generate_batch(self, prompts: list[list[str]], *, max_length: int, **options: Any) -> list[Any]:
        self.asked += prompts
        assert options["asynchronous"]
        done = threading.Event()

        def work() -> None:
            self.may_go_on.wait(20)
            hear: Callable[[Any], bool] = options.get("callback", lambda _: False)
            for token in self.says[:max_length]:
                self.written += 1
                if hear(SimpleNamespace(token_id=token)):
                    break
            done.set()

        def result() -> Any:
            done.wait(20)
            if self.failure:
                raise RuntimeError(self.failure)
            return SimpleNamespace(logits=[[np.array(self.logits, dtype=np.float32)]])

        threading.Thread(target=work, daemon=True).start()
        return [SimpleNamespace(done=done.is_set, result=result)]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CTranslate2Engine:
    monkeypatch.setitem(sys.modules, "ctranslate2", SimpleNamespace(Generator=Generator))
    monkeypatch.setitem(sys.modules, "openvino_genai", SimpleNamespace(Tokenizer=Tokenizer))
    for name, value in {"says": (), "logits": (), "failure": "", "may_go_on": threading.Event()}.items():
        monkeypatch.setattr(Generator, name, value)
    Generator.may_go_on.set()
    (tmp_path / "vocabulary.json").write_text(json.dumps(WORDS), encoding="utf-8")
    return CTranslate2Engine(str(tmp_path), fingerprint="x")


def test_a_reply_is_written_until_it_ends(engine: CTranslate2Engine) -> None:
    Generator.says = [YES, 7, END, NO]
    with engine.read(ASKED) as reading:
        assert list(reading.stream(" ist", max_tokens=9)) == ["Ja", "."]
        assert "".join(reading.stream(" ist", max_tokens=1)) == "Ja"
    assert engine._model.asked[0] == ["Gr", "ün", " ist", "<turn>"]
    assert engine.fingerprint == "x+ctranslate2"


def test_the_first_word_is_weighed(engine: CTranslate2Engine) -> None:
    Generator.says = [YES]
    Generator.logits = [-9.0, -9.0, math.log(3.0), 0.0, -9.0, -9.0, -9.0, -9.0]
    with engine.read(ASKED) as reading:
        yes, no = reading.preferences(" ist", ("Ja", "Nein"))
    assert yes == pytest.approx(0.75, abs=0.001)
    assert no == pytest.approx(0.25, abs=0.001)


def test_who_stops_need_not_wait_until_the_prompt_is_read(engine: CTranslate2Engine) -> None:
    Generator.may_go_on.clear()
    Generator.says = [YES] * 5
    run, raised = Run(), []

    def ask(question: Callable[[Any], object]) -> None:
        with run.current(), engine.read(ASKED) as reading:
            try:
                question(reading)
            except StoppedError:
                raised.append(time.monotonic())

    for question in (lambda it: it.preferences("?", ("Ja",)), lambda it: list(it.stream("?", max_tokens=5))):
        asking = threading.Thread(target=ask, args=(question,))
        asking.start()
        run.stop()
        asking.join(20)
    assert len(raised) == 2
    # The prompt is read to its end, almost nothing is written after it, and the next question is answered.
    Generator.may_go_on.set()
    with engine.read(ASKED) as reading:
        assert "".join(reading.stream("?", max_tokens=5)) == "Ja" * 5
    assert engine._model.written <= 5 + 5 + 1


def test_closing_a_stream_stops_the_writing(engine: CTranslate2Engine) -> None:
    Generator.says = [YES] * 1000
    with engine.read(ASKED) as reading:
        pieces = reading.stream("?", max_tokens=1000)
        assert next(pieces) == "Ja"
        pieces.close()
        assert engine._lock.acquire(timeout=1)
        engine._lock.release()


def test_what_goes_wrong_in_the_runtime_is_raised(engine: CTranslate2Engine) -> None:
    Generator.failure = "out of memory"
    with engine.read(ASKED) as reading, pytest.raises(RuntimeError, match="out of memory"):
        list(reading.stream("?", max_tokens=5))


def test_a_missing_package_and_missing_files_are_said_in_a_line(
    engine: CTranslate2Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vocabulary.json").unlink()
    with pytest.raises(ModelError, match=r"cannot be loaded: .*vocabulary\.json"):
        engine.load()
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ModelError, match="cannot be used") as caught:
        engine.load()
    assert "RAG_RUNTIME=openvino" in str(caught.value)
