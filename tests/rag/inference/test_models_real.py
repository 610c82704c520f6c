"""The real weights, from the cache of this machine."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino
import pytest
from tokenizers import Tokenizer

from index.progress import told
from rag.inference import Message
from rag.inference.embedding.openvino import IR_FILE, OpenVinoEmbedder
from rag.inference.generation import openvino_state
from rag.inference.run import StoppedError
from rag.inference.weights import installed, resolve_embedding, resolve_llm
from tests.rag.fakes import LookedAt

if TYPE_CHECKING:
    from rag.inference.generation.openvino_state import StatefulModel

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def embedder() -> Any:
    model = resolve_embedding("multilingual-e5-small")
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model.location, device="cpu")


def test_the_embedding_model_loads_without_network_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    model = resolve_embedding("multilingual-e5-small")
    from sentence_transformers import SentenceTransformer

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    loaded = SentenceTransformer(model.location, device="cpu")
    assert loaded.max_seq_length == 512
    assert {str(parameter.dtype) for parameter in loaded.parameters()} == {"torch.float32"}
    # No weights may have been initialised at random.
    assert getattr(loaded[0].model, "pooler", None) is None


def test_the_tokenizer_is_the_publishers(embedder: Any) -> None:
    location = resolve_embedding("multilingual-e5-small").location
    plain = Tokenizer.from_file(str(Path(location) / "tokenizer.json"))
    for text in ["query: Wie viel Geld?", "  „Zitat“ »x« 3. Juni\n\nNeu", "ﬁ ＡＢＣ é ½ 漢字\t x"]:
        ids = embedder.tokenizer(text)["input_ids"]
        assert ids == plain.encode(text).ids
        assert (ids[0], ids[-1]) == (0, 2)


def test_german_paraphrases_are_nearer_than_strangers(embedder: Any) -> None:
    query = embedder.encode("query: Wie viele Menschen arbeiten bei dem Unternehmen?")
    passages = embedder.encode(
        [
            "passage: Die Firma beschäftigt rund 1500 Mitarbeiter.",
            "passage: The company employs about 1,500 people.",
            "passage: Im Herbst fallen die Blätter von den Bäumen.",
            "passage: Man nehme 200 Gramm Mehl und zwei Eier.",
        ]
    )
    assert passages.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1.0, atol=1e-5)
    scores = passages @ query
    assert scores[:2].min() > scores[2:].max() + 0.03


def test_the_matrices_of_the_encoder_are_in_8_bit() -> None:
    model = openvino.Core().read_model(str(Path(resolve_embedding("multilingual-e5-small").location) / IR_FILE))
    kinds = [node.get_element_type() for node in model.get_ops() if node.get_type_name() == "Constant"]
    assert kinds.count(openvino.Type.i8) == 12 * 6  # 4 attention and 2 feed-forward matrices in each of 12 layers


def test_our_embedder_gives_the_vectors_of_sentence_transformers(embedder: Any) -> None:
    model = resolve_embedding("multilingual-e5-small")
    ours = OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)
    texts = [
        path.read_text(encoding="utf-8")[start : start + 900]
        for path in sorted((Path(__file__).parents[3] / "corpus").glob("*.md"))[:6]
        for start in (0, 900)
    ]
    texts += ["", "Ja.", "„Zitat“ \u00a0 ½ 漢字 🐉", "Wort " * 2000]  # the last text is cut at the model's limit
    plain = embedder.encode([f"passage: {text}" for text in texts], normalize_embeddings=True)
    vectors = ours.embed_passages(texts)
    assert vectors.shape == plain.shape
    assert (vectors * plain).sum(axis=1).min() > 0.998
    for question in ("Wie viel Geld will Cambricon aufnehmen?", "Who is the CEO of Enflame?", "x"):
        asked = embedder.encode(f"query: {question}", normalize_embeddings=True)
        vector = ours.embed_query(question)
        assert float(vector @ asked) > 0.998
        # The order is the same, except for passages with almost equal scores.
        order, scores = np.argsort(-(vectors @ vector)), plain @ asked
        assert np.all(np.diff(scores[order]) < 0.004)


def test_a_question_need_not_wait_until_a_corpus_is_embedded() -> None:
    model = resolve_embedding("multilingual-e5-small")
    ours = OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)
    alone = ours.embed_query("Wer?")
    done: list[int] = []
    texts = [f"Satz {number}. " * 60 for number in range(60)]
    begun, seen = threading.Event(), []

    def progress(_: str, count: int, _total: int, /) -> None:
        done.append(count)
        begun.set()

    def embed() -> None:
        with told(progress):
            seen.append(ours.embed_passages(texts))

    corpus = threading.Thread(target=embed)
    corpus.start()
    assert begun.wait(60)
    asked = ours.embed_query("Wer?")
    assert done[-1] < len(texts)
    corpus.join()
    np.testing.assert_array_equal(asked, alone)
    np.testing.assert_allclose(seen[0], ours.embed_passages(texts), atol=1e-6)


@pytest.fixture
def model(language_model: Any) -> StatefulModel:
    """Return the language model with an empty state."""
    with language_model.read([Message("user", "Ja?")]) as reading:
        "".join(reading.stream("", max_tokens=1))
    language_model.forget()
    loaded: StatefulModel = language_model._model
    loaded.reset()
    return loaded


def test_after_an_interruption_the_model_answers_as_before(model: StatefulModel) -> None:
    tokens = list(range(1000, 1200))
    model.feed(tokens[:8])

    def interrupted() -> bool:
        raise KeyboardInterrupt

    model.reset()
    with pytest.raises(KeyboardInterrupt), LookedAt(interrupted).current():
        model.feed(tokens)
    model.reset()
    first = model.feed(tokens).copy()
    model.reset()
    np.testing.assert_array_equal(model.feed(tokens), first)


def test_what_is_read_together_is_followed_by_the_same_words(model: StatefulModel) -> None:
    tokens, more = list(range(1000, 1040)), (500, 501, 502)

    def alike(first: Any, second: Any) -> bool:  # the last bits differ
        return float(np.corrcoef(first, second)[0, 1]) > 0.98

    model.feed(tokens)
    alone = [model.feed([token]).copy() for token in more]
    following = model.feed([700]).copy()
    model.reset()
    model.feed(tokens)
    together = model.feed_each([*more, 600, 601])
    assert together.shape[0] == 5
    assert all(map(alike, together[:3], alone))
    assert not alike(together[3], alone[2])
    model.drop(2)
    assert alike(model.feed([700]), following)


def test_the_language_model_answers(language_model: Any) -> None:
    with language_model.read([Message("user", "Was ist die Hauptstadt von Frankreich? Ein Wort.")]) as reading:
        assert "Paris" in "".join(reading.stream("", max_tokens=8))


def test_both_parts_are_the_whole_model(model: StatefulModel) -> None:
    folder = Path(resolve_llm("qwen2.5-coder-1.5b").location)
    texts = [list(range(start, start + 30)) for start in (500, 5000, 50_000)]
    assert model.has_states
    told = []
    for tokens in texts:
        model.reset()
        told.append(model.feed(tokens).copy())
    whole = openvino_state.StatefulModel(folder)
    assert not whole.has_states
    for tokens, first in zip(texts, told, strict=True):
        whole.reset()
        assert float(np.corrcoef(first, whole.feed(tokens))[0, 1]) > 0.999


def test_what_the_model_knows_of_a_text_is_the_same_each_time_and_changes_no_answer(language_model: Any) -> None:
    messages = [Message("user", "Nenne eine Stadt an der Elbe. Ein Wort.")]

    def asked() -> Any:
        with language_model.read(messages) as reading:
            return reading.preferences("", ("Hamburg", "Dresden"))

    before = asked()
    states = language_model.states(["Die Elbe fließt ", "durch Dresden.", ""])
    assert asked() == before
    assert [len(one) for one in states] == [
        len(language_model.tokens("Die Elbe fließt ")),
        *(len(language_model.tokens("durch Dresden.")), 0),
    ]
    assert {one.shape[1] for one in states} == {1536}
    again = language_model.states(["Die Elbe fließt ", "durch Dresden.", ""])
    for first, second in zip(states, again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_reading_for_the_states_can_be_stopped(language_model: Any) -> None:
    text = "Die Elbe fließt durch Dresden. " * 60
    whole = language_model.states([text])
    with pytest.raises(StoppedError), LookedAt(lambda: True).current():
        language_model.states([text])
    np.testing.assert_array_equal(language_model.states([text])[0], whole[0])


@pytest.mark.skipif(sys.platform != "linux", reason="pages are given back on Linux only")
def test_the_file_of_the_weights_does_not_stay_in_memory(model: StatefulModel) -> None:
    folder = Path(resolve_llm("qwen2.5-coder-1.5b").location).resolve()
    first = model.feed([100, 200, 300]).copy()
    size = (folder / "openvino_model.bin").stat().st_size
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.endswith(str(folder / "openvino_model.bin"))]
    resident = sum(
        next(1024 * int(line.split()[1]) for line in lines[start:] if line.startswith("Rss:")) for start in starts
    )
    assert starts
    assert resident < size / 10
    # Releasing the memory does not change the result.
    model.reset()
    np.testing.assert_array_equal(model.feed([100, 200, 300]), first)


def test_what_is_in_the_cache_is_whole() -> None:
    assert [status.problem for status in installed(verify=True) if status.present] == [""] * sum(
        status.present for status in installed()
    )
