"""The protocol with its own client: the unchanged package `openai` against the running app."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import openai
import pytest

from rag.types import SentenceChecked
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import MODEL, served
from tests.ui.fakes import DOCUMENTS, MONEY, FakeRag
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "Nur-fuer-Leser"
ASKED: list[Any] = [{"role": "user", "content": "Wie viel Geld?"}]


@pytest.fixture(scope="module")
def engine() -> FakeRag:
    return FakeRag()


@pytest.fixture(scope="module")
def url(engine: FakeRag) -> Iterator[str]:
    with served(engine, credentials=Credentials.of("leser", PASSWORD)) as address:
        yield f"{address}/v1"


def opened(url: str, key: str = PASSWORD, **options: Any) -> Any:
    options = {"max_retries": 0, **options}
    return openai.OpenAI(base_url=url, api_key=key, **options)


@pytest.fixture
def client(url: str) -> Iterator[Any]:
    with opened(url) as one:
        yield one


def test_chat(client: Any) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ASKED, temperature=0.3, max_tokens=20)
    message = answer.choices[0].message
    assert message.content.startswith(f"{MONEY} [1]")
    assert message.refusal is None
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > answer.usage.prompt_tokens > 0
    for annotation in message.annotations:
        cited = annotation.url_citation
        assert annotation.type == "url_citation"
        assert DOCUMENTS[cited.file].text[cited.start : cited.end] == cited.quote
        sentence = message.content[cited.start_index : cited.end_index]
        assert " ".join(cited.quote.split()) in sentence


def test_a_stream(client: Any) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=ASKED).choices[0].message
    options = {"include_usage": True}
    chunks = list(client.chat.completions.create(model=MODEL, messages=ASKED, stream=True, stream_options=options))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    assert len([delta for delta in deltas if delta.content]) > 3  # sentence by sentence
    assert chunks[-1].usage.total_tokens > 0


def test_the_packages_own_helper_puts_a_stream_together(client: Any) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=ASKED).choices[0].message
    with client.chat.completions.stream(model=MODEL, messages=ASKED) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_completion().choices[0].message
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert message.content == whole.content
    assert message.to_dict()["annotations"][0]["url_citation"]["quote"] == MONEY


def test_a_refusal(client: Any) -> None:
    asked: list[Any] = [{"role": "user", "content": "Was ist abwesend?"}]
    message = client.chat.completions.create(model=MODEL, messages=asked).choices[0].message
    assert message.refusal == message.content == "Dazu steht nichts in den Quellen."
    with client.chat.completions.stream(model=MODEL, messages=asked) as stream:
        assert stream.get_final_completion().choices[0].message.refusal == message.refusal


def test_models(client: Any) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).owned_by == "quellentreu"


def test_errors_are_the_packages_own(url: str, client: Any, engine: FakeRag) -> None:
    def asked(text: str = "Wie?", **more: Any) -> None:
        client.chat.completions.create(**{"model": MODEL, "messages": [{"role": "user", "content": text}], **more})

    with pytest.raises(openai.NotFoundError) as found:
        asked(model="gpt-9")
    assert (found.value.code, found.value.param, found.value.type) == (
        "model_not_found",
        "model",
        "invalid_request_error",
    )
    with pytest.raises(openai.BadRequestError) as found:
        asked(n=3)
    assert found.value.param == "n"
    with pytest.raises(openai.BadRequestError):
        asked(tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}])
    with pytest.raises(openai.BadRequestError):
        asked(messages=[])
    with pytest.raises(openai.APIStatusError, match="busy") as found:
        asked("besetzt")
    assert found.value.status_code == 503
    with opened(url, "another key") as other, pytest.raises(openai.AuthenticationError):
        other.models.list()


class Breaking(FakeRag):
    """Fails after the answer has begun."""

    def _answer(self, question: str, history: Any) -> Any:
        answer = super()._answer(question, history)
        while not isinstance(step := next(answer), SentenceChecked):
            yield step
        yield step
        raise ZeroDivisionError


def test_a_failure_in_mid_stream_is_raised() -> None:
    with served(Breaking()) as address, opened(f"{address}/v1") as client:
        stream = client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
        with pytest.raises(openai.APIError, match="Something went wrong"):
            list(stream)


def test_a_stream_that_is_closed_stops_the_answer(url: str, client: Any, engine: FakeRag) -> None:
    engine.closed.clear()
    engine.finished.clear()
    engine.pause = 0.3
    try:
        stream = client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
        next(stream)
        stream.close()
        assert engine.closed.wait(20)
    finally:
        engine.pause = 0.0
    assert not engine.finished.is_set()


def test_the_client_for_asyncio(url: str) -> None:
    async def many() -> list[str]:
        async with openai.AsyncOpenAI(base_url=url, api_key=PASSWORD) as client:
            asked = [client.chat.completions.create(model=MODEL, messages=ASKED) for _ in range(5)]
            return [answer.choices[0].message.content for answer in await asyncio.gather(*asked)]

    assert len(set(asyncio.run(many()))) == 1


def test_embeddings(corpus: Path, tmp_path: Path) -> None:
    engine = synced(corpus, tmp_path / "index", ScriptedEngine("4 Milliarden Yuan"))
    with served(engine) as address, opened(f"{address}/v1") as client:
        texts = ["Drache", "Wald"]
        # By default, the package asks for bytes and converts them to numbers.
        found = client.embeddings.create(model="corpus", input=texts)
        plain = client.embeddings.create(model="corpus", input=texts, encoding_format="float")
        assert [one.embedding for one in found.data] == [one.embedding for one in plain.data]
        assert np.allclose([one.embedding for one in found.data], engine.embed(texts))
        assert found.usage.total_tokens > 0
        with pytest.raises(openai.BadRequestError):
            client.embeddings.create(model="corpus", input=[[1, 2, 3]])
        cited = (
            client.chat.completions.create(
                model="corpus", messages=[{"role": "user", "content": "Wie viele Yuan will Cambricon aufnehmen?"}]
            )
            .choices[0]
            .message
        )
        assert "4 Milliarden Yuan" in cited.content
        shown = httpx.get(cited.annotations[0].url_citation.url, trust_env=False).json()
        assert shown["text"] == cited.annotations[0].url_citation.quote
