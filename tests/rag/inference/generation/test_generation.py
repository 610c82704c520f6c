from __future__ import annotations

import json
import math
import select
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from index.errors import ModelError
from rag.inference import Message
from rag.inference.generation.llama_cpp import LlamaCppEngine
from rag.inference.generation.local import CallbackEngine
from rag.inference.generation.openai import OpenAIEngine
from rag.inference.generation.transformers import TransformersEngine
from rag.inference.replies import begins, first_words_of, iterate_callback
from rag.inference.run import StoppedError
from tests.rag.fakes import LookedAt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.inference import Engine

MESSAGES = [Message("user", "Hallo")]


def _said(engine: Engine, max_tokens: int = 7) -> list[str]:
    with engine.read(MESSAGES) as reading:
        return list(reading.stream("?", max_tokens=max_tokens))


def test_pieces_come_in_order() -> None:
    assert list(iterate_callback(lambda deliver: [deliver(p) for p in ("a", "", "b")] and None)) == ["a", "b"]


def test_an_exception_of_the_worker_is_raised_after_its_pieces() -> None:
    def run(deliver: Callable[[str], bool]) -> None:
        deliver("a")
        raise ZeroDivisionError

    pieces = iterate_callback(run)
    assert next(pieces) == "a"
    with pytest.raises(ZeroDivisionError):
        next(pieces)


def test_closing_stops_the_worker_and_waits_for_it() -> None:
    stopped = threading.Event()

    def run(deliver: Callable[[str], bool]) -> None:
        while not deliver("x"):
            pass
        stopped.set()

    pieces = iterate_callback(run)
    next(pieces)
    pieces.close()
    assert stopped.is_set()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send(200, json.dumps({"data": [{"id": "tiny"}]}))

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, request))  # type: ignore[attr-defined]
        if self.headers.get("Authorization") != "Bearer geheim":
            self._send(401, "no key\nat all")
            return
        while not self.server.held.wait(0.01):  # type: ignore[attr-defined]
            if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
                self.server.hung_up.set()  # type: ignore[attr-defined]
                return
        if self.server.says is not None:  # type: ignore[attr-defined]
            said = self.server.says  # type: ignore[attr-defined]
            self._send(200, f"data: {said}\n\ndata: [DONE]\n\n" if request.get("stream") else said)
            return
        if not request.get("stream"):
            ranked = [{"token": t, "logprob": math.log(p)} for t, p in (("Ja", 0.7), (" ja", 0.05), ("Nein", 0.2))]
            self._send(200, json.dumps({"choices": [{"logprobs": {"content": [{"top_logprobs": ranked}]}}]}))
            return
        events = [{"choices": [{"delta": {"content": piece}}]} for piece in ("Gr", "üße", None)] + [{"choices": []}]
        self._send(200, "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n")

    def _send(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.requests = []  # type: ignore[attr-defined]
    served.says = None  # type: ignore[attr-defined]
    served.held, served.hung_up = threading.Event(), threading.Event()  # type: ignore[attr-defined]
    served.held.set()  # type: ignore[attr-defined]
    thread = threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()


def test_a_server_streams_greedily(server: Any) -> None:
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    assert _said(engine) == ["Gr", "üße"]
    path, request = server.requests[0]
    assert path == "/v1/chat/completions"
    assert (request["model"], request["max_tokens"], request["temperature"]) == ("tiny", 7, 0.0)
    assert request["messages"] == [{"role": "user", "content": "Hallo?"}]


def test_whom_to_trust_is_read_once_and_only_for_tls(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(httpx, "create_ssl_context", lambda: read.append(0) or ssl.create_default_context())
    for scheme, times in (("http", 0), ("https", 1)):
        engine = OpenAIEngine(f"{scheme}://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
        for _ in range(2):
            if scheme == "http":
                assert _said(engine) == ["Gr", "üße"]
            else:
                with pytest.raises(ModelError, match="SSL"):  # this server does not support TLS
                    _said(engine)
        assert len(read) == times


def test_a_server_says_which_first_word_it_prefers(server: Any) -> None:
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    with engine.read(MESSAGES) as reading:
        yes, no = reading.preferences("?", ("Ja", "Nein"))
    assert (round(yes, 3), round(no, 3)) == (0.75, 0.2)
    assert server.requests[0][1]["max_tokens"] == 1


@pytest.mark.parametrize("says", ['{"error": {"message": "out of memory"}}', '{"error": "out of memory"}'])
def test_an_error_of_a_server_that_said_all_was_well_is_one_line(server: Any, says: str) -> None:
    server.says = says
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    with pytest.raises(ModelError, match=r"could not answer: out of memory\."):
        _said(engine)
    with engine.read(MESSAGES) as reading, pytest.raises(ModelError, match="out of memory"):
        reading.preferences("?", ("Ja", "Nein"))


@pytest.mark.parametrize("says", ["no JSON", '"text"', '{"choices": 7}', '{"choices": ["x"]}'])
def test_what_is_not_of_the_protocol_is_one_line(server: Any, says: str) -> None:
    server.says = says
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    with pytest.raises(ModelError) as caught:
        _said(engine)
    assert "\n" not in str(caught.value)
    with engine.read(MESSAGES) as reading, pytest.raises(ModelError):
        reading.preferences("?", ("Ja", "Nein"))


@pytest.mark.parametrize("says", ['{"choices": [{"delta": null}]}', '{"choices": null}', "{}", '{"error": null}'])
def test_pieces_without_text_are_none(server: Any, says: str) -> None:
    server.says = says
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    assert _said(engine) == []


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ({}, []),
        ({"choices": [{"message": {"content": "Ja, sicher."}}]}, [("Ja", 1.0)]),
        ({"choices": [{"message": {"content": ""}, "logprobs": None}]}, []),
        ({"choices": [{"logprobs": {"content": [{"token": "Ja", "logprob": 0.0}]}}]}, [("Ja", 1.0)]),
    ],
)
def test_first_words_of_a_response(response: dict[str, Any], words: list[tuple[str, float]]) -> None:
    assert first_words_of(response) == words


@pytest.mark.parametrize(("piece", "fits"), [("Ja", True), (" ja", True), ("J", True), ("Jahr", False), ("", False)])
def test_a_first_piece_begins_an_option(piece: str, fits: bool) -> None:
    assert begins("Ja", piece) is fits


@pytest.mark.parametrize("stream", [True, False])
def test_stopping_hangs_up_on_a_server_that_is_still_reading(server: Any, stream: bool) -> None:
    server.held.clear()
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", api_key="geheim")
    run = LookedAt(lambda: bool(server.requests))
    with run.current(), engine.read(MESSAGES) as reading, pytest.raises(StoppedError):
        list(reading.stream("?", max_tokens=7)) if stream else reading.preferences("?", ("Ja", "Nein"))
    assert server.hung_up.wait(5)
    server.held.set()


def test_an_error_status_is_one_line(server: Any) -> None:
    engine = OpenAIEngine(f"http://127.0.0.1:{server.server_port}", fingerprint="s", model="m")
    with pytest.raises(ModelError, match="401") as caught:
        _said(engine)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", ["", "m"])
def test_an_unreachable_server_is_one_line(model: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ModelError, match="Is it running") as caught:
        _said(OpenAIEngine(f"http://127.0.0.1:{port}", fingerprint="s", model=model))
    assert "\n" not in str(caught.value)


def test_llama_cpp_without_its_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match="pip install xllamacpp"):
        _said(LlamaCppEngine("m.gguf", fingerprint="g"))


