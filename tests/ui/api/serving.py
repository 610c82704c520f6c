"""Serve an app for tests, and make the requests that programs send to it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import httpx

from tests.ui.conftest import free_port
from ui import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "articles"
"""What the articles of `tests.ui.fakes.FakeRag` are called, which lie in no folder."""


@contextlib.contextmanager
def served(engine: Any, **options: Any) -> Iterator[str]:
    """Serve an engine; yield the address, without a slash at its end."""
    app = launch(engine, port=free_port(), block=False, **{"questions_per_minute": 0, **options})
    try:
        yield app.local_url.rstrip("/")
    finally:
        app.close(verbose=False)


def client(url: str, **options: Any) -> httpx.Client:
    return httpx.Client(base_url=url, trust_env=False, verify=False, timeout=120, **options)


def chat(question: str, *before: tuple[str, str], model: str = MODEL, **more: Any) -> dict[str, Any]:
    """Return the body of a chat: earlier messages, each with a role and a text, and then a question."""
    messages = [{"role": role, "content": text} for role, text in (*before, ("user", question))]
    return {"model": model, "messages": messages, **more}


def said(answer: httpx.Response) -> dict[str, Any]:
    """Return the message of an answer that is not a stream."""
    assert answer.status_code == 200, answer.text
    (choice,) = answer.json()["choices"]
    return dict(choice["message"])


def events(text: str) -> list[tuple[str, Any]]:
    """Split a stream into its events: the name of each, which may be empty, and its data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            data = fields["data"]
            found.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


def joined(chunks: list[Any]) -> str:
    """Return the text that the chunks of a stream add up to."""
    return "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
