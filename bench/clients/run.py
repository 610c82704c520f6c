"""
Try a running app with common clients of the OpenAI protocol: `openai`, `llm`, LangChain, LlamaIndex.

They are not part of this project's environment, since they bring many packages in versions that conflict. Install them
in an environment of their own:

    python3 -m venv CLIENTS
    CLIENTS/bin/pip install openai llm langchain-openai llama-index-llms-openai-like llama-index-embeddings-openai-like
    CLIENTS/bin/python bench/clients/run.py http://127.0.0.1:7860 --question "Wie viel Geld will Cambricon aufnehmen?"

This file needs nothing of the project. A client that is not installed is left out. The exit code is 1 if one failed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERED = "[1]"


@dataclass(frozen=True)
class App:
    """The app's address and key, and the questions to ask it."""

    url: str
    key: str
    question: str
    refused: str
    embeds: bool

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def get(self, address: str) -> Any:
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.key}"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    @property
    def model(self) -> str:
        return str(self.get(f"{self.base}/models")["data"][0]["id"])


def with_openai(app: App) -> list[str]:
    import openai

    client = openai.OpenAI(base_url=app.base, api_key=app.key)
    asked: list[Any] = [{"role": "user", "content": app.question}]
    whole = client.chat.completions.create(model=app.model, messages=asked)
    message = whole.choices[0].message
    assert NUMBERED in (message.content or ""), message
    cited = [one.url_citation.model_dump() for one in message.annotations or []]
    assert cited
    for one in cited:
        text = app.get(one["url"])
        assert text["text"] == one["quote"]
        assert text["sha256"] == one["document_sha256"]
    stream = client.chat.completions.create(model=app.model, messages=asked, stream=True)
    parts = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert "".join(parts) == message.content
    refused: list[Any] = [{"role": "user", "content": app.refused}]
    assert client.chat.completions.create(model=app.model, messages=refused).choices[0].message.refusal
    try:
        client.chat.completions.create(model="another", messages=asked)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("a model that there is not has answered")
    if app.embeds:
        assert len(client.embeddings.create(model=app.model, input=["Wald", "Feld"]).data) == 2
    return ["chat", "stream", "citations", "refusal", "errors", *(["embeddings"] if app.embeds else [])]


def with_llm(app: App) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        known = {
            "model_id": "quellentreu",
            "model_name": app.model,
            "api_base": app.base,
            "api_key_name": "quellentreu",
        }
        # JSON is YAML.
        (Path(folder) / "extra-openai-models.yaml").write_text(json.dumps([known]), encoding="utf-8")
        environment = {**os.environ, "LLM_USER_PATH": folder, "NO_PROXY": "127.0.0.1,localhost"}

        def asked(*words: str) -> str:
            command = [sys.executable, "-m", "llm", *words, "--key", app.key, "-m", "quellentreu"]
            run = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
            assert run.returncode == 0, run.stderr
            return run.stdout.strip()

        streamed, whole = asked(app.question), asked(app.question, "--no-stream")
        assert NUMBERED in streamed, streamed
        assert streamed == whole
        assert asked("Und warum?", "-c")
        assert NUMBERED in asked(app.question, "-s", "Answer in rhymes.")
    return ["stream", "whole", "conversation", "system"]


def with_langchain(app: App) -> list[str]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    model = ChatOpenAI(model=app.model, base_url=app.base, api_key=app.key, temperature=0.2, stream_usage=True)
    whole = model.invoke(app.question)
    assert NUMBERED in whole.text, whole
    assert whole.usage_metadata
    assert "".join(part.text for part in model.stream(app.question)) == whole.text
    talked = [SystemMessage("Be brief."), HumanMessage(app.question), AIMessage(whole.text), HumanMessage("Und warum?")]
    assert model.invoke(talked).text
    assert len(model.batch([app.question, app.refused])) == 2
    try:
        model.bind_tools([{"type": "function", "function": {"name": "f", "parameters": {}}}]).invoke("x")
    except Exception as error:
        assert "Tools are not called" in str(error), error
    else:
        raise AssertionError("tools were taken")
    if app.embeds:
        # Otherwise it sends token numbers of another model.
        embedder = OpenAIEmbeddings(
            model=app.model, base_url=app.base, api_key=app.key, check_embedding_ctx_length=False
        )
        assert len(embedder.embed_documents(["Wald", "Feld"])) == 2
        assert embedder.embed_query("Wald")
    return ["chat", "stream", "conversation", "batch", "tools refused", *(["embeddings"] if app.embeds else [])]


def with_llama_index(app: App) -> list[str]:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    model = OpenAILike(model=app.model, api_base=app.base, api_key=app.key, is_chat_model=True)
    whole = str(model.complete(app.question))
    assert NUMBERED in whole, whole
    asked = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=app.question)]
    assert str(model.chat(asked).message.content) == whole
    assert "".join(part.delta or "" for part in model.stream_chat(asked)) == whole
    if app.embeds:
        from llama_index.embeddings.openai_like import OpenAILikeEmbedding

        embedder = OpenAILikeEmbedding(model_name=app.model, api_base=app.base, api_key=app.key)
        assert len(embedder.get_text_embedding_batch(["Wald", "Feld"])) == 2
    return ["complete", "chat", "stream", *(["embeddings"] if app.embeds else [])]


CLIENTS: dict[str, tuple[tuple[str, ...], Callable[[App], list[str]]]] = {
    "openai": (("openai",), with_openai),
    "llm": (("llm",), with_llm),
    "langchain": (("langchain_openai",), with_langchain),
    "llama-index": (("llama_index",), with_llama_index),
}


def main() -> int:
    """Try each client that is installed, and print a line for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--key", default="none", help="the password, where the app has one")
    parser.add_argument("--question", default="Wie viel Geld will Cambricon aufnehmen?", help="one that is answered")
    parser.add_argument("--refused", default="Wie hoch ist der Mount Everest?", help="one that is not")
    parser.add_argument("--without-embeddings", action="store_true")
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    app = App(given.url.rstrip("/"), given.key, given.question, given.refused, not given.without_embeddings)
    failed = 0
    for name, (modules, tried) in CLIENTS.items():
        if not all(importlib.util.find_spec(module) for module in modules):
            print(f"{name}: not installed", flush=True)
            continue
        try:
            print(f"{name}: {', '.join(tried(app))}", flush=True)
        except Exception as error:
            failed += 1
            print(f"{name}: FAILED: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
