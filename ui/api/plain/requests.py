"""What can be asked in the project's own JSON; an unknown field is refused, since it may be misspelt."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index.collections.registry import ARTICLES
from rag.kinds import Kind  # noqa: TC001 - pydantic reads the types when the program runs
from rag.limits import LONGEST_FILTER, MOST_LISTED, MOST_PASSAGES
from rag.types import Collection, Filter
from ui.limits import LONGEST_TEXT, MOST_TURNS

_HITS = 5
_LISTED = 100


def _day(text: str) -> str:
    # Days are compared as texts, so this form is required.
    try:
        written = date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        written = None
    if written != text:
        raise ValueError("A day must be written as YYYY-MM-DD")
    return text


Day = Annotated[str, Field(max_length=10, examples=["2025-05-08"]), AfterValidator(_day)]
Source = Annotated[str, Field(max_length=LONGEST_FILTER)]
Place = Annotated[int, Field(ge=0, le=2**31)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class Restriction(_Form):
    """Which documents are searched; all articles by default."""

    source: Source = ""
    since: Day = ""
    until: Day = ""
    collection: Annotated[
        Collection,
        Field(
            max_length=LONGEST_FILTER,
            examples=["articles", "news", "articles,news", "uploads", "all"],
            description="`articles`, `uploads`, the name of a collection, several of these separated by commas, or `all`. "
            "Uploads belong to the browser that added them, which is identified by its cookie.",
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
    kind: Annotated[Kind | None, Field(description="What is asked for; detected if not given.")] = None
    fresh: Annotated[bool, Field(description="Answer again instead of returning an earlier answer.")] = False
    stream: Annotated[bool, Field(description="Send server-sent events; the same as `Accept: text/event-stream`.")] = (
        False
    )


class Wanted(_Form):
    """A search for passages."""

    query: Text
    k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = _HITS
    filter: Restriction | None = None


class _Asked(BaseModel):
    """What stands behind the question mark of an address; all of it is text there."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Listed(_Asked):
    """Which documents are listed."""

    limit: Annotated[int, Field(ge=1, le=MOST_LISTED, description="Maximum number of documents to list.")] = _LISTED
    offset: Annotated[Place, Field(description="Number of documents to skip; the `next` of the previous list.")] = 0
    collection: Annotated[
        str, Field(max_length=LONGEST_FILTER, description="`articles`, or the name of a collection.")
    ] = ARTICLES
    source: Annotated[Source, Field(description="Only documents of this publication.")] = ""
    since: Annotated[Day, Field(description="Only documents dated on or after this day.")] = ""
    until: Annotated[Day, Field(description="Only documents dated on or before this day.")] = ""

    @property
    def restriction(self) -> Filter | None:
        """The same as `rag` takes it, None where all documents count."""
        found = Filter(source=self.source, since=self.since, until=self.until)
        return None if found == Filter() else found


class Range(_Asked):
    """Which characters of a document are read."""

    start: Annotated[Place, Field(description="Position of the first character.")] = 0
    end: Annotated[
        Place | None, Field(description="Position after the last character; by default the end of the text.")
    ] = None
