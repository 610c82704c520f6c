"""Server-sent events: how they are written, and the response that sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

EVENT_STREAM = "text/event-stream"
HEARTBEAT = ": still at it\n\n"
"""A comment, which clients ignore."""


def event(data: Any, name: str = "") -> str:
    """Return one event: its data as JSON on one line, after its name if it has one."""
    # JSON escapes the breaks that would end a line here; no other character does.
    text = (
        json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"


def streamed(lines: AsyncIterator[str]) -> StreamingResponse:
    """Return a response that is sent as its lines come; proxies are told not to buffer it."""
    return StreamingResponse(
        lines, media_type=EVENT_STREAM, headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )
