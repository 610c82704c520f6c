"""Behaves like a browser at the app, over HTTP: with cookies, calls and questions."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any, Self

import httpx


class Visitor:
    """A client that behaves like a browser."""

    def __init__(self, url: str, *, site: str | None = "none", cookies: Any = None, headers: Any = None) -> None:
        self.client = httpx.Client(
            base_url=url, trust_env=False, verify=False, timeout=120, cookies=cookies, headers=headers
        )
        self.session = secrets.token_hex(6)
        if site is not None:
            self.opened = self.client.get("", headers={"sec-fetch-site": site})
        self.config = self.client.get("config").json()
        self.components = {one["id"]: one for one in self.config["components"]}
        self.key = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def call(self, name: str, data: Any = None) -> Any:
        server = next(one for one in self.components.values() if one["props"].get("elem_id") == "q-server")
        body = {"data": data, "component_id": server["id"], "session_hash": self.session, "fn_name": name}
        answer = self.client.post("gradio_api/component_server", json=body)
        answer.raise_for_status()
        return answer.json()

    def files(self) -> list[str]:
        found = self.call("own_files")
        self.key = found["key"]
        return [one["name"] for one in found["files"]]

    def add(self, name: str, text: str) -> dict[str, Any]:
        self.files()
        data = text.encode()
        begun = self.call("own_file_begin", {"key": self.key, "name": name, "size": len(data)})
        if "refused" in begun:
            return dict(begun)
        token = {"key": self.key, "token": begun["token"]}
        self.call("own_file_part", {**token, "data": base64.b64encode(data).decode()})
        for _ in range(500):
            now = self.call("own_file_look", token)
            if now.get("added") or "refused" in now:
                return dict(now)
            time.sleep(0.02)
        raise AssertionError("it did not arrive")

    def join(self, question: str, choice: str = "all") -> None:
        ask = next(one for one in self.config["dependencies"] if one["api_name"] == "ask")
        context = json.dumps({"number": 1, "token": self.session, "history": []})
        values = [self.components[one]["props"].get("value") for one in ask["inputs"][2:]]
        data = [question, context, *(choice if one == "@collection" else one for one in values)]
        body = {"data": data, "fn_index": ask["id"], "session_hash": self.session, "trigger_id": ask["targets"][0][0]}
        self.client.post("gradio_api/queue/join", json=body).raise_for_status()

    def ask(self, question: str, choice: str = "all") -> str:
        """Ask a question, and return all that the page is sent."""
        self.join(question, choice)
        drawn = []
        with self.client.stream("GET", "gradio_api/queue/data", params={"session_hash": self.session}) as lines:
            for line in lines.iter_lines():
                drawn.append(line)
                if '"process_completed"' in line:
                    break
        return json.dumps([json.loads(line[5:]) for line in drawn if line.startswith("data:")], ensure_ascii=False)
