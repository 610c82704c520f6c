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
    """An error; all routes use this form."""

    error: Problem


TAG_OPENAI, TAG_PLAIN = "OpenAI protocol", "Quellentreu"
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemSaid, "description": "The request cannot be answered; the message says why in one line."},
    "5XX": {
        "model": ProblemSaid,
        "description": "Nothing can be answered at the moment; the message says why in one line.",
    },
}
