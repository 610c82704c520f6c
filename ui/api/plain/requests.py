"""What can be asked in the project's own JSON. A field that there is not is refused: it may be a misspelt one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rag.kinds import Kind  # noqa: TC001 - pydantic reads the types when the program runs
from rag.limits import LONGEST_FILTER, MOST_PASSAGES
from rag.types import Collection  # noqa: TC001 - as above
from ui.limits import LONGEST_TEXT, MOST_TURNS

_HITS = 5


def _day(text: str) -> str:
    # Days are compared as texts, so the form must be this one.
    try:
        written = date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        written = None
    if written != text:
        raise ValueError("A day is written YYYY-MM-DD")
    return text


Day = Annotated[str, Field(max_length=10, examples=["2025-05-08"]), AfterValidator(_day)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class Restriction(_Form):
    """Which documents count; all articles by default."""

    source: Annotated[str, Field(max_length=LONGEST_FILTER)] = ""
    since: Day = ""
    until: Day = ""
    collection: Annotated[
        Collection,
        Field(
            max_length=LONGEST_FILTER,
            examples=["articles", "news", "articles,news", "uploads", "all"],
            description="`articles`, `uploads`, the name of a collection, several of these with commas between, or `all`. "
            "Own files belong to the browser that added them; its cookie names them.",
        ),
    ] = "articles"


class Question(_Form):
    """A question; see `rag.AskOptions`."""

    question: Text
    history: Annotated[
        list[Annotated[list[Annotated[str, Field(max_length=LONGEST_TEXT)]], Field(min_length=2, max_length=2)]],
        Field(max_length=MOST_TURNS, description="Earlier questions with their answers, oldest first."),
    ] = []
    filter: Restriction | None = None
    strictness: Annotated[float | None, Field(ge=0, le=1)] = None
    k: Annotated[int | None, Field(ge=1, le=MOST_PASSAGES)] = None
    kind: Annotated[Kind | None, Field(description="What is asked for; guessed where it is not said.")] = None
    fresh: Annotated[bool, Field(description="Answer anew what has just been answered.")] = False
    stream: Annotated[bool, Field(description="As server-sent events, as with `Accept: text/event-stream`.")] = False


class Wanted(_Form):
    """What passages are looked for."""

    query: Text
    k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = _HITS
    filter: Restriction | None = None
