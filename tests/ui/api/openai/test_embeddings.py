"""Embeddings: the vectors that are used to find passages, as numbers and as bytes."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.rag.building import synced
from tests.rag.fakes import HashingEmbedder
from tests.ui.api.serving import client, served
from ui.api.openai.turns import Turns
from ui.limits import EMBEDDED_AT_ONCE, MOST_INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx


class Prompting(HashingEmbedder):
    """Adds a prompt to questions."""

    def embed_query(self, text: str) -> Any:
        return super().embed_query(f"query: {text}")


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("embeddings")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Drachen\n\nDer Drache wohnt im Wald.\n", encoding="utf-8")
    engine = synced(corpus, folder / "index", embedder=Prompting("hash-1@abc"))
    with served(engine) as url, client(url) as opened:
        yield opened


def post(http: httpx.Client, given: Any, **more: Any) -> httpx.Response:
    return http.post("/v1/embeddings", json={"model": "corpus", "input": given, **more})


def vectors(answer: httpx.Response) -> np.ndarray[Any, Any]:
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert [one["index"] for one in data] == list(range(len(data)))
    return np.array([one["embedding"] for one in data], dtype=np.float32)


def test_vectors_are_the_models_own(http: httpx.Client) -> None:
    texts = [f"Drache {number}" for number in range(2 * EMBEDDED_AT_ONCE + 1)]
    found = vectors(post(http, texts))
    assert np.array_equal(found, HashingEmbedder().embed_passages(texts))
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert np.array_equal(vectors(post(http, texts[3])), found[3:4])


def test_bytes_are_the_same_numbers(http: httpx.Client) -> None:
    answer = post(http, ["Drache", "Wald"], encoding_format="base64").json()
    read = [np.frombuffer(base64.b64decode(one["embedding"]), "<f4") for one in answer["data"]]
    assert np.array_equal(np.stack(read), vectors(post(http, ["Drache", "Wald"], encoding_format="float")))
    assert answer["usage"]["prompt_tokens"] == answer["usage"]["total_tokens"] > 0
    assert answer["object"] == "list"


def test_questions_have_the_prompt_of_questions(http: httpx.Client) -> None:
    asked = vectors(post(http, "Drache", input_type="query"))
    assert np.array_equal(asked[0], Prompting().embed_query("Drache"))
    assert not np.array_equal(asked, vectors(post(http, "Drache")))
    assert np.array_equal(vectors(post(http, "Drache", input_type="passage")), vectors(post(http, "Drache")))


@pytest.mark.parametrize("name", ["corpus", "hash-1", "hash-1@abc"])
def test_the_model_has_the_collections_name_and_its_own(http: httpx.Client, name: str) -> None:
    answer = http.post("/v1/embeddings", json={"model": name, "input": "Drache"})
    assert answer.json()["model"] == "hash-1@abc"


@pytest.mark.parametrize(
    ("change", "param", "status"),
    [
        ({"model": "text-embedding-3-small"}, "model", 404),
        ({"input": ""}, "input.0", 400),
        ({"input": ["Wald", " \n"]}, "input.1", 400),
        ({"input": []}, "input", 400),
        ({"input": None}, "input", 400),
        ({"input": {"text": "x"}}, "input", 400),
        ({"input": [1, 2, 3]}, "input.0", 400),
        ({"input": [[1, 2], [3]]}, "input.0", 400),
        ({"input": ["x"] * (MOST_INPUTS + 1)}, "input", 400),
        ({"encoding_format": "hex"}, "encoding_format", 400),
        ({"input_type": "poem"}, "input_type", 400),
        ({"dimensions": 7}, "dimensions", 400),
    ],
    ids=str,
)
def test_what_cannot_be_embedded_is_refused(
    http: httpx.Client, change: dict[str, Any], param: str, status: int
) -> None:
    answer = http.post("/v1/embeddings", json={"model": "corpus", "input": "Wald", **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
    assert "\n" not in answer.json()["error"]["message"]


def test_the_models_own_number_of_dimensions_may_be_named(http: httpx.Client) -> None:
    assert vectors(post(http, "Wald", dimensions=2048)).shape == (1, 2048)


def test_whoever_sends_much_keeps_nobody_waiting() -> None:
    order: list[str] = []

    async def all_of_them() -> None:
        turns = Turns(1)

        async def embed(part: Sequence[str]) -> Any:
            order.append(part[0])
            await asyncio.sleep(0)
            return np.zeros((len(part), 2), dtype=np.float32)

        async def send(sender: str, count: int) -> None:
            found = [part async for part in turns.parts(sender, [sender] * count, 2, embed)]
            assert sum(map(len, found)) == count

        much = [asyncio.ensure_future(send("much", 20)) for _ in range(5)]
        await asyncio.sleep(0)
        await send("little", 3)
        assert len(order) < 8
        much[0].cancel()  # a client that goes away does not keep its turn
        await asyncio.wait_for(asyncio.gather(*much, return_exceptions=True), 20)

    asyncio.run(all_of_them())
    assert order.count("little") == 2
    assert order.count("much") >= 40
