"""Ask the page's own endpoint as the page does, without a browser."""

from __future__ import annotations

import html
import json
import re
import secrets
from typing import Any

import httpx

_RECORD = re.compile(r'data-record="([^"]*)"')


def ask_over_http(url: str, question: str, history: list[list[str]] | None = None) -> dict[str, Any]:
    """
    Ask in a new session.

    Returns
    -------
    dict
        What the browser would keep, see `ui.conversation.records.Record`.

    """
    session = secrets.token_hex(6)
    with httpx.Client(base_url=url, trust_env=False, timeout=900) as client:
        config = client.get("config").json()
        ask = next(item for item in config["dependencies"] if item["api_name"] == "ask")
        components = {item["id"]: item for item in config["components"]}
        context = json.dumps({"number": 1, "token": session, "history": history or []})
        data = [question, context, *(components[item]["props"].get("value") for item in ask["inputs"][2:])]
        body = {"data": data, "fn_index": ask["id"], "session_hash": session, "trigger_id": ask["targets"][0][0]}
        client.post("gradio_api/queue/join", json=body).raise_for_status()
        with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    drawn = message["output"]["data"][0]
                    break
            else:
                raise AssertionError("the answer broke off")
    assert f'data-token="{session}"' in drawn
    record = _RECORD.search(drawn)
    assert record is not None, drawn
    return json.loads(html.unescape(record[1]))  # type: ignore[no-any-return]
