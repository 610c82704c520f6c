"""What the description says about all routes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Sent):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ProblemSaid(_Sent):
    """A refusal; every route has this form for it."""

    error: Problem


TAG_OPENAI, TAG_PLAIN = "OpenAI protocol", "Quellentreu"
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemSaid, "description": "The request cannot be answered; says why in one line."},
    "5XX": {"model": ProblemSaid, "description": "Nothing can be answered just now; says why in one line."},
}