class Recording(CallbackEngine):
    """Says whether it was told that it may continue from the previous request."""

    runtime = "recording"

    def _loaded(self) -> None:
        return

    def _generate(self, messages: Any, max_tokens: int, deliver: Callable[[str], bool], *, again: bool) -> None:
        deliver(f"{messages[-1].content} {again}")

    def _first_words(self, messages: Any, *, again: bool) -> list[tuple[str, float]]:
        return [(str(again), 1.0)]


def test_a_state_is_used_only_by_the_reading_that_made_it() -> None:
    engine = Recording("", fingerprint="r")
    with engine.read(MESSAGES) as first, engine.read(MESSAGES) as second:
        assert first.preferences("?", ("False", "True")) == (1.0, 0.0)
        assert list(first.stream("!", max_tokens=1)) == ["Hallo! True"]
        assert list(second.stream("!", max_tokens=1)) == ["Hallo! False"]
        assert list(second.stream("!", max_tokens=1)) == ["Hallo! True"]
        assert first.preferences("?", ("False", "True")) == (1.0, 0.0)


def test_a_state_that_was_broken_off_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Recording("", fingerprint="r")
    looks = iter([False, True, True])  # checked before and after the request, and once more
    with LookedAt(lambda: next(looks, False)).current(), engine.read(MESSAGES) as reading:
        with pytest.raises(StoppedError):
            reading.preferences("?", ("False", "True"))
        assert list(reading.stream("!", max_tokens=1)) == ["Hallo! False"]
        assert list(reading.stream("!", max_tokens=1)) == ["Hallo! True"]

        def fail(*_: Any, **__: Any) -> None:
            raise ModelError("out of memory")

        with monkeypatch.context() as broken:
            broken.setattr(engine, "_generate", fail)
            with pytest.raises(ModelError):
                list(reading.stream("!", max_tokens=1))
        assert list(reading.stream("!", max_tokens=1)) == ["Hallo! False"]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    vocabulary = {word: n for n, word in enumerate(["<unk>", "<end>", *(f"w{n}" for n in range(30)), "Hallo", "?"])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="<end>").save_pretrained(tmp_path)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(vocabulary), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, bos_token_id=1, eos_token_id=1,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(tmp_path)
    return tmp_path


def test_transformers_writes_the_same_text_twice_within_its_limit(tiny: Path) -> None:
    engine = TransformersEngine(str(tiny), fingerprint="t")
    first = "".join(_said(engine, 6))
    assert first.strip()
    assert "".join(_said(engine, 6)) == first
    assert len(first.split()) <= 6


def test_a_folder_without_a_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="RAG_LLM") as caught:
        TransformersEngine(str(tmp_path), fingerprint="t").load()
    assert "\n" not in str(caught.value)


def test_transformers_prefers_one_word_to_another(tiny: Path) -> None:
    with TransformersEngine(str(tiny), fingerprint="t").read(MESSAGES) as reading:
        shares = reading.preferences("?", ("w25", "w17", "Hallo"))
    assert 0 < sum(shares) <= 1 + 1e-6
    assert len(set(shares)) > 1


@pytest.mark.parametrize("looks", [1, 2, 5])
def test_transformers_stops_while_it_reads_and_while_it_writes(tiny: Path, looks: int) -> None:
    engine = TransformersEngine(str(tiny), fingerprint="t")
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > looks

    with LookedAt(stop).current(), engine.read(MESSAGES) as reading, pytest.raises(StoppedError):
        list(reading.stream("?", max_tokens=200))
    with LookedAt(lambda: True).current(), engine.read(MESSAGES) as reading, pytest.raises(StoppedError):
        reading.preferences("?", ("w1",))
    assert "".join(_said(engine, 6)) == "".join(_said(engine, 6))  # no hook is left behind
